"""Hold the exam: who sits it, over how much of it, and what is kept of it."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from evals.command_line import OnDone
from evals.exam.human_pairs import human_pairs, stratified
from evals.exam.marking import mark
from evals.exam.sitting import AnswerSheet, Exam, sit
from evals.exam.trials import KINDS, shipped_trials
from evals.judges.qualifications import Qualification
from evals.judges.registry import build_judge
from rag.build import load_settings
from rag.errors import ModelUnavailable
from rag.settings import Settings

SEED = 0
"""Of the sample of pairs."""

EVERYBODY = ("cosine", "lexical", "local/smollm2")
"""The judges that ship or that anybody can install."""

LOCAL_PAIRS, LOCAL_PER_KIND = 150, 4
"""What a local model sits where nothing else is said: it takes seconds a claim."""


@dataclass(frozen=True, slots=True)
class Sitting:
    """A judge that sat the exam: what it was asked, handed in and got; or why it was absent."""

    name: str
    exam: Exam | None = None
    paper: AnswerSheet | None = None
    qualification: Qualification | None = None
    absent: str = ""


@dataclass(frozen=True, slots=True)
class Extent:
    """How much of the exam is held.

    Attributes:
        path: SciFact's folder; None for the tests alone, after which nobody qualifies.
        limit: about so many pairs, drawn label by label; None for all, or for a local model's sample.
        per_kind: so many tests of each kind; None as above.
    """

    path: Path | None
    limit: int | None = None
    per_kind: int | None = None


def make_exam(extent: Extent, *, local: bool) -> Exam:
    """The exam for a judge.

    Args:
        extent: how much of it.
        local: whether the judge is a local model.

    Raises:
        SourceUnavailable: the folder cannot be read.
        MalformedRecord: a record in it is not of the form.
    """
    pairs = human_pairs(extent.path) if extent.path else []
    trials = shipped_trials()
    limit = extent.limit or (LOCAL_PAIRS if local else len(pairs))
    most = extent.per_kind or (LOCAL_PER_KIND if local else len(trials))
    asked = [trial for kind in KINDS for trial in [each for each in trials if each.kind == kind][:most]]
    return Exam(stratified(pairs, limit, SEED), len(pairs), asked, len(trials))


async def examine(name: str, extent: Extent, settings: Settings, on_progress: OnDone) -> Sitting:
    """Let a judge sit the exam.

    Raises:
        PinciteError: a judge has no such name, is not installed, or a file is missing.
    """
    exam = make_exam(extent, local=name.startswith("local/"))
    judge = build_judge(name, settings)
    try:
        paper = await sit(judge, exam, on_progress)
    finally:
        await judge.close()
    return Sitting(name, exam, paper, mark(exam, paper))


def examine_each(
    names: Sequence[str], extent: Extent, home: Path | None, on_progress: OnDone
) -> Iterator[Sitting]:
    """Judges as they come out of the exam; one that is not installed is absent if others sit too.

    Raises:
        PinciteError: as `examine`.
    """
    settings = load_settings(home=home)
    for name in names:
        try:
            yield asyncio.run(examine(name, extent, settings, on_progress))
        except ModelUnavailable as exc:
            if len(names) == 1:
                raise
            yield Sitting(name, absent=str(exc))
