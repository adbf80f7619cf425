"""From a run, and what the gate says of it, to the contents of a report. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import median, quantiles

from evals.catalogue import BY_NAME, CATALOGUE
from evals.gate import comparison as suite
from evals.gate.regression import GateDecision, WhyNot
from evals.gate.summary import summaries
from evals.judges.qualifications import Qualification
from evals.judges.verdicts import ClaimLabel as JudgeVerdict
from evals.records import Head, Result, Run, Status
from evals.report.answers import shown_answer
from evals.report.contents import (
    CaseChange,
    CaseLine,
    Doubt,
    Gap,
    KindCosts,
    MeasureRow,
    ReportedJudge,
    RunReport,
    ScoreChange,
)

ALL = "all"
_NO_GAP = (Status.SCORED, Status.NO_CLAIMS)


@dataclass(frozen=True, slots=True)
class ReferenceRun:
    """What a run is reported beside: its baseline, and what the gate says of the two."""

    baseline: Run
    gated: GateDecision


def gather(
    run: Run, beside: ReferenceRun | None, exams: Sequence[Qualification], why_not: WhyNot
) -> RunReport:
    """Everything that a report shows.

    Args:
        run: what is reported on.
        beside: its baseline, None to report on the run alone.
        exams: all qualifications on file.
        why_not: why the judge of a run is not qualified, as the gate was told.
    """
    comparison = beside.gated.comparison if beside else None
    return RunReport(
        conclusion=beside.gated.outcome.told if beside else "not compared",
        reasons=beside.gated.reasons if beside else (),
        head=run.head,
        baseline=beside.baseline.head if beside else None,
        measures=tuple(_lines(run, comparison)),
        changed=comparison.changed if comparison else (),
        flips=tuple(_flips(comparison.flips)) if comparison else (),
        gaps=tuple(_gaps(run)),
        costs=costs(run),
        costs_before=costs(beside.baseline) if beside else (),
        judge=_judge(run.head, exams, why_not),
        doubts=tuple(_doubts(run)),
        exams=tuple(sorted(exams, key=_standing)),
        cases=tuple(map(_case, run.results)),
    )


def _lines(run: Run, comparison: suite.RunComparison | None) -> Iterator[MeasureRow]:
    by_run = {each.measure: each for each in summaries(run)}
    compared = {each.measure: each for each in comparison.measures} if comparison else {}
    for measure in CATALOGUE:
        if measure.name in by_run or measure.name in compared:
            yield MeasureRow(
                measure=measure.name,
                says=measure.says,
                unit=measure.unit,
                better=measure.better,
                gates=measure.gates,
                margin=measure.margin,
                run=by_run.get(measure.name),
                compared=compared.get(measure.name),
            )


def _flips(flips: Sequence[suite.ScoreFlip]) -> Iterator[CaseChange]:
    """One a case, where the first of its measures stands."""
    by_case: dict[str, list[suite.ScoreFlip]] = {}
    for flip in flips:
        by_case.setdefault(flip.case_id, []).append(flip)
    for case_id, own in by_case.items():
        yield CaseChange(
            case_id=case_id,
            question=own[0].question,
            moved=tuple(map(_moved, own)),
            before=shown_answer(own[0].answer_a),
            after=shown_answer(own[0].answer_b),
        )


def _moved(flip: suite.ScoreFlip) -> ScoreChange:
    lost = None
    if flip.a is not None and flip.b is not None:
        lost = (flip.b < flip.a) == (BY_NAME[flip.measure].better == "higher")
    return ScoreChange(
        measure=flip.measure, before=flip.a, after=flip.b, why=flip.why_b or flip.why_a, lost=lost
    )


def _gaps(run: Run) -> Iterator[Gap]:
    for result in run.results:
        named = {"case_id": result.case_id, "question": result.question}
        if result.failed:
            yield Gap(**named, measure="", status="failed", why=result.failed)
        for score in result.scores:
            if score.status not in _NO_GAP:
                yield Gap(**named, measure=score.measure, status=score.status, why=score.why)


def _doubts(run: Run) -> Iterator[Doubt]:
    for result in run.results:
        for claim in result.claims:
            if claim.verdict != JudgeVerdict.SUPPORTED:
                yield Doubt(
                    case_id=result.case_id,
                    claim=claim.text,
                    verdict=claim.verdict or claim.status,
                    quote=claim.quote,
                    why=claim.why,
                )


def costs(run: Run) -> tuple[KindCosts, ...]:
    """What the cases took, by kind, and all of them last."""
    ordered = sorted(run.results, key=lambda result: result.kind)
    kinds = [_costs(kind, list(own)) for kind, own in groupby(ordered, lambda result: result.kind)]
    return (*kinds, _costs(ALL, run.results))


def _costs(kind: str, results: Sequence[Result]) -> KindCosts:
    latencies = [result.latency_ms for result in results if result.latency_ms]
    return KindCosts(
        kind=kind,
        cases=len(results),
        latency_median_ms=median(latencies) if latencies else None,
        latency_p95_ms=_p95(latencies),
        tokens=sum(result.tokens for result in results),
        cost_usd=sum(result.cost_usd for result in results),
    )


def _p95(values: Sequence[float]) -> float | None:
    if len(values) < 2:  # noqa: PLR2004 - of one value there is no spread
        return values[0] if values else None
    return quantiles(values, n=20, method="inclusive")[-1]


def _judge(head: Head, exams: Sequence[Qualification], why_not: WhyNot) -> ReportedJudge:
    name, _, digest = head.judge.rpartition("@")
    exam = next((each for each in exams if (each.judge, each.digest) == (name, digest)), None)
    return ReportedJudge(name=name, why_not=why_not(head), exam=exam)


def _standing(exam: Qualification) -> tuple[bool, float, str]:
    """The qualified first, then by balanced accuracy."""
    accuracy = exam.balanced_accuracy.value if exam.balanced_accuracy else 0.0
    return not exam.qualified, -accuracy, exam.judge


def _case(result: Result) -> CaseLine:
    return CaseLine(
        case_id=result.case_id,
        kind=result.kind,
        question=result.question,
        failed=result.failed,
        values={score.measure: score.value for score in result.scores},
        latency_ms=result.latency_ms,
    )
