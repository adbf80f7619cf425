"""How often the statistics err: `python -m evals.gate.simulations` simulates, and prints one table.

Pairs of runs are made whose difference is known, the tests and intervals are asked, and answers are counted.
Real scores are clumped: most cases always pass, a few never do, some pass now and then. A run is one throw of
that; two runs of one system differ by chance alone, and a planted loss makes further cases fail altogether.
Exits 1 where a bar is missed. Seeded: the same figures each time. Takes some minutes.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from evals.gate.decision import Change, Verdict, decide, verdicts
from evals.stats.bounded import DIFFERENCE, SHARE, Bounds
from evals.stats.clusters import Values
from evals.stats.inference import interval, non_inferiority

Kind = Literal["binary", "fraction", "graded"]
Rng = np.random.Generator
Happens = Callable[[Rng], bool]

DRAWS = 2_000
NEVER = 0.08
"""Share of cases that no run passes."""

QUIET, LIVELY, LOUD = 0.06, 0.12, 0.3
"""Shares of cases that pass now and then: a sixth of it flips each way from one run to the next."""

MOST_CLAIMS, JITTER, MANY = 5, 0.1, 1_000_000
MARGIN, LOSS, TURNS = 0.05, 0.08, 3
GATE: tuple[tuple[Kind, float], ...] = (
    *(("graded", 0.05), ("graded", 0.05)),
    *(("binary", 0.08), ("binary", 0.05)),
    *(("fraction", 0.05), ("fraction", 0.05)),
    ("binary", 0.08),
)
"""Measures of a gate like ours with margins: ranking, set, facts, abstention, citations, conversations."""

EVERY = dict.fromkeys(range(len(GATE)), LOSS)


@dataclass(frozen=True, slots=True)
class RunPair:
    """Scores of the same cases in two runs, 0 to 1, with the cluster of each case."""

    old: Values
    new: Values
    clusters: Sequence[int]

    @property
    def differences(self) -> list[float]:
        """New minus old."""
        differences: list[float] = (self.new - self.old).tolist()
        return differences


def pair(
    rng: Rng, kind: Kind, count: int, *, loss: float = 0.0, unsure: float = QUIET, turns: int = 1
) -> RunPair:
    """Two runs over ``count`` cases.

    Args:
        rng: where chance comes from.
        kind: `binary`: right or wrong. `fraction`: share of one to five claims. `graded`: anything, as nDCG.
        count: of cases, rounded down to whole clusters.
        loss: how much lower the mean of the new run is by expectation: so many cases fail altogether.
        unsure: share of cases that pass now and then.
        turns: cases in a cluster; they pass, and fail, more alike than others.
    """
    clusters = np.repeat(np.arange(count // turns), turns)
    drawn = rng.random(count // turns)
    chances = np.where(drawn < NEVER, 0.0, np.where(drawn < NEVER + unsure, rng.random(len(drawn)), 1.0))
    old, new = RUNS[kind](rng, chances[clusters], clusters, unsure)
    failing = rng.random(len(drawn)) < (loss / mean_score(kind, unsure) if loss else 0.0)
    return RunPair(old, np.where(failing[clusters], 0.0, new), clusters.tolist())


@cache
def mean_score(kind: Kind, unsure: float) -> float:
    """Mean of all cases there could be; of graded scores by a million draws."""
    if kind != "graded":
        return 1 - NEVER - unsure / 2
    return float(pair(np.random.default_rng(0), kind, MANY, unsure=unsure).old.mean())


def _binary(rng: Rng, chances: Values, clusters: NDArray[np.int64], _: float) -> tuple[Values, Values]:
    """Right or wrong; in every other cluster, all cases have the same luck."""

    def run() -> Values:
        own, shared = rng.random(len(clusters)), rng.random(clusters[-1] + 1)
        passed: Values = (np.where(clusters % 2, own, shared[clusters]) < chances).astype(np.float64)
        return passed

    return run(), run()


def _fraction(rng: Rng, chances: Values, clusters: NDArray[np.int64], _: float) -> tuple[Values, Values]:
    """Share of a case's claims that pass."""
    claims = rng.integers(1, MOST_CLAIMS + 1, len(clusters))
    return rng.binomial(claims, chances) / claims, rng.binomial(claims, chances) / claims


def _graded(rng: Rng, _: Values, clusters: NDArray[np.int64], unsure: float) -> tuple[Values, Values]:
    """A third of the cases have all there is to have, the others less; twice ``unsure`` of them move."""
    count = len(clusters)
    steady = np.where(rng.random(count) < 1 / 3, 1.0, rng.beta(4, 1.5, count))

    def run() -> Values:
        moved = np.where(rng.random(count) < 2 * unsure, rng.normal(0, JITTER, count), 0.0)
        scores: Values = np.clip(steady + moved, 0, 1).round(3)
        return scores

    return run(), run()


RUNS = {"binary": _binary, "fraction": _fraction, "graded": _graded}


def alarm(unsure: float, losses: dict[int, float], least: int, most: int) -> Happens:
    """Whether a gate reports a regression, over ``least`` to ``most`` cases; losses by place in `GATE`."""

    def happens(rng: Rng) -> bool:
        count, changes = int(rng.integers(least, most + 1)), {}
        for place, (kind, margin) in enumerate(GATE):
            turns = TURNS if place == len(GATE) - 1 else 1
            runs = pair(rng, kind, count, loss=losses.get(place, 0.0), unsure=unsure, turns=turns)
            changes[f"measure {place}"] = Change(runs.differences, margin, runs.clusters)
        return any(tested.verdict == "regression" for tested in verdicts(changes).values())

    return happens


def verdict(
    wanted: Verdict, kind: Kind, count: int, loss: float, *, unsure: float = QUIET, turns: int = 1
) -> Happens:
    """Whether the verdict on one measure alone is this one."""

    def happens(rng: Rng) -> bool:
        runs = pair(rng, kind, count, loss=loss, unsure=unsure, turns=turns)
        return decide(runs.differences, MARGIN, runs.clusters) == wanted

    return happens


def passes(kind: Kind, count: int, *, turns: int = 1, bounds: Bounds | None = DIFFERENCE) -> Happens:
    """Whether a loss of the margin is taken for less than the margin."""

    def happens(rng: Rng) -> bool:
        runs = pair(rng, kind, count, loss=MARGIN, turns=turns)
        return non_inferiority(runs.differences, MARGIN, runs.clusters, bounds=bounds) <= 0.05  # noqa: PLR2004

    return happens


def covers(kind: Kind, count: int, turns: int = 1) -> Happens:
    """Whether the interval of a run's mean has the mean of all cases there could be."""

    def happens(rng: Rng) -> bool:
        runs = pair(rng, kind, count, unsure=LIVELY, turns=turns)
        low, high = interval(runs.old.tolist(), runs.clusters, bounds=SHARE)
        return low <= mean_score(kind, LIVELY) <= high

    return happens


def covers_loss(kind: Kind, count: int, loss: float = LOSS, bounds: Bounds | None = DIFFERENCE) -> Happens:
    """Whether the interval of the difference has the loss that was planted."""

    def happens(rng: Rng) -> bool:
        runs = pair(rng, kind, count, loss=loss, unsure=LIVELY)
        low, high = interval(runs.differences, runs.clusters, bounds=bounds)
        return low <= -loss <= high

    return happens


@dataclass(frozen=True, slots=True)
class SimulationCheck:
    """Something that happens with a certain probability: at least ``least``, at most ``most``."""

    name: str
    happens: Happens
    least: float = 0.0
    most: float = 1.0

    def met(self, share: float, draws: int, errors: float = 0.0) -> bool:
        """Whether a share is within the bar, or so many standard errors of a share at the bar beyond it."""
        low, high = (errors * float(np.sqrt(bar * (1 - bar) / draws)) for bar in (self.least, self.most))
        return self.least - low <= share <= self.most + high


KINDS: tuple[Kind, ...] = ("binary", "fraction", "graded")
FEW_LOST = 0.03
LEAST, MOST = 0.935, 0.965
ROWS: tuple[tuple[Any, ...], ...] = (
    *(
        (f"regression in a gate of 7, nothing lost, {name} flip", alarm(unsure, {}, 30, 200), 0.0, 0.05)
        for name, unsure in (("1 %", QUIET), ("2 %", LIVELY), ("5 %", LOUD))
    ),
    ("… one measure", verdict("regression", "binary", 100, 0, unsure=LIVELY), 0.0, 0.05),
    (
        "… 40 conversations",
        verdict("regression", "binary", 120, 0, unsure=LOUD, turns=TURNS),
        0.0,
        0.05,
    ),
    *((f"8 points lost, {kind}", verdict("regression", kind, 100, LOSS), 0.8) for kind in KINDS),
    ("… in all measures of a gate of 7", alarm(QUIET, EVERY, 100, 100), 0.8),
    ("… in one of 7, fraction", alarm(QUIET, {4: LOSS}, 100, 100), 0.8),
    ("… in one of 7, graded", alarm(QUIET, {0: LOSS}, 100, 100), 0.8),
    *((f"the margin lost and fine, {n} cases", passes("binary", n), 0.0, 0.05) for n in (36, 100, 200)),
    *((f"… fraction, {count} cases", passes("fraction", count), 0.0, 0.05) for count in (36, 200)),
    ("… 40 conversations", passes("binary", 120, turns=TURNS), 0.0, 0.05),
    *((f"fine, nothing lost, 200 cases, {kind}", verdict("fine", kind, 200, 0), 0.8) for kind in KINDS),
    *((f"interval has the mean, {kind}, 36 cases", covers(kind, 36), LEAST) for kind in KINDS),
    *(
        (f"interval has the mean, {kind}, {count} cases", covers(kind, count), LEAST, MOST)
        for kind in KINDS
        for count in (100, 200)
    ),
    ("… 40 conversations", covers("binary", 120, TURNS), LEAST, MOST),
    *(
        (f"interval has the loss of 8 points, {kind}, {count} cases", covers_loss(kind, count), LEAST)
        for kind in KINDS
        for count in (36, 100)
    ),
    ("… of 3 points, graded, 36 cases", covers_loss("graded", 36, FEW_LOST), LEAST),
    ("… of 3 points, fraction, 36 cases", covers_loss("fraction", 36, FEW_LOST), LEAST),
)
CHECKS = tuple(SimulationCheck(*row) for row in ROWS)


def share_of(check: SimulationCheck, draws: int, seed: int = 0) -> float:
    """How often it happens; each draw has a generator of its own, so that checks see the same chance."""
    return sum(bool(check.happens(np.random.default_rng((seed, draw)))) for draw in range(draws)) / draws


def main() -> int:
    """Simulate everything; 1 where a bar is missed."""
    table = Table("how often", "measured", "at least", "at most", "", title=f"{DRAWS:,} comparisons a row")
    missed = 0
    for check in CHECKS:
        share = share_of(check, DRAWS)
        met = check.met(share, DRAWS)
        missed += not met
        row = (check.name, f"{share:.1%}", f"{check.least:.1%}", f"{check.most:.1%}")
        table.add_row(*row, "met" if met else "missed")
    Console(width=110).print(table)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
