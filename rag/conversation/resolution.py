"""A follow-up made a question that stands alone, and what its rules share: names, sentences, one of many."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.conversation.coreference import FOLLOW_UPS, Papers
from rag.conversation.history import History, TablePaper, Turn
from rag.question.purposes import purpose
from rag.question.understanding import Question
from rag.retrieval.paper_names import same_title
from rag.types import Citation

MOST_NAMED = 6
"""More papers than this are counted rather than named."""

LEAD = FOLLOW_UPS.pattern("lead")
OF_TABLE = FOLLOW_UPS.pattern("of_table")
ASIDE = FOLLOW_UPS.pattern("aside", re.NOFLAG)
BESIDES = ", other than "
"""What stands before the papers that a question for more leaves out."""


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
        reason: what it was resolved by, in a word or two; empty where ``text`` is what was typed.
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
    reason: str = ""
    query: str = ""
    each: tuple["Resolved", ...] = ()
    one_meant: bool = False
    overview: bool = False
    excluded: frozenset[str] = frozenset()
    said: tuple[Citation, ...] = ()
    firm: bool = True

    @property
    def changed(self) -> bool:
        """Whether ``text`` says more than what was typed."""
        return bool(self.reason)


def beside_each_other(papers: Sequence[TablePaper]) -> "Resolved":
    """The comparison of papers that a question described instead of naming them."""
    text = f"Compare {' with '.join(f'“{paper.title}”' for paper in papers)}."
    return Resolved(text, ids(papers), "described")


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


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A question, as understood by itself, and what was said before it: not nothing."""

    question: Question
    history: History

    @property
    def text(self) -> str:
        """The question without its opening words and its mark."""
        return opened(bare(self.question.text))

    @property
    def lead(self) -> str:
        """Its opening words ("what about"), in small letters."""
        return bare(self.question.text).removesuffix(self.text).strip(" ,").lower()

    @property
    def last(self) -> Turn:
        """The turn that is taken up: the latest with a question of its own."""
        turns = self.history.turns
        return next((turn for turn in reversed(turns) if not ASIDE.match(turn.asked)), self.history.last)


def without_besides(asked: str) -> str:
    """A question for papers as it was asked at first, without those that it leaves out."""
    first, besides, _ = asked.partition(BESIDES)
    return f"{first}?" if besides and asked.endswith("?") else asked


def named_here(text: str, papers: Papers) -> Papers:
    """The papers whose short name or title stands in a text."""
    return tuple(paper for paper in papers if _names(text, paper))


def _names(text: str, paper: TablePaper) -> bool:
    name = paper.short_name
    if name and re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text, re.IGNORECASE):
        return True
    return same_title(text, paper.title) or paper.title.lower() in text.lower()


def of_each(papers: Papers, parts: tuple[Resolved, ...], asked: str, *, one_meant: bool = True) -> Resolved:
    """The same question of several papers; of one, that one.

    Args:
        papers: at least one.
        parts: the question of each.
        asked: the question as it is said of all of them.
        one_meant: see `Resolved`.
    """
    if len(parts) == 1:
        return parts[0]
    small = f"{asked[:1].lower()}{asked[1:]}"
    text = f"Of {listing(papers)}: {bare(small)}?"
    return Resolved(
        text, ids(papers), parts[0].reason, query=sentence(asked), each=parts, one_meant=one_meant
    )
