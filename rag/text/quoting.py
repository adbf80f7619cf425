"""Locate a quote in an abstract, whatever a model did to its white space, quotes, dashes or LaTeX. Pure.

Texts are compared token by token: words without case, numbers, per cent signs. Punctuation does not count,
nothing else is forgiven, and a quote may leave something out where it says so ("… latency … by 7.03x").
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from rag.types import Span

FORMATTING = re.compile(r"\\(?:text\w*|math\w*|emph|rm|bf|it|em|left|right|[,;!])\b")
LEFT_OUT = re.compile(r"\[?(?:…|\.\.\.+)\]?")
INVISIBLE = "\u00ad\u200b-\u200f\u2060\ufeff"
TOKEN = re.compile(
    rf"\d+(?:[.,]\d+)*|[^\W\d_](?:[^\W\d_{INVISIBLE}]|[{INVISIBLE}])*(?:['’](?:s|t|re|ve|ll|d|m)\b)?|[%×]"
)
SPELLED = {"times": "x", "×": "x", "percent": "%", "per cent": "%"}


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it is compared, and where it stands: characters ``start`` to ``end`` of its text."""

    text: str
    start: int
    end: int


def tokens(text: str) -> list[Token]:
    """The tokens of a text, in order."""
    blank = FORMATTING.sub(lambda found: " " * len(found[0]), text)
    return [Token(_folded(found[0]), found.start(), found.end()) for found in TOKEN.finditer(blank)]


def _folded(token: str) -> str:
    plain = unicodedata.normalize("NFKC", re.sub(f"[{INVISIBLE}]", "", token)).casefold().replace("’", "'")
    if plain[:1].isdigit():
        return re.sub(r",(?=\d{3}(?:\D|$))", "", plain)
    return SPELLED.get(plain, plain)


def locate(quote: str, text: str) -> tuple[Span, ...]:
    """Where a quote stands in a text: one span for each part between its ellipses, in order.

    Returns:
        Nothing if a part is not there, or if the quote says nothing.
    """
    there = tokens(text)
    spans: list[Span] = []
    after = 0
    for part in LEFT_OUT.split(quote):
        wanted = [token.text for token in tokens(part)]
        if not wanted:
            continue
        found = _exactly(wanted, there, after)
        if found is None:
            return ()
        after = found[1]
        spans.append(Span(there[found[0]].start, _with_stop(text, there[found[1] - 1].end)))
    return tuple(spans)


def _exactly(wanted: Sequence[str], there: Sequence[Token], after: int) -> tuple[int, int] | None:
    size = len(wanted)
    for first in range(after, len(there) - size + 1):
        if all(there[first + place].text == word for place, word in enumerate(wanted)):
            return first, first + size
    return None


def _with_stop(text: str, end: int) -> int:
    """Past the full stop or closing sign that belongs to the last word."""
    found = re.match(r"[)\]}”\"']*[.!?]?", text[end:])
    return end + (found.end() if found else 0)


def touched(spans: Sequence[Span], sentences: Sequence[Span]) -> list[int]:
    """Which sentences the spans reach into, in order."""
    return [
        index
        for index, sentence in enumerate(sentences)
        if any(span.start < sentence.end and sentence.start < span.end for span in spans)
    ]
