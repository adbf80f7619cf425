"""Intervals and tests over per-query scores, seeded."""

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

SEED = 0
DRAWS = 10_000
BLOCK = 500
EXACT_QUERIES = 12
"""Up to here all sign patterns are counted instead of drawn: 4,096."""

Scores = NDArray[np.float64]


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


def paired_p(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Two-sided p of the mean difference by sign flips (Fisher's randomisation test, paired by query).

    Raises:
        ValueError: the two are not of the same queries.
    """
    if len(ours) != len(theirs) or not len(ours):
        raise ValueError(
            f"{len(ours)} and {len(theirs)} scores: expected those of the same queries, one or more"
        )
    differences = np.asarray(ours, np.float64) - np.asarray(theirs, np.float64)
    seen = abs(differences.sum()) - 1e-12
    if len(differences) <= EXACT_QUERIES:
        patterns = np.array(list(itertools.product((-1, 1), repeat=len(differences))))
        return float((abs(patterns @ differences) >= seen).mean())
    rng = np.random.default_rng(SEED)
    extreme = 0
    for _ in _blocks():
        signs = rng.integers(2, size=(BLOCK, len(differences))) * 2 - 1
        extreme += int((abs(signs @ differences) >= seen).sum())
    return (extreme + 1) / (DRAWS + 1)


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Adjusted p-values of a family of tests (Holm 1979), in the order given."""
    adjusted: dict[str, float] = {}
    largest = 0.0
    for number, (name, p) in enumerate(sorted(p_values.items(), key=lambda entry: entry[1])):
        largest = max(largest, min(1.0, (len(p_values) - number) * p))
        adjusted[name] = largest
    return {name: adjusted[name] for name in p_values}


def _blocks() -> range:
    return range(DRAWS // BLOCK)
