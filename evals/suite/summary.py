"""What a run says by itself: of each measure the mean, its interval, and what could not be scored. Pure."""

from collections.abc import Sequence

from evals.stats import bootstrap_interval
from evals.suite.catalogue import CATALOGUE, Measure
from evals.suite.records import Record, Result, Run, Score, Status

COVERED = 0.98
"""Least share of cases that a measure must be scored on before anything may be concluded from it."""


class Summary(Record):
    """A measure over a run.

    Attributes:
        measure: its name.
        mean: over the scored cases; None where there are none.
        low: of the 95 % interval of the mean over clusters; None as above.
        high: of the same.
        scored: cases with a value.
        gaps: cases that should have one.
        least: the mean if every gap scored worst; only of shares, and only where there are gaps.
        most: the mean if every gap scored best.
    """

    measure: str
    mean: float | None = None
    low: float | None = None
    high: float | None = None
    scored: int = 0
    gaps: int = 0
    least: float | None = None
    most: float | None = None

    @property
    def coverage(self) -> float:
        """Share of the cases that should have a value and have one; 1 where none should."""
        return self.scored / (self.scored + self.gaps) if self.scored + self.gaps else 1.0


def summaries(run: Run) -> list[Summary]:
    """Every measure that applies to the run, in the order of the catalogue."""
    found = [summary_of(measure, run) for measure in CATALOGUE]
    return [each for each in found if each.scored or each.gaps]


def summary_of(measure: Measure, run: Run) -> Summary:
    """One measure over a run."""
    values = [value for value, _ in _values(measure, run.results)]
    gaps = sum(is_gap(measure, result, judged=bool(run.head.judge)) for result in run.results)
    if not values:
        return Summary(measure=measure.name, gaps=gaps)
    low, high = bootstrap_interval(values)
    least, most = _bounds(measure, values, gaps)
    return Summary(
        measure=measure.name,
        mean=sum(values) / len(values),
        low=low,
        high=high,
        scored=len(values),
        gaps=gaps,
        least=least,
        most=most,
    )


def _values(measure: Measure, results: Sequence[Result]) -> list[tuple[float, str]]:
    """Each value with its cluster."""
    found: list[tuple[float, str]] = []
    for result in results:
        score = result.score(measure.name)
        if score is not None and score.value is not None:
            found.append((score.value, result.cluster))
    return found


def is_gap(measure: Measure, result: Result, *, judged: bool) -> bool:
    """Whether a case should have a value of a measure and has none.

    Args:
        measure: which.
        result: of the case.
        judged: whether a judge was to score the run.
    """
    if result.failed:
        return result.kind in measure.kinds and (judged or not measure.by_judge)
    score = result.score(measure.name)
    return score is not None and _is_missing(score)


def _is_missing(score: Score) -> bool:
    return score.status not in (Status.SCORED, Status.NO_CLAIMS)


def _bounds(measure: Measure, values: Sequence[float], gaps: int) -> tuple[float | None, float | None]:
    if not gaps or measure.unit != "share":
        return None, None
    total = len(values) + gaps
    return sum(values) / total, (sum(values) + gaps) / total
