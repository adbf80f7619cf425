"""Arguments that several commands take, and what all commands do with them."""

from pathlib import Path
from typing import Annotated

import typer

from ui.cli.batch import Batch

Home = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Folder of all collections [env: PINCITE_HOME]."),
]
Collection = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Collection [default: papers once you ingested any, else sample; env: PINCITE_COLLECTION].",
    ),
]
ModelName = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="NAME",
        help="Language model that writes, like openai/gpt-4o-mini [default: none; env: PINCITE_MODEL__NAME].",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
BatchSource = Annotated[
    str | None,
    typer.Option("--batch", metavar="IN.jsonl", help="Read many from a file; - for standard input."),
]
BatchOut = Annotated[
    str | None,
    typer.Option(
        "--out",
        metavar="OUT.jsonl",
        help="Where a batch goes once it is done (- for standard output); an interrupted one goes on.",
    ),
]


def section(**fields: object) -> dict[str, object] | None:
    """A branch of the settings with the fields that were given; None where none was."""
    return {name: value for name, value in fields.items() if value is not None} or None


def one_or_batch(question: str | None, source: str | None, out: str | None) -> str | Batch:
    """The one question, or the batch.

    Raises:
        typer.BadParameter: both, neither, or half a batch.
    """
    if question is not None and source is None and out is None:
        return question
    if question is None and source is not None and out is not None:
        return Batch(source, out)
    raise typer.BadParameter("expected either QUESTION or both --batch IN.jsonl and --out OUT.jsonl")
