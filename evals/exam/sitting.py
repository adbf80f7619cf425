"""The exam of a judge: human-labelled claims, and tests whose outcome is known by construction."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from evals.command_line import OnDone
from evals.exam.human_pairs import LabelledPair
from evals.exam.trials import Trial
from evals.judges.claims import Claim
from evals.judges.verdicts import ClaimJudge, ClaimVerdict
from evals.records import Status
from rag.models.language_model import Usage

STEP = 24
"""Claims that a judge is given at a time, so that progress can be told."""


@dataclass(frozen=True, slots=True)
class Exam:
    """What is asked.

    Attributes:
        pairs: claims that people labelled; maybe a sample of ``of_pairs``.
        trials: made by rule; maybe a sample of ``of_trials``.
    """

    pairs: Sequence[LabelledPair]
    of_pairs: int
    trials: Sequence[Trial]
    of_trials: int

    @property
    def claims(self) -> list[Claim]:
        """Everything that has to be judged, bases of trials too."""
        trials = [each for trial in self.trials for each in (trial.claim, trial.base) if each]
        return [*(pair.claim for pair in self.pairs), *trials]


@dataclass(frozen=True, slots=True)
class AnswerSheet:
    """What a judge handed in.

    Attributes:
        judge: its name.
        digest: see `ClaimJudge`.
        verdicts: by claim id.
        latency_ms: a claim, wall clock, on average.
        usage: of a model; nothing for replies that were cached.
    """

    judge: str
    digest: str
    verdicts: Mapping[str, ClaimVerdict]
    latency_ms: float
    usage: Usage

    def outcome(self, trial: Trial) -> bool | None:
        """Whether it passed a test; None where it gave no verdict."""
        said = self.verdicts[trial.claim.claim_id]
        before = self.verdicts[trial.base.claim_id] if trial.base else None
        if said.status is not Status.SCORED or (before and before.status is not Status.SCORED):
            return None
        return said.verdict is before.verdict if before else not said.supported


async def sit(judge: ClaimJudge, exam: Exam, on_progress: OnDone | None = None) -> AnswerSheet:
    """Let a judge judge all claims of an exam; claims have no question."""
    claims = exam.claims
    verdicts: dict[str, ClaimVerdict] = {}
    usage = Usage()
    started = time.perf_counter()
    for some in _steps(claims):
        found = await judge.judge("", some)
        verdicts |= {each.claim_id: each for each in found.judged}
        usage += found.usage
        if on_progress:
            on_progress(len(verdicts), len(claims))
    elapsed_ms = (time.perf_counter() - started) * 1000
    return AnswerSheet(judge.name, judge.digest, verdicts, elapsed_ms / max(len(claims), 1), usage)


def _steps(claims: Sequence[Claim]) -> Iterator[Sequence[Claim]]:
    return (claims[at : at + STEP] for at in range(0, len(claims), STEP))
