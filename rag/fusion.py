"""Merge rankings by rank alone: Reciprocal Rank Fusion (Cormack, Clarke and Büttcher 2009)."""

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
    scores: defaultdict[str, float] = defaultdict(float)
    papers: dict[str, str] = {}
    for ranking in rankings:
        for rank, hit in enumerate(ranking, start=1):
            scores[hit.passage_id] += 1 / (rank_constant + rank)
            papers[hit.passage_id] = hit.paper_id
    fused = [Hit(passage_id, papers[passage_id], score) for passage_id, score in scores.items()]
    return sorted(fused, key=lambda hit: (-hit.score, hit.passage_id))
