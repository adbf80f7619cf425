"""What a run of the suite is on file: a head that says what was run, then one result a case."""

from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from evals.files import Digest, Record

SCHEMA_VERSION = 1


class Status(StrEnum):
    """What came of scoring; only SCORED has a value, and nothing else is ever turned into a number.

    NO_CLAIMS: there was nothing to score, as in an abstention. All others are gaps, which coverage counts:
    whoever was to score refused, gave an empty reply, one that breaks the agreed form, or could not be asked.
    """

    SCORED = "scored"
    REFUSED = "refused"
    EMPTY = "empty"
    NO_CLAIMS = "no_claims"
    UNSCORED_PARSE = "unscored_parse"
    UNSCORED_MODEL = "unscored_model"


class Score(Record):
    """One measure of one case.

    Attributes:
        measure: its name in `evals.catalogue`.
        value: None unless ``status`` is scored; the unit is the measure's.
        of: on how many units (quotes, statements, claims …) the value rests.
        why: a line for the reader: what was missing, what was wrong.
    """

    measure: str
    value: float | None = None
    status: Status = Status.SCORED
    of: Annotated[int, Field(ge=0)] = 1
    why: str = ""

    @model_validator(mode="after")
    def _value_goes_with_status(self) -> Self:
        if (self.value is None) == (self.status is Status.SCORED):
            raise ValueError(
                f"{self.measure}: value {self.value!r} with status {self.status}: only scored has one"
            )
        return self


class JudgedClaim(Record):
    """What a judge of faithfulness said of one sentence of an answer.

    Attributes:
        claim_id: c1, c2 … in the order of the answer.
        text: the sentence.
        status: scored, or why there is no verdict.
        verdict: supported, contradicted, not in context; empty unless scored.
        quote: the words of an abstract that decide, which stand there; may be empty.
        paper_id: of that abstract.
        probability: that the claim is supported, 0 to 1, where the judge gives one.
        why: how the verdict was reached, or what was wrong.
    """

    claim_id: str
    text: str
    status: Status
    verdict: str = ""
    quote: str = ""
    paper_id: str = ""
    probability: Annotated[float, Field(ge=0, le=1)] | None = None
    why: str = ""


class Result(Record):
    """What came of one case, or of one turn of a conversation (``case_id`` then ends in #1, #2 …).

    Attributes:
        case_id: unique in its run.
        cluster: what is resampled as one: the conversation of a turn, else the case itself.
        kind: set, fact, compare, unanswerable, conversation or injection.
        question: as asked.
        answer: as `pincite ask --json` gives it; empty where asking failed.
        ranking: titles of the papers found, best first; of a set question only.
        scores: in the order of the catalogue.
        claims: what a judge said of each sentence; none where nobody judged.
        latency_ms: of the whole answer, wall clock.
        tokens: sent to and received from a model.
        cost_usd: as the provider's price list has it, 0 without a model.
        failed: the error that ended the case, else empty; a failed case has no scores.
    """

    case_id: str
    cluster: str
    kind: str
    question: str
    answer: dict[str, Any] = Field(default_factory=dict)
    ranking: tuple[str, ...] = ()
    scores: tuple[Score, ...] = ()
    claims: tuple[JudgedClaim, ...] = ()
    latency_ms: Annotated[float, Field(ge=0)] = 0.0
    tokens: Annotated[int, Field(ge=0)] = 0
    cost_usd: Annotated[float, Field(ge=0)] = 0.0
    failed: str = ""

    @model_validator(mode="after")
    def _failures_have_no_scores(self) -> Self:
        if self.failed and self.scores:
            raise ValueError(f"{self.case_id}: failed ({self.failed}) and yet scored")
        return self

    def score(self, measure: str) -> Score | None:
        """The score of a measure, None where the measure does not apply to this case."""
        return next((score for score in self.scores if score.measure == measure), None)


class Head(Record):
    """What was run; two runs are comparable only where `collection`, `cases`, `prompts` and `judge` agree.

    Attributes:
        suite: name of the suite, or of the case file.
        cases: digest of the cases that were asked.
        collection: digest of the papers, as a receipt has it.
        prompts: digest of the prompt files of the model that writes; of none where none writes.
        settings: digest of every setting that an answer depends on.
        configuration: those settings themselves, to say what differs.
        judge: name and digest of the judge of faithfulness, empty where none judged.
        writer: `extractive` or the model string.
        seed: of everything drawn.
        subset: cases drawn from the suite, 0 for all of them.
        unreviewed: cases that were made by rule or by a model and that no person has looked at.
        versions: of Python and the packages answers depend on, and the digest of the code that answers.
    """

    schema_version: int = SCHEMA_VERSION
    suite: str
    cases: Digest
    collection: Digest
    prompts: Digest
    settings: Digest
    configuration: dict[str, Any] = Field(default_factory=dict)
    judge: str = ""
    writer: str = "extractive"
    seed: int = 0
    subset: Annotated[int, Field(ge=0)] = 0
    unreviewed: Annotated[int, Field(ge=0)] = 0
    versions: dict[str, str] = Field(default_factory=dict)


class Run(Record):
    """A whole run: on file as JSON lines, the head first."""

    head: Head
    results: tuple[Result, ...]

    def values(self, measure: str) -> dict[str, float]:
        """The scored values of a measure by case, in the order of the run."""
        found = ((result.case_id, result.score(measure)) for result in self.results)
        return {case: score.value for case, score in found if score and score.value is not None}
