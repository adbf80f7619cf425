"""What the kinds of answers have in common: the way from what was found for a question to its answer."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace

from rag.kinds.abstention import abstention
from rag.kinds.parts import Parts
from rag.question.clauses import analyse
from rag.retrieval.candidates import Candidate
from rag.selection.facts import FactSentences, find_facts, find_facts_of_each, read_closely
from rag.selection.selection import Findings, Selection, scored
from rag.settings import RetrievalSettings
from rag.types import Answer, Statement

MOST_NEAREST = 3


class AnswerKind(ABC):
    """How answers of one kind are put together.

    Args:
        parts: of the assistant.
    """

    name: str
    """Under which questions and answers carry the kind; see `rag.question.answer_kinds.KINDS`."""

    read_for_question = False
    """Whether what a rewritten query found is read for the question's own words."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts

    @abstractmethod
    async def findings(self, selection: Selection) -> Findings:
        """What answers a question of this kind, in quotes; without a statement the answer abstains.

        Raises:
            ModelError: the encoder failed.
        """

    @staticmethod
    def depth(settings: RetrievalSettings) -> int:
        """Passages of each first-stage ranking."""
        return settings.depth

    async def answer(self, selection: Selection, whole: Sequence[Statement] = ()) -> Answer:
        """The answer without its receipt.

        Args:
            selection: restricted to what the conversation leaves.
            whole: what papers say of themselves, where that is asked; it is all that is said then.

        Raises:
            ModelError: the encoder failed.
        """
        if selection.question.record_field is not None:  # no abstract states it
            found = Findings()
        else:
            found = Findings(tuple(whole)) if whole else await self.findings(selection)
        if not found.statements:
            nearest = found.nearest
            if nearest is None:
                nearest = scored(selection.first(MOST_NEAREST, self.parts.relevance.nearest))
            note = self.abstention(selection, near=bool(nearest))
            found = replace(found, note=note, nearest=nearest, missing="")
        return self.arranged(self.parts.disagreements.noted(self.made(selection, found)), selection)

    def made(self, selection: Selection, found: Findings) -> Answer:
        """An answer of what was found; without a statement an abstention."""
        question, evidence = selection.question, selection.evidence
        return Answer(
            question=question.text,
            kind=self.name,
            abstained=not found.statements,
            statements=found.statements,
            papers=found.papers,
            partial=found.partial,
            note=found.note,
            nearest=() if found.statements else found.nearest or (),
            judged=len(evidence.candidates),
            searched=evidence.searched,
            missing=found.missing,
            filters=question.filters.describe(),
            corrections=question.corrections,
        )

    def abstention(self, selection: Selection, near: bool) -> str:
        """One or two sentences for a question that got no statement; ``near``: whether a paper comes near."""
        return abstention(selection, near)

    def arranged(self, answer: Answer, selection: Selection) -> Answer:  # noqa: ARG002 - for kinds with a form
        """The answer in the form of its kind."""
        return answer

    def papers_to_read(self, selection: Selection, answer: Answer) -> list[Candidate]:
        """The papers that a language model is shown, best first; none where it is not to write."""
        if answer.abstained:
            return []
        return cited_papers(selection, answer.statements)

    def with_written(self, answer: Answer, written: Sequence[Statement]) -> Answer:
        """The answer with statements of a language model in place of the quotes they stand for."""
        return replace(answer, statements=tuple(written) or answer.statements)

    async def facts(self, selection: Selection, must: Sequence[str] = ()) -> FactSentences:
        """A sentence for each part question; ``must``: what it has to hold, one a part question."""
        parts = self.parts
        clauses = analyse(
            selection.question,
            await parts.encoder.encode_queries(selection.question.clauses),
            selection.evidence.idf,
            lambda text: frozenset(parts.terms.encode_query(text).indices),
        )
        if must:
            clauses = [replace(each, must=word) for each, word in zip(clauses, must, strict=True)]
        selection = await read_closely(selection, clauses, parts.encoder)
        if len(selection.scope) > 1:
            return await asyncio.to_thread(find_facts_of_each, selection, clauses, parts.answers)
        return await asyncio.to_thread(
            find_facts, selection, clauses, parts.answers, parts.disagreements.difference
        )


def cited_papers(selection: Selection, statements: Sequence[Statement]) -> list[Candidate]:
    """The papers that statements cite, in their order."""
    by_id = {item.paper.paper_id: item for item in selection.evidence.candidates}
    cited = (citation.paper_id for said in statements for citation in said.citations)
    return [by_id[paper_id] for paper_id in dict.fromkeys(cited)]
