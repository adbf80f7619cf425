"""Searching: what is found for a question, judged, and reordered where a reranker is set."""

import asyncio
from typing import Any

import numpy as np

from rag.conversation.history import TablePaper
from rag.kinds import kind_class
from rag.kinds.parts import Parts
from rag.models.budget import Meter
from rag.question.clauses import sides
from rag.question.understanding import Question, with_names
from rag.retrieval.candidates import Evidence
from rag.retrieval.hybrid import Retriever
from rag.retrieval.paper_names import of_titles, same_title
from rag.retrieval.reranking import rerank, rerank_within
from rag.selection.selection import Selection
from rag.types import RankedPaper


class Search:
    """Finds and judges papers of one open collection. Safe to use for many questions at once."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._retriever = Retriever(
            parts.store, parts.encoder, parts.terms, parts.settings.retrieval.rank_constant
        )

    async def select(
        self, asked: Question, meter: Meter, query: str = "", paper_ids: tuple[str, ...] = ()
    ) -> tuple[Selection, dict[str, Any]]:
        """Candidates for a question with their probabilities, and what the receipt says of the reranker.

        Args:
            asked: as understood; the names in it that only the collection tells from words are added.
            meter: of the question; a reranker that fails, or is too dear or too slow, changes nothing.
            query: to search for; "" for the words of the question.
            paper_ids: of papers that are among the candidates whatever is found.
        """
        with meter.stage("retrieve"):
            evidence = await self._retrieve(asked, self._depth(asked), query=query)
            if paper_ids:
                evidence = await self._retriever.with_papers(evidence, paper_ids)
            asked = with_names(asked, of_titles(asked.text, (each.paper for each in evidence.candidates)))
        with meter.stage("judge"):
            probabilities = await asyncio.to_thread(self._judge, asked, evidence)
        reranking: dict[str, Any] = {}
        if (reranker := self._parts.reranker) is not None:
            options, most = self._parts.settings.reranker, self._parts.reranking_usd
            probabilities, reranking = await rerank_within(
                meter, most, reranker, options, asked.text, evidence, probabilities
            )
        if query and kind_class(asked.kind).read_for_question:
            evidence = await self._retriever.weighed_by(evidence, asked.topic)
        return Selection(asked, evidence, probabilities), reranking

    async def likeliest(self, asked: Question) -> Selection:
        """Candidates for a question, by their probabilities alone."""
        evidence = await self._retrieve(asked, self._depth(asked))
        return Selection(asked, evidence, await asyncio.to_thread(self._judge, asked, evidence))

    async def ranking(self, asked: Question, top_k: int | None = None) -> list[RankedPaper]:
        """The ``top_k`` papers (default: the setting) that fit best, best first.

        A question is ranked by probability of relevance, which was fitted on questions; any other text,
        such as a claim or a summary, by the ranker; a reranker that is set reorders the first papers.
        """
        settings = self._parts.settings.retrieval
        wanted = top_k or settings.top_k
        depth, most = (
            (self._depth(asked), None) if asked.is_question else (settings.depth, settings.rerank_depth)
        )
        evidence = await self._retrieve(asked, max(depth, wanted), most and max(most, wanted))
        scores = await self._rerank(asked, evidence, await asyncio.to_thread(self._scores, asked, evidence))
        papers = [item.paper for item in evidence.candidates]
        ranked = sorted(zip(papers, scores, strict=True), key=lambda pair: (-pair[1], pair[0].paper_id))
        return [RankedPaper(paper.paper_id, paper.title, score) for paper, score in ranked[:wanted]]

    async def described_papers(self, asked: Question) -> list[TablePaper]:
        """The paper that each side of a comparison describes best, if there is one for each, none twice."""
        described = [asked.about(side) for side in sides(asked.text)]
        found, least = [], self._parts.relevance.opening
        for each in described:
            best = (await self.likeliest(each)).first(1, least)
            found += [TablePaper(item.paper.paper_id, item.paper.title, p) for item, p in best]
        return found if len({paper.paper_id for paper in found}) == len(described) else []

    async def similar(self, paper_id: str, top_k: int) -> list[RankedPaper]:
        """The ``top_k`` papers most like a stored one, most alike first; raises as `Retriever.similar`."""
        return await self._retriever.similar(paper_id, top_k)

    def _depth(self, asked: Question) -> int:
        return kind_class(asked.kind).depth(self._parts.settings.retrieval)

    async def _retrieve(
        self, asked: Question, depth: int, most: int | None = None, query: str = ""
    ) -> Evidence:
        if asked.unmatched:  # what nobody here has restricts the papers to none
            return await self._retriever.nothing(asked.topic, (await self._parts.store.counts()).papers)
        wanted = query or asked.topic or asked.text
        return await self._retriever.retrieve(wanted, depth, asked.filters or None, most)

    def _judge(self, asked: Question, evidence: Evidence) -> list[float]:
        """Probabilities of relevance; where filters alone were asked for, all that pass are wanted."""
        if not asked.topic:
            return [1.0] * len(evidence.candidates)
        return self._parts.relevance.probabilities(evidence, asked.text)

    def _scores(self, asked: Question, evidence: Evidence) -> list[float]:
        if asked.is_question or not evidence.candidates:
            return self._judge(asked, evidence)
        scores = self._parts.relevance.ranker.scores(evidence)
        titled = [same_title(asked.text, item.paper.title) for item in evidence.candidates]
        best: list[float] = (scores + np.array(titled) * (np.ptp(scores) + 1)).tolist()
        return best

    async def _rerank(self, asked: Question, evidence: Evidence, scores: list[float]) -> list[float]:
        if self._parts.reranker is None:
            return scores
        return await rerank(self._parts.reranker, self._parts.settings.reranker, asked.text, evidence, scores)
