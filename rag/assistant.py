"""The assistant: understand, retrieve, judge, write, and account for it in a receipt."""

import asyncio
import hashlib
import json
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from rag.abstain import abstention, not_stated
from rag.asking import Asking
from rag.clauses import analyse
from rag.close_reading import read_closely
from rag.composition import account, composed, papers_to_read
from rag.errors import ModelError
from rag.evidence import Evidence
from rag.names import same_title
from rag.pinpoint import AnswerModel
from rag.ports import Encoder, Reranker, Store, TermEncoder
from rag.query import Question
from rag.reader import Reading, answer_comparison, answer_fact
from rag.relevance import RelevanceModel
from rag.rerank import rerank
from rag.retrieve import Retriever
from rag.screen import by_probability, cut, screen
from rag.settings import Settings
from rag.types import Answer, Counts, Paper, RankedPaper, ScoredPaper, Statement
from rag.writing import OnStatement, Writer


@dataclass(frozen=True, slots=True)
class Parts:
    """What an assistant is built from."""

    settings: Settings
    store: Store
    encoder: Encoder
    terms: TermEncoder
    relevance: RelevanceModel
    answers: AnswerModel
    reranker: Reranker | None = None
    writer: Writer | None = None


@dataclass(slots=True)
class Clock:
    """Milliseconds spent in each stage of one question."""

    timings_ms: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a block under ``name``."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self.timings_ms[name] = round((time.perf_counter() - started) * 1000, 2)


class _Telling:
    """Passes statements on, and notes when the first came."""

    def __init__(self, clock: Clock, tell: OnStatement | None) -> None:
        self._clock = clock
        self._tell = tell
        self._started = time.perf_counter()

    def __call__(self, statement: Statement) -> None:
        passed = round((time.perf_counter() - self._started) * 1000, 2)
        self._clock.timings_ms.setdefault("first_statement", passed)
        if self._tell is not None:
            self._tell(statement)


class Assistant:
    """Answers questions from one open collection. Safe to use for many questions at once."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._retriever = Retriever(
            parts.store, parts.encoder, parts.terms, parts.settings.retrieval.rank_constant
        )
        self._asking = Asking(parts.store, parts.terms)

    async def ask(self, question: str, on_statement: OnStatement | None = None) -> Answer:
        """Answer a question, or abstain and say what was searched.

        Args:
            question: as a person typed it.
            on_statement: called with each sentence that a model wrote, once it is checked.

        Raises:
            QuestionError: the question is empty or far too long.
            StoreError: the collection cannot be read.
            ModelError: the question cannot be encoded.
        """
        clock = Clock()
        with clock.stage("total"):
            with clock.stage("understand"):
                asked = await self._asking.read(question)
            with clock.stage("retrieve"):
                evidence = await self._retrieve(asked, self._depth(asked))
            with clock.stage("judge"):
                probabilities = await asyncio.to_thread(self._judge, asked, evidence)
            probabilities, reranking = await self._rerank_if_possible(asked, evidence, probabilities, clock)
            with clock.stage("write"):
                reading = Reading(asked, evidence, probabilities)
                answer, writing = await self._tell(reading, await self._write(reading), clock, on_statement)
        return self._with_receipt(answer, asked, clock, reranking | writing)

    async def search(self, query: str, top_k: int | None = None) -> list[RankedPaper]:
        """The ``top_k`` papers (default: the setting) that fit best, best first; raises as `ask`.

        A question is ranked by probability of relevance, which was fitted on questions; any other text,
        such as a claim or a summary, by the ranker; a reranker that is set reorders the first papers.
        """
        asked = await self._asking.read(query)
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

    async def _retrieve(self, asked: Question, depth: int, most: int | None = None) -> Evidence:
        if asked.unmatched:  # what nobody here has restricts the papers to none
            return await self._retriever.nothing(asked.topic, (await self.counts()).papers)
        return await self._retriever.retrieve(asked.topic or asked.text, depth, asked.filters or None, most)

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
        self, asked: Question, evidence: Evidence, scores: list[float], clock: Clock
    ) -> tuple[list[float], dict[str, Any]]:
        """As `_rerank`, and what the receipt says of it; the old scores if the reranker failed."""
        if self._parts.reranker is None:
            return scores, {}
        options = self._parts.settings.reranker
        used = {"name": self._parts.reranker.name, "depth": options.depth, "weight": options.weight}
        try:
            with clock.stage("rerank"):
                return await self._rerank(asked, evidence, scores), {"reranker": used}
        except ModelError as exc:
            return scores, {"reranker": used | {"failed": str(exc)}}

    def _depth(self, question: Question) -> int:
        settings = self._parts.settings.retrieval
        return settings.screen_depth if question.kind == "set" else settings.depth

    async def _write(self, reading: Reading) -> Answer:
        question, evidence = reading.question, reading.evidence
        nearest = _nearest(evidence, reading.probabilities, self._parts.relevance.nearest)
        statements: Sequence[Statement] = ()
        papers: tuple[ScoredPaper, ...] = ()
        partial: tuple[Statement, ...] = ()
        open_parts: Sequence[str] = ()
        more = ""
        if question.kind == "set" and question.record_field is None:
            least = cut(self._parts.relevance.threshold, self._parts.settings.retrieval.favour)
            screening = await asyncio.to_thread(screen, evidence, reading.probabilities, least)
            statements, papers, partial = screening.statements, screening.papers, screening.partial
            more = screening.missing if statements else ""
        elif question.kind == "compare":
            statements = answer_comparison(reading)
        elif question.kind == "fact" and question.record_field is None:
            statements, open_parts = await self._facts(reading)
        return Answer(
            question=question.text,
            kind=question.kind,
            abstained=not statements,
            statements=tuple(statements),
            papers=papers,
            partial=partial,
            note=not_stated(open_parts) if statements else abstention(reading, nearest),
            nearest=() if statements else nearest,
            judged=len(evidence.candidates),
            searched=evidence.searched,
            missing=more,
            filters=question.filters.describe(),
            corrections=question.corrections,
        )

    async def _tell(
        self, reading: Reading, answer: Answer, clock: Clock, on_statement: OnStatement | None
    ) -> tuple[Answer, dict[str, Any]]:
        """The answer as a model words it, where one is set and there is something to say; and its receipt."""
        writer = self._parts.writer
        if writer is None or answer.abstained or reading.question.record_field is not None:
            return answer, {}
        papers = papers_to_read(reading, answer)
        telling = _Telling(clock, on_statement)
        written = await writer.write(reading.question.text, answer.kind, papers, telling)
        clock.timings_ms["model"] = round(sum(seconds for *_, seconds in written.calls) * 1000, 2)
        return composed(answer, written, writer.name), {"model": account(written)}

    async def _facts(self, reading: Reading) -> tuple[list[Statement], list[str]]:
        clauses = analyse(
            reading.question,
            await self._parts.encoder.encode_queries(reading.question.clauses),
            reading.evidence.idf,
            lambda text: frozenset(self._parts.terms.encode_query(text).indices),
        )
        reading = await read_closely(reading, clauses, self._parts.encoder)
        model = self._parts.answers
        return await asyncio.to_thread(answer_fact, reading, clauses, model.sentence, model.threshold)

    def _with_receipt(
        self, answer: Answer, asked: Question, clock: Clock, reranking: dict[str, Any]
    ) -> Answer:
        content: dict[str, Any] = {
            "writer": answer.writer,
            "collection": asdict(self._parts.store.fingerprint)
            | {"name": self._parts.settings.collection, "papers": answer.searched},
            "settings": self._parts.settings.retrieval.model_dump(),
            **reranking,
            "thresholds": {
                "paper": self._parts.relevance.threshold,
                "sentence": self._parts.answers.threshold,
            },
            "understood": {
                "kind": asked.kind,
                "query": asked.topic,
                "clauses": asked.clauses,
                "filters": asked.filters.as_json(),
                "corrections": asked.corrections,
                "unmatched": asked.unmatched,
            },
            "papers": [[paper.paper_id, round(paper.probability, 6)] for paper in answer.papers],
            "cited": [
                [c.passage_id, c.span.start, c.span.end] for s in answer.statements for c in s.citations
            ],
        }
        identity = json.dumps([answer.question, content], sort_keys=True, ensure_ascii=False)
        receipt = {"id": hashlib.sha256(identity.encode()).hexdigest()[:16], **content}
        return replace(answer, receipt=receipt | {"timings_ms": clock.timings_ms})


def _nearest(
    evidence: Evidence, probabilities: Sequence[float], least: float, most: int = 3
) -> tuple[ScoredPaper, ...]:
    ranked = by_probability(evidence.candidates, probabilities)[:most]
    return tuple(ScoredPaper(item.paper.paper_id, item.paper.title, p) for item, p in ranked if p >= least)
