"""Where the answer of `pincite ask` goes: to the terminal, to programs, into files."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from rag.assistant import Assistant
from rag.errors import ConfigError
from rag.forms import answer_form
from rag.kinds.abstention import NO_PAPERS
from rag.settings import Settings
from rag.types import Answer, Paper
from ui.cli.terminal import render_answer, terminal
from ui.exports import FORMATS, exported_papers, format_of, require_writable, write_whole
from ui.exports.contract import dumps
from ui.exports.receipts import make_receipt, require_place, write_receipt
from ui.exports.records import Format

ReceiptFile = Annotated[
    Path | None,
    typer.Option("--receipt", metavar="FILE", help="Write a receipt, for `pincite replay` and `diff`."),
]
ExportFiles = Annotated[
    list[str] | None,
    typer.Option(
        "--export",
        metavar="FILE",
        help="Also write the answer (.md) or its papers (.bib, .ris, .csv, .json: CSL); may be given again.",
    ),
]
ExportFormat = Annotated[
    str | None,
    typer.Option("--format", metavar="FORM", help="Print md, bib, ris, csv or json (CSL) instead."),
]


class Outputs(NamedTuple):
    """What was asked for beside or instead of the answer in the terminal."""

    as_json: bool
    receipt: Path | None
    exports: Sequence[str]
    printed: Format | None

    async def give(self, assistant: Assistant, settings: Settings, question: str, answer: Answer) -> None:
        """Write the files and print the answer: this also where they fail, those where nobody reads it."""
        papers = await exported_papers(assistant, answer)
        try:
            self._export(answer, papers)
            if self.receipt is not None:
                write_receipt(self.receipt, await make_receipt(assistant, settings, question, answer))
        finally:
            self._print(answer, papers)

    def _export(self, answer: Answer, papers: Sequence[Paper]) -> None:
        if self.exports and not papers:
            typer.echo("pincite: the answer cites no paper, so there is none in the export", err=True)
        for path in self.exports:
            write_whole(Path(path), format_of(path).write(answer, papers))

    def _print(self, answer: Answer, papers: Sequence[Paper]) -> None:
        if self.as_json:
            typer.echo(dumps(answer_form(answer)))
        elif self.printed is not None:
            typer.echo(self.printed.write(answer, papers), nl=False)
        else:
            render_answer(terminal(), answer, {paper.paper_id: paper for paper in papers})


def outputs(
    *, one: bool, as_json: bool, receipt: Path | None, exports: Sequence[str], printed: str | None
) -> Outputs:
    """What the options ask for, checked before any work is done.

    With ``one`` there is one question; the answers to a batch have one place, that of ``--out``.

    Raises:
        typer.BadParameter: two forms for the same standard output, or files of one answer for many.
        ConfigError: an unknown format, or a file that cannot be written or is not ours to replace.
    """
    if not one and (receipt is not None or exports or printed is not None):
        raise typer.BadParameter("--receipt, --export and --format go with one QUESTION, not with --batch")
    if as_json and printed is not None:
        raise typer.BadParameter("expected --json or --format, not both")
    if printed is not None and printed not in FORMATS:
        raise ConfigError(f"--format {printed!r}: expected one of {', '.join(FORMATS)}")
    for path in exports:
        format_of(path)
        require_writable(Path(path), "--export")
    if receipt is not None:
        require_place(receipt)
    return Outputs(as_json, receipt, exports, FORMATS[printed] if printed is not None else None)


async def say_if_empty(assistant: Assistant) -> None:
    """Tell whoever looks into a collection without papers that it has none, beside the output."""
    if not (await assistant.counts()).papers:
        typer.echo(f"pincite: {NO_PAPERS[0].lower()}{NO_PAPERS[1:]}", err=True)
