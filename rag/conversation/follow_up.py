"""A follow-up as its rules see it, and what they share: who is named, one question of many papers. Pure."""

import re
from dataclasses import dataclass, replace

from rag.conversation.coreference import Papers
from rag.conversation.resolution import Resolved, bare, ids, listing, opened, sentence
from rag.conversation.shown import History, TablePaper, Turn
from rag.question.understanding import Question
from rag.retrieval.paper_names import same_title

OF_TABLE = re.compile(
    r"^(?:which|how\s+many|do|does|is|are|has|have|can)\s+(?:any\s+|one\s+)?of\s", re.IGNORECASE
)
BESIDES = ", other than "
"""What stands before the papers that a question for more leaves out."""
ASIDE = re.compile(r"^(?:Why, in |Tell me more about )")
"""How the rules below word a question that no later one takes up."""
YEAR = r"(?:19|20)\d\d"
YEAR_PHRASE = re.compile(
    rf"\b(?:(?:published\s+)?(?:in|from|since|after|before|until|of|between|by|up\s+to|until|newer\s+than|older\s+than)\s+)"
    rf"{YEAR}(?:\s*(?:[-–]|and|to|until)\s*{YEAR})?\b|\b{YEAR}(?:\s*[-–]\s*{YEAR})\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Followed:
    """A follow-up as the rules below see it.

    Attributes:
        question: as understood.
        text: without its opening words and its mark.
        lead: its opening words ("what about"), in small letters.
        history: not empty.
    """

    question: Question
    text: str
    lead: str
    history: History

    @property
    def last(self) -> Turn:
        """The turn that is taken up: the latest with a question of its own."""
        turns = self.history.turns
        return next((turn for turn in reversed(turns) if not ASIDE.match(turn.asked)), self.history.last)


def followed(question: Question, history: History) -> Followed:
    """Look at a question beside its history."""
    whole = bare(question.text)
    text = opened(whole)
    return Followed(question, text, whole[: len(whole) - len(text)].strip(" ,").lower(), history)


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
    whole = Resolved(text, ids(papers), changed=True, reason=parts[0].reason, query=sentence(asked))
    return replace(whole, each=parts, one_meant=one_meant)
