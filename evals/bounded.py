"""Mean of bounded values: tests and intervals that reckon with extremes that the sample did not show.

Scores and their differences are mostly the same value and now and then far from it. A bootstrap of a sample
without a loss knows of no losses, and a sign flip around a margin takes the many zeros for evidence. Here the
variance is that of the likeliest distribution with the mean under test, on the sample and the two bounds:
empirical likelihood (Owen 1988) with the bounds as further points. For scores of 0 and 1 this is the interval
of Wilson (1927), for their paired differences the test of Tango (1998); Student's t stands for the normal.
"""

from collections.abc import Sequence

import numpy as np

from evals.clusters import Clustered, Values
from evals.student import t_cdf, t_quantile

Bounds = tuple[float, float]
SHARE: Bounds = (0.0, 1.0)
DIFFERENCE: Bounds = (-1.0, 1.0)
"""Of the difference of two shares."""

HALVINGS = 32
STEPS = 16
ROUNDS = 5
"""An end is found to one part in STEPS ** ROUNDS of the way from the mean to the bound."""

LEAST = 1e-12


def p_above(values: Clustered, mean: float, bounds: Bounds) -> float:
    """One-sided p of H0: the mean is at most ``mean``; small where it is above."""
    return 1 - p_below(values, mean, bounds)


def p_below(values: Clustered, mean: float, bounds: Bounds) -> float:
    """One-sided p of H0: the mean is at least ``mean``; small where it is below.

    Raises:
        ValueError: the mean is not between the bounds.
    """
    if not bounds[0] < mean < bounds[1]:
        raise ValueError(f"mean {mean!r}: expected one between the bounds {bounds}")
    return t_cdf(float(_Sample(values, bounds).scores(np.array([mean]))[0]), _degrees(values))


def score_interval(values: Clustered, level: float, bounds: Bounds) -> tuple[float, float]:
    """The means that the two-sided test does not reject: within the bounds, and never of width 0."""
    critical = t_quantile((1 + level) / 2, _degrees(values))
    sample = _Sample(values, bounds)
    low, high = (sample.end(values.mean, bound, critical) for bound in bounds)
    return low, high


def refuse_beyond(values: Sequence[float], bounds: Bounds) -> None:
    """Make sure that values are what they are said to be.

    Raises:
        ValueError: one is beyond the bounds.
    """
    beyond = [value for value in values if not bounds[0] <= value <= bounds[1]]
    if beyond:
        raise ValueError(f"value {beyond[0]!r} is beyond {bounds}: pass the bounds that hold, or None")


def _degrees(values: Clustered) -> int:
    return max(1, len(values.sums) - 1)


class _Sample:
    """Clusters of one sum and size taken together, and the bounds of what a whole cluster can add up to."""

    def __init__(self, values: Clustered, bounds: Bounds) -> None:
        pairs, counts = np.unique(np.column_stack([values.sums, values.sizes]), axis=0, return_counts=True)
        self._sums, self._sizes = pairs.T
        self._counts = counts.astype(np.float64)
        self._bounds = bounds
        self._clusters = len(values.sums)
        self._largest = float(values.sizes.max())

    def end(self, mean: float, bound: float, critical: float) -> float:
        """Walk from the sample's mean towards a bound until the test rejects, then again in smaller steps."""
        kept, rejected = mean, bound
        if kept == rejected:
            return bound
        for _ in range(ROUNDS):
            means = np.linspace(kept, rejected, STEPS + 1)
            found = abs(self.scores(means[1:-1])) > critical
            first = int(found.argmax()) + 1 if found.any() else STEPS
            kept, rejected = float(means[first - 1]), float(means[first])
        return (kept + rejected) / 2

    def scores(self, means: Values) -> Values:
        """How many standard errors the sample's mean lies above each of the means; shape as given."""
        deviations = self._sums - means[:, None] * self._sizes
        lowest, highest = (self._largest * (bound - means) for bound in self._bounds)
        tilt = self._tilts(deviations, lowest, highest)
        weights: Values = self._counts / np.maximum(1 + tilt[:, None] * deviations, LEAST) / self._clusters
        rest = np.maximum(0.0, 1 - weights.sum(axis=1)) * np.where(tilt > 0, lowest, highest) ** 2
        errors = np.sqrt(((weights * deviations**2).sum(axis=1) + rest) * self._clusters)
        scores: Values = np.divide(
            deviations @ self._counts, errors, out=np.zeros_like(means), where=errors > 0
        )
        return scores

    def _tilts(self, deviations: Values, lowest: Values, highest: Values) -> Values:
        """Lagrange multipliers of the likeliest weights under which the deviations have mean 0, by bisection.

        A cluster's weight is 1 / (clusters * (1 + tilt * deviation)); what they leave of 1 lies on a bound.
        """
        low, high = -1 / highest, -1 / lowest
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            pulls = deviations / np.maximum(1 + middle[:, None] * deviations, LEAST)
            more = pulls @ self._counts > 0
            low, high = np.where(more, middle, low), np.where(more, high, middle)
        return (low + high) / 2
