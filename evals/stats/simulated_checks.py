"""What `evals.stats.simulations` counts: false alarms, losses found, wrong passes, coverage, early stops."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from evals.gate.decision import Change, Verdict, decide, verdicts
from evals.stats.bounded import DIFFERENCE, SHARE, Bounds
from evals.stats.inference import interval, non_inferiority
from evals.stats.sequential import watch
from evals.stats.simulated_runs import LIVELY, QUIET, Kind, mean_score, pair

Rng = np.random.Generator
Happens = Callable[[Rng], bool]
Alarm = Callable[[dict[str, Change]], bool]


@dataclass(frozen=True, slots=True)
class Check:
    """Something that happens with a certain probability.

    Attributes:
        name: what is counted.
        happens: whether it did, in one draw.
        least: the probability that it has to have; ``most``: the one that it may have.
    """

    name: str
    happens: Happens
    least: float = 0.0
    most: float = 1.0

    @property
    def bar(self) -> str:
        """For readers; empty where there is none."""
        if self.least and self.most < 1:
            return f"{self.least:.1%} to {self.most:.1%}"
        return f"≥ {self.least:.1%}" if self.least else f"≤ {self.most:.1%}" if self.most < 1 else ""


MEASURES: tuple[tuple[Kind, float], ...] = (
    ("graded", 0.05),
    ("graded", 0.05),
    ("binary", 0.08),
    ("binary", 0.05),
    ("fraction", 0.05),
    ("fraction", 0.05),
    ("binary", 0.08),
)
"""Of a gate like ours, each with its margin: ranking, set, facts, abstention, citations, conversations."""

MARGIN = 0.05
LOSS = 0.08
TURNS = 3
ALL = dict.fromkeys(range(len(MEASURES)), LOSS)


def gate(rng: Rng, count: int, unsure: float, losses: dict[int, float]) -> dict[str, Change]:
    """The measures of one comparison, the last of them of conversations; losses by place in `MEASURES`."""
    changes = {}
    for place, (kind, margin) in enumerate(MEASURES):
        turns = TURNS if place == len(MEASURES) - 1 else 1
        runs = pair(rng, kind, count, loss=losses.get(place, 0.0), unsure=unsure, turns=turns)
        changes[f"measure {place}"] = Change(runs.differences, margin, runs.clusters)
    return changes


def significant(changes: dict[str, Change]) -> bool:
    """Our rule: whether any measure is a regression."""
    return any(tested.verdict == "regression" for tested in verdicts(changes).values())


def lower(changes: dict[str, Change]) -> bool:
    """The rule of gates without statistics: whether any mean is down by more than 0.01."""
    return any(np.mean(change.differences) < -0.01 for change in changes.values())  # noqa: PLR2004


def alarm(
    unsure: float, losses: dict[int, float], counts: tuple[int, int], rule: Alarm = significant
) -> Happens:
    """Whether a gate reports a regression, over as many cases as lie between the two of ``counts``."""
    return lambda rng: rule(gate(rng, int(rng.integers(counts[0], counts[1] + 1)), unsure, losses))


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


def covers(kind: Kind, count: int, *, turns: int = 1, bounds: Bounds | None = SHARE) -> Happens:
    """Whether the interval of a run's mean has the mean of all cases there could be."""

    def happens(rng: Rng) -> bool:
        runs = pair(rng, kind, count, unsure=LIVELY, turns=turns)
        low, high = interval(runs.old.tolist(), runs.clusters, bounds=bounds)
        return low <= mean_score(kind, LIVELY) <= high

    return happens


def covers_loss(kind: Kind, count: int, loss: float = LOSS, *, bounds: Bounds | None = DIFFERENCE) -> Happens:
    """Whether the interval of the difference has the loss that was planted."""

    def happens(rng: Rng) -> bool:
        runs = pair(rng, kind, count, loss=loss, unsure=LIVELY)
        low, high = interval(runs.differences, runs.clusters, bounds=bounds)
        return low <= -loss <= high

    return happens


def stops(wanted: Verdict, loss: float, count: int = 400) -> Happens:
    """Whether a watch that looks after every case ends with this verdict."""

    def happens(rng: Rng) -> bool:
        return watch(pair(rng, "binary", count, loss=loss).differences, MARGIN).decided == wanted

    return happens
