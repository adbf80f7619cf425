"""`pincite eval watch`. Nothing heavy is imported until it runs."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evals.command_line import ExitCode
from evals.suite.commands import Baseline, Budget, Collection, Home, Judge, ModelName, Seed, Suite

if TYPE_CHECKING:
    from evals.gate.early_stopping import EarlyStopping

Out = Annotated[Path, typer.Option(metavar="FILE", help="Where the run goes; a new file.")]


def watch(
    *,
    suite: Suite = "dev",
    out: Out,
    baseline: Baseline = None,
    judge: Judge = "",
    model: ModelName = "",
    seed: Seed = 0,
    budget_usd: Budget = None,
    collection: Collection = "sample",
    home: Home = None,
) -> int:
    r"""Run a suite in random order, and stop as soon as it is known whether the run may follow its baseline.

    For suites that cost money: a large loss shows after tens of cases, no loss after a hundred or two.
    Looking after every case is paid for with wider bounds, so that `pincite eval gate` finds more in a whole
    run. Cases that were not asked are recorded as failed; `pincite eval run` with the same file asks them.

    \b
    Example:
      pincite eval watch --suite large.jsonl --baseline before.jsonl --out after.jsonl

    \b
    Exit codes:
      0  fine
      1  a measure got worse
      2  inconclusive: all cases were asked
      4  usage or configuration, some cases failed, or the baseline is of other papers or cases
    """
    from evals.command_line import following, require_extra
    from evals.gate.early_stopping import run_watched
    from evals.suite.execution import RunOptions

    require_extra()
    wanted = RunOptions(
        suite, out, collection, home, judge, model, seed, budget_usd=budget_usd, shuffled=True
    )
    with following() as on_done:
        watching, broken = asyncio.run(run_watched(wanted, baseline, on_done))
    _tell(watching)
    if broken and watching.verdict != "regression":
        typer.echo(f"{broken} cases failed: nothing is concluded")
        return ExitCode.INFRASTRUCTURE
    return ExitCode[watching.verdict.upper()]


def _tell(watching: "EarlyStopping") -> None:
    for name, stop in watching.stops.items():
        typer.echo(f"{name}: {stop.decided} after {stop.n} ({stop.low:+.3f} to {stop.high:+.3f})")
    typer.echo(f"watch: {watching.verdict}, {watching.asked} of {watching.all} items asked")
