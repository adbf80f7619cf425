"""The assistant: understand, retrieve, judge, write, and account for it in a receipt."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from rag.conversation.history import TablePaper
from rag.conversation.resolution import beside_each_other
from rag.conversation.standalone import EMPTY, History, Resolved, repeated, resolve, turn
from rag.errors import ModelError
from rag.models.budget import Budget, Spending
from rag.models.usage import Meter, OnStatement, Telling
from rag.parts import Parts
from rag.question.clauses import sides
from rag.question.understanding import Question, plain_text, with_names
from rag.question.vocabulary import Vocabulary
from rag.reading.answering import Extractor
from rag.reading.extractive import Reading
from rag.reading.scope import elsewhere, joined, read_as, within
from rag.receipt import receipted
from rag.retrieval.candidates import Evidence
from rag.retrieval.hybrid import Retriever
from rag.retrieval.paper_names import of_titles, same_title
from rag.retrieval.reranking import rerank
from rag.retrieval.similar_papers import similar
from rag.selection.screening import by_probability
from rag.text.tokens import token_counter
from rag.types import Answer, Counts, Paper, RankedPaper
from rag.verification.disagreement import Arbiter
from rag.writing.composition import account, composed, papers_to_read
from rag.writing.query_rewriter import Rewriter, Told, is_searched

RERANKING_SHARE = 0.5
"""Most of the time left to a question that its reranking may take: the rest is for writing."""


class Assistant:
    """Answers questions from one open collection. Safe to use for many questions at once."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._retriever = Retriever(
            parts.store, parts.encoder, parts.terms, parts.settings.retrieval.rank_constant
        )
        self._vocabulary = Vocabulary(parts.store, parts.terms)
        self._extractor = Extractor(
            parts.encoder,
            parts.terms,
            parts.relevance,
            parts.answers,
            parts.settings.retrieval.favour,
            Arbiter(parts.terms),
        )

    @property
    def parts(self) -> Parts:
        """What it was built from."""
        return self._parts

    async def ask(
        self,
        question: str,
        on_statement: OnStatement | None = None,
        history: History = EMPTY,
        *,
        as_typed: bool = False,
    ) -> Answer:
        """Answer a question, or abstain and say what was searched.

        Args:
            question: as a person typed it.
            on_statement: called with each sentence that a model wrote, once it is checked.
            history: what was said before: what the question leans on.
            as_typed: search for the question's own words, also where a model would rewrite them.

        Raises:
            QuestionError: the question is empty or far too long.
            StoreError: the collection cannot be read.
            ModelError: the question cannot be encoded.
        """
        budget = self._parts.settings.model
        meter = Meter(Spending(Budget(budget.budget_usd, budget.budget_s)))
        rewriter = None if as_typed else self._parts.rewriter
        with meter.stage("total"):
            with meter.stage("understand"):
                typed = plain_text(question)
                text, before = repeated(typed, history)
                asked = await self._vocabulary.read(text)
                resolved = resolve(asked, before)
                if before is not history:
                    resolved = replace(resolved, reason="again")
            answer, reading, stages = await self._answer(asked, resolved, meter, on_statement, rewriter)
            if answer.abstained and resolved.paper_ids and not resolved.firm:
                alone = Resolved(asked.text)
                plain = await self._answer(asked, alone, meter, on_statement, rewriter)
                if not plain[0].abstained:
                    answer, reading, stages = elsewhere(plain[0], resolved), *plain[1:]
                    resolved = alone
        return self._with_receipt(read_as(answer, typed, resolved), reading, meter, stages)

    def remember(self, history: History, answer: Answer) -> History:
        """The conversation with one turn more; the oldest go where it has got too long."""
        count = token_counter(self._parts.settings.chunk.encoding)
        return history.followed_by(turn(answer, history), count)

    async def _answer(
        self,
        asked: Question,
        resolved: Resolved,
        meter: Meter,
        on_statement: OnStatement | None,
        rewriter: Rewriter | None,
    ) -> Told:
        """The answer to a question, understood by itself and resolved; read again only where that differs."""
        if resolved.each:
            parts = [await self._answer(asked, part, meter, on_statement, rewriter) for part in resolved.each]
            stages = {"parts": [part[2] for part in parts]} if any(part[2] for part in parts) else {}
            return *joined([part[:2] for part in parts], resolved.text), stages
        wanted = resolved.query or resolved.text
        if wanted != asked.text:
            asked = await self._vocabulary.read(wanted)
        free = resolved.paper_ids is None and not (asked.filters or asked.unmatched)
        described = [asked.about(side) for side in sides(asked.text)] if free else []
        if papers := await self._papers_of(described):
            named = beside_each_other(papers)
            answer, reading, stages = await self._answer(asked, named, meter, on_statement, rewriter)
            return read_as(answer, asked.text, named), reading, stages

        async def told(query: str) -> Told:
            return await self._found(asked, query, resolved, meter, on_statement)

        if rewriter is None or resolved.paper_ids is not None or not is_searched(asked):
            return await told("")
        return await rewriter.answered(asked, meter, told)

    async def _found(
        self,
        asked: Question,
        query: str,
        resolved: Resolved,
        meter: Meter,
        on_statement: OnStatement | None,
    ) -> Told:
        """The answer from what is found for a query; "" for the words of the question."""
        with meter.stage("retrieve"):
            evidence = await self._retrieve(asked, self._depth(asked), query=query)
            if resolved.paper_ids:
                evidence = await self._retriever.with_papers(evidence, resolved.paper_ids)
            asked = with_names(asked, of_titles(asked.text, (each.paper for each in evidence.candidates)))
        with meter.stage("judge"):
            probabilities = await asyncio.to_thread(self._judge, asked, evidence)
        probabilities, reranking = await self._rerank_if_possible(asked, evidence, probabilities, meter)
        with meter.stage("write"):
            if query and asked.kind == "fact":  # found by the query, read for the question
                evidence = await self._retriever.weighed_by(evidence, asked.topic)
            reading = Reading(asked, evidence, probabilities)
            if resolved.changed:
                reading = within(reading, resolved)
            quoted = await self._extractor.answer(reading, resolved)
            answer, writing = await self._tell(reading, quoted, meter, on_statement)
        return answer, reading, reranking | writing

    async def _papers_of(self, described: Sequence[Question]) -> list[TablePaper]:
        """The paper that each description fits best, if there is one for each and none twice."""
        found, least = [], self._parts.relevance.opening
        for asked in described:
            evidence = await self._retrieve(asked, self._depth(asked))
            odds = await asyncio.to_thread(self._judge, asked, evidence)
            best = by_probability(evidence.candidates, odds)[:1]
            found += [TablePaper(each.paper.paper_id, each.paper.title, p) for each, p in best if p >= least]
        return found if len({paper.paper_id for paper in found}) == len(described) else []

    async def search(self, query: str, top_k: int | None = None) -> list[RankedPaper]:
        """The ``top_k`` papers (default: the setting) that fit best, best first; raises as `ask`.

        A question is ranked by probability of relevance, which was fitted on questions; any other text,
        such as a claim or a summary, by the ranker; a reranker that is set reorders the first papers.
        """
        asked = await self._vocabulary.read(query)
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

    async def paper(self, paper_id: str) -> Paper | None:
        """The stored paper, or None."""
        passages = await self._parts.store.fetch([paper_id])
        return passages[0].passage.paper if passages else None

    async def similar(self, paper_id: str, top_k: int = 5) -> list[RankedPaper]:
        """The ``top_k`` papers most like a stored one, most alike first; raises as `similar`."""
        return await similar(self._parts.store, paper_id, top_k)

    def papers(self) -> AsyncIterator[Paper]:
        """Every paper of the collection, in no promised order."""
        return self._parts.store.papers()

    async def counts(self) -> Counts:
        """How much the collection holds."""
        return await self._parts.store.counts()

    async def close(self) -> None:
        """Let go of the collection."""
        await self._parts.store.close()
        if self._parts.writer is not None:
            await self._parts.writer.close()

    async def _retrieve(
        self, asked: Question, depth: int, most: int | None = None, query: str = ""
    ) -> Evidence:
        if asked.unmatched:  # what nobody here has restricts the papers to none
            return await self._retriever.nothing(asked.topic, (await self.counts()).papers)
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

    async def _rerank_if_possible(
        self, asked: Question, evidence: Evidence, scores: list[float], meter: Meter
    ) -> tuple[list[float], dict[str, Any]]:
        """As `_rerank`, and what the receipt says; the old scores if it failed or is too dear or too slow."""
        if self._parts.reranker is None:
            return scores, {}
        options = self._parts.settings.reranker
        used = {"name": self._parts.reranker.name, "depth": options.depth, "weight": options.weight}
        try:
            with meter.stage("rerank"):
                meter.spending.require(self._parts.reranking_usd)
                async with asyncio.timeout(meter.spending.seconds_left() * RERANKING_SHARE):
                    reranked = await self._rerank(asked, evidence, scores)
        except ModelError as exc:
            return scores, {"reranker": used | {"failed": str(exc)}}
        except TimeoutError:
            return scores, {"reranker": used | {"failed": str(meter.spending.late())}}
        meter.spending.pay(self._parts.reranking_usd)
        return reranked, {"reranker": used}

    def _depth(self, question: Question) -> int:
        settings = self._parts.settings.retrieval
        return settings.screen_depth if question.kind == "set" else settings.depth

    async def _tell(
        self, reading: Reading, answer: Answer, meter: Meter, on_statement: OnStatement | None
    ) -> tuple[Answer, dict[str, Any]]:
        """The answer as a model words it, where one is set and something may be said; and its receipt.

        What comes closest to a fact that is not stated, as far as likeness tells, is read by a model that can
        decline: the gate passes nothing that the abstracts do not say.
        """
        writer = self._parts.writer
        if writer is None or reading.question.record_field is not None:
            return answer, {}
        if answer.abstained and not (answer.kind == "fact" and answer.partial and writer.declines):
            return answer, {}
        papers = papers_to_read(reading, answer)
        telling = Telling(meter, on_statement)
        written = await writer.write(reading.question.text, answer.kind, papers, telling, meter.spending)
        meter.timings_ms["model"] = round(sum(seconds for *_, seconds in written.calls) * 1000, 2)
        return composed(answer, written, writer.name), {"model": account(written)}

    def _with_receipt(self, answer: Answer, reading: Reading, meter: Meter, stages: dict[str, Any]) -> Answer:
        parts = self._parts
        collection = {"name": parts.settings.collection, "papers": answer.searched}
        return receipted(
            answer,
            reading,
            collection=asdict(parts.store.fingerprint) | collection,
            settings=parts.settings.retrieval.model_dump(),
            thresholds={
                "opening": parts.relevance.opening,
                "paper": parts.relevance.threshold,
                "sentence": parts.answers.threshold,
            },
            stages=stages,
            timings_ms=meter.timings_ms,
        )
