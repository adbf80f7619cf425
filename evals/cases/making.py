"""Make cases from the abstracts of a collection, sift them, and add them to a question file."""

import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from evals.cases.drafts import CaseWriter, DraftFilter, questions_of
from evals.cases.questions import CASES, CaseRecord, read_records, written
from evals.cases.suites import SHIPPED
from evals.files import require_place, write_whole
from ingest.sample_collection import ensure_sample
from rag.build import build_model, load_settings, open_assistant
from rag.errors import ConfigError
from rag.settings import SAMPLE, Settings
from rag.types import Paper


@dataclass(frozen=True, slots=True)
class MakingOptions:
    """The options of `pincite eval cases make`, named as there."""

    count: int
    model: str
    seed: int = 0
    collection: str = SAMPLE
    home: Path | None = None


@dataclass(frozen=True, slots=True)
class NewCases:
    """What came of making: the new cases, and how many drafts were refused for what reason."""

    records: tuple[CaseRecord, ...]
    refused: Counter[str]


async def make(out: Path, wanted: MakingOptions) -> NewCases:
    """Add up to ``count`` new cases to a question file; fewer where the abstracts yield no more.

    Args:
        out: a question file, or none yet.
        wanted: how many, from what, by whom.

    Raises:
        PinciteError: the collection, the model or the file cannot be used.
    """
    require_place(out)
    kept = _kept(out)
    settings = load_settings(home=wanted.home, collection=wanted.collection, model={"name": wanted.model})
    papers = await _papers(settings)
    sieve = DraftFilter(_known(kept))
    new: list[CaseRecord] = []
    taken = {record.id for record in kept}
    rng = random.Random(wanted.seed)  # noqa: S311 - repeatable, not secret
    async with _writer(settings) as writer:
        async for draft in writer.drafts(papers, rng):
            if sieve.passes(draft) and (record := draft.record()).id not in taken:
                new.append(record)
            if len(new) >= wanted.count:
                break
    write_whole(out, written([*kept, *new]))
    return NewCases(tuple(new), sieve.refused + writer.refused)


def _kept(file: Path) -> list[CaseRecord]:
    return read_records(file) if file.exists() else []


def _known(kept: Sequence[CaseRecord]) -> list[str]:
    """Every question of the file, also of rejected ones, and of the shipped suites."""
    shipped = [record for name in SHIPPED for record in read_records(CASES / f"{name}.jsonl")]
    return questions_of([*shipped, *kept])


async def _papers(settings: Settings) -> list[Paper]:
    await ensure_sample(settings)
    unwritten = settings.model.model_copy(update={"name": ""})
    assistant = await open_assistant(settings.model_copy(update={"model": unwritten}))
    try:
        return sorted([paper async for paper in assistant.papers()], key=lambda paper: paper.paper_id)
    finally:
        await assistant.close()


@asynccontextmanager
async def _writer(settings: Settings) -> AsyncIterator[CaseWriter]:
    model = build_model(settings)
    if model is None:
        raise ConfigError("no model is named: expected --model NAME")
    try:
        yield CaseWriter(model)
    finally:
        await model.close()
