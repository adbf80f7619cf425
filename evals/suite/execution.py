"""Carry out a run: open what is asked, say what it is, and have the items of the suite answered."""

from collections.abc import Collection

from evals.cases.suites import INJECTION, Suite, titles_of
from evals.command_line import OnDone, SuiteError
from evals.records import Run
from evals.suite.answering import assistant_answers, run_items
from evals.suite.judged import Judges, judges_of
from evals.suite.provenance import identity, identity_of_attacks
from evals.suite.run_files import Journal
from evals.suite.run_options import RunOptions, chosen, head_of, limits_of, seeded
from ingest.sample_collection import ensure_sample
from rag.assistant import Assistant
from rag.build import build_model, load_settings, open_assistant


def _nothing(_done: int, _all: int) -> None:
    """Nobody follows."""


async def execute(wanted: RunOptions, on_done: OnDone = _nothing) -> Run:
    """Run what is wanted; a run that was interrupted goes on where it stopped.

    Raises:
        PinciteError: nothing could be run, or the file holds another run.
    """
    suite = chosen(wanted)
    if suite.name in INJECTION:
        return await _execute_attacks(suite, wanted, on_done)
    named = {"name": wanted.model} if wanted.model else None
    settings = load_settings(home=wanted.home, collection=wanted.collection, model=named)
    await ensure_sample(settings)
    judges = judges_of(wanted.judge, settings)
    assistant = await open_assistant(settings, seeded(build_model(settings), wanted.seed))
    try:
        return await run_assistant(assistant, suite, wanted, judges, on_done)
    finally:
        await assistant.close()
        if judges is not None:
            await judges.close()


async def run_assistant(
    assistant: Assistant,
    suite: Suite,
    wanted: RunOptions,
    judges: Judges | None = None,
    on_done: OnDone = _nothing,
) -> Run:
    """Run a suite on an open assistant; raises as `execute`."""
    settings = assistant.parts.settings
    papers = {paper.paper_id: paper async for paper in assistant.papers()}
    _require_gold(suite, {paper.title for paper in papers.values()}, settings.collection)
    known = await identity(assistant, wanted.seed)
    answers = assistant_answers(assistant, papers, wanted.cache(settings), known, judges)
    journal = Journal(wanted.out, head_of(known, suite, wanted, judges.known_as if judges else ""))
    return await run_items(suite.items, answers, journal, limits_of(wanted, settings), on_done)


async def _execute_attacks(suite: Suite, wanted: RunOptions, on_done: OnDone) -> Run:
    from evals.suite.attack_answers import AttackAnswers

    if wanted.judge or wanted.model:
        raise SuiteError("a suite of attacks has its own obedient model: leave out --model and --judge")
    settings = load_settings(home=wanted.home, collection=suite.name)
    known = identity_of_attacks(settings)
    async with AttackAnswers(suite, wanted.cache(settings), known) as answers:
        journal = Journal(wanted.out, head_of(known, suite, wanted))
        return await run_items(suite.items, answers, journal, limits_of(wanted, settings), on_done)


def _require_gold(suite: Suite, titles: Collection[str], collection: str) -> None:
    """A collection without any of the papers that are right would fail every case."""
    wanted = titles_of(suite.records)
    if wanted and wanted.isdisjoint(titles):
        raise SuiteError(
            f"collection {collection!r} has none of the {len(wanted)} papers that suite "
            f"{suite.name!r} expects; name another with --collection"
        )
