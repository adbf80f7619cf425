"""What a comparison of two runs says of a change, measure by measure: a regression, fine, or not known.

The rule, and how often it errs by simulation, is written down in docs/decisions/the-regression-gate.md.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from evals.stats.bounded import DIFFERENCE, Bounds
from evals.stats.clusters import clustered, minimum_detectable_effect
from evals.stats.inference import holm, inferiority, interval, non_inferiority
from evals.stats.resampling import TIE, least_p

Verdict = Literal["regression", "fine", "inconclusive"]


@dataclass(frozen=True, slots=True)
class Change:
    """One measure of two runs over the same cases.

    Attributes:
        differences: new minus old by case, oriented so that higher is better; at least one.
        margin: the mean loss that a change may cost, 0 or more, in the unit of the differences.
        clusters: the cluster of each difference, None where each is its own.
        bounds: of a difference; None where there are none (milliseconds, tokens).
    """

    differences: Sequence[float]
    margin: float
    clusters: Sequence[Hashable] | None = None
    bounds: Bounds | None = DIFFERENCE


@dataclass(frozen=True, slots=True)
class LossTests:
    """The tests of one measure, and the verdict that follows from them.

    Attributes:
        verdict: of this measure; a change passes where all are fine.
        p_loss: one-sided, of H0: nothing is lost.
        p_loss_adjusted: the same after Holm over the measures decided together; 1 where too few cases differ.
        p_margin: one-sided, of H0: the loss is the margin or more.
    """

    verdict: Verdict
    p_loss: float
    p_loss_adjusted: float
    p_margin: float


@dataclass(frozen=True, slots=True)
class Decision(LossTests):
    """The tests of one measure, with how large the difference is and what could have been seen.

    Attributes:
        difference: mean, new minus old.
        low: of the 95 % interval of the difference; ``high``: its other end.
        detectable: the least mean loss that a test of this size finds in 80 % of comparisons.
        count: of differences.
    """

    difference: float
    low: float
    high: float
    detectable: float
    count: int


def decide(
    differences: Sequence[float],
    margin: float,
    clusters: Sequence[Hashable] | None = None,
    alpha: float = 0.05,
) -> Verdict:
    """The verdict on a single measure of shares; the rule and the errors are those of `verdicts`."""
    return verdicts({"": Change(differences, margin, clusters)}, alpha)[""].verdict


def decide_all(changes: Mapping[str, Change], alpha: float = 0.05, seed: int = 0) -> dict[str, Decision]:
    """The tests of `verdicts`, each with its difference, interval and detectable effect."""
    share = alpha / max(1, len(_testable(changes, alpha)))
    return {
        name: _described(changes[name], tested, share, seed)
        for name, tested in verdicts(changes, alpha, seed).items()
    }


def verdicts(changes: Mapping[str, Change], alpha: float = 0.05, seed: int = 0) -> dict[str, LossTests]:
    """Decide on the measures of a gate together, so that the whole gate is wrong in at most ``alpha``.

    A measure is **fine** where no case lost anything, or where a loss of the margin or more is rejected
    (`non_inferiority`); each at ``alpha``, as all have to pass. Else it is a **regression** where no loss at
    all is rejected (`inferiority`) after Holm. Else it is **inconclusive**: too few cases, or too much noise.

    Args:
        changes: by the name of the measure.
        alpha: the share of gates over two runs of one system that may report a regression.
        seed: of the sign flips.

    Raises:
        ValueError: a measure has no differences, a negative margin, or a value beyond its bounds.
    """
    losses = {
        name: inferiority(change.differences, 0.0, change.clusters, seed, change.bounds)
        for name, change in changes.items()
    }
    adjusted = dict.fromkeys(changes, 1.0) | holm({name: losses[name] for name in _testable(changes, alpha)})
    found = {}
    for name, change in changes.items():
        p_margin = non_inferiority(change.differences, change.margin, change.clusters, seed, change.bounds)
        verdict: Verdict = "regression" if adjusted[name] <= alpha else "inconclusive"
        if min(change.differences) >= -TIE or p_margin <= alpha:
            verdict = "fine"
        found[name] = LossTests(verdict, losses[name], adjusted[name], p_margin)
    return found


def _testable(changes: Mapping[str, Change], alpha: float) -> list[str]:
    """Measures in which enough clusters differ for a regression to be found at all (Tarone 1990).

    The others cannot raise a false alarm, so that they need not be paid for: a deterministic measure that did
    not move leaves the whole of alpha to those that did.
    """
    least = {name: least_p(clustered(each.differences, each.clusters).sums) for name, each in changes.items()}
    for count in range(1, len(changes) + 1):
        found = [name for name, p in least.items() if p <= alpha / count]
        if len(found) <= count:
            return found
    return []


def _described(change: Change, tested: LossTests, alpha: float, seed: int) -> Decision:
    differences, clusters, bounds = change.differences, change.clusters, change.bounds
    low, high = interval(differences, clusters, seed=seed, bounds=bounds)
    whole = bounds[1] if bounds else 0.0
    return Decision(
        verdict=tested.verdict,
        p_loss=tested.p_loss,
        p_loss_adjusted=tested.p_loss_adjusted,
        p_margin=tested.p_margin,
        difference=clustered(differences, clusters).mean,
        low=low,
        high=high,
        detectable=minimum_detectable_effect(differences, clusters, alpha, whole=whole),
        count=len(differences),
    )
