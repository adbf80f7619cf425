"""AUROC and balanced accuracy with intervals and tests that keep the pairs of one claim together; seeded."""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

SEED = 0
DRAWS = 2_000

Scores = NDArray[np.float64]
Flags = NDArray[np.bool_]
Clusters = NDArray[np.int64]


def auroc(scores: Scores, positive: Flags) -> float:
    """Share of (positive, negative) pairs in which the positive has the higher score; ties count half.

    Args:
        scores: shape [pairs], any scale.
        positive: shape [pairs], with at least one of each kind.
    """
    from scipy.stats import rankdata

    ranks = rankdata(scores)
    count = int(positive.sum())
    return float((ranks[positive].sum() - count * (count + 1) / 2) / (count * (len(scores) - count)))


def balanced_accuracy(predicted: NDArray[np.int64], labels: NDArray[np.int64]) -> float:
    """Mean over the classes in ``labels`` of the share that was predicted right."""
    return float(np.mean([(predicted[labels == each] == each).mean() for each in np.unique(labels)]))


def interval(measure: Callable[[NDArray[np.int64]], float], clusters: Clusters) -> tuple[float, float]:
    """95 % percentile interval of a measure by resampling whole clusters (Field and Welsh 2007).

    Args:
        measure: of the pairs at these places, some more than once.
        clusters: of each pair, the claim it belongs to; shape [pairs].
    """
    members = _members(clusters)
    rng = np.random.default_rng(SEED)
    drawn = (rng.integers(len(members), size=len(members)) for _ in range(DRAWS))
    values = [measure(np.concatenate([members[each] for each in draw])) for draw in drawn]
    low, high = np.nanquantile(values, [0.025, 0.975])
    return float(low), float(high)


def auroc_p(ours: Scores, theirs: Scores, positive: Flags, clusters: Clusters) -> float:
    """Two-sided p of the difference of two AUROCs: the ranks of both are swapped, claim by claim, at random.

    A randomisation test on exchangeable ranks (Venkatraman and Begg 1996); pairs of a claim stay together.
    """
    from scipy.stats import rankdata

    first, second = rankdata(ours), rankdata(theirs)
    seen = abs(auroc(first, positive) - auroc(second, positive)) - 1e-12
    _, cluster = np.unique(clusters, return_inverse=True)
    extreme = 0
    for swap in _coins(int(cluster.max()) + 1):
        taken = swap[cluster]
        left, right = np.where(taken, second, first), np.where(taken, first, second)
        extreme += abs(auroc(left, positive) - auroc(right, positive)) >= seen
    return (extreme + 1) / (DRAWS + 1)


def _coins(count: int) -> Iterator[Flags]:
    rng = np.random.default_rng(SEED)
    for _ in range(DRAWS):
        yield rng.integers(2, size=count).astype(bool)


def _members(clusters: Clusters) -> list[NDArray[np.int64]]:
    return [np.flatnonzero(clusters == each) for each in np.unique(clusters)]
