"""What is on the table in a conversation: the papers and quotes of the answers so far. Plain values."""

from collections.abc import Callable
from dataclasses import dataclass

from rag.question.answer_kinds import KINDS
from rag.retrieval.candidates import short_name
from rag.types import Answer, Citation

MOST_TOKENS = 4000
"""Tokens of questions, names and quotes that a history keeps."""


@dataclass(frozen=True, slots=True)
class TablePaper:
    """A paper that an answer showed.

    Attributes:
        paper_id: of the paper.
        title: whole.
        probability: of relevance, where the answer gave one, else 1.
    """

    paper_id: str
    title: str
    probability: float = 1.0

    @property
    def short_name(self) -> str:
        """The name its title gives its method, or "" if it gives none."""
        return short_name(self.title)

    @property
    def name(self) -> str:
        """How a question names it: the short name, or the whole title in quotes."""
        return self.short_name or f"“{self.title}”"


@dataclass(frozen=True, slots=True)
class Turn:
    """A question, how it was read, and what its answer put on the table.

    Attributes:
        question: as typed.
        asked: what it was read as: the same where it stands alone.
        kind: of the question that was answered.
        papers: what it is about, in the order shown: the papers of the statements.
        touching: papers shown after those, which only touch it; the numbers on the page run on over them.
        quotes: the cited sentences, in the order shown.
        topic: what was searched for, without the frame of a question.
        abstained: whether there was no statement; ``papers`` are then those it was asked of, or the nearest.
    """

    question: str
    asked: str
    kind: str
    papers: tuple[TablePaper, ...] = ()
    touching: tuple[TablePaper, ...] = ()
    quotes: tuple[Citation, ...] = ()
    topic: str = ""
    abstained: bool = False

    @property
    def lists(self) -> bool:
        """Whether every paper that qualifies was asked for."""
        return KINDS[self.kind].lists

    @property
    def shown(self) -> tuple[TablePaper, ...]:
        """All papers in the order of their numbers on the page."""
        return (*self.papers, *self.touching)

    @property
    def text(self) -> str:
        """All that is kept of it, as one text: what its length is counted by."""
        names = (paper.title for paper in self.shown)
        return "\n".join((self.question, self.asked, *names, *(cited.quote for cited in self.quotes)))


@dataclass(frozen=True, slots=True)
class History:
    """The turns of one conversation, oldest first."""

    turns: tuple[Turn, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.turns)

    @property
    def last(self) -> Turn:
        """The turn before the question; `IndexError` at the beginning."""
        return self.turns[-1]

    def followed_by(self, turn: Turn, count: Callable[[str], int], most: int = MOST_TOKENS) -> "History":
        """The history with one turn more, and without the oldest ones where it has got too long.

        Args:
            turn: the newest; it is kept however long it is.
            count: the tokens of a text.
            most: tokens of all turns together.
        """
        kept, left = [turn], most - count(turn.text)
        for older in reversed(self.turns):
            left -= count(older.text)
            if left < 0:
                break
            kept.append(older)
        return History(tuple(reversed(kept)))


EMPTY = History()


def turn(answer: Answer, before: History = EMPTY) -> Turn:
    """What an answer puts on the table.

    Where it abstained, what the question was asked of stays there: papers of the table before that the
    question names. A question that names none of them leaves the nearest papers.

    Args:
        answer: of any kind.
        before: the conversation that it was asked in.
    """
    asked = answer.asked or answer.question
    probability = {paper.paper_id: paper.probability for paper in answer.papers}
    said = [cited for statement in answer.statements for cited in statement.citations]
    papers = _papers(said, probability)
    touched = _papers([cited for each in answer.partial for cited in each.citations], probability)
    if answer.abstained:
        nearest = tuple(TablePaper(each.paper_id, each.title, each.probability) for each in answer.nearest)
        earlier = [paper for each in before.turns for paper in each.shown] if answer.asked else []
        named = [paper for paper in (*earlier, *nearest) if paper.name.strip("“”") in asked]
        kept = before.last.papers if answer.asked else nearest
        papers = tuple({paper.paper_id: paper for paper in named or kept}.values())
    return Turn(
        question=answer.question,
        asked=asked,
        kind=answer.kind,
        papers=papers,
        touching=tuple(paper for paper in touched if paper not in papers),
        quotes=tuple(said),
        topic=str(answer.receipt.get("understood", {}).get("query", "")),
        abstained=answer.abstained,
    )


def _papers(cited: list[Citation], probability: dict[str, float]) -> tuple[TablePaper, ...]:
    titles = {each.paper_id: each.title for each in cited}
    return tuple(TablePaper(key, title, probability.get(key, 1.0)) for key, title in titles.items())
