"""`pincite eval run`. Nothing heavy is imported until the command runs."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evals.command_line import Collection, ExitCode, Home, Limit, ModelName, Seed, Suite

if TYPE_CHECKING:
    from evals.records import Run

Out = Annotated[
    Path, typer.Option(metavar="FILE", help="Where the run goes; an interrupted one goes on from there.")
]
Judge = Annotated[
    str, typer.Option(metavar="NAME", help="Judge of faithfulness: lexical, cosine, or a model.")
]
Concurrency = Annotated[
    int, typer.Option(min=0, metavar="N", help="Questions at the same time; 0: one, or as set for the model.")
]
Subset = Annotated[
    int | None, typer.Option(min=1, metavar="N", help="Only N cases, drawn so that every kind has its share.")
]
Budget = Annotated[
    float | None, typer.Option(min=0, metavar="X", help="Dollars that the run may spend; default: no limit.")
]


def run(
    *,
    suite: Suite = "dev",
    out: Out,
    judge: Judge = "",
    model: ModelName = "",
    seed: Seed = 0,
    concurrency: Concurrency = 0,
    limit: Limit = None,
    subset: Subset = None,
    budget_usd: Budget = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Ask anew what was answered before.")] = False,
    collection: Collection = "sample",
    home: Home = None,
) -> int:
    r"""Ask the questions of a suite and score the answers by their gold.

    No language model is needed; with one, or with a judge, its failures are recorded and never scored. A
    run that was interrupted goes on where it stopped, and what was asked before with the same papers,
    settings, prompts, packages and code is not asked again.

    \b
    Examples:
      pincite eval run --suite dev --out run.jsonl
      pincite eval run --suite heldout --model openai/gpt-4o-mini --budget-usd 1 --out written.jsonl

    \b
    Exit codes:
      0  every case was answered and scored
      3  so many cases could not be scored that nothing may be concluded
      4  usage or configuration, or some cases failed: run it again
    """
    from evals.command_line import following, require_extra
    from evals.suite.execution import execute
    from evals.suite.run_options import RunOptions

    require_extra()
    wanted = RunOptions(
        suite, out, collection, home, judge, model, seed, concurrency, limit, subset, budget_usd, fresh
    )
    with following() as on_done:
        return _told(asyncio.run(execute(wanted, on_done)))


def _told(done: "Run") -> int:
    from evals.gate.summary import short_of
    from evals.report.terminal import show
    from evals.report.wording import shortfalls

    show(done, shortfalls(done))
    if any(result.failed for result in done.results):
        return ExitCode.INFRASTRUCTURE
    return ExitCode.NOT_GOOD_ENOUGH if short_of(done) else ExitCode.FINE
