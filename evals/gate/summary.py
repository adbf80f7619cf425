"""What a run says by itself: of each measure the mean, its interval, and what could not be scored. Pure."""

from dataclasses import dataclass

from evals.catalogue import CATALOGUE, Measure
from evals.files import Record
from evals.records import Result, Run, Status
from evals.stats.bounded import SHARE
from evals.stats.inference import interval

COVERED = 0.98
"""Least share of cases that a measure must be scored on before anything may be concluded from it."""


@dataclass(frozen=True, slots=True)
class MeasureTally:
    """The values of a measure in a run, and what is missing.

    Attributes:
        measure: which.
        values: by case, in the order of the run.
        clusters: of each value.
        gaps: cases that should have a value and have none.
    """

    measure: Measure
    values: tuple[float, ...]
    clusters: tuple[str, ...]
    gaps: int

    @property
    def expected(self) -> int:
        """Cases that have a value or should have one."""
        return len(self.values) + self.gaps

    @property
    def coverage(self) -> float:
        """Share of the cases that should have a value and have one; 1 where none should."""
        return len(self.values) / self.expected if self.expected else 1.0

    @property
    def mean(self) -> float | None:
        """Over the values; None where there are none."""
        return sum(self.values) / len(self.values) if self.values else None

    @property
    def bounds(self) -> tuple[float, float] | None:
        """The mean if every gap scored worst, and best; None without gaps, or where there is no best."""
        if not self.gaps or self.measure.unit != "share":
            return None
        return sum(self.values) / self.expected, (sum(self.values) + self.gaps) / self.expected


def tally(measure: Measure, run: Run) -> MeasureTally:
    """Count a measure over a run."""
    scored = [(each, each.score(measure.name)) for each in run.results]
    values = [(score.value, each.cluster) for each, score in scored if score and score.value is not None]
    gaps = sum(_is_gap(measure, each, judged=bool(run.head.judge)) for each in run.results)
    return MeasureTally(
        measure, tuple(value for value, _ in values), tuple(cluster for _, cluster in values), gaps
    )


def _is_gap(measure: Measure, result: Result, *, judged: bool) -> bool:
    """Whether a case should have a value of a measure and has none: it failed, or could not be scored."""
    if result.failed:
        return result.kind in measure.kinds and (judged or not measure.by_judge)
    score = result.score(measure.name)
    return score is not None and score.status not in (Status.SCORED, Status.NO_CLAIMS)


class Summary(Record):
    """A measure over a run.

    Attributes:
        measure: its name.
        mean: over the scored cases; None where there are none.
        low: of the 95 % interval of the mean over clusters; None as above.
        high: of the same.
        scored: cases with a value.
        gaps: cases that should have one.
        coverage: share of those that should have a value and have one.
        least: the mean if every gap scored worst; only of shares, and only where there are gaps.
        most: the mean if every gap scored best.
    """

    measure: str
    mean: float | None = None
    low: float | None = None
    high: float | None = None
    scored: int = 0
    gaps: int = 0
    coverage: float = 1.0
    least: float | None = None
    most: float | None = None


def summaries(run: Run) -> list[Summary]:
    """Every measure that applies to the run, in the order of the catalogue."""
    return [_summary(each) for each in _tallies(run)]


def short_of(run: Run) -> list[MeasureTally]:
    """The measures that too many cases have no value of."""
    return [each for each in _tallies(run) if each.coverage < COVERED]


def _tallies(run: Run) -> list[MeasureTally]:
    counted = [tally(measure, run) for measure in CATALOGUE]
    return [each for each in counted if each.expected]


def _summary(counted: MeasureTally) -> Summary:
    bounds = SHARE if counted.measure.unit == "share" else None
    low, high = interval(counted.values, counted.clusters, bounds=bounds) if counted.values else (None, None)
    least, most = counted.bounds or (None, None)
    return Summary(
        measure=counted.measure.name,
        mean=counted.mean,
        low=low,
        high=high,
        scored=len(counted.values),
        gaps=counted.gaps,
        coverage=counted.coverage,
        least=least,
        most=most,
    )
