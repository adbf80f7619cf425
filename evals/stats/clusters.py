"""Values summed by cluster: what depends on each other (turns of a conversation) is resampled as one."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

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
