"""Have a model write, and let through what the gate passes, sentence by sentence while it writes."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from rag.budget import Budget, MeteredModel, Spending
from rag.context import pack
from rag.drafts import Draft, Numbered
from rag.errors import ContextTooLong, ModelError
from rag.evidence import Candidate
from rag.model import Completion, Model, Request
from rag.parsing import Parser
from rag.prompting import repair_request, write_request
from rag.settings import ModelSettings
from rag.types import Kind, Statement
from rag.verify import Gate

OnStatement = Callable[[Statement], None]
PROMPT_TOKENS = 700
"""What instructions, question and a repair leave for less evidence."""

EVIDENCE_TOKENS, LOCAL_EVIDENCE_TOKENS = 4000, 1000
MOST_REPAIRED = 12


@dataclass(slots=True)
class Written:
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
        gate: what everything written has to pass.
        count_tokens: tokens of a text.
        settings: those of the model.
    """

    def __init__(
        self, model: Model, gate: Gate, count_tokens: Callable[[str], int], settings: ModelSettings
    ) -> None:
        self._model = model
        self._gate = gate
        self._count = count_tokens
        self._settings = settings

    @property
    def name(self) -> str:
        """The model's."""
        return self._model.name

    async def close(self) -> None:
        """Let go of the model."""
        await self._model.close()

    async def write(
        self,
        question: str,
        kind: Kind,
        candidates: Sequence[Candidate],
        on_statement: OnStatement | None = None,
    ) -> Written:
        """Statements on a question from papers, each checked before ``on_statement`` gets it.

        Never raises for what a model does: what was supported until then stays, and ``failure`` says why no
        more came. Evidence that is too long for the model is halved until one paper is left.

        Args:
            question: as it was understood.
            kind: of the question.
            candidates: the papers to write from, best first.
            on_statement: called with each supported statement as soon as it is.
        """
        sheet = _Sheet(self._gate, on_statement)
        spending = Spending(Budget(self._settings.budget_usd, self._settings.budget_s))
        model = MeteredModel(self._model, spending)
        try:
            request = await self._first(model, write_request(question, kind), candidates, sheet)
            refused = sheet.written.removed[:MOST_REPAIRED]
            if refused:
                sheet.repairing = True
                await _ask(model, repair_request(request, refused), sheet)
        except ModelError as exc:
            sheet.written.failure = str(exc)
        return sheet.written

    async def _first(
        self,
        model: Model,
        asking: Callable[[Sequence[Numbered]], Request],
        candidates: Sequence[Candidate],
        sheet: "_Sheet",
    ) -> Request:
        """Ask with as much evidence as the model takes, half of the papers at each refusal."""
        room = model.context_tokens - self._settings.max_tokens - PROMPT_TOKENS
        budget = min(room, self._settings.evidence_tokens or _usual_tokens(model.name))
        most = len(candidates)
        while shown := pack(candidates[:most], self._count, budget):
            request = self._sized(asking(shown))
            sheet.shown = shown
            try:
                await _ask(model, request, sheet)
            except ContextTooLong:
                if len(shown) == 1:
                    raise
                most = len(shown) // 2
            else:
                return request
        raise ContextTooLong(f"model {self.name!r} cannot read a whole abstract in {max(budget, 0)} tokens")

    def _sized(self, request: Request) -> Request:
        return replace(request, max_tokens=self._settings.max_tokens, temperature=self._settings.temperature)


def _usual_tokens(model: str) -> int:
    """Of evidence: a model on this machine reads some hundred tokens a second."""
    return LOCAL_EVIDENCE_TOKENS if model.startswith("local/") else EVIDENCE_TOKENS


async def _ask(model: Model, request: Request, sheet: "_Sheet") -> None:
    sheet.open()
    started = time.perf_counter()
    completion = await model.complete(request, sheet.read)
    sheet.written.calls.append((request.prompt, completion, time.perf_counter() - started))
    sheet.close()


class _Sheet:
    """Collects what is written, sorted into what the gate passes and what it does not."""

    def __init__(self, gate: Gate, on_statement: OnStatement | None) -> None:
        self.written = Written()
        self.shown: Sequence[Numbered] = ()
        self.repairing = False
        self._gate = gate
        self._tell = on_statement
        self._parser = Parser()
        self._known: set[Draft] = set()

    def open(self) -> None:
        """Begin a reply."""
        self._parser = Parser()

    def read(self, piece: str) -> None:
        """Take in a piece of the reply."""
        for draft in self._parser.feed(piece):
            self._judge(draft)

    def close(self) -> None:
        """The reply has ended."""
        for draft in self._parser.finish():
            self._judge(draft)

    def _judge(self, draft: Draft) -> None:
        if draft in self._known or self._is_said(draft):  # models repeat themselves
            return
        self._known.add(draft)
        statement = self._gate.verify(draft, self.shown)
        if statement.verdict == "supported":
            self.written.statements.append(statement)
            if self.repairing and self.written.removed:
                self._mend(statement)
            if self._tell:
                self._tell(statement)
        elif not self.repairing:
            self.written.removed.append(statement)

    def _is_said(self, draft: Draft) -> bool:
        return any(statement.text.casefold() == draft.text.casefold() for statement in self.written.statements)

    def _mend(self, statement: Statement) -> None:
        """Strike the refused sentence that a repaired one stands for: the one it shares most words with."""
        words = set(statement.text.casefold().split())
        likest = max(self.written.removed, key=lambda each: len(words & set(each.text.casefold().split())))
        self.written.removed.remove(likest)
