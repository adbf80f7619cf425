"""Intervals and tests over scores by case, seeded: what every comparison of two systems is read with."""

from collections.abc import Hashable, Mapping, Sequence

from evals.stats.bounded import DIFFERENCE, Bounds, p_above, p_below, refuse_beyond, score_interval
from evals.stats.clusters import clustered
from evals.stats.resampling import bca_interval, p_of_difference, p_of_loss

Clusters = Sequence[Hashable] | None
"""The cluster of each value, None where each is its own."""


def paired_p(
    ours: Sequence[float], theirs: Sequence[float], clusters: Clusters = None, seed: int = 0
) -> float:
    """Two-sided p of the mean difference by sign flips (Fisher's randomisation test, paired by case).

    All values of a cluster flip together. With at most 12 clusters that differ, p is exact.

    Raises:
        ValueError: the two are not of the same cases, or the clusters are not one for each case.
    """
    if len(ours) != len(theirs) or not len(ours):
        raise ValueError(
            f"{len(ours)} and {len(theirs)} scores: expected those of the same queries, one or more"
        )
    differences = [our - their for our, their in zip(ours, theirs, strict=True)]
    return p_of_difference(clustered(differences, clusters).sums, seed)


def interval(
    values: Sequence[float],
    clusters: Clusters = None,
    level: float = 0.95,
    seed: int = 0,
    bounds: Bounds | None = None,
) -> tuple[float, float]:
    """Interval of the mean of values that are drawn by cluster.

    Args:
        values: finite, at least one.
        clusters: the cluster of each value.
        level: between 0 and 1.
        seed: of the bootstrap.
        bounds: the least and greatest value there can be, `SHARE` or `DIFFERENCE`: the interval then inverts
            the test of `evals.stats.bounded`, which covers where the bootstrap does not (few cases, most of
            them equal). None where there are no bounds (milliseconds, tokens): BCa by cluster.

    Raises:
        ValueError: there are no values, one is not finite or beyond the bounds, or the clusters do not fit.
    """
    sums = clustered(values, clusters)
    if bounds is None:
        return bca_interval(sums, level, seed)
    refuse_beyond(values, bounds)
    return score_interval(sums, level, bounds)


def non_inferiority(
    differences: Sequence[float],
    margin: float,
    clusters: Clusters = None,
    seed: int = 0,
    bounds: Bounds | None = DIFFERENCE,
) -> float:
    """One-sided p of H0: the mean difference is at most -margin. Small: the loss is below the margin.

    Args:
        differences: new minus old, oriented so that higher is better.
        margin: 0 or more, in the unit of the differences.
        clusters: the cluster of each difference.
        seed: of the sign flips.
        bounds: of a difference; None where there are none: then by sign flips around the margin.

    Raises:
        ValueError: the margin is negative or beyond the bounds, or the differences do not fit, as above.
    """
    sums = clustered(differences, clusters)
    _refuse_margin(margin)
    if bounds is None:
        return p_of_loss(-sums.deviations(-margin), seed)
    refuse_beyond(differences, bounds)
    return p_above(sums, -margin, bounds)


def inferiority(
    differences: Sequence[float],
    margin: float = 0.0,
    clusters: Clusters = None,
    seed: int = 0,
    bounds: Bounds | None = DIFFERENCE,
) -> float:
    """One-sided p of H0: the mean difference is at least -margin. Small: the loss is above the margin.

    With a margin of 0 it is the test of any loss, by sign flips (see `evals.stats.resampling.p_of_loss`).
    Arguments and errors as of `non_inferiority`.
    """
    sums = clustered(differences, clusters)
    _refuse_margin(margin)
    if bounds is None or not margin:
        return p_of_loss(sums.deviations(-margin), seed)
    refuse_beyond(differences, bounds)
    return p_below(sums, -margin, bounds)


def wilson_interval(hits: int, of: int) -> tuple[float, float]:
    """95 % score interval of a share, 0 to 1 (Wilson 1927).

    Raises:
        ValueError: ``of`` is 0.
    """
    from scipy.stats import binomtest

    if not of:
        raise ValueError("no trials: an interval needs at least one")
    found = binomtest(hits, of).proportion_ci(method="wilson")
    return float(found.low), float(found.high)


def mcnemar_p(only_ours: int, only_theirs: int) -> float:
    """Exact two-sided p of paired binary scores (McNemar 1947), from the cases that only one got right.

    Raises:
        ValueError: a count is negative.
    """
    from scipy.stats import binomtest

    if min(only_ours, only_theirs) < 0:
        raise ValueError(f"counts {only_ours!r} and {only_theirs!r}: expected 0 or more")
    total = only_ours + only_theirs
    return float(binomtest(only_ours, total).pvalue) if total else 1.0


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Adjusted p-values of a family of tests (Holm 1979), in the order given.

    scipy adjusts for the false discovery rate alone, which lets single false alarms through.
    """
    adjusted: dict[str, float] = {}
    largest = 0.0
    for number, (name, p) in enumerate(sorted(p_values.items(), key=lambda entry: entry[1])):
        largest = max(largest, min(1.0, (len(p_values) - number) * p))
        adjusted[name] = largest
    return {name: adjusted[name] for name in p_values}


def _refuse_margin(margin: float) -> None:
    if margin < 0:
        raise ValueError(f"margin {margin!r}: expected 0 or more, in the unit of the differences")
