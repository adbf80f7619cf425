"""What is asked for in a run, and what the run is then called."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from evals.cases.suites import Suite, first, load_suite, stratified
from evals.files import digest_of, require_place
from evals.records import Head
from evals.suite.answering import Limits
from evals.suite.run_files import ResultCache
from rag.models.language_model import Completion, Model, OnText, Request
from rag.settings import SAMPLE, Settings

CACHE = Path("cache") / "evaluation"
"""Below the home folder: replies and opinions that are kept."""

SHOWN_DIGITS = 12


@dataclass(frozen=True, slots=True)
class RunOptions:
    """The options of `pincite eval run`, named as there."""

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
    """The cases of a run.

    Raises:
        PinciteError: as `load_suite`; or no run can be written where it is to go.
    """
    require_place(wanted.out)
    suite = load_suite(wanted.suite)
    if wanted.limit is not None:
        suite = first(suite, wanted.limit)
    return suite if wanted.subset is None else stratified(suite, wanted.subset, wanted.seed)


def head_of(known: Mapping[str, Any], suite: Suite, wanted: RunOptions, judge: str = "") -> Head:
    """What a run is, with ``known``: all that a reply depends on beside the question."""
    code = digest_of([known["code"], known["weights"]])[:SHOWN_DIGITS]
    return Head(
        suite=suite.name,
        cases=suite.digest,
        collection=known["collection"],
        prompts=digest_of(known["prompts"]),
        settings=digest_of(known["settings"]),
        configuration=known["settings"],
        judge=judge,
        writer=known["writer"] or "extractive",
        seed=wanted.seed,
        subset=wanted.subset or 0,
        unreviewed=suite.unreviewed,
        versions={**known["versions"], "answering code": code},
    )


def limits_of(wanted: RunOptions, settings: Settings) -> Limits:
    """As many at once as is wanted, else as is usual for the model, or one."""
    usual = settings.model.concurrency if settings.model.name else 1
    return Limits(wanted.concurrency or usual, wanted.budget_usd)


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


def seeded(model: Model | None, seed: int) -> Model | None:
    """The model with this seed; None where there is none."""
    return SeededModel(model, seed) if model is not None else None
