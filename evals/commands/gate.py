"""`pincite eval compare`, `gate`, `accept`, `aa`. Nothing heavy is imported until a command runs."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evals.command_line import Allow, Baseline, Collection, ExitCode, Home, Limit, ModelName, Suite

if TYPE_CHECKING:
    from evals.gate.regression import GateDecision
    from evals.records import Run


def compare(
    first: Annotated[Path, typer.Argument(metavar="A", help="A run: what it is compared with.")],
    second: Annotated[Path, typer.Argument(metavar="B", help="Another run.")],
    *,
    allow: Allow = None,
) -> int:
    r"""Compare two runs, measure by measure and case by case.

    Only cases that both scored count. Intervals are of 95 %; p is of no difference, by paired sign flips,
    after Holm; "finds" is the least loss that such a comparison finds in 80 % of cases.

    \b
    Example:
      pincite eval compare before.jsonl after.jsonl

    \b
    Exit codes:
      0  compared
      4  usage, or the runs are not of the same papers, cases, prompts and judge
    """
    from evals.command_line import require_extra
    from evals.suite.run_files import read_run

    require_extra()
    _gated(read_run(second), read_run(first), allow)
    return ExitCode.FINE


def gate(
    file: Annotated[Path, typer.Argument(metavar="RUN", help="A run of `pincite eval run`.")],
    *,
    baseline: Baseline = None,
    allow: Allow = None,
) -> int:
    r"""Say whether a run may follow its baseline.

    A measure is worse where a loss is certain beyond chance, with all measures that gate tested together; it
    is fine where no case lost anything or the loss is certainly below the margin; else nothing is known. How
    long an answer takes never gates.

    \b
    Example:
      pincite eval run --suite dev --out run.jsonl && pincite eval gate run.jsonl

    \b
    Exit codes:
      0  fine
      1  a measure got worse
      2  inconclusive: too few cases, or too much noise
      3  too many cases without a score, or the judge is not qualified
      4  usage, or the runs are not of the same papers, cases, prompts and judge
    """
    from evals.command_line import require_extra
    from evals.gate.regression import baseline_of
    from evals.suite.run_files import read_run

    require_extra()
    run = read_run(file)
    gated = _gated(run, read_run(baseline or baseline_of(run.head.suite)), allow)
    for reason in gated.reasons:
        typer.echo(reason)
    typer.echo(f"gate: {gated.outcome.told}")
    return gated.outcome


def _gated(run: "Run", baseline: "Run", allow: list[str] | None) -> "GateDecision":
    """What the gate says; shown with what is not the same in the two runs."""
    from evals.gate.regression import gate as decide
    from evals.gate.regression import why_not_qualified
    from evals.report.gather import ReferenceRun
    from evals.report.terminal import show

    gated = decide(run, baseline, why_not_qualified, allow or ())
    changed = (f"{name}: {before} → {after}" for name, before, after in gated.comparison.changed)
    show(run, changed, ReferenceRun(baseline, gated))
    return gated


def accept(
    file: Annotated[Path, typer.Argument(metavar="RUN", help="A run of `pincite eval run`.")],
    *,
    baseline: Baseline = None,
) -> int:
    r"""Make a run the baseline of its suite, after it was looked at.

    What differs from machine to machine is left out. Commit the file together with what changed the answers.

    \b
    Exit codes:
      0  written
      4  usage, or a case of the run failed or has no score
    """
    from evals.gate.regression import as_baseline, baseline_of
    from evals.suite.run_files import read_run, write_run

    run = read_run(file)
    place = baseline or baseline_of(run.head.suite)
    write_run(place, as_baseline(run))
    typer.echo(f"wrote {place}")
    return ExitCode.FINE


def aa(
    *,
    suite: Suite = "dev",
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Where the runs go.")],
    runs: Annotated[int, typer.Option(min=2, max=1000, metavar="N", help="How many.")] = 10,
    model: ModelName = "",
    limit: Limit = None,
    collection: Collection = "sample",
    home: Home = None,
) -> int:
    r"""Run one system several times and gate every run by the first: nothing got worse, so none may say so.

    Every run has its own seed and asks everything anew.

    \b
    Example:
      pincite eval aa --suite dev --runs 10 --out same

    \b
    Exit codes:
      0  no run is called a regression
      1  one is
      4  usage or configuration, or some cases failed
    """
    from evals.command_line import following, require_extra
    from evals.gate.regression import again
    from evals.suite.run_options import RunOptions

    require_extra()
    wanted = RunOptions(suite, out, collection, home, model=model, limit=limit, fresh=True)
    with following() as on_done:
        outcomes = asyncio.run(again(wanted, runs, on_done))
    for seed, gated in enumerate(outcomes):
        typer.echo(f"seed {seed}: {gated.outcome.told}")
        for reason in gated.reasons:
            typer.echo(f"  {reason}")
    found = [gated.outcome for gated in outcomes]
    typer.echo(f"{found.count(ExitCode.REGRESSION)} of {runs} runs of one system are called a regression")
    return ExitCode.REGRESSION if ExitCode.REGRESSION in found else ExitCode.FINE
