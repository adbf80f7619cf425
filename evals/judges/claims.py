"""The claims of an answer: each sentence it says, with an id and the abstracts that it cites. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rag.errors import MalformedRecord
from rag.text.sentences import sentence_spans

LISTED = re.compile(r"(?P<title>.+) — “(?P<quote>.+)”", re.DOTALL)
"""How a list names a paper before its quote: the title says which paper, and claims nothing."""


@dataclass(frozen=True, slots=True)
class CitedAbstract:
    """An abstract that a claim cites."""

    paper_id: str
    title: str
    abstract: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of an answer.

    Attributes:
        claim_id: unique in its answer.
        text: as written, without the title that a list puts before a quote.
        evidence: the abstracts it cites, each once; empty where it cites none that exists.
    """

    claim_id: str
    text: str
    evidence: tuple[CitedAbstract, ...]


def claims_of(answer: Mapping[str, Any], abstracts: Mapping[str, str]) -> list[Claim]:
    """The claims of an answer in the order a reader meets them, with ids c1, c2 ….

    Papers that only touch the question are quoted beside the answer, so their statements count too. A
    citation of a paper that nobody knows is no evidence.

    Args:
        answer: the JSON form, as `pincite ask --json` gives it.
        abstracts: text by paper id.

    Raises:
        MalformedRecord: a statement has no text, or a citation no paper.
    """
    statements = [*_list(answer, "statements"), *_list(answer, "partial")]
    found = [
        (text, evidence)
        for statement in statements
        for evidence in [_evidence(statement, abstracts)]
        for text in _sentences(statement)
    ]
    return [Claim(f"c{number}", text, evidence) for number, (text, evidence) in enumerate(found, 1)]


def _list(form: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    found = form.get(key) or []
    if not isinstance(found, list) or not all(isinstance(each, Mapping) for each in found):
        raise MalformedRecord(f"{key!r} of an answer is {found!r:.60}, expected a list of objects")
    return found


def _evidence(statement: Mapping[str, Any], abstracts: Mapping[str, str]) -> tuple[CitedAbstract, ...]:
    titles: dict[str, str] = {}
    for citation in _list(statement, "citations"):
        titles.setdefault(_text(citation, "paper_id"), str(citation.get("title") or ""))
    return tuple(
        CitedAbstract(key, title, abstracts[key]) for key, title in titles.items() if key in abstracts
    )


def _sentences(statement: Mapping[str, Any]) -> Iterator[str]:
    text = _text(statement, "text")
    listed = LISTED.fullmatch(text)
    titles = {citation.get("title") for citation in _list(statement, "citations")}
    said = listed["quote"] if listed and listed["title"] in titles else text
    return (said[span.start : span.end] for span in sentence_spans(said))


def _text(form: Mapping[str, Any], key: str) -> str:
    found = form.get(key)
    if not isinstance(found, str):
        raise MalformedRecord(f"{key!r} is {found!r:.60} in {dict(form)!r:.120}, expected a text")
    return found
