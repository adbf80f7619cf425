"""`pincite eval cases make` and `review`. Nothing heavy is imported until a command runs."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from evals.command_line import Collection, ExitCode, Group, Home, Seed, add_to

app = typer.Typer(
    cls=Group, rich_markup_mode=None, help="New cases, made from abstracts and looked at by a person."
)


@app.callback()
def cases() -> None:
    """New cases, made from abstracts and looked at by a person."""


def make(
    *,
    out: Annotated[Path, typer.Option(metavar="FILE", help="Question file; new cases are added to it.")],
    model: Annotated[str, typer.Option(metavar="NAME", help="Language model that writes them.")],
    count: Annotated[int, typer.Option(min=1, max=100_000, metavar="N", help="How many.")] = 40,
    seed: Seed = 0,
    collection: Collection = "sample",
    home: Home = None,
) -> int:
    r"""Have a language model write questions with gold from the abstracts of a collection.

    Every case says how it was made. Questions near to one that is asked already, in the file or in a shipped
    suite, and those that hold their answer are refused and counted. Have a person look at them before they
    measure anything.

    \b
    Example:
      pincite eval cases make --out mine.jsonl --model openai/gpt-4o-mini --collection papers

    \b
    Exit codes:
      0  written
      4  usage, or the collection, the model or the file cannot be used
    """
    from evals.cases.making import MakingOptions
    from evals.cases.making import make as made

    found = asyncio.run(made(out, MakingOptions(count, model, seed, collection, home)))
    typer.echo(f"{len(found.records)} new cases in {out}")
    for reason, number in sorted(found.refused.items()):
        typer.echo(f"refused: {number} {reason}")
    typer.echo(f"none of them was looked at yet: pincite eval cases review {out}")
    return ExitCode.FINE


def review(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A question file with cases that were made.")],
) -> int:
    r"""Accept, edit or reject cases that were made, one by one.

    The file is written after each decision: stop whenever you like, and go on later. Rejected cases stay in
    the file, so that they are not made again, and are not asked.

    \b
    Exit codes:
      0  all are looked at, or you stopped
      4  usage, or the file cannot be read or written
    """
    from evals.cases.review import review as reviewed

    left = reviewed(file, input, typer.echo)
    typer.echo(f"{left} cases are left to look at")
    return ExitCode.FINE


add_to(app, make, review)
