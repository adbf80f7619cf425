"""What one question takes: milliseconds by stage, and dollars and seconds out of its budget."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rag.models.budget import Spending
from rag.types import Statement

OnStatement = Callable[[Statement], None]


@dataclass(slots=True)
class Meter:
    """Runs along with one question; its parts, if it falls into several, share it.

    Attributes:
        spending: out of the budget.
        started: when the question was asked, on the clock of `time.perf_counter`.
        timings_ms: of each stage.
    """

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


class Telling:
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
