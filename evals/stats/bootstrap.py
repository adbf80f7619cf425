"""Bootstrap intervals of a mean, by query or by cluster, seeded: those of scipy."""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from evals.stats.clusters import ClusterSums, Values

SEED = 0
DRAWS = 10_000
BLOCK = 500
"""So many draws are held in memory at once."""


def bootstrap_interval(scores: Sequence[float], level: float = 0.95) -> tuple[float, float]:
    """Percentile interval of the mean over queries (Efron 1979).

    Raises:
        ValueError: there are no scores.
    """
    values = np.asarray(scores, np.float64)
    if not len(values):
        raise ValueError("no scores: an interval needs at least one query")
    if len(values) == 1:
        return float(values[0]), float(values[0])
    return _interval((values,), np.mean, level, SEED, method="percentile")


def bca_interval(values: ClusterSums, level: float, seed: int) -> tuple[float, float]:
    """Bias-corrected and accelerated interval of the mean (Efron 1987), drawing whole clusters.

    Of equal values it is that value twice: the bootstrap knows of nothing that it has not seen.
    """

    def mean(sums: Values, sizes: Values, axis: int) -> Values:
        found: Values = sums.sum(axis=axis) / sizes.sum(axis=axis)
        return found

    if len(values.sums) == 1:
        return values.mean, values.mean
    low, high = _interval((values.sums, values.sizes), mean, level, seed, method="BCa", paired=True)
    return (values.mean, values.mean) if np.isnan(low) else (low, high)


def _interval(
    columns: tuple[Values, ...],
    statistic: object,
    level: float,
    seed: int,
    **options: Any,  # noqa: ANN401 - scipy's
) -> tuple[float, float]:
    from scipy.stats import DegenerateDataWarning, bootstrap

    with warnings.catch_warnings(), np.errstate(invalid="ignore"):
        warnings.simplefilter("ignore", DegenerateDataWarning)  # of equal values it makes NaN
        found = bootstrap(
            columns,
            statistic,
            n_resamples=DRAWS,
            batch=BLOCK,
            vectorized=True,
            confidence_level=level,
            rng=np.random.default_rng(seed),
            **options,
        ).confidence_interval
    return float(found.low), float(found.high)
