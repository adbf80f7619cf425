"""What a retrieval evaluation found: estimates with intervals, and differences to a baseline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.table import Table

from evals.retrieval.experiment import Scores, SystemRun
from evals.retrieval.measures import RUN_MEASURES, mean
from evals.speed import percentile
from evals.stats.inference import holm, paired_p
from evals.stats.resampling import bootstrap_interval

MAIN_MEASURES = ("nDCG@10", "RR@10", "Success@5")
"""Shown with intervals and tested against the baseline."""


@dataclass(frozen=True, slots=True)
class MeanEstimate:
    """A mean and its 95 % interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class MeanDifference(MeanEstimate):
    """A system's mean minus the baseline's, over the same queries.

    Attributes:
        p: two-sided, by randomisation.
        p_holm: adjusted for the number of systems that are compared on the measure.
    """

    p: float
    p_holm: float


@dataclass(frozen=True, slots=True)
class Row:
    """One system.

    Attributes:
        system: its name.
        measures: by name, all of `RUN_MEASURES`.
        differences: by name, those of `MAIN_MEASURES`; empty for the baseline and where there is none.
        set_f1: of the answers, if the system gives any.
        p50_ms: median time of a whole query; ``p95_ms``: that which one in twenty exceeds.
        index_s: seconds to index the papers.
    """

    system: str
    measures: Mapping[str, MeanEstimate]
    differences: Mapping[str, MeanDifference]
    set_f1: MeanEstimate | None
    p50_ms: float
    p95_ms: float
    index_s: float


def rows(ranked: Mapping[str, SystemRun], scored: Mapping[str, Scores], baseline: str | None) -> list[Row]:
    """One row a system, in the order given.

    Args:
        ranked: what each did.
        scored: its scores.
        baseline: one of the systems, or None for no comparison.
    """
    compared = differences(scored, baseline) if baseline is not None else {}
    return [
        Row(
            system=name,
            measures={measure: estimate(values) for measure, values in scored[name].items()},
            differences=compared.get(name, {}),
            set_f1=estimate(done.set_f1) if done.set_f1 else None,
            p50_ms=percentile(done.latencies_ms, 0.5),
            p95_ms=percentile(done.latencies_ms, 0.95),
            index_s=done.index_s,
        )
        for name, done in ranked.items()
    ]


def estimate(values: Sequence[float]) -> MeanEstimate:
    """Mean and 95 % bootstrap interval of at least one score."""
    return MeanEstimate(mean(values), *bootstrap_interval(values))


def differences(scored: Mapping[str, Scores], baseline: str) -> dict[str, dict[str, MeanDifference]]:
    """By system and measure; the tests of one measure are a family."""
    found: dict[str, dict[str, MeanDifference]] = {name: {} for name in scored if name != baseline}
    for measure in MAIN_MEASURES:
        theirs = scored[baseline][measure]
        p_values = {name: paired_p(scored[name][measure], theirs) for name in found}
        adjusted = holm(p_values)
        for name, p in p_values.items():
            gains = [ours - base for ours, base in zip(scored[name][measure], theirs, strict=True)]
            gain = estimate(gains)
            found[name][measure] = MeanDifference(gain.mean, gain.low, gain.high, p, adjusted[name])
    return found


def tables(found: Sequence[Row], baseline: str | None, title: str) -> list[Table]:
    """The measures, then the differences to the baseline if there are any."""
    with_f1 = any(row.set_f1 for row in found)
    shown = [*MAIN_MEASURES, *(measure for measure in RUN_MEASURES if measure not in MAIN_MEASURES)]
    made = Table("system", *shown, *(["set F1"] if with_f1 else []), "p50 ms", "p95 ms", title=title)
    for row in found:
        cells = [
            _interval(row.measures[each]) if each in MAIN_MEASURES else f"{row.measures[each].mean:.3f}"
            for each in shown
        ]
        f1 = [_interval(row.set_f1) if row.set_f1 else ""] if with_f1 else []
        made.add_row(row.system, *cells, *f1, f"{row.p50_ms:.1f}", f"{row.p95_ms:.1f}")
    if not any(row.differences for row in found):
        return [made]
    against = Table("system", *MAIN_MEASURES, title=f"difference to {baseline} (p adjusted after Holm)")
    for row in found:
        if row.differences:
            against.add_row(row.system, *(_difference(row.differences[each]) for each in MAIN_MEASURES))
    return [made, against]


def _interval(value: MeanEstimate) -> str:
    return f"{value.mean:.3f} ({value.low:.3f}–{value.high:.3f})"


def _difference(value: MeanDifference) -> str:
    p = f"p {value.p_holm:.3f}" if value.p_holm >= 0.001 else "p < 0.001"  # noqa: PLR2004 - three digits
    return f"{value.mean:+.3f} ({value.low:+.3f} to {value.high:+.3f}) {p}"
