"""`pincite ingest`, `restore` and `papers`: what goes into a collection, comes back, and is in it."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from ingest.records import IngestReport
from rag.build import load_settings, restore_collection
from rag.settings import Settings
from ui.answers import counted
from ui.cli.options import AsJson, Collection, Home
from ui.cli.outputs import say_if_empty
from ui.cli.terminal import render_papers, terminal
from ui.exports.contract import dumps, paper_form
from ui.safe import inert
from ui.session import progress, session

MOST_SHOWN = 20
"""Skipped records named on standard error; the quarantine file has all."""


def ingest(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="The file to read.")],
    *,
    as_json: AsJson = False,
    home: Home = None,
    collection: Collection = None,
) -> int:
    r"""Read papers from a file into a collection.

    PATH is JSON lines or a saved page of titles and abstracts; its content tells which. A collection
    that does not exist is made; where none is named it is "papers". Ingesting the same file again
    changes nothing; a changed abstract replaces its old one; a record that is not a paper is skipped,
    named here and kept in a quarantine file.

    \b
    A line of JSON, of which only the first three fields must be there:
      {"id": "p1", "title": "...", "abstract": "...", "authors": ["..."],
       "venue": "...", "year": 2024, "url": "https://..."}
    Other fields are kept.

    \b
    Examples:
      pincite ingest papers.jsonl --collection mine
      pincite ask "which papers prune attention heads?" --collection mine

    \b
    Exit codes:
      0  all records are in the collection
      1  done, but some records were skipped
      2  usage, configuration, or PATH cannot be read as papers or holds none: nothing is changed
      3  the store or the encoder is not available
    """
    settings = load_settings(ingesting=True, home=home, collection=collection)
    return asyncio.run(_ingest(settings, path, as_json=as_json))


async def _ingest(settings: Settings, path: Path, *, as_json: bool) -> int:
    from ingest.pipeline import ingest_path

    with progress(f"Ingesting into {settings.collection!r} …") as on_progress:
        report = await ingest_path(settings, path, on_progress=on_progress)
    for skipped in report.skipped[:MOST_SHOWN]:
        typer.echo(f"pincite: line {skipped.line} is skipped: {inert(skipped.reason)}", err=True)
    if report.skipped:
        typer.echo(
            f"pincite: {counted(len(report.skipped), 'record')} skipped, kept in {report.quarantine}",
            err=True,
        )
    typer.echo(dumps(report.as_json()) if as_json else _summary(report))
    return 1 if report.skipped else 0


def _summary(report: IngestReport) -> str:
    return (
        f"{report.collection}: {counted(report.papers, 'paper')} "
        f"({report.added:,} added, {report.updated:,} updated, {report.unchanged:,} unchanged), "
        f"{counted(report.passages, 'passage')}, {report.seconds:.1f} s"
    )


def restore(*, home: Home = None, collection: Collection = None) -> None:
    r"""Bring a collection back as it was after its last ingest.

    Every ingest that is done leaves a snapshot in the collection's folder. This puts it in place of a
    collection that is damaged; nobody else may have the collection open.

    \b
    Examples:
      pincite restore --collection mine
      pincite doctor --deep --collection mine

    \b
    Exit codes:
      0  done
      2  usage or configuration
      3  there is no snapshot, or the collection is in use
    """
    settings = load_settings(home=home, collection=collection)
    asyncio.run(restore_collection(settings))
    typer.echo(f"{settings.collection}: restored to its last ingest")


def papers(*, as_json: AsJson = False, home: Home = None, collection: Collection = None) -> None:
    r"""List the papers of a collection.

    With --json, one paper a line with its whole abstract: the text that the offsets of citations
    point into.

    \b
    Examples:
      pincite papers
      pincite papers --collection mine --json > mine.jsonl

    \b
    Exit codes:
      0  done
      2  usage or configuration
      3  the store or the encoder is not available
    """
    asyncio.run(_papers(load_settings(home=home, collection=collection), as_json=as_json))


async def _papers(settings: Settings, *, as_json: bool) -> None:
    async with session(settings) as assistant:
        await say_if_empty(assistant)
        if as_json:
            async for paper in assistant.papers():
                typer.echo(dumps(paper_form(paper)))
        else:
            found = [paper async for paper in assistant.papers()]
            render_papers(terminal(), sorted(found, key=lambda paper: (paper.title, paper.paper_id)))
