"""How often the statistics err: `python -m evals.simulations` simulates, and prints one table.

Pairs of runs are made whose difference is known (`evals.simulated_runs`), the tests and intervals are
asked, and what they say is counted (`evals.simulated_checks`). A row without a bar is there to compare.
Exits 1 where a bar is missed. Seeded: the same figures each time. Takes some minutes.
"""

import sys
import time
from dataclasses import dataclass

import numpy as np
from rich.console import Console
from rich.table import Table

from evals.simulated_checks import CHECKS, Check

DRAWS = 2_000


@dataclass(frozen=True, slots=True)
class Count:
    """How often something happened: ``times`` in ``draws``."""

    check: Check
    times: int
    draws: int

    @property
    def share(self) -> float:
        """0 to 1."""
        return self.times / self.draws

    def within(self, errors: float = 0.0) -> bool:
        """Whether the share is within the bar, or so many standard errors of a share at the bar beyond it."""
        least, most = self.check.least, self.check.most
        return least - errors * self._error(least) <= self.share <= most + errors * self._error(most)

    def _error(self, probability: float) -> float:
        return float(np.sqrt(probability * (1 - probability) / self.draws))


def counted(check: Check, draws: int, seed: int = 0) -> Count:
    """Draw again and again, each time with a generator of its own, so that checks see the same chance."""
    times = sum(bool(check.happens(np.random.default_rng((seed, draw)))) for draw in range(draws))
    return Count(check, times, draws)


def main() -> int:
    """Simulate everything; 1 where a bar is missed."""
    started = time.perf_counter()
    table = Table("how often", "measured", "bar", "", title=f"{DRAWS:,} simulated comparisons a row")
    missed = 0
    for group, checks in CHECKS.items():
        table.add_section()
        table.add_row(f"[bold]{group}[/bold]")
        for check in checks:
            count = counted(check, DRAWS)
            missed += not count.within()
            outcome = ("met" if count.within() else "missed") if check.bar else "to compare"
            table.add_row(f"  {check.name}", f"{count.share:.1%}", check.bar, outcome)
    table.caption = f"{time.perf_counter() - started:.0f} s"
    Console(width=110).print(table)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
