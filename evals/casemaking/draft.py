"""A case in the making, and where it came from. Plain values."""

import hashlib
from dataclasses import dataclass

from evals.questions import Record
from rag.types import Paper


@dataclass(frozen=True, slots=True)
class DraftCase:
    """A question that was made from a paper.

    Attributes:
        maker: who made it, like ``model openai/gpt-4o-mini, prompt make-case/1``.
        question: as a person would type it.
        paper: it was made from.
        facts: what a right answer states.
        sentence: of the abstract that states them.
    """

    maker: str
    question: str
    paper: Paper
    facts: tuple[str, ...]
    sentence: str

    def record(self) -> Record:
        """As a line of a question file, which says how it was made."""
        number = hashlib.sha256(self.question.encode()).hexdigest()[:8]
        return Record(
            id=f"m{number}",
            kind="fact",
            question=self.question,
            relevant=(self.paper.title,),
            facts=self.facts,
            made=f"{self.maker} from “{self.sentence}”, abstract of “{self.paper.title}”",
        )
