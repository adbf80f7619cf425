"""Have judges judge a run again in other ways, and say what their scores depend on beside the answer."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evals.judging.exam import OnProgress
from evals.judging.judges import ClaimJudge, build_judge
from evals.judging.panel import weight_of
from evals.judging.qualifications import qualification_of
from evals.judging.rejudging import Variations, answered, rejudge
from evals.noise.files import Elsewhere
from evals.noise.report import noise_report
from evals.noise.rows import LabelRow, ScoreRow
from evals.suite.files import read_run
from evals.suite.following import following
from evals.suite.records import Run
from evals.suite.shown import console
from ingest.sample_collection import ensure_sample
from rag.build import open_assistant
from rag.errors import ConfigError
from rag.receipt import collection_digest
from rag.settings import Settings


@dataclass(frozen=True, slots=True)
class Collected:
    """Rows of all judges, who wrote the answers, and lines about the judges."""

    scores: tuple[ScoreRow, ...]
    labels: tuple[LabelRow, ...]
    writer: str
    notes: tuple[str, ...]


def measure(
    file: Path,
    judges: Sequence[str],
    variations: Variations,
    settings: Settings,
    *,
    limit: int | None,
    elsewhere: Elsewhere,
) -> None:
    """Collect, as `collect` does, add the rows that others collected, and print the table and the lines."""
    with following() as on_progress:
        found = asyncio.run(collect(file, judges, variations, settings, limit=limit, on_progress=on_progress))
    screen = console()
    screen.print(
        noise_report(
            found.scores,
            pairs=elsewhere.pairs,
            options=elsewhere.options,
            labels=[*found.labels, *elsewhere.labels],
            people={row.annotator for row in elsewhere.labels},
            writer=found.writer,
        )
    )
    for line in found.notes:
        screen.print(line, markup=False, highlight=False)


async def collect(
    file: Path,
    judges: Sequence[str],
    variations: Variations,
    settings: Settings,
    *,
    limit: int | None = None,
    on_progress: OnProgress = lambda _done, _all: None,
) -> Collected:
    """Judge the answers of a run in every way, by one judge after the other.

    Args:
        file: a run of `pincite eval run`.
        judges: names.
        variations: the ways.
        settings: name the collection of the run.
        limit: only the first answers that say something.
        on_progress: told for each judge anew.

    Raises:
        ConfigError: the run is of other papers, or no answer says anything.
        PinciteError: the run, the collection or a judge cannot be read.
    """
    run = read_run(file)
    answers = answered(run, await _abstracts(run, settings))[:limit]
    if not answers:
        raise ConfigError(f"no answer of run {str(file)!r} says anything that could be judged")
    scores: list[ScoreRow] = []
    labels: list[LabelRow] = []
    notes: list[str] = []
    for name in judges:
        judge = build_judge(name, settings)
        try:
            found = await rejudge(judge, answers, variations, on_progress)
        finally:
            await judge.close()
        scores += found.scores
        labels += found.labels
        notes.append(standing(judge))
    return Collected(tuple(scores), tuple(labels), run.head.writer, tuple(notes))


def standing(judge: ClaimJudge) -> str:
    """A line: whether the judge qualified, and its weight on a panel."""
    record = qualification_of(judge.name, judge.digest)
    if record is None:
        return f"{judge.name} never sat the exam as it is now: pincite eval qualify --judge {judge.name}"
    said = "is qualified" if record.qualified else "is not qualified"
    return f"{judge.name} {said}; on a panel it weighs {weight_of(record):.2f}"


async def _abstracts(run: Run, settings: Settings) -> dict[str, str]:
    await ensure_sample(settings)
    assistant = await open_assistant(settings)
    try:
        digest = await collection_digest(assistant.papers())
        if digest != run.head.collection:
            raise ConfigError(
                f"the run is of other papers than collection {settings.collection!r}; name its collection "
                "with --collection"
            )
        return {paper.paper_id: paper.abstract async for paper in assistant.papers()}
    finally:
        await assistant.close()
