"""Bootstrap intervals of a mean, by query or by cluster, seeded."""

from collections.abc import Sequence
from statistics import NormalDist

import numpy as np

from evals.clusters import Clustered, Values

SEED = 0
DRAWS = 10_000
BLOCK = 500


def bootstrap_interval(scores: Sequence[float], level: float = 0.95) -> tuple[float, float]:
    """Percentile interval of the mean over queries (Efron 1979).

    Raises:
        ValueError: there are no scores.
    """
    values = np.asarray(scores, np.float64)
    if not len(values):
        raise ValueError("no scores: an interval needs at least one query")
    rng = np.random.default_rng(SEED)
    means = [values[rng.integers(len(values), size=(BLOCK, len(values)))].mean(axis=1) for _ in _blocks()]
    low, high = np.quantile(np.concatenate(means), [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def bca_interval(values: Clustered, level: float, seed: int) -> tuple[float, float]:
    """Bias-corrected and accelerated interval of the mean (Efron 1987), drawing whole clusters.

    Of equal values it is that value twice: the bootstrap knows of nothing that it has not seen.
    """
    means = _drawn_means(values, seed)
    below = (np.count_nonzero(means < values.mean) + np.count_nonzero(means <= values.mean)) / 2
    if not 0 < below < len(means):
        return values.mean, values.mean
    normal = NormalDist()
    bias = normal.inv_cdf(below / len(means))
    acceleration = _acceleration(values)
    shares = []
    for end in ((1 - level) / 2, (1 + level) / 2):
        shift = bias + normal.inv_cdf(end)
        shares.append(normal.cdf(bias + shift / (1 - acceleration * shift)))
    low, high = np.quantile(means, shares)
    return float(low), float(high)


def _drawn_means(values: Clustered, seed: int) -> Values:
    rng = np.random.default_rng(seed)
    count = len(values.sums)
    means = []
    for _ in _blocks():
        drawn = rng.integers(count, size=(BLOCK, count))
        means.append(values.sums[drawn].sum(axis=1) / values.sizes[drawn].sum(axis=1))
    return np.concatenate(means)


def _acceleration(values: Clustered) -> float:
    """Skewness of the jackknife over clusters, over six."""
    left = (values.sums.sum() - values.sums) / np.maximum(values.sizes.sum() - values.sizes, 1)
    spread = left.mean() - left
    square = float((spread**2).sum())
    return float((spread**3).sum()) / (6 * square**1.5) if square else 0.0


def _blocks() -> range:
    return range(DRAWS // BLOCK)
