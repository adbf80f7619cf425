"""What one question takes and may take: dollars, seconds, milliseconds by stage; a model that keeps to it."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rag.errors import BudgetExceeded
from rag.models.language_model import Completion, Model, ModelWrapper, OnText, Request, Usage
from rag.types import Statement

Price = Callable[[int, int], float]
"""Dollars of a call with so many tokens of prompt and of reply; 0 where no price is known."""

OnStatement = Callable[[Statement], None]


def unpriced(_prompt_tokens: int, _reply_tokens: int) -> float:
    """The price of models that cost nothing, or nobody knows what."""
    return 0.0


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits of one question, of all its model calls together."""

    usd: float
    seconds: float


class Spending:
    """What one question has used so far. The time runs from when it is made, on ``clock``, in seconds."""

    def __init__(self, budget: Budget, clock: Callable[[], float] = time.monotonic) -> None:
        self._budget = budget
        self._clock = clock
        self._start = clock()
        self.usage = Usage()

    def add(self, completion: Completion) -> None:
        """Count a reply; a kept one with what it cost once, so that asking again takes the same way."""
        self.usage += completion.usage

    def pay(self, usd: float) -> None:
        self.usage += Usage(cost_usd=usd)

    def affords(self, usd: float) -> bool:
        return self.usage.cost_usd + usd <= self._budget.usd

    def seconds_left(self) -> float:
        return max(0.0, self._budget.seconds - (self._clock() - self._start))

    def share_left(self) -> float:
        return self.seconds_left() / self._budget.seconds

    def require(self, usd: float) -> None:
        """Raise `BudgetExceeded` where there is no time, or no money for a call of at most ``usd``."""
        if not self.affords(usd):
            raise BudgetExceeded(
                f"this question has cost ${self.usage.cost_usd:.4f} and the next call may cost ${usd:.4f}, "
                f"the limit is ${self._budget.usd:.4f}: raise 'model__budget_usd' "
                "(environment: PINCITE_MODEL__BUDGET_USD)"
            )
        if self.seconds_left() <= 0:
            raise self.late()

    def late(self) -> BudgetExceeded:
        return BudgetExceeded(
            f"this question has taken its {self._budget.seconds:g} seconds: "
            "raise 'model__budget_s' (environment: PINCITE_MODEL__BUDGET_S)"
        )


@dataclass(slots=True)
class Meter:
    """Runs along with one question; its parts, if it falls into several, share it."""

    spending: Spending
    started: float = field(default_factory=time.perf_counter)
    timings_ms: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a block under ``name``."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self.timings_ms[name] = round((time.perf_counter() - started) * 1000, 2)


class StatementTimer:
    """Passes statements on, and notes when the first came, in milliseconds since the question."""

    def __init__(self, meter: Meter, tell: OnStatement | None) -> None:
        self._meter = meter
        self._tell = tell

    def __call__(self, statement: Statement) -> None:
        """Pass one on."""
        passed = round((time.perf_counter() - self._meter.started) * 1000, 2)
        self._meter.timings_ms.setdefault("first_statement", passed)
        if self._tell is not None:
            self._tell(statement)


class MeteredModel(ModelWrapper):
    """Model whose calls are counted for one question, and cut off when its time is up.

    The inner model stays open when this is closed. ``count`` gives the tokens of a text.
    """

    def __init__(
        self, inner: Model, spending: Spending, price: Price = unpriced, count: Callable[[str], int] = len
    ) -> None:
        super().__init__(inner)
        self._spending = spending
        self._price = price
        self._count = count

    def affords(self, request: Request) -> bool:
        """Whether the money of the question is enough, whatever the length of the reply."""
        return self._spending.affords(self._most_usd(request))

    def _most_usd(self, request: Request) -> float:
        prompt = sum(self._count(message.content) for message in request.messages)
        return self._price(prompt, request.max_tokens)

    async def complete(self, request: Request, on_text: OnText | None = None) -> Completion:
        """Raises `BudgetExceeded` besides, before the call or during it."""
        self._spending.require(self._most_usd(request))
        limit = asyncio.timeout(self._spending.seconds_left())
        try:
            async with limit:
                completion = await self._inner.complete(request, on_text)
        except TimeoutError as exc:
            if not limit.expired():
                raise
            raise self._spending.late() from exc
        self._spending.add(completion)
        return completion

    async def close(self) -> None:
        """Nothing: the inner model outlives the question."""
