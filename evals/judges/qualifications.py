"""Who passed the exam: a record for each judge that sat it, committed, and found by name and digest."""

import json
from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter

from evals.files import Digest, Record, write_whole
from rag.errors import ConfigError, MalformedRecord

FILE = Path(__file__).parent / "qualifications.json"
BAR = 0.70
"""A judge qualifies if the lower ends of three 95 % intervals reach it."""

LEAST_COVERAGE = 0.98
LEAST_PAIRS, LEAST_TRIALS = 150, 200
"""Of a smaller exam nothing follows."""

Count = Annotated[int, Field(ge=0)]


class Estimate(Record):
    """A measure with its 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f}–{self.high:.3f})"


class TrialTally(Record):
    """Tests of one kind: passed, with a verdict, and all."""

    passed: Count
    scored: Count
    of: Count


class Qualification(Record):
    """What the exam says of a judge.

    Attributes:
        judge: as `build_judge` takes it.
        digest: see `ClaimJudge`; another digest is another judge.
        pairs: human-labelled pairs that it was asked about, of ``of_pairs``; a smaller number is a sample,
            drawn label by label.
        pairs_scored: those it gave a verdict on; all measures are over these.
        trials: metamorphic tests that it was asked about, of ``of_trials``.
        trials_scored: those with a verdict.
        balanced_accuracy: mean over the three labels of the share that it got right.
        kappa: agreement with the labels beyond chance.
        auroc: of its probability of support, supported pairs against all others.
        auroc_contradicted: against contradicted ones alone.
        auroc_absent: against those not in context alone.
        calibration_error: of its probability of support; a judge without one is as sure as its verdict.
        reliability: for ten bins of that probability, without empty ones: pairs, mean probability, share
            supported.
        caught: share of changed or foreign claims that it did not call supported.
        held: share of claims on which its verdict did not change where it must not.
        kinds: the same by kind of test.
        latency_ms: a claim, wall clock, on the machine of the exam; None for a language model, since its
            replies may have come from the cache.
    """

    judge: str
    digest: Digest
    pairs: Count
    of_pairs: Count
    pairs_scored: Count
    trials: Count
    of_trials: Count
    trials_scored: Count
    balanced_accuracy: Estimate | None
    kappa: Estimate | None
    auroc: Estimate | None
    auroc_contradicted: Estimate | None
    auroc_absent: Estimate | None
    calibration_error: Estimate | None
    reliability: tuple[tuple[Count, float, float], ...]
    caught: Estimate | None
    held: Estimate | None
    kinds: dict[str, TrialTally]
    latency_ms: float | None = None

    @property
    def qualified(self) -> bool:
        """Whether its scores may stop a change."""
        return not self.shortfalls

    @property
    def shortfalls(self) -> list[str]:
        """Why it is not qualified, a line each; empty if it is."""
        counts = (
            ("human-labelled pairs", self.pairs, self.pairs_scored, LEAST_PAIRS),
            ("metamorphic tests", self.trials, self.trials_scored, LEAST_TRIALS),
        )
        bars = (
            ("balanced accuracy", self.balanced_accuracy),
            ("changed claims caught", self.caught),
            ("verdicts held", self.held),
        )
        return [
            *(f"sat {asked} {what}, {least} are needed" for what, asked, _, least in counts if asked < least),
            *(
                f"gave a verdict on {scored} of {asked} {what}, {LEAST_COVERAGE:.0%} are needed"
                for what, asked, scored, _ in counts
                if scored < LEAST_COVERAGE * asked
            ),
            *(
                f"{what}: {'no figure' if each is None else each}, the lower end must reach {BAR:.2f}"
                for what, each in bars
                if each is None or each.low < BAR
            ),
        ]


def read_qualifications(file: Path | None = None) -> list[Qualification]:
    """Those on file, the committed one unless another is named; none where there is no file.

    Raises:
        MalformedRecord: the file is of another form.
    """
    place = file or FILE
    try:
        forms = json.loads(place.read_text("utf-8"))
        return TypeAdapter(list[Qualification]).validate_python(forms)
    except FileNotFoundError:
        return []
    except ValueError as exc:
        raise MalformedRecord(
            f"{str(place)!r} is no list of qualifications; `pincite eval qualify --save` writes it: {exc}"
        ) from exc


def qualification_of(name: str, digest: str, file: Path | None = None) -> Qualification | None:
    """What the exam said of exactly this judge; None if it never sat, or was another then."""
    return next((q for q in read_qualifications(file) if (q.judge, q.digest) == (name, digest)), None)


def save_qualification(new: Qualification, file: Path | None = None) -> None:
    """Put a judge's record in place of its last one.

    Raises:
        ConfigError: the file cannot be written.
        MalformedRecord: what is there is no list of qualifications.
    """
    place = file or FILE
    others = [each for each in read_qualifications(place) if each.judge != new.judge]
    kept = sorted([*others, new], key=lambda each: each.judge)
    write_whole(
        place, json.dumps([each.model_dump(mode="json") for each in kept], indent=1) + "\n", ConfigError
    )
