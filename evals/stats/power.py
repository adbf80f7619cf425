"""How small a loss a comparison would have found: the figure without which "no difference" says nothing."""

import math
from collections.abc import Hashable, Sequence
from statistics import NormalDist

import numpy as np

from evals.stats.clusters import ClusterSums, clustered


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
