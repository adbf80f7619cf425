"""Mean of bounded values: tests and intervals that reckon with extremes that the sample did not show.

Scores and their differences are mostly the same value and now and then far from it. A bootstrap of a sample
without a loss knows of no losses, and a sign flip around a margin takes the many zeros for evidence. Here
the variance is that of the likeliest distribution with the mean under test, on the sample and the bound
towards which that mean lies: empirical likelihood (Owen 1988) with the bound as a further point. For scores
of 0 and 1 this is the interval of Wilson (1927), for their paired differences the test of Tango (1998);
Student's t stands for the normal. Clusters are weighted as one; where their sizes differ, the likelihood is
not quite the greatest. Of all this scipy has Wilson's interval, for right and wrong without clusters.
"""

from collections.abc import Sequence

import numpy as np

from evals.stats.clusters import ClusterSums

Bounds = tuple[float, float]
SHARE: Bounds = (0.0, 1.0)
DIFFERENCE: Bounds = (-1.0, 1.0)
"""Of the difference of two shares."""

HALVINGS = 36
LEAST = 1e-12


def p_above(values: ClusterSums, mean: float, bounds: Bounds) -> float:
    """One-sided p of H0: the mean is at most ``mean``; small where it is above."""
    return 1 - p_below(values, mean, bounds)


def p_below(values: ClusterSums, mean: float, bounds: Bounds) -> float:
    """One-sided p of H0: the mean is at least ``mean``; small where it is below.

    Raises:
        ValueError: the mean is not between the bounds.
    """
    if not bounds[0] < mean < bounds[1]:
        raise ValueError(f"mean {mean!r}: expected one between the bounds {bounds}")
    if mean <= values.mean:
        return t_cdf(_Path(values, bounds[0]).score_of(mean - bounds[0]), _degrees(values))
    return t_cdf(-_Path(values, bounds[1]).score_of(bounds[1] - mean), _degrees(values))


def score_interval(values: ClusterSums, level: float, bounds: Bounds) -> tuple[float, float]:
    """The means that the two-sided test does not reject: within the bounds, and never of width 0."""
    critical = t_quantile((1 + level) / 2, _degrees(values))
    low, high = (_Path(values, bound).distance_of(critical) for bound in bounds)
    return bounds[0] + low, bounds[1] - high


def refuse_beyond(values: Sequence[float], bounds: Bounds) -> None:
    """Make sure that values are what they are said to be.

    Raises:
        ValueError: one is beyond the bounds.
    """
    beyond = [value for value in values if not bounds[0] <= value <= bounds[1]]
    if beyond:
        raise ValueError(f"value {beyond[0]!r} is beyond {bounds}: pass the bounds that hold, or None")


def t_cdf(x: float, degrees: int) -> float:
    """Probability that Student's t is at most ``x``."""
    from scipy.special import stdtr

    return float(stdtr(degrees, x))


def t_quantile(probability: float, degrees: int) -> float:
    """The x of which `t_cdf` is ``probability``, between 0 and 1."""
    from scipy.special import stdtrit

    return float(stdtrit(degrees, probability))


def _degrees(values: ClusterSums) -> int:
    return max(1, len(values.sums) - 1)


class _Path:
    """The likeliest distributions, from the sample's own mean at place 0 to a bound at place 2.

    Means are distances from the bound. Up to place 1 the weight moves to what is near the bound, after it the
    bound itself takes weight.
    """

    def __init__(self, values: ClusterSums, bound: float) -> None:
        pairs = np.column_stack([abs(values.sums - bound * values.sizes), values.sizes])
        pairs, counts = np.unique(pairs, axis=0, return_counts=True)
        self._distances, self._sizes = pairs.T
        self._counts = counts.astype(np.float64)
        self._size = float(values.sizes.mean())

    def score_of(self, distance: float) -> float:
        """How many standard errors the sample's mean is further from the bound than this distance."""
        low, high = 0.0, 2.0
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            low, high = (middle, high) if self._at(middle)[0] > distance else (low, middle)
        return self._at((low + high) / 2)[1]

    def distance_of(self, score: float) -> float:
        """The distance from which the sample's mean is so many standard errors away; 0 where it is there."""
        low, high = 0.0, 2.0
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            low, high = (middle, high) if self._at(middle)[1] < score else (low, middle)
        return self._at((low + high) / 2)[0]

    def _at(self, place: float) -> tuple[float, float]:
        """Mean and score at a place of the path."""
        moved, of_bound = min(place, 1.0), max(0.0, place - 1)
        pulls = (1 - moved) * self._size + moved * self._distances
        weights = self._counts / np.maximum(pulls, LEAST)
        weights *= (1 - of_bound) / weights.sum()
        mean = float(weights @ self._distances / (weights @ self._sizes + of_bound * self._size))
        deviations = self._distances - mean * self._sizes
        variance = float(weights @ deviations**2) + of_bound * (mean * self._size) ** 2
        total = float(self._counts @ deviations)
        return mean, total / max(variance * float(self._counts.sum()), LEAST**2) ** 0.5
