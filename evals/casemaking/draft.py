"""A case in the making, and where it came from. Plain values."""

import hashlib
from dataclasses import dataclass

from evals.questions import Kind, Record
from rag.types import Paper


@dataclass(frozen=True, slots=True)
class DraftCase:
    """A question that was made from a paper.

    Attributes:
        kind: set, fact or unanswerable.
        rule: what made it, like ``rule count`` or ``model openai/gpt-4o-mini, prompt make-case/1``.
        question: as a person would type it.
        paper: it was made from.
        facts: what a right answer states.
        sentence: of the abstract that states them; of a question without an answer, empty.
        why: why it has no answer, of such a question.
    """

    kind: Kind
    rule: str
    question: str
    paper: Paper
    facts: tuple[str, ...] = ()
    sentence: str = ""
    why: str = ""

    def record(self) -> Record:
        """As a line of a question file, which says how it was made."""
        number = hashlib.sha256(self.question.encode()).hexdigest()[:8]
        source = f" from “{self.sentence}”" if self.sentence else ""
        return Record(
            id=f"m{number}",
            kind=self.kind,
            question=self.question,
            relevant=() if self.kind == "unanswerable" else (self.paper.title,),
            facts=self.facts,
            why=self.why,
            made=f"{self.rule}{source}, abstract of “{self.paper.title}”",
        )
