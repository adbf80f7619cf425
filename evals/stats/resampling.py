"""Bootstrap intervals of a mean by scipy, and sign flips; both by cluster and seeded.

Sign flips (Fisher 1935): where nothing differs, each cluster's difference is as likely its opposite.
`scipy.stats.permutation_test` has no mid-p, draws signs anew for every measure, and draws them even where few
of many clusters differ, so that all patterns can be counted.
"""

import warnings
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

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


EXACT_CLUSTERS = 12
"""With up to so many clusters that differ, all sign patterns are counted instead of drawn: 4,096."""

TIE = 1e-12
"""Totals closer than this are equal: sums of the same fractions in another order."""

MOST_KEPT = 2_000
"""Clusters up to which the signs are kept for the next test: 20 MB."""


def p_of_loss(sums: Values, seed: int) -> float:
    """One-sided mid-p (Lancaster 1961): how often flipped signs total less, and half of how often the same.

    With few clusters that differ, counting ties whole would seldom reject what is there: four losses and no
    gain have 0.06. Over samples in which chance says how many differ, the mid-p rejects what is not there
    less often than it says, or as often (see `evals.gate.simulations`). 0.5 where nothing differs.
    """
    totals, seen = _totals(sums, seed), sums.sum()
    return (_share(totals <= seen + TIE) + _share(totals < seen - TIE)) / 2


def p_of_difference(sums: Values, seed: int) -> float:
    """Two-sided p: how often flipped signs give a total as far from 0; 1 where nothing differs."""
    return _share(abs(_totals(sums, seed)) >= abs(sums.sum()) - TIE)


def least_p(sums: Values) -> float:
    """The least that `p_of_loss` can be of sums of these sizes: all that differ are losses."""
    return float(0.5 ** (np.count_nonzero(abs(sums) > TIE) + 1))


def _totals(sums: Values, seed: int) -> Values:
    """Totals under flipped signs: all that there are, or `DRAWS` of them."""
    differing = sums[abs(sums) > TIE]
    if len(differing) <= EXACT_CLUSTERS:
        return _patterns(len(differing)) @ differing
    return np.concatenate([signs @ sums for signs in _drawn(len(sums), seed)])


def _share(extreme: NDArray[np.bool_]) -> float:
    """Of all patterns; of drawn ones with the sample's own added, so that it is never 0."""
    drawn = int(len(extreme) == DRAWS)
    return float((np.count_nonzero(extreme) + drawn) / (len(extreme) + drawn))


def _patterns(count: int) -> Values:
    bits = np.arange(2**count)[:, None] >> np.arange(count) & 1
    return (bits * 2 - 1).astype(np.float64)


def _drawn(count: int, seed: int) -> Iterator[Values]:
    draw = _signs if count <= MOST_KEPT else _signs.__wrapped__
    yield from (signs.astype(np.float64) for signs in draw(count, seed))


@lru_cache(maxsize=4)
def _signs(count: int, seed: int) -> tuple[NDArray[np.int8], ...]:
    rng = np.random.default_rng(seed)
    blocks = range(DRAWS // BLOCK)
    return tuple((rng.integers(2, size=(BLOCK, count)) * 2 - 1).astype(np.int8) for _ in blocks)
