"""Merge rankings by rank alone: Reciprocal Rank Fusion (Cormack, Clarke and Büttcher 2009)."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence

from rag.types import Hit


def reciprocal_rank_fusion(rankings: Iterable[Sequence[Hit]], rank_constant: int) -> list[Hit]:
    """Score every passage by the sum of 1 / (rank_constant + rank), ranks from 1; scores are ignored.

    Args:
        rankings: each in descending order; a passage missing from one adds nothing for it.
        rank_constant: the k of the formula, at least 1; 60 in the paper.

    Returns:
        One ranking, ties by ``passage_id``.
    """
    shares: defaultdict[str, list[float]] = defaultdict(list)
    papers: dict[str, str] = {}
    for ranking in rankings:
        for rank, hit in enumerate(ranking, start=1):
            shares[hit.passage_id].append(1 / (rank_constant + rank))
            papers[hit.passage_id] = hit.paper_id
    # fsum rounds once, so that ties do not depend on the order of the rankings
    fused = [Hit(passage_id, papers[passage_id], math.fsum(each)) for passage_id, each in shares.items()]
    return sorted(fused, key=lambda hit: (-hit.score, hit.passage_id))
