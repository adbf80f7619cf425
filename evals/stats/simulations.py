"""How often the statistics err: `python -m evals.stats.simulations` simulates, and prints one table.

Pairs of runs are made whose difference is known (`evals.stats.simulated_runs`), the tests and intervals are
asked, and what they say is counted (`evals.stats.simulated_checks`). A row without a bar is there to compare.
Exits 1 where a bar is missed. Seeded: the same figures each time. Takes some minutes.
"""

import sys
import time
from dataclasses import dataclass

import numpy as np
from rich.console import Console
from rich.table import Table

from evals.stats.simulated_checks import (
    ALL,
    LOSS,
    MARGIN,
    TURNS,
    Check,
    alarm,
    covers,
    covers_loss,
    lower,
    passes,
    stops,
    verdict,
)
from evals.stats.simulated_runs import LIVELY, LOUD, QUIET, Kind

DRAWS = 2_000

SMALL_TO_LARGE = (30, 200)
HUNDRED = (100, 100)

FALSE_ALARMS = (
    Check("gate of 7, 30–200 cases, 1 % flip", alarm(QUIET, {}, SMALL_TO_LARGE), most=0.05),
    Check("gate of 7, 30–200 cases, 2 % flip", alarm(LIVELY, {}, SMALL_TO_LARGE), most=0.05),
    Check("gate of 7, 30–200 cases, 5 % flip", alarm(LOUD, {}, SMALL_TO_LARGE), most=0.05),
    Check(
        "one measure, 100 cases, 2 % flip", verdict("regression", "binary", 100, 0, unsure=LIVELY), most=0.05
    ),
    Check(
        "one measure, 40 conversations of 3, 5 % flip",
        verdict("regression", "binary", 120, 0, unsure=LOUD, turns=TURNS),
        most=0.05,
    ),
    Check("any mean down by 0.01, gate of 7, 1 % flip", alarm(QUIET, {}, SMALL_TO_LARGE, lower)),
)
FOUND = (
    Check("right or wrong", verdict("regression", "binary", 100, LOSS), least=0.8),
    Check("right or wrong, 2 % flip", verdict("regression", "binary", 100, LOSS, unsure=LIVELY)),
    Check("share of claims", verdict("regression", "fraction", 100, LOSS), least=0.8),
    Check("graded", verdict("regression", "graded", 100, LOSS), least=0.8),
    Check("33 conversations of 3", verdict("regression", "binary", 100, LOSS, turns=TURNS)),
    Check("all measures of a gate of 7", alarm(QUIET, ALL, HUNDRED), least=0.8),
    Check("one of 7, right or wrong", alarm(QUIET, {2: LOSS}, HUNDRED)),
    Check("one of 7, share of claims", alarm(QUIET, {4: LOSS}, HUNDRED), least=0.8),
    Check("one of 7, graded", alarm(QUIET, {0: LOSS}, HUNDRED), least=0.8),
    Check("right or wrong, 36 cases", verdict("regression", "binary", 36, LOSS)),
)
WRONG_PASSES = (
    *(
        Check(f"right or wrong, {count} cases", passes("binary", count), most=0.05)
        for count in (36, 100, 200)
    ),
    *(Check(f"share of claims, {count} cases", passes("fraction", count), most=0.05) for count in (36, 200)),
    Check("40 conversations of 3", passes("binary", 120, turns=TURNS), most=0.05),
    Check("right or wrong, 36 cases, no case lost counts", verdict("fine", "binary", 36, MARGIN)),
    Check("right or wrong, 100 cases, no case lost counts", verdict("fine", "binary", 100, MARGIN)),
    Check("right or wrong, 36 cases, by sign flips", passes("binary", 36, bounds=None)),
    Check("right or wrong, 100 cases, by sign flips", passes("binary", 100, bounds=None)),
)
PASSES = (
    Check("right or wrong, 100 cases", verdict("fine", "binary", 100, 0)),
    Check("right or wrong, 200 cases", verdict("fine", "binary", 200, 0), least=0.8),
    Check("share of claims, 200 cases", verdict("fine", "fraction", 200, 0), least=0.8),
    Check("graded, 200 cases", verdict("fine", "graded", 200, 0), least=0.8),
)
KINDS: tuple[Kind, ...] = ("binary", "fraction", "graded")
FEW_LOST = 0.03
COVERAGE = (
    *(Check(f"{kind}, 36 cases", covers(kind, 36), 0.935) for kind in KINDS),
    *(
        Check(f"{kind}, {count} cases", covers(kind, count), 0.935, 0.965)
        for kind in KINDS
        for count in (100, 200)
    ),
    Check("binary, 40 conversations of 3", covers("binary", 120, turns=TURNS), 0.935, 0.965),
    *(Check(f"{kind}, 36 cases, BCa", covers(kind, 36, bounds=None)) for kind in KINDS),
    *(
        Check(f"8 points lost, {kind}, {count} cases", covers_loss(kind, count), 0.935)
        for kind in KINDS
        for count in (36, 100)
    ),
    *(Check(f"8 points lost, {kind}, 36 cases, BCa", covers_loss(kind, 36, bounds=None)) for kind in KINDS),
    Check("3 points lost, graded, 36 cases", covers_loss("graded", 36, FEW_LOST), 0.935),
    Check("3 points lost, graded, 36 cases, BCa", covers_loss("graded", 36, FEW_LOST, bounds=None)),
    Check("3 points lost, fraction, 36 cases", covers_loss("fraction", 36, FEW_LOST), 0.935),
    Check("3 points lost, fraction, 36 cases, BCa", covers_loss("fraction", 36, FEW_LOST, bounds=None)),
)
STOPS = (
    Check("regression, nothing lost", stops("regression", 0), most=0.05),
    Check("fine, the margin lost", stops("fine", MARGIN), most=0.05),
    Check("regression, 8 points lost", stops("regression", LOSS)),
    Check("fine, nothing lost", stops("fine", 0)),
)
CHECKS: dict[str, tuple[Check, ...]] = {
    "regression reported where nothing is lost": FALSE_ALARMS,
    "regression reported where 8 points are lost, 100 cases, 1 % flip": FOUND,
    "fine reported where the margin of 5 points is lost": WRONG_PASSES,
    "fine reported where nothing is lost, 1 % flip": PASSES,
    "95 % interval has the mean": COVERAGE,
    "watching up to 400 cases ends with": STOPS,
}


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
