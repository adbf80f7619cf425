"""Measures of rankings and answer sets, with the names and the meaning they have in ir_measures."""

import math
from collections.abc import Collection, Mapping, Sequence


def ndcg(ranking: Sequence[str], qrels: Mapping[str, int], k: int) -> float:
    """nDCG@k (Järvelin and Kekäläinen 2002) with linear gain, as trec_eval computes it.

    Args:
        ranking: ids, best first.
        qrels: grade of each judged id; ids that are not judged, and grades below 0, count as 0.
        k: cutoff.

    Returns:
        0 to 1; 0 where nothing is relevant.
    """
    ideal = _dcg(sorted((grade for grade in qrels.values() if grade > 0), reverse=True)[:k])
    return _dcg([max(qrels.get(item, 0), 0) for item in ranking[:k]]) / ideal if ideal else 0.0


def set_f1(found: Collection[str], relevant: Collection[str], ignored: Collection[str] = ()) -> float:
    """F1 of an answer set; ``ignored`` items are neither right nor wrong. 0 where nothing right was found."""
    counted = set(found) - set(ignored)
    right = len(counted & set(relevant))
    return 2 * right / (len(counted) + len(set(relevant))) if right else 0.0


def reliability(
    probabilities: Sequence[float], labels: Sequence[float], bins: int = 10
) -> list[tuple[int, float, float]]:
    """Number, mean probability and mean label of what falls into each of equally wide bins that is not empty.

    Args:
        probabilities: 0 to 1.
        labels: 1 right, 0 wrong, or between; in the same order.
        bins: how many between 0 and 1.
    """
    members: dict[int, list[tuple[float, float]]] = {}
    for probability, label in zip(probabilities, labels, strict=True):
        members.setdefault(min(int(probability * bins), bins - 1), []).append((probability, label))
    return [
        (len(found), mean([p for p, _ in found]), mean([label for _, label in found]))
        for _, found in sorted(members.items())
    ]


def calibration_error(probabilities: Sequence[float], labels: Sequence[float], bins: int = 10) -> float:
    """Expected calibration error (Naeini et al. 2015): mean gap of probability and label over bins."""
    found = reliability(probabilities, labels, bins)
    total = sum(number for number, _, _ in found)
    return sum(number * abs(p - label) for number, p, label in found) / total if total else math.nan


def mean(values: Sequence[float]) -> float:
    """Arithmetic mean; NaN of nothing, since there is no score to report."""
    return sum(values) / len(values) if values else math.nan


def _dcg(grades: Sequence[int]) -> float:
    return sum(grade / math.log2(rank + 1) for rank, grade in enumerate(grades, start=1))


RUN_MEASURES = (
    "nDCG@10",
    "Success@5",
    "R@5",
    "R@20",
    "R@100",
    "RR@10",
    "RR",
    "AP",
    "Rprec",
    "Judged@10",
)
"""Measures of one ranking, named as in ir_measures."""


def measure_ranking(ranking: Sequence[str], qrels: Mapping[str, int]) -> dict[str, float]:
    """Every one of `RUN_MEASURES` for one query.

    Args:
        ranking: ids, best first, none twice.
        qrels: grade of each judged id; at least one above 0.
    """
    relevant = {item for item, grade in qrels.items() if grade > 0}
    ranks = [rank for rank, item in enumerate(ranking, start=1) if item in relevant]
    first = ranks[0] if ranks else math.inf
    return {
        "nDCG@10": ndcg(ranking, qrels, 10),
        "Success@5": float(first <= 5),  # noqa: PLR2004 - the cutoff in its name
        **{f"R@{k}": sum(rank <= k for rank in ranks) / len(relevant) for k in (5, 20, 100)},
        "RR@10": 1 / first if first <= 10 else 0.0,  # noqa: PLR2004 - the cutoff in its name
        "RR": 1 / first,
        "AP": sum(number / rank for number, rank in enumerate(ranks, start=1)) / len(relevant),
        "Rprec": sum(rank <= len(relevant) for rank in ranks) / len(relevant),
        "Judged@10": sum(item in qrels for item in ranking[:10]) / max(len(ranking[:10]), 1),
    }
