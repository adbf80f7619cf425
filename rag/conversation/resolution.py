"""A follow-up made a question that stands alone, and how names and sentences are put together for it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.conversation.shown import TablePaper
from rag.question.purposes import purpose
from rag.types import Citation

MOST_NAMED = 6
"""More papers than this are counted rather than named."""

LEAD = re.compile(
    r"^(?:(?:and|but|also|so|then|plus|ok(?:ay)?|well|now|hm+|thanks|thank\s+you|great|nice|cool|interesting|i\s+see"
    r"|yes|no|or|what\s+about|how\s+about)\b[\s,.!:…-]*)+(?=[\w“\"'\[#])",
    re.IGNORECASE,
)
"""What joins a question to the one before and says nothing more."""


def asks_overview(text: str) -> bool:
    """Whether nothing is asked of a paper, X in the text, but what it says of itself as a whole."""
    asked = purpose(text)
    return asked is not None and asked[0].plain and asked[1] == "X"


@dataclass(frozen=True, slots=True)
class Resolved:
    """A question read beside what is on the table.

    Attributes:
        text: the question as it stands alone; as typed where nothing changed.
        paper_ids: the papers the answer is restricted to; None for the whole collection.
        changed: whether ``text`` says more than what was typed.
        reason: what it was resolved by, in a word or two; for receipts and tests.
        query: what to understand and search, where it differs from ``text``: titles add nothing to it
            once the papers are fixed.
        each: the same question of every one of several papers, to be answered one by one; else empty.
        one_meant: whether the words mean one of them, though it cannot be told which.
        overview: whether it is asked what the papers are about, rather than anything in particular.
        excluded: papers shown before that are not to be shown again.
        said: sentences quoted before that are not to be quoted again.
        firm: whether the typed question means nothing without the papers on the table.
    """

    text: str
    paper_ids: tuple[str, ...] | None = None
    changed: bool = False
    reason: str = ""
    query: str = ""
    each: tuple["Resolved", ...] = ()
    one_meant: bool = False
    overview: bool = False
    excluded: frozenset[str] = frozenset()
    said: tuple[Citation, ...] = ()
    firm: bool = True


def beside_each_other(papers: Sequence[TablePaper]) -> "Resolved":
    """The comparison of papers that a question described instead of naming them."""
    text = f"Compare {' with '.join(f'“{paper.title}”' for paper in papers)}."
    return Resolved(text, ids(papers), changed=True, reason="described")


def listing(papers: Sequence[TablePaper], last: str = ", ") -> str:
    """The names of papers in a row, ``last`` before the last one; of many how many they are."""
    if len(papers) > MOST_NAMED:
        return f"the {len(papers)} papers shown"
    *names, final = (paper.name for paper in papers)
    return f"{', '.join(names)}{last if names else ''}{final}"


def ids(papers: Sequence[TablePaper]) -> tuple[str, ...]:
    """The ids of papers, in order."""
    return tuple(paper.paper_id for paper in papers)


def opened(text: str) -> str:
    """A question without what only joins it to the one before."""
    return LEAD.sub("", text, count=1).strip()


def sentence(text: str) -> str:
    """A question with a capital and a question mark, spaces made single."""
    plain = " ".join(text.split()).rstrip("?!. ")
    return f"{plain[:1].upper()}{plain[1:]}?"


def bare(text: str) -> str:
    """A question without its mark."""
    return text.strip().rstrip("?!. ")
