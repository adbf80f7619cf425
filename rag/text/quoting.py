"""Quote a paper: its authors in a line, and a quote found again in its abstract. Pure.

White space, quotes, dashes and LaTeX may differ: texts are compared token by token, and punctuation does not
count. Nothing else is forgiven, and a quote may leave something out where it says so ("… latency … by 7x").
"""

import re
from collections.abc import Sequence

from rag.text.words import Token, tokens
from rag.types import Span

LEFT_OUT = re.compile(r"\[?(?:…|\.\.\.+)\]?")
MOST_NAMED = 10
"""Authors that are named; of more, as many as that and the number of the others."""


def byline(authors: Sequence[str], separator: str = ", ") -> str:
    """The authors, or the first of them and how many there are besides: "A, B and 2,998 more"."""
    if len(authors) <= MOST_NAMED + 1:
        return separator.join(authors)
    return f"{separator.join(authors[:MOST_NAMED])} and {len(authors) - MOST_NAMED:,} more"


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
        first = _first(wanted, there, after)
        if first is None:
            return ()
        after = first + len(wanted)
        spans.append(Span(there[first].start, _with_stop(text, there[after - 1].end)))
    return tuple(spans)


def _first(wanted: Sequence[str], there: Sequence[Token], after: int) -> int | None:
    """The first place from which on these words stand in a row."""
    for first in range(after, len(there) - len(wanted) + 1):
        if all(there[first + place].text == word for place, word in enumerate(wanted)):
            return first
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
