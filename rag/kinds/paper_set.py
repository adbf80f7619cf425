"""Sets: every paper that qualifies, with the sentence that shows it does."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from rag.conversation.coreference import CLEARLY
from rag.kinds.base import AnswerKind
from rag.selection.screening import cut, newest_first, screen
from rag.selection.selection import Findings, Selection, scored
from rag.settings import RetrievalSettings
from rag.types import Answer, ScoredPaper, Statement

LEAST_OF_FEW = 0.05
"""Least probability of a paper that stands out of a few, where none reaches the threshold of a set."""

NEXT = 5
"""Papers shown to who asks for more than the answer set."""


class SetKind(AnswerKind):
    """Every candidate is judged, and all that are probable enough are shown."""

    name = "set"

    @staticmethod
    def depth(settings: RetrievalSettings) -> int:
        """Deep enough to miss few."""
        return settings.screen_depth

    async def findings(self, selection: Selection) -> Findings:
        """The answer set; of the few papers of a conversation, also one that only stands out of them."""
        relevance, favour = self.parts.relevance, self.parts.settings.retrieval.favour
        least = cut(relevance.threshold, favour)
        opening = min(relevance.opening, cut(relevance.opening, favour))
        if selection.scope:  # of the few papers of a conversation it is known that they are on the topic
            opening = 0.0
        found = await asyncio.to_thread(screen, selection, least, opening)
        if selection.scope and not found.statements:
            if least := _standing_out(selection.probabilities):
                found = await asyncio.to_thread(screen, selection, least)
            else:
                found = await self._by_sentences(selection)
        if selection.question.newest and found.papers:
            found = newest_first(found, selection.evidence.candidates)
        return replace(found, missing="") if selection.scope else found

    async def answer(self, selection: Selection, whole: Sequence[Statement] = ()) -> Answer:
        """As of any kind, or the papers that come next, for who asks for more than the answer set."""
        return self._next(selection) if selection.continues else await super().answer(selection, whole)

    def _next(self, selection: Selection) -> Answer:
        """What comes next by probability; nothing if no paper comes near."""
        evidence = selection.evidence
        near = selection.first(NEXT, self.parts.relevance.nearest)
        statements = tuple(item.titled_quotation(item.showing(evidence.idf)) for item, _ in near)
        note = "These come next by probability; each is less likely than those shown before."
        if not near:
            note = f"Those were all: no other paper comes near. Searched {evidence.searched:,} abstracts."
        return self.made(selection, Findings(statements, scored(near), note=note))

    def with_written(self, answer: Answer, written: Sequence[Statement]) -> Answer:
        """A paper's own statement takes the place of its quote, so that no paper is lost."""
        return replace(answer, statements=tuple(_own(quoted, written) for quoted in answer.statements))

    async def _by_sentences(self, selection: Selection) -> Findings:
        """Of a few papers those with a sentence that answers, where none stands out as a whole."""
        statements = (await self.facts(selection)).statements
        cited = [said.citations[0] for said in statements]
        probability = {item.paper.paper_id: p for item, p in selection.ranked}
        papers = {c.paper_id: ScoredPaper(c.paper_id, c.title, probability[c.paper_id]) for c in cited}
        return Findings(statements, tuple(papers.values()))


def _own(quoted: Statement, written: Sequence[Statement]) -> Statement:
    """The first written statement that cites nothing but the quoted paper; else the quote."""
    paper_id = quoted.citations[0].paper_id
    alone = (said for said in written if {cited.paper_id for cited in said.citations} == {paper_id})
    return next(alone, quoted)


def _standing_out(probabilities: Sequence[float]) -> float:
    """The probability of the one paper of a few that stands out from the others; 0 if none does.

    Who asks which of a few papers does something takes it that one does, so the best of them needs far less
    than it would among all papers.
    """
    first, second, *_ = (*sorted(probabilities, reverse=True), 0.0, 0.0)
    return first if first >= max(LEAST_OF_FEW, CLEARLY * second) else 0.0
