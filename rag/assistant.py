"""The assistant: understand, retrieve, judge, write, and account for it in a receipt."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from rag.asking import Asking
from rag.composition import account, composed, papers_to_read
from rag.conversation import EMPTY, History, Resolved, resolve, turn
from rag.disagreement import Arbiter
from rag.errors import ModelError
from rag.evidence import Evidence
from rag.extract import Extractor
from rag.names import same_title
from rag.pinpoint import AnswerModel
from rag.ports import Encoder, Reranker, Store, TermEncoder
from rag.query import Question
from rag.reader import Reading
from rag.receipt import receipted
from rag.relevance import RelevanceModel
from rag.rerank import rerank
from rag.retrieve import Retriever
from rag.scope import elsewhere, joined, read_as, within
from rag.settings import Settings
from rag.similar import similar
from rag.tokens import token_counter
from rag.types import Answer, Counts, Paper, RankedPaper, Statement
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
        self, question: str, on_statement: OnStatement | None = None, history: History = EMPTY
    ) -> Answer:
        """Answer a question, or abstain and say what was searched.

        Args:
            question: as a person typed it.
            on_statement: called with each sentence that a model wrote, once it is checked.
            history: what was said before: what the question leans on.

        Raises:
            QuestionError: the question is empty or far too long.
            StoreError: the collection cannot be read.
            ModelError: the question cannot be encoded.
        """
        clock = Clock()
        with clock.stage("total"):
            with clock.stage("understand"):
                typed = await self._asking.read(question)
                resolved = resolve(typed, history)
            answer, reading, stages = await self._answer(resolved, clock, on_statement)
            if answer.abstained and resolved.paper_ids and not resolved.firm:
                plain = await self._answer(Resolved(typed.text), clock, on_statement)
                if not plain[0].abstained:
                    answer, reading, stages = elsewhere(plain[0], resolved), *plain[1:]
                    resolved = Resolved(typed.text)
        return self._with_receipt(read_as(answer, typed.text, resolved), reading, clock, stages)

    def remember(self, history: History, answer: Answer) -> History:
        """The conversation with one turn more; the oldest go where it has got too long."""
        count = token_counter(self._parts.settings.chunk.encoding)
        return history.followed_by(turn(answer, history), count)

    async def _answer(
        self, resolved: Resolved, clock: Clock, on_statement: OnStatement | None
    ) -> tuple[Answer, Reading, dict[str, Any]]:
        """The answer to a resolved question, what it was read from, and its account for the receipt."""
        if resolved.each:
            parts = [await self._answer(part, clock, on_statement) for part in resolved.each]
            stages = {"parts": [part[2] for part in parts]} if any(part[2] for part in parts) else {}
            return *joined([part[:2] for part in parts], resolved.text), stages
        asked = await self._asking.read(resolved.query or resolved.text)
        with clock.stage("retrieve"):
            evidence = await self._retrieve(asked, self._depth(asked))
            if resolved.paper_ids:
                evidence = await self._retriever.with_papers(evidence, resolved.paper_ids)
        with clock.stage("judge"):
            probabilities = await asyncio.to_thread(self._judge, asked, evidence)
        probabilities, reranking = await self._rerank_if_possible(asked, evidence, probabilities, clock)
        with clock.stage("write"):
            reading = Reading(asked, evidence, probabilities)
            if resolved.changed:
                reading = within(reading, resolved)
            quoted = await self._extractor.answer(reading, resolved)
            answer, writing = await self._tell(reading, quoted, clock, on_statement)
        return answer, reading, reranking | writing

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

    async def similar(self, paper_id: str, top_k: int = 5) -> list[RankedPaper]:
        """The ``top_k`` papers most like a stored one, most alike first; raises as `rag.similar.similar`."""
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

    def _with_receipt(self, answer: Answer, reading: Reading, clock: Clock, stages: dict[str, Any]) -> Answer:
        parts = self._parts
        collection = {"name": parts.settings.collection, "papers": answer.searched}
        return receipted(
            answer,
            reading,
            collection=asdict(parts.store.fingerprint) | collection,
            settings=parts.settings.retrieval.model_dump(),
            thresholds={"paper": parts.relevance.threshold, "sentence": parts.answers.threshold},
            stages=stages,
            timings_ms=clock.timings_ms,
        )
