"""The assistant: understand, search, answer as the kind of the question has it, and account for it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

from rag.conversation.resolution import beside_each_other
from rag.conversation.standalone import EMPTY, History, Resolved, repeated, resolve, turn
from rag.kinds.composition import answered, elsewhere, joined, read_as
from rag.kinds.parts import Parts
from rag.models.budget import Meter, OnStatement
from rag.question.understanding import Question, plain_text
from rag.question.vocabulary import Vocabulary
from rag.search import Search
from rag.selection.selection import AccountedAnswer
from rag.types import Answer, Counts, Paper, RankedPaper
from rag.writing.query_rewriting import Rewriter, is_searched
from rag.writing.receipt import receipted


@dataclass(frozen=True, slots=True)
class _Task:
    """What goes along with one question, whatever it falls into.

    Attributes:
        asked: the question understood by itself.
        meter: its time and money.
        on_statement: called with each sentence that a model wrote, once it is checked.
        rewriter: of what is searched for; None for none.
    """

    asked: Question
    meter: Meter
    on_statement: OnStatement | None
    rewriter: Rewriter | None


class Assistant:
    """Answers questions from one open collection. Safe to use for many questions at once."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._search = Search(parts)
        self._vocabulary = Vocabulary(parts.store, parts.terms)

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
        meter = self._parts.meter()
        with meter.stage("total"):
            with meter.stage("understand"):
                typed = plain_text(question)
                text, before = repeated(typed, history)
                asked = await self._vocabulary.read(text)
                resolved = resolve(asked, before)
                if before is not history:
                    resolved = replace(resolved, reason="again")
            task = _Task(asked, meter, on_statement, None if as_typed else self._parts.rewriter)
            answer, selection, stages = await self._answer(resolved, task)
            if answer.abstained and resolved.paper_ids and not resolved.firm:
                alone = Resolved(asked.text)
                plain = await self._answer(alone, task)
                if not plain[0].abstained:
                    answer, selection, stages = elsewhere(plain[0], resolved), *plain[1:]
                    resolved = alone
        if resolved.changed:
            answer = read_as(answer, typed, resolved)
        made_with = self._parts.account(answer.searched)
        return receipted(answer, selection, made_with=made_with, stages=stages, timings_ms=meter.timings_ms)

    def remember(self, history: History, answer: Answer) -> History:
        """The conversation with one turn more; the oldest go where it has got too long."""
        return history.followed_by(turn(answer, history), self._parts.token_counter())

    async def _answer(self, resolved: Resolved, task: _Task) -> AccountedAnswer:
        """The answer to a resolved question, which is read again only where it differs from the one asked."""
        if resolved.each:
            parts = [await self._answer(part, task) for part in resolved.each]
            stages = {"parts": [part[2] for part in parts]} if any(part[2] for part in parts) else {}
            return *joined([part[:2] for part in parts], resolved.text), stages
        asked, text = task.asked, resolved.query or resolved.text
        if text != asked.text:
            asked = await self._vocabulary.read(text)
        free = resolved.paper_ids is None and not (asked.filters or asked.unmatched)
        if free and (papers := await self._search.described_papers(asked)):
            named = beside_each_other(papers)
            answer, selection, stages = await self._answer(named, task)
            return read_as(answer, asked.text, named), selection, stages

        async def found_by(query: str) -> AccountedAnswer:
            return await self._found(asked, query, resolved, task)

        if task.rewriter is None or resolved.paper_ids is not None or not is_searched(asked):
            return await found_by("")
        return await task.rewriter.answered(asked, task.meter, found_by)

    async def _found(self, asked: Question, query: str, resolved: Resolved, task: _Task) -> AccountedAnswer:
        """The answer from what is found for a query; "" for the words of the question."""
        selection, reranking = await self._search.select(asked, task.meter, query, resolved.paper_ids or ())
        with task.meter.stage("write"):
            if resolved.changed:
                selection = selection.within(resolved)
            answer, writing = await answered(self._parts, selection, resolved, task.meter, task.on_statement)
        return answer, selection, reranking | writing

    async def search(self, query: str, top_k: int | None = None) -> list[RankedPaper]:
        """The ``top_k`` papers (default: the setting) that fit best, best first; raises as `ask`."""
        return await self._search.ranking(await self._vocabulary.read(query), top_k)

    async def paper(self, paper_id: str) -> Paper | None:
        """The stored paper, or None."""
        passages = await self._parts.store.fetch([paper_id])
        return passages[0].passage.paper if passages else None

    async def similar(self, paper_id: str, top_k: int = 5) -> list[RankedPaper]:
        """The ``top_k`` papers most like a stored one, most alike first; none for one that is not stored."""
        return await self._search.similar(paper_id, top_k)

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
