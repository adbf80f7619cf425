"""`pincite eval run`, `compare`, `gate` and `accept`. Nothing heavy is imported until a command runs."""

import asyncio
from collections.abc import Callable
from inspect import cleandoc
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from evals.suite.errors import SuiteError
from rag.errors import PinciteError

if TYPE_CHECKING:
    from typer._click.core import Context  # typer has its own copy of click

FINE, REGRESSION, INCONCLUSIVE, NOT_GOOD_ENOUGH, INFRASTRUCTURE = range(5)


class _Command(TyperCommand):
    """A command whose mistakes exit 4: 1, 2 and 3 are verdicts."""

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: "Context | None" = None,
        **extra: Any,  # noqa: ANN401 - as its base has it
    ) -> "Context":
        try:
            return super().make_context(info_name, args, parent, **extra)
        except typer.TyperException as exc:
            line = exc.format_message().removesuffix(".")
            raise SuiteError(f"{line}; see `pincite eval {info_name} --help`") from exc

    def invoke(self, ctx: "Context") -> Any:  # noqa: ANN401 - whatever the command returns
        try:
            return super().invoke(ctx)
        except (PinciteError, OSError, typer.TyperException) as exc:
            raise SuiteError(str(exc)) from exc


Suite = Annotated[
    str, typer.Option(metavar="NAME", help="dev, heldout, calibration, injection, or a question file.")
]
Out = Annotated[
    Path, typer.Option(metavar="FILE", help="Where the run goes; an interrupted one goes on from there.")
]
Judge = Annotated[
    str, typer.Option(metavar="NAME", help="Judge of faithfulness: lexical, cosine, support, or a model.")
]
ModelName = Annotated[str, typer.Option("--model", metavar="NAME", help="Language model that writes.")]
Seed = Annotated[int, typer.Option(min=0, metavar="S", help="Of everything drawn.")]
Concurrency = Annotated[
    int, typer.Option(min=0, metavar="N", help="Questions at the same time; 0: one, or as set for the model.")
]
Limit = Annotated[int | None, typer.Option(min=1, metavar="N", help="Only the first N cases.")]
Subset = Annotated[
    int | None, typer.Option(min=1, metavar="N", help="Only N cases, drawn so that every kind has its share.")
]
Budget = Annotated[
    float | None, typer.Option(min=0, metavar="X", help="Dollars that the run may spend; default: no limit.")
]
Collection = Annotated[str, typer.Option(metavar="NAME", help="Collection that is asked.")]
Home = Annotated[Path | None, typer.Option(metavar="DIR", help="Folder of all collections.")]


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
    from evals.suite.execution import Wanted, execute
    from evals.suite.following import following

    wanted = Wanted(suite, out, collection, home, judge, model, seed, concurrency, limit, subset, budget_usd)
    with following() as on_done:
        return _told(asyncio.run(execute(wanted, on_done)))


def _told(done: Any) -> int:  # noqa: ANN401 - a run; its class is not imported before there is one
    from rich.console import Console

    from evals.suite.shown import shortfalls, table
    from evals.suite.summary import COVERED, summaries

    console = Console()
    console.print(table(done))
    for line in shortfalls(done):
        console.print(line, markup=False, highlight=False)
    if any(result.failed for result in done.results):
        return INFRASTRUCTURE
    return NOT_GOOD_ENOUGH if any(each.coverage < COVERED for each in summaries(done)) else FINE


COMMANDS: tuple[Callable[..., int], ...] = (run,)


def add_to(app: typer.Typer) -> None:
    r"""Add the commands; in a docstring, \b keeps the paragraph below it as it is broken."""
    for command in COMMANDS:
        app.command(cls=_Command, help=cleandoc(command.__doc__ or "").replace(r"\b", "\b"))(command)
