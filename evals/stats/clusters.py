"""Values summed by cluster: what depends on each other (turns of a conversation) is resampled as one."""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ClusterSums:
    """Sums of values by cluster.

    Attributes:
        sums: of the values of each cluster; shape [clusters].
        sizes: how many values each has; shape [clusters].
    """

    sums: Values
    sizes: Values

    @property
    def mean(self) -> float:
        """Mean of all values, not of the clusters."""
        return float(self.sums.sum() / self.sizes.sum())

    def deviations(self, mean: float) -> Values:
        """Of each cluster: its sum less what the mean has it be; shape [clusters]."""
        return self.sums - self.sizes * mean


def clustered(values: Sequence[float] | Values, clusters: Sequence[Hashable] | None) -> ClusterSums:
    """Sum values by cluster, in the order in which the clusters come.

    Args:
        values: finite, at least one.
        clusters: the cluster of each value; None where each value is a cluster.

    Raises:
        ValueError: there are no values, one is not finite, or the clusters are not one for each value.
    """
    numbers = np.asarray(values, np.float64)
    if not numbers.size:
        raise ValueError("no values: expected at least one")
    if not np.isfinite(numbers).all():
        raise ValueError("a value is not finite: leave out what has no score, and count it")
    if clusters is None:
        return ClusterSums(numbers, np.ones(len(numbers)))
    if len(clusters) != len(numbers):
        raise ValueError(f"{len(clusters)} clusters for {len(numbers)} values: expected one for each")
    places: dict[Hashable, int] = {}
    of = np.array([places.setdefault(cluster, len(places)) for cluster in clusters])
    sizes: Values = np.bincount(of).astype(np.float64)
    return ClusterSums(np.bincount(of, numbers).astype(np.float64), sizes)


def minimum_detectable_effect(
    differences: Sequence[float],
    clusters: Sequence[Hashable] | None = None,
    alpha: float = 0.05,
    power: float = 0.8,
    whole: float = 1.0,
) -> float:
    """The least mean loss that a one-sided test at ``alpha`` finds with this ``power``; in their unit.

    The textbook's (z of alpha + z of power) standard errors (Cohen 1988), with the variance that the loss
    itself brings: where cases fail one by one, a mean loss of d adds d * (whole - d) to that of a difference.
    Without it, two runs without a difference would seem to detect everything.

    Args:
        differences: new minus old; their noise is what a loss has to stand out from.
        clusters: the cluster of each difference.
        alpha: of the test; divide it by the number of measures that are tested together.
        power: between 0.5 and 1.
        whole: what a case that fails loses; 0 for losses that are alike in all cases (milliseconds).

    Raises:
        ValueError: alpha or power is out of range, or the differences are no values of the clusters.
    """
    if not 0 < alpha <= 0.5 <= power < 1:  # noqa: PLR2004 - a test that is worse than a coin
        raise ValueError(f"alpha {alpha!r}, power {power!r}: expected 0 < alpha <= 0.5 <= power < 1")
    sums = clustered(differences, clusters)
    square = (NormalDist().inv_cdf(1 - alpha) + NormalDist().inv_cdf(power)) ** 2
    brought = square / float(sums.sizes.sum()) if whole else 0.0
    linear = brought * whole
    return (linear + math.sqrt(linear**2 + 4 * (1 + brought) * square * variance(sums))) / (2 * (1 + brought))


def variance(values: ClusterSums) -> float:
    """Of the mean, robust to what clusters share (Liang and Zeger 1986); 0 for one cluster, it shows none."""
    count = len(values.sums)
    if count == 1:
        return 0.0
    squares = np.square(values.deviations(values.mean)).sum()
    return float(squares * count / (count - 1) / values.sizes.sum() ** 2)
