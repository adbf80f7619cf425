"""The assistant: understand, retrieve, judge, answer as the kind has it, and account for it in a receipt."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from rag.conversation.resolution import beside_each_other
from rag.conversation.shown import TablePaper
from rag.conversation.standalone import EMPTY, History, Resolved, resolve, turn
from rag.errors import ModelError
from rag.kinds import kind_class
from rag.kinds.base import AnswerKind
from rag.kinds.composition import account, composed, elsewhere, joined, read_as
from rag.models.budget import Budget, Spending
from rag.models.usage import Meter, OnStatement, Telling
from rag.parts import Parts
from rag.question.comparands import sides
from rag.question.understanding import Question, with_names
from rag.question.vocabulary import Asking
from rag.receipt import receipted
from rag.retrieval.candidates import Evidence
from rag.retrieval.hybrid import Retriever
from rag.retrieval.paper_names import of_titles, same_title
from rag.retrieval.reranking import rerank
from rag.selection.overview import whole_papers
from rag.selection.selection import Selection
from rag.text.tokens import token_counter
from rag.types import Answer, Counts, Paper, RankedPaper
from rag.writing.query_rewriter import Rewriter, Told, is_searched

RERANKING_SHARE = 0.5
"""Most of the time left to a question that its reranking may take: the rest is for writing."""


@dataclass(frozen=True, slots=True)
class _Task:
    """What goes along with one question, whatever it falls into.

    Attributes:
        typed: the question as typed, understood by itself.
        meter: its time and money.
        on_statement: called with each sentence that a model wrote, once it is checked.
        rewriter: of what is searched for; None for none.
    """

    typed: Question
    meter: Meter
    on_statement: OnStatement | None
    rewriter: Rewriter | None


class Assistant:
    """Answers questions from one open collection. Safe to use for many questions at once."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._retriever = Retriever(
            parts.store, parts.encoder, parts.terms, parts.settings.retrieval.rank_constant
        )
        self._asking = Asking(parts.store, parts.terms)
        self._kinds: dict[str, AnswerKind] = {}

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
        limits = self._parts.settings.model
        meter = Meter(Spending(Budget(limits.budget_usd, limits.budget_s)))
        with meter.stage("total"):
            with meter.stage("understand"):
                typed = await self._asking.read(question)
                resolved = resolve(typed, history)
            task = _Task(typed, meter, on_statement, None if as_typed else self._parts.rewriter)
            answer, selection, stages = await self._answer(resolved, task)
            if answer.abstained and resolved.paper_ids and not resolved.firm:
                plain = await self._answer(Resolved(typed.text), task)
                if not plain[0].abstained:
                    answer, selection, stages = elsewhere(plain[0], resolved), *plain[1:]
                    resolved = Resolved(typed.text)
        if resolved.changed:
            answer = read_as(answer, typed.text, resolved)
        made_with = self._made_with(answer.searched)
        return receipted(answer, selection, made_with=made_with, stages=stages, timings_ms=meter.timings_ms)

    def remember(self, history: History, answer: Answer) -> History:
        """The conversation with one turn more; the oldest go where it has got too long."""
        count = token_counter(self._parts.settings.chunk.encoding)
        return history.followed_by(turn(answer, history), count)

    async def _answer(self, resolved: Resolved, task: _Task) -> Told:
        """The answer to a resolved question."""
        if resolved.each:
            parts = [await self._answer(part, task) for part in resolved.each]
            stages = {"parts": [part[2] for part in parts]} if any(part[2] for part in parts) else {}
            return *joined([part[:2] for part in parts], resolved.text), stages
        text = resolved.query or resolved.text
        asked = task.typed if text == task.typed.text else await self._asking.read(text)
        free = resolved.paper_ids is None and not (asked.filters or asked.unmatched)
        if papers := await self._papers_of(sides(asked.text) if free else ()):
            named = beside_each_other(papers)
            answer, selection, stages = await self._answer(named, task)
            return read_as(answer, asked.text, named), selection, stages

        async def told(query: str) -> Told:
            return await self._found(asked, query, resolved, task)

        if task.rewriter is None or resolved.paper_ids is not None or not is_searched(asked):
            return await told("")
        return await task.rewriter.answered(asked, task.meter, told)

    async def _found(self, asked: Question, query: str, resolved: Resolved, task: _Task) -> Told:
        """The answer from what is found for a query; "" for the words of the question."""
        meter = task.meter
        with meter.stage("retrieve"):
            evidence = await self._retrieve(asked, self._depth(asked), query=query)
            if resolved.paper_ids:
                evidence = await self._retriever.with_papers(evidence, resolved.paper_ids)
            asked = with_names(asked, of_titles(asked.text, (each.paper for each in evidence.candidates)))
        with meter.stage("judge"):
            probabilities = await asyncio.to_thread(self._judge, asked, evidence)
        probabilities, reranking = await self._rerank_if_possible(asked, evidence, probabilities, meter)
        with meter.stage("write"):
            if query and self._kind(asked.kind).read_for_question:
                evidence = await self._retriever.weighed_by(evidence, asked.topic)
            selection = Selection(asked, evidence, probabilities)
            if resolved.changed:
                selection = selection.within(resolved)
            answer, writing = await self._composed(selection, resolved, task)
        return answer, selection, reranking | writing

    async def _papers_of(self, descriptions: Sequence[str]) -> list[TablePaper]:
        """The paper that each description fits best, if there is one for each and none twice."""
        found, least = [], self._parts.relevance.opening
        for description in descriptions:
            asked = await self._asking.read(description)
            evidence = await self._retrieve(asked, self._depth(asked))
            odds = await asyncio.to_thread(self._judge, asked, evidence)
            best = Selection(asked, evidence, odds).first(1, least)
            found += [TablePaper(each.paper.paper_id, each.paper.title, p) for each, p in best]
        return found if len({paper.paper_id for paper in found}) == len(descriptions) else []

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
        """The ``top_k`` papers most like a stored one, most alike first; raises as `similar`."""
        return await self._retriever.similar(paper_id, top_k)

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

    def _kind(self, name: str) -> AnswerKind:
        """Of answers, ready to put one together."""
        if name not in self._kinds:
            self._kinds[name] = kind_class(name)(self._parts)
        return self._kinds[name]

    def _depth(self, question: Question) -> int:
        return self._kind(question.kind).depth(self._parts.settings.retrieval)

    async def _composed(
        self, selection: Selection, resolved: Resolved, task: _Task
    ) -> tuple[Answer, dict[str, Any]]:
        """The answer in quotes, or as a model words it where one is set; and its part for the receipt."""
        whole = () if selection.continues else whole_papers(selection, resolved)
        usual = "set" if selection.continues else selection.question.kind
        kind = self._kind("fact" if whole else usual)  # what papers say of themselves is a fact
        answer = await kind.answer(selection, whole)
        writer = self._parts.writer
        if writer is None or selection.question.record_field is not None:
            return answer, {}
        papers = kind.papers_to_read(selection, answer)
        if not papers:
            return answer, {}
        meter = task.meter
        telling = Telling(meter, task.on_statement)
        written = await writer.write(selection.question.text, answer.kind, papers, telling, meter.spending)
        meter.timings_ms["model"] = round(sum(seconds for *_, seconds in written.calls) * 1000, 2)
        return composed(kind, answer, written, writer.name), {"model": account(written)}

    def _made_with(self, searched: int) -> dict[str, Any]:
        """What a receipt says of the collection, so many papers of which were searched, and settings."""
        parts = self._parts
        return {
            "collection": asdict(parts.store.fingerprint)
            | {"name": parts.settings.collection, "papers": searched},
            "settings": parts.settings.retrieval.model_dump(),
            "thresholds": {
                "opening": parts.relevance.opening,
                "paper": parts.relevance.threshold,
                "sentence": parts.answers.threshold,
            },
        }
