"""A retrieval evaluation from options to files: which systems, where things are kept, what is told."""

import asyncio
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from platformdirs import user_cache_path
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from evals.files import write_whole
from evals.retrieval.datasets import RetrievalSet, read_dataset
from evals.retrieval.encoding_cache import CachedEncoder
from evals.retrieval.experiment import SystemRun, put_to, scores, write_run
from evals.retrieval.report import Row, rows, tables
from evals.retrieval.systems import PINCITE, Pincite, System, baseline_system, choose, collection_name
from rag.build import build_encoder, load_settings
from rag.errors import ConfigError, SourceUnavailable
from rag.ports import Encoder
from rag.settings import Settings

BASELINE = "rrf"
WIDTH = 200
"""Columns of a table where the output is no terminal."""


@dataclass(frozen=True, slots=True)
class RetrievalOptions:
    """The options of `pincite eval retrieval`, named as there; ``systems`` may be empty for all."""

    on: str
    path: Path | None
    queries_file: Path | None
    systems: tuple[str, ...]
    baseline: str | None
    depth: int
    limit: int | None
    runs: Path | None
    json_file: Path | None
    cache: Path | None


async def evaluate_retrieval(wanted: RetrievalOptions) -> None:
    """Measure, write the files, print the tables on standard output.

    Raises:
        PinciteError: the set, the settings or a system is at fault; nothing is printed then.
    """
    dataset = await asyncio.to_thread(read_dataset, wanted.on, wanted.path, wanted.queries_file)
    dataset = dataset.first(wanted.limit) if wanted.limit else dataset
    names, left_out = choose(wanted.systems, len(dataset.papers))
    reference = _baseline(wanted.baseline, names)
    cache = wanted.cache or user_cache_path("pincite") / "eval"
    settings = load_settings(home=cache / "home", collection=dataset.name, store={"url": None})
    with _progress() as told:
        for name, reason in left_out.items():
            told.say(f"{name} is left out: {reason}")
        inner = await asyncio.to_thread(build_encoder, settings)
        encoder = CachedEncoder(inner, cache / "vectors.sqlite", told.step)
        try:
            ranked = {}
            for name in names:
                told.say(f"{name}: {len(dataset.papers):,} papers, {len(dataset.queries):,} queries")
                system = _system(name, dataset, settings, encoder, told)
                ranked[name] = await put_to(name, system, dataset, wanted.depth, told.step)
        finally:
            encoder.close()
    found = rows(ranked, {name: scores(done.run, dataset) for name, done in ranked.items()}, reference)
    _write(wanted, ranked, _form(wanted, dataset, settings, encoder) | _findings(found, reference, left_out))
    _print(found, reference, dataset)


def _baseline(asked: str | None, names: Sequence[str]) -> str | None:
    if asked is not None and asked not in names:
        raise ConfigError(f"baseline {asked!r} is not among the systems: expected one of {', '.join(names)}")
    return asked or (BASELINE if BASELINE in names else None)


def _system(
    name: str, dataset: RetrievalSet, settings: Settings, encoder: Encoder, told: "_Progress"
) -> System:
    if name != PINCITE:
        return baseline_system(name, encoder)
    collection = collection_name(dataset.name, dataset.papers_digest, settings, encoder)
    return Pincite(settings.model_copy(update={"collection": collection}), encoder, told.step)


def _form(
    wanted: RetrievalOptions, dataset: RetrievalSet, settings: Settings, encoder: Encoder
) -> dict[str, Any]:
    """What was measured, and with what."""
    return {
        "pincite": version("pincite"),
        "set": {
            "name": dataset.name,
            "papers": len(dataset.papers),
            "papers_digest": dataset.papers_digest,
            "queries": len(dataset.queries),
            "queries_digest": dataset.queries_digest,
        },
        "depth": wanted.depth,
        "encoder": encoder.name,
        "settings": settings.model_dump(mode="json", include={"encoder", "chunk", "retrieval"}),
    }


def _findings(found: Sequence[Row], baseline: str | None, left_out: Mapping[str, str]) -> dict[str, Any]:
    return {
        "baseline": baseline,
        "systems": {row.system: asdict(row) for row in found},
        "left_out": dict(left_out),
    }


def _write(wanted: RetrievalOptions, ranked: Mapping[str, SystemRun], content: Mapping[str, Any]) -> None:
    if wanted.runs is not None:
        for name, done in ranked.items():
            write_run(wanted.runs / f"{name}.run", done.run, name)
    if wanted.json_file is not None:
        text = json.dumps(content, indent=2) + "\n"
        write_whole(wanted.json_file, text, SourceUnavailable, make_folder=True)


def _print(found: Sequence[Row], baseline: str | None, dataset: RetrievalSet) -> None:
    console = Console(width=None if sys.stdout.isatty() else WIDTH, markup=False, highlight=False)
    title = f"{dataset.name}: {len(dataset.papers):,} papers, {len(dataset.queries):,} queries"
    for table in tables(found, baseline, title):
        console.print(table)


@contextmanager
def _progress() -> Iterator["_Progress"]:
    """A bar where standard error is a terminal, else a line a stage."""
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    shown = sys.stderr.isatty()
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), disable=not shown) as bar:
        yield _Progress(bar, [])


class _Progress(NamedTuple):
    bar: Progress
    tasks: list[TaskID]

    def say(self, line: str) -> None:
        """A new stage."""
        if self.bar.disable:
            sys.stderr.write(f"{line}\n")
        for task in self.tasks[-1:]:
            self.bar.stop_task(task)
        self.tasks.append(self.bar.add_task(line, total=None))

    def step(self, done: int, total: int | None) -> None:
        """How far the stage has come."""
        for task in self.tasks[-1:]:
            self.bar.update(task, completed=done, total=total)
