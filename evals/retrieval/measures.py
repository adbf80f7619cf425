"""Measures of rankings, which ir_measures computes, and of answer sets and probabilities."""

import math
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any

RUN_MEASURES = ("nDCG@10", "Success@5", "R@5", "R@20", "R@100", "RR@10", "RR", "AP", "Rprec", "Judged@10")
"""Measures of one ranking, named as in ir_measures."""


def measure_ranking(
    ranking: Sequence[str], qrels: Mapping[str, int], names: Sequence[str] = RUN_MEASURES
) -> dict[str, float]:
    """Measures of one query by name; each is 0 for an empty ranking, of which ir_measures has no idea.

    Args:
        ranking: ids, best first, none twice.
        qrels: grade of each judged id; ids that are not judged, and grades below 0, count as 0.
        names: as ir_measures has them.
    """
    import ir_measures

    if not ranking:
        return dict.fromkeys(names, 0.0)
    run = {"": {item: -float(rank) for rank, item in enumerate(ranking)}}
    found = ir_measures.iter_calc(_measures(tuple(names)), {"": dict(qrels)}, run)
    values = {str(each.measure): float(each.value) for each in found}
    return {name: values[name] for name in names}


@cache
def _measures(names: tuple[str, ...]) -> list[Any]:
    import ir_measures

    return [ir_measures.parse_measure(name) for name in names]


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
