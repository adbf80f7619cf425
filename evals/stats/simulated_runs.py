"""Made-up scores of two runs whose difference is known, shaped like real ones, to see how often methods err.

Real scores are clumped: most cases always pass, a few never do, some pass now and then. A run is one throw of
that; two runs of one system differ by chance alone. A planted loss makes further cases fail altogether.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from evals.stats.clusters import Values

Kind = Literal["binary", "fraction", "graded"]
Places = NDArray[np.int64]

NEVER = 0.08
"""Share of cases that no run passes."""

QUIET, LIVELY, LOUD = 0.06, 0.12, 0.3
"""Shares of cases that pass now and then: a sixth of it flips each way from one run to the next."""

MOST_CLAIMS = 5
JITTER = 0.1
MANY = 1_000_000


@dataclass(frozen=True, slots=True)
class Pair:
    """Scores of the same cases in two runs.

    Attributes:
        old: 0 to 1; shape [cases].
        new: the same of the other run.
        clusters: of each case; a conversation's turns share it.
    """

    old: Values
    new: Values
    clusters: Sequence[int]

    @property
    def differences(self) -> list[float]:
        """New minus old."""
        differences: list[float] = (self.new - self.old).tolist()
        return differences


def pair(
    rng: np.random.Generator,
    kind: Kind,
    count: int,
    *,
    loss: float = 0.0,
    unsure: float = QUIET,
    turns: int = 1,
) -> Pair:
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
    return Pair(old, np.where(failing[clusters], 0.0, new), clusters.tolist())


@cache
def mean_score(kind: Kind, unsure: float) -> float:
    """Mean of all cases there could be; of graded scores by a million draws."""
    if kind != "graded":
        return 1 - NEVER - unsure / 2
    return float(pair(np.random.default_rng(0), kind, MANY, unsure=unsure).old.mean())


def _binary(rng: np.random.Generator, chances: Values, clusters: Places, _: float) -> tuple[Values, Values]:
    """Right or wrong; in every other cluster, all cases have the same luck."""

    def run() -> Values:
        own, shared = rng.random(len(clusters)), rng.random(clusters[-1] + 1)
        passed: Values = (np.where(clusters % 2, own, shared[clusters]) < chances).astype(np.float64)
        return passed

    return run(), run()


def _fraction(rng: np.random.Generator, chances: Values, clusters: Places, _: float) -> tuple[Values, Values]:
    """Share of a case's claims that pass."""
    claims = rng.integers(1, MOST_CLAIMS + 1, len(clusters))
    return rng.binomial(claims, chances) / claims, rng.binomial(claims, chances) / claims


def _graded(rng: np.random.Generator, _: Values, clusters: Places, unsure: float) -> tuple[Values, Values]:
    """A third of the cases have all there is to have, the others less; twice ``unsure`` of them move."""
    count = len(clusters)
    steady = np.where(rng.random(count) < 1 / 3, 1.0, rng.beta(4, 1.5, count))

    def run() -> Values:
        moved = np.where(rng.random(count) < 2 * unsure, rng.normal(0, JITTER, count), 0.0)
        scores: Values = np.clip(steady + moved, 0, 1).round(3)
        return scores

    return run(), run()


RUNS = {"binary": _binary, "fraction": _fraction, "graded": _graded}
