"""How much one question may cost, in dollars and seconds, and a model that keeps to it."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from rag.errors import BudgetExceeded
from rag.model import Completion, Model, OnText, Request, Usage


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits of one question: dollars and seconds, of all its model calls together."""

    usd: float
    seconds: float


class Spending:
    """What one question has used so far. The time runs from when it is made.

    Args:
        budget: the limits.
        clock: seconds since any moment.
    """

    def __init__(self, budget: Budget, clock: Callable[[], float] = time.monotonic) -> None:
        self._budget = budget
        self._clock = clock
        self._start = clock()
        self.usage = Usage()

    def add(self, completion: Completion) -> None:
        """Count a reply; a cached one cost nothing this time."""
        if not completion.cached:
            self.usage += completion.usage

    def seconds_left(self) -> float:
        """Never negative."""
        return max(0.0, self._budget.seconds - (self._clock() - self._start))

    def require_more(self) -> None:
        """Called before each call of a model.

        Raises:
            BudgetExceeded: the money or the time is used up; the message names the setting.
        """
        if self.usage.cost_usd > self._budget.usd:
            raise BudgetExceeded(
                f"this question has cost ${self.usage.cost_usd:.4f}, the limit is ${self._budget.usd:.4f}: "
                "raise 'model__budget_usd' (environment: PINCITE_MODEL__BUDGET_USD)"
            )
        if self.seconds_left() <= 0:
            raise self.late()

    def late(self) -> BudgetExceeded:
        """The error of a question whose time is up."""
        return BudgetExceeded(
            f"this question has taken its {self._budget.seconds:g} seconds: "
            "raise 'model__budget_s' (environment: PINCITE_MODEL__BUDGET_S)"
        )


class MeteredModel:
    """Model whose calls are counted for one question, and cut off when its time is up.

    Args:
        inner: what answers; stays open when this is closed.
        spending: of the question.
    """

    def __init__(self, inner: Model, spending: Spending) -> None:
        self._inner = inner
        self._spending = spending

    @property
    def name(self) -> str:
        """That of the inner model."""
        return self._inner.name

    @property
    def context_tokens(self) -> int:
        """That of the inner model."""
        return self._inner.context_tokens

    async def complete(self, request: Request, on_text: OnText | None = None) -> Completion:
        """As `rag.model.Model.complete`.

        Raises:
            BudgetExceeded: before the call or during it.
        """
        self._spending.require_more()
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
