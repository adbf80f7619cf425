"""Carry out a run: open what is asked, say what it is, and have the items of the suite answered."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from evals.cases.suites import INJECTION, Suite, first, load_suite, stratified, titles_of
from evals.command_line import OnDone, SuiteError
from evals.files import digest_of, require_place
from evals.judges.registry import build_checklist_judge, build_judge
from evals.records import Head, Run
from evals.suite.answering import AssistantAnswers, Limits, run_items
from evals.suite.asking import Asker
from evals.suite.judged import Judges, ReplyJudge
from evals.suite.provenance import identity
from evals.suite.run_files import Journal, ResultCache
from evals.suite.scoring import Scorer
from ingest.sample_collection import ensure_sample
from rag.assistant import Assistant
from rag.build import build_model, load_settings, open_assistant
from rag.models.language_model import Completion, Model, OnText, Request
from rag.settings import SAMPLE, Settings
from rag.types import Paper

CACHE = Path("cache") / "evaluation"
"""Below the home folder: replies and opinions that are kept."""

SHOWN_DIGITS = 12


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What to run.

    Attributes:
        suite: name or question file.
        out: where the run goes.
        collection: that is asked.
        home: folder of all collections, None for the usual one.
        judge: of faithfulness, empty for none.
        model: that writes, empty for the one that is set, if one is.
        seed: of everything drawn.
        concurrency: items at the same time, 0 for one without a model and as many as set with one.
        limit: only the first so many cases.
        subset: a stratified part of so many cases.
        budget_usd: dollars that may be spent.
        fresh: whether to ask anew what was answered before.
    """

    suite: str
    out: Path
    collection: str = SAMPLE
    home: Path | None = None
    judge: str = ""
    model: str = ""
    seed: int = 0
    concurrency: int = 0
    limit: int | None = None
    subset: int | None = None
    budget_usd: float | None = None
    fresh: bool = False

    def cache(self, settings: Settings) -> ResultCache:
        """Where replies and opinions are kept."""
        return ResultCache(settings.home / CACHE, fresh=self.fresh)


def chosen(wanted: RunOptions) -> Suite:
    """The cases of a run; raises as `load_suite`."""
    suite = load_suite(wanted.suite)
    if wanted.limit is not None:
        suite = first(suite, wanted.limit)
    return suite if wanted.subset is None else stratified(suite, wanted.subset, wanted.seed)


async def execute(wanted: RunOptions, on_done: OnDone = lambda _done, _all: None) -> Run:
    """Run what is wanted; a run that was interrupted goes on where it stopped.

    Args:
        wanted: what.
        on_done: told how far it is.

    Raises:
        PinciteError: nothing could be run, or the file holds another run.
    """
    require_place(wanted.out)
    suite = chosen(wanted)
    if suite.name == INJECTION:
        return await _execute_attacks(suite, wanted, on_done)
    named = {"name": wanted.model} if wanted.model else None
    settings = load_settings(home=wanted.home, collection=wanted.collection, model=named)
    await ensure_sample(settings)
    judges = _judges(wanted.judge, settings)
    assistant = await open_assistant(settings, _seeded(build_model(settings), wanted.seed))
    try:
        return await run_assistant(assistant, suite, wanted, judges, on_done)
    finally:
        await assistant.close()
        if judges is not None:
            await judges.close()


def _judges(name: str, settings: Settings) -> Judges | None:
    if not name:
        return None
    return Judges(build_judge(name, settings), build_checklist_judge(name, settings))


async def run_assistant(
    assistant: Assistant,
    suite: Suite,
    wanted: RunOptions,
    judges: Judges | None = None,
    on_done: OnDone = lambda _done, _all: None,
) -> Run:
    """Run a suite on an open assistant; raises as `execute`."""
    settings = assistant.parts.settings
    papers = {paper.paper_id: paper async for paper in assistant.papers()}
    _require_gold(suite, papers, settings)
    known = await identity(assistant, wanted.seed)
    shelf = wanted.cache(settings)
    abstracts = {key: paper.abstract for key, paper in papers.items()}
    judging = ReplyJudge(judges, shelf, abstracts) if judges else None
    answers = AssistantAnswers(Asker(assistant, shelf, known), Scorer(papers), judging)
    journal = Journal(wanted.out, head_of(known, suite, wanted, judges))
    return await run_items(suite.items, answers, journal, _limits(wanted, settings), on_done)


async def _execute_attacks(suite: Suite, wanted: RunOptions, on_done: OnDone) -> Run:
    from evals.injection.attack_answers import AttackAnswers, identity_of_attacks

    if wanted.judge or wanted.model:
        raise SuiteError("the injection suite has its own obedient model: leave out --model and --judge")
    settings = load_settings(home=wanted.home, collection=INJECTION)
    known = await identity_of_attacks(settings)
    async with AttackAnswers(suite, wanted.cache(settings), known) as answers:
        journal = Journal(wanted.out, head_of(known, suite, wanted))
        return await run_items(suite.items, answers, journal, _limits(wanted, settings), on_done)


def _limits(wanted: RunOptions, settings: Settings) -> Limits:
    """As many at once as is wanted, else as is usual for the model, or one."""
    usual = settings.model.concurrency if settings.model.name else 1
    return Limits(wanted.concurrency or usual, wanted.budget_usd)


def head_of(known: Mapping[str, Any], suite: Suite, wanted: RunOptions, judges: Judges | None = None) -> Head:
    """What a run is, with ``known``: all that a reply depends on beside the question."""
    code = digest_of([known["code"], known["weights"]])[:SHOWN_DIGITS]
    return Head(
        suite=suite.name,
        cases=suite.digest,
        collection=known["collection"],
        prompts=digest_of(known["prompts"]),
        settings=digest_of(known["settings"]),
        configuration=known["settings"],
        judge=judges.known_as if judges else "",
        writer=known["writer"] or "extractive",
        seed=wanted.seed,
        subset=wanted.subset or 0,
        unreviewed=suite.unreviewed,
        versions={**known["versions"], "answering code": code},
    )


def _require_gold(suite: Suite, papers: Mapping[str, Paper], settings: Settings) -> None:
    """A collection without any of the papers that are right would fail every case."""
    wanted = titles_of(suite.records)
    if wanted and not wanted & {paper.title for paper in papers.values()}:
        raise SuiteError(
            f"collection {settings.collection!r} has none of the {len(wanted)} papers that suite "
            f"{suite.name!r} expects; name another with --collection"
        )


@dataclass(frozen=True, slots=True)
class SeededModel:
    """Model all of whose draws have this seed."""

    inner: Model
    seed: int

    @property
    def name(self) -> str:
        """That of the inner model."""
        return self.inner.name

    @property
    def context_tokens(self) -> int:
        """That of the inner model."""
        return self.inner.context_tokens

    async def complete(self, request: Request, on_text: OnText | None = None) -> Completion:
        """As `rag.models.language_model.Model.complete`."""
        return await self.inner.complete(replace(request, seed=self.seed), on_text)

    async def close(self) -> None:
        """Close the inner model."""
        await self.inner.close()


def _seeded(model: Model | None, seed: int) -> Model | None:
    return SeededModel(model, seed) if model is not None else None
