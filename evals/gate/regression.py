"""The gate: whether a run may follow its baseline, as an exit code with the reasons."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from evals.catalogue import CATALOGUE
from evals.command_line import ExitCode, OnDone, SuiteError
from evals.gate.comparison import MeasureComparison, MeasureVerdict, RunComparison, compare
from evals.gate.summary import COVERED, short_of
from evals.records import Head, Result, Run
from evals.suite.execution import execute
from evals.suite.run_options import RunOptions

REFERENCE_RUNS = Path(__file__).parents[1] / "reference_runs"


@dataclass(frozen=True, slots=True)
class GateDecision:
    """The outcome, a reason for each measure that is not fine, and what was compared."""

    outcome: ExitCode
    reasons: tuple[str, ...]
    comparison: RunComparison


WhyNot = Callable[[Head], str]
"""Why the judge of a run is not qualified; empty if it is, or none judged."""


def gate(run: Run, baseline: Run, why_not: WhyNot, allow: Collection[str] = ()) -> GateDecision:
    """Decide whether a run may follow its baseline.

    A regression of a measure that is well covered is one, whatever else could not be measured. Short of that
    nothing is concluded where a measure lacks cases or its judge is not qualified.

    Args:
        run: the new one.
        baseline: the old one.
        why_not: tells whether a judge is qualified.
        allow: fields of the heads that need not agree.

    Raises:
        SuiteError: the runs are not comparable.
    """
    unfit = why_not(run.head)
    refused = {measure.name: unfit for measure in CATALOGUE if measure.by_judge and unfit}
    comparison = compare(baseline, run, allow, refused)
    gating = [each for each in comparison.measures if each.gates]
    reasons = [f"{each.measure}: {reason}" for each in gating for reason in _reasons(each)]
    return GateDecision(_outcome(gating, unfit), tuple(reasons), comparison)


def _outcome(gating: Collection[MeasureComparison], unfit: str) -> ExitCode:
    verdicts = {each.verdict for each in gating}
    if MeasureVerdict.WORSE in verdicts:
        return ExitCode.REGRESSION
    if unfit or any(min(each.coverage_a, each.coverage_b) < COVERED for each in gating):
        return ExitCode.NOT_GOOD_ENOUGH
    return ExitCode.INCONCLUSIVE if MeasureVerdict.INCONCLUSIVE in verdicts else ExitCode.FINE


def _reasons(each: MeasureComparison) -> Iterator[str]:
    if each.why:
        yield each.why
    elif each.verdict in (MeasureVerdict.WORSE, MeasureVerdict.INCONCLUSIVE):
        yield (
            f"{each.verdict}: {each.a:.3f} → {each.b:.3f}, {each.difference:+.3f} "
            f"({each.low:+.3f} to {each.high:+.3f}), margin {each.margin:g}, p of a loss {each.p_loss:.3f}"
        )


def why_not_qualified(head: Head) -> str:
    """As `WhyNot`, by the qualifications that are on file."""
    if not head.judge:
        return ""
    from evals.judges.qualifications import qualification_of

    name, _, digest = head.judge.rpartition("@")
    found = qualification_of(name, digest)
    if found is None:
        return f"judge {name!r} never sat the exam: `pincite eval qualify --judge {name}`"
    return f"judge {name!r} is not qualified: {'; '.join(found.shortfalls)}" if found.shortfalls else ""


def baseline_of(suite: str) -> Path:
    """Where the baseline of a suite lies."""
    return REFERENCE_RUNS / f"{suite.removesuffix('.jsonl')}.jsonl"


def as_baseline(run: Run) -> Run:
    """A run without what differs from machine to machine or is of no use to whoever compares with it.

    Raises:
        SuiteError: a case failed, or a measure lacks too many cases.
    """
    failed = [each.case_id for each in run.results if each.failed]
    if failed:
        raise SuiteError(f"{len(failed)} cases failed, such as {failed[0]!r}: no baseline; run it again")
    if short := short_of(run):
        raise SuiteError(
            f"{short[0].measure.name!r} is scored on {short[0].coverage:.0%} of its cases: no baseline"
        )
    return run.model_copy(update={"results": tuple(map(_lasting, run.results))})


def _lasting(result: Result) -> Result:
    effort = {measure.name for measure in CATALOGUE if measure.unit != "share"}
    left_out: dict[str, Any] = {"receipt": {"timings_ms": {}}, "nearest": [], "table": None}
    return result.model_copy(
        update={
            "scores": tuple(score for score in result.scores if score.measure not in effort),
            "answer": result.answer | left_out if result.answer else {},
            "latency_ms": 0.0,
        }
    )


async def again(wanted: RunOptions, runs: int, on_done: OnDone) -> list[GateDecision]:
    """What the gate says of each run beside the first, itself included.

    Args:
        wanted: what is run; ``out`` is the folder of the runs, which is made if it is missing.
        runs: how many, each with its number as its seed.
        on_done: told how far each is.

    Raises:
        PinciteError: nothing could be run, or a case failed.
    """
    wanted.out.mkdir(parents=True, exist_ok=True)
    done = [
        await execute(replace(wanted, out=wanted.out / f"{seed}.jsonl", seed=seed), on_done)
        for seed in range(runs)
    ]
    failed = [result.case_id for run in done for result in run.results if result.failed]
    if failed:
        raise SuiteError(f"{len(failed)} cases failed, such as {failed[0]!r}: run it again")
    return [gate(run, done[0], why_not_qualified) for run in done]
