"""An answer as a reader of a report sees it: its statements, and the quotes they rest on. Pure.

Runs are files that anybody may have edited, so nothing is taken for granted about what an answer holds.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from evals.files import Record


class ShownQuote(Record):
    """Words of an abstract, and the title of its paper."""

    title: str
    quote: str


class ShownSentence(Record):
    """A statement of an answer, its verdict, and the quotes that its text does not hold already."""

    text: str
    verdict: str
    quotes: tuple[ShownQuote, ...]


class ShownAnswer(Record):
    """An answer.

    Attributes:
        abstained: whether it says that the collection does not say.
        note: why it abstained, or what it left open.
        sentences: in reading order, statements beside the answer last.
    """

    abstained: bool
    note: str
    sentences: tuple[ShownSentence, ...]


def shown_answer(answer: Mapping[str, Any]) -> ShownAnswer | None:
    """The answer of this JSON form; None where there is none, as after a failure."""
    if not answer:
        return None
    statements = [*_mappings(answer.get("statements")), *_mappings(answer.get("partial"))]
    return ShownAnswer(
        abstained=bool(answer.get("abstained")),
        note=_text(answer.get("note")),
        sentences=tuple(map(_sentence, statements)),
    )


def _sentence(statement: Mapping[str, Any]) -> ShownSentence:
    text = _text(statement.get("text"))
    quotes = tuple(
        ShownQuote(title=_text(cited.get("title")), quote=_text(cited.get("quote")))
        for cited in _mappings(statement.get("citations"))
    )
    return ShownSentence(
        text=text,
        verdict=_text(statement.get("verdict")),
        quotes=tuple(each for each in quotes if not (each.quote in text and each.title in text)),
    )


def _mappings(value: object) -> Iterator[Mapping[str, Any]]:
    return (each for each in (value if isinstance(value, list) else ()) if isinstance(each, Mapping))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
