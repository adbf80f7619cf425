"""Measures of rankings and answer sets, with the names and the meaning they have in ir_measures."""

import math
from collections.abc import Collection, Mapping, Sequence


def ndcg(ranking: Sequence[str], qrels: Mapping[str, int], k: int) -> float:
    """nDCG@k (Järvelin and Kekäläinen 2002) with linear gain, as trec_eval computes it.

    Args:
        ranking: ids, best first.
        qrels: grade of each judged id; ids that are not judged count as 0.
        k: cutoff.

    Returns:
        0 to 1; 0 where nothing is relevant.
    """
    ideal = _dcg(sorted((grade for grade in qrels.values() if grade > 0), reverse=True)[:k])
    return _dcg([qrels.get(item, 0) for item in ranking[:k]]) / ideal if ideal else 0.0


def set_f1(found: Collection[str], relevant: Collection[str], ignored: Collection[str] = ()) -> float:
    """F1 of an answer set; ``ignored`` items are neither right nor wrong. 0 where nothing right was found."""
    counted = set(found) - set(ignored)
    right = len(counted & set(relevant))
    return 2 * right / (len(counted) + len(set(relevant))) if right else 0.0


def mean(values: Sequence[float]) -> float:
    """Arithmetic mean; NaN of nothing, since there is no score to report."""
    return sum(values) / len(values) if values else math.nan


def _dcg(grades: Sequence[int]) -> float:
    return sum(grade / math.log2(rank + 1) for rank, grade in enumerate(grades, start=1))
