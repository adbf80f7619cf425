"""Have a model write, and let through what the claim verifier supports, sentence by sentence as it comes."""

import asyncio
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from rag.errors import ContextTooLong, ModelError
from rag.models.budget import Budget, MeteredModel, OnStatement, Price, Spending, unpriced
from rag.models.language_model import Completion, Model, Request
from rag.ports import SupportJudge
from rag.retrieval.candidates import Candidate
from rag.settings import ModelSettings
from rag.types import Statement
from rag.verification.claim_verifier import ClaimVerifier, Draft, NumberedPaper
from rag.verification.llm_judge import second_opinion
from rag.writing.prompting import pack, repair_request, small_request, write_request
from rag.writing.reply_parser import ReplyParser

PROMPT_TOKENS = 700
"""What instructions, question and a repair leave for less evidence."""

EVIDENCE_TOKENS, LOCAL_EVIDENCE_TOKENS = 4000, 500
MOST_REPAIRED = 12

LATE = 0.5
"""Share of a question's time from which on the evidence shrinks with what is left of it."""


@dataclass(slots=True)
class WrittenAnswer:
    """What came of one question.

    Attributes:
        statements: supported, in the order they were written.
        removed: what was written and is not shown, each with the reason.
        calls: name of the prompt, reply and seconds it took, in order.
        failure: why the model could not be used to the end; "" if it could.
    """

    statements: list[Statement] = field(default_factory=list)
    removed: list[Statement] = field(default_factory=list)
    calls: list[tuple[str, Completion, float]] = field(default_factory=list)
    failure: str = ""


class Writer:
    """Writes answers with a model. Safe to use for many questions at once.

    Args:
        model: with its fallbacks.
        verifier: what everything written has to pass.
        count_tokens: tokens of a text.
        settings: those of the model.
        judge: asked of what the verifier supports, if there is one.
        price: of a call of the model.
    """

    def __init__(
        self,
        model: Model,
        verifier: ClaimVerifier,
        count_tokens: Callable[[str], int],
        settings: ModelSettings,
        judge: SupportJudge | None = None,
        *,
        price: Price = unpriced,
    ) -> None:
        self._model = model
        self._verifier = verifier
        self._count = count_tokens
        self._settings = settings
        self._judge = judge
        self._price = price

    @property
    def name(self) -> str:
        """The model's."""
        return self._model.name

    @property
    def declines(self) -> bool:
        """Whether the model can be asked to say nothing where the evidence does not answer.

        One on this machine reads some hundred tokens a second and follows few rules.
        """
        return not self.name.startswith("local/")

    async def close(self) -> None:
        """Let go of the model."""
        await self._model.close()

    async def write(
        self,
        question: str,
        kind: str,
        candidates: Sequence[Candidate],
        on_statement: OnStatement | None = None,
        spending: Spending | None = None,
    ) -> WrittenAnswer:
        """Statements on a question from papers, each checked before ``on_statement`` gets it.

        Never raises for what a model does: what was supported until then stays, and ``failure`` says why no
        more came. Evidence that is too long for the model, or for the money that is left, is halved until
        one paper is left; where the time runs out it shrinks with it.

        Args:
            question: as it was understood.
            kind: of the question.
            candidates: the papers to write from, best first.
            on_statement: called with each supported statement as soon as it is.
            spending: of the question so far; None for a new one.
        """
        sheet = _Sheet(self._verifier, self._judge, on_statement)
        spending = spending or Spending(Budget(self._settings.budget_usd, self._settings.budget_s))
        model = self.metered(spending)
        try:
            asking = write_request(question, kind) if self.declines else small_request(question)
            room = min(1.0, spending.share_left() / LATE)
            request = await self._first(model, asking, candidates, sheet, room)
            refused = sheet.written.removed[:MOST_REPAIRED]
            if refused and self.declines:
                sheet.repairing = True
                await _ask(model, repair_request(request, refused), sheet)
        except ModelError as exc:
            sheet.written.failure = str(exc)
        return sheet.written

    def metered(self, spending: Spending) -> MeteredModel:
        """The model, its calls counted for the question of that spending."""
        return MeteredModel(self._model, spending, self._price, self._count)

    async def _first(
        self,
        model: MeteredModel,
        asking: Callable[[Sequence[NumberedPaper]], Request],
        candidates: Sequence[Candidate],
        sheet: "_Sheet",
        share: float,
    ) -> Request:
        """Ask with a share of the papers that fit, half of them where that is refused or too dear."""
        settings = self._settings
        room = model.context_tokens - settings.max_tokens - PROMPT_TOKENS
        usual = EVIDENCE_TOKENS if self.declines else LOCAL_EVIDENCE_TOKENS
        budget = min(room, settings.evidence_tokens or usual)
        most = max(1, math.ceil(share * len(pack(candidates, self._count, budget))))
        while shown := pack(candidates[:most], self._count, budget):
            request = replace(asking(shown), max_tokens=settings.max_tokens, temperature=settings.temperature)
            sheet.shown = shown
            if len(shown) > 1 and not model.affords(request):
                most = len(shown) // 2
                continue
            try:
                await _ask(model, request, sheet)
            except ContextTooLong:
                if len(shown) == 1:
                    raise
                most = len(shown) // 2
            else:
                return request
        raise ContextTooLong(f"model {self.name!r} cannot read a whole abstract in {max(budget, 0)} tokens")


async def _ask(model: Model, request: Request, sheet: "_Sheet") -> None:
    """One reply, verified while it arrives; of one that breaks off, what was complete is verified too."""
    started = time.perf_counter()
    drafts: asyncio.Queue[Draft | None] = asyncio.Queue()
    parser = ReplyParser()

    def pass_on(found: Sequence[Draft]) -> None:
        for draft in found:
            drafts.put_nowait(draft)

    verifying = asyncio.create_task(sheet.take_in(drafts))
    try:
        completion = await model.complete(request, lambda piece: pass_on(parser.feed(piece)))
        sheet.written.calls.append((request.prompt, completion, time.perf_counter() - started))
        pass_on(parser.finish(cut=completion.cut))
    finally:
        drafts.put_nowait(None)
        await verifying


class _Sheet:
    """Collects what is written, sorted into what the verifier supports and what it does not."""

    def __init__(
        self, verifier: ClaimVerifier, judge: SupportJudge | None, on_statement: OnStatement | None
    ) -> None:
        self.written = WrittenAnswer()
        self.shown: Sequence[NumberedPaper] = ()
        self.repairing = False
        self._verifier = verifier
        self._judge = judge
        self._on_statement = on_statement
        self._known: set[Draft] = set()

    async def take_in(self, drafts: asyncio.Queue[Draft | None]) -> None:
        """Verify and sort drafts until there is None; models repeat themselves."""
        while (draft := await drafts.get()) is not None:
            shown = {statement.text.casefold() for statement in self.written.statements}
            if draft not in self._known and draft.text.casefold() not in shown:
                self._known.add(draft)
                statement = self._verifier.verify(draft, self.shown)
                if self._judge is not None and statement.verdict == "supported":
                    statement = await second_opinion(self._judge, statement)
                self._sort(statement)

    def _sort(self, statement: Statement) -> None:
        if statement.verdict == "supported":
            self.written.statements.append(statement)
            if self.repairing and self.written.removed:
                self._mend(statement)
            if self._on_statement:
                self._on_statement(statement)
        elif not self.repairing:
            self.written.removed.append(statement)

    def _mend(self, statement: Statement) -> None:
        """Strike the refused sentence that a repaired one stands for: the one it shares most words with."""
        words = set(statement.text.casefold().split())
        likest = max(self.written.removed, key=lambda each: len(words & set(each.text.casefold().split())))
        self.written.removed.remove(likest)
