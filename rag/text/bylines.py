"""The authors of a paper as a reader is shown them, be they thousands. Pure."""

from collections.abc import Sequence

MOST_NAMED = 10
"""Authors that are named; of more, as many as that and the number of the others."""


def byline(authors: Sequence[str], separator: str = ", ") -> str:
    """The authors, or the first of them and how many there are besides: "A, B and 2,998 more"."""
    if len(authors) <= MOST_NAMED + 1:
        return separator.join(authors)
    return f"{separator.join(authors[:MOST_NAMED])} and {len(authors) - MOST_NAMED:,} more"
