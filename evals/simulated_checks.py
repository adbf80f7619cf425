"""What `evals.simulations` counts: false alarms, losses found, wrong passes, coverage, early stops."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from evals.bounded import DIFFERENCE, SHARE, Bounds
from evals.estimate import Estimate
from evals.prediction_powered import prediction_powered_mean
from evals.sequential import watch
from evals.simulated_runs import LIVELY, LOUD, QUIET, Kind, mean_score, pair
from evals.stats import interval, non_inferiority
from evals.suite.decision import Change, Verdict, decide, verdicts

Rng = np.random.Generator
Happens = Callable[[Rng], bool]
Alarm = Callable[[dict[str, Change]], bool]
Powered = Callable[[Sequence[float], Sequence[float], Sequence[float]], Estimate]


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


def covers_loss(kind: Kind, count: int, *, turns: int = 1, bounds: Bounds | None = DIFFERENCE) -> Happens:
    """Whether the interval of the difference has the loss that was planted."""

    def happens(rng: Rng) -> bool:
        runs = pair(rng, kind, count, loss=LOSS, unsure=LIVELY, turns=turns)
        low, high = interval(runs.differences, runs.clusters, bounds=bounds)
        return low <= -LOSS <= high

    return happens


def covers_labels(
    kind: Kind, labels: int, wrong: float, method: Powered = prediction_powered_mean
) -> Happens:
    """Whether the interval from human labels and a judge that errs has the mean that people would give."""

    def happens(rng: Rng) -> bool:
        truth = pair(rng, kind, labels + 300, unsure=LIVELY).old
        judged = np.where(rng.random(len(truth)) < wrong, 1 - truth, truth)
        found = method(truth[:labels].tolist(), judged[:labels].tolist(), judged[labels:].tolist())
        return found.low <= mean_score(kind, LIVELY) <= found.high

    return happens


def as_published(human: Sequence[float], same: Sequence[float], rest: Sequence[float]) -> Estimate:
    """PPI++ with the normal interval of the paper, to compare."""
    labels, judged = np.asarray(human), np.asarray(same)
    spread = np.var([*same, *rest], ddof=1)
    trust = np.cov(labels, judged)[0, 1] / (1 + len(labels) / len(rest)) / spread if spread else 0.0
    mean = float(labels.mean() + trust * (np.mean(rest) - judged.mean()))
    error = (
        np.var(labels - trust * judged, ddof=1) / len(labels) + trust**2 * np.var(rest) / len(rest)
    ) ** 0.5
    return Estimate(mean, mean - 1.96 * float(error), mean + 1.96 * float(error))


def stops(wanted: Verdict, loss: float, count: int = 400) -> Happens:
    """Whether a watch that looks after every case ends with this verdict."""

    def happens(rng: Rng) -> bool:
        return watch(pair(rng, "binary", count, loss=loss).differences, MARGIN).decided == wanted

    return happens


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
COVERAGE = (
    *(
        Check(f"{kind}, {count} cases", covers(kind, count), 0.935, 0.965)
        for kind in KINDS
        for count in (36, 100, 200)
    ),
    Check("binary, 40 conversations of 3", covers("binary", 120, turns=TURNS), 0.935, 0.965),
    *(Check(f"{kind}, 36 cases, BCa", covers(kind, 36, bounds=None)) for kind in KINDS),
    *(
        Check(f"loss, {kind}, {count} cases", covers_loss(kind, count), 0.935)
        for kind in KINDS
        for count in (36, 100)
    ),
    *(Check(f"loss, {kind}, 36 cases, BCa", covers_loss(kind, 36, bounds=None)) for kind in KINDS),
)
LABELS = (
    *(
        Check(f"{kind}, {count} labels, {wrong:.0%} wrong", covers_labels(kind, count, wrong), 0.935)
        for kind in ("binary", "fraction")
        for count, wrong in ((50, 0.05), (50, 0.2), (100, 0.05))
    ),
    Check("binary, 50 labels, 5 % wrong, as published", covers_labels("binary", 50, 0.05, as_published)),
    Check("fraction, 50 labels, 5 % wrong, as published", covers_labels("fraction", 50, 0.05, as_published)),
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
    "95 % interval from human labels and a judge has the mean": LABELS,
    "watching up to 400 cases ends with": STOPS,
}
