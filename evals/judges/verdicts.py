"""What a judge says of claims: a verdict each, with the words it rests on, or why there is none."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from evals.judges.claims import Claim
from evals.records import Status
from rag.models.language_model import Usage
from rag.text.quoting import locate
from rag.text.words import tokens
from rag.types import Span

UNUSED = Usage()
LEAST_QUOTE = 3
"""Words and numbers of a quote that is to decide something: "of the" stands in every abstract."""

GRAVEST = (Status.UNSCORED_MODEL, Status.REFUSED, Status.EMPTY, Status.UNSCORED_PARSE)
"""What a score is called whose parts failed in several ways: the first that occurs."""


class ClaimLabel(StrEnum):
    """What the abstracts say of a claim."""

    SUPPORTED = "supported"
    CONTRADICTED = "contradicted"
    ABSENT = "not in context"


@dataclass(frozen=True, slots=True)
class ClaimVerdict:
    """A claim's verdict.

    Attributes:
        claim_id: that of the claim.
        status: scored, or why there is no verdict.
        verdict: None unless scored.
        quote: the words of an abstract that decide; may be empty where the verdict is "not in context".
        paper_id: of the abstract they stand in.
        spans: where they stand in it, a span for each part between ellipses.
        probability: that the claim is supported, 0 to 1; None where the judge gives none.
        why: what was wrong where there is no verdict; else how it was reached, or empty.
    """

    claim_id: str
    status: Status
    verdict: ClaimLabel | None = None
    quote: str = ""
    paper_id: str = ""
    spans: tuple[Span, ...] = ()
    probability: float | None = None
    why: str = ""

    def __post_init__(self) -> None:
        if (self.verdict is None) == (self.status is Status.SCORED):
            raise ValueError(f"{self.claim_id}: {self.verdict!r} with status {self.status}: scored has one")

    @property
    def supported(self) -> bool:
        """Whether it was called so."""
        return self.verdict is ClaimLabel.SUPPORTED


@dataclass(frozen=True, slots=True)
class Judgement:
    """One `ClaimVerdict` for each claim that was asked about, in the same order, and what it took."""

    judged: tuple[ClaimVerdict, ...]
    usage: Usage = UNUSED


class ClaimJudge(Protocol):
    """Somebody who says of claims whether the abstracts they cite carry them. Safe to call concurrently."""

    @property
    def name(self) -> str:
        """As `build_judge` takes it."""

    @property
    def digest(self) -> str:
        """SHA-256, in hex, over all that decides its verdicts: name, prompts, weights."""

    async def judge(self, question: str, claims: Sequence[Claim]) -> Judgement:
        """A verdict for each claim, or why there is none; a model's failures are statuses, not errors.

        Args:
            question: what the claims answer; may be empty.
            claims: each with at least one abstract, ids unique.
        """

    async def close(self) -> None:
        """Let go of models; idempotent."""


def read_label(label: object) -> ClaimLabel | None:
    """The verdict that a label names, in any case and with blanks or underscores; None if it names none."""
    named = label.strip().lower().replace("_", " ") if isinstance(label, str) else ""
    return ClaimLabel(named) if named in list(ClaimLabel) else None


def no_verdict(label: object) -> str:
    """What is wrong with a label that names none."""
    return f"the verdict is {label!r:.40}, expected one of {', '.join(ClaimLabel)}"


def verdict_with_quote(
    claim: Claim, verdict: ClaimLabel, quote: str, probability: float | None = None
) -> ClaimVerdict | str:
    """The verdict with its quote located in an abstract of the claim, or what is wrong with the quote."""
    if not quote.strip():
        if verdict is not ClaimLabel.ABSENT:
            return f"{verdict}, but no quote"
        return ClaimVerdict(claim.claim_id, Status.SCORED, verdict, probability=probability)
    if verdict is not ClaimLabel.ABSENT and len(tokens(quote)) < LEAST_QUOTE:
        return f"the quote {quote!r:.40} is too short to decide anything"
    for each in claim.evidence:
        if spans := locate(quote, each.abstract):
            return ClaimVerdict(
                claim.claim_id, Status.SCORED, verdict, quote, each.paper_id, spans, probability
            )
    return f"the quote {quote!r:.80} stands in no abstract that the claim cites"


def in_order(claims: Sequence[Claim], found: Sequence[ClaimVerdict]) -> tuple[ClaimVerdict, ...]:
    """What was found, one for each claim in their order.

    Raises:
        ValueError: they are not of the same claims: a judge of ours has a bug.
    """
    by_id = {each.claim_id: each for each in found}
    if len(found) != len(claims) or set(by_id) != {claim.claim_id for claim in claims}:
        raise ValueError(f"{len(found)} verdicts for {len(claims)} claims: expected one for each id")
    return tuple(by_id[claim.claim_id] for claim in claims)


def gravest(statuses: Sequence[Status]) -> Status:
    """What several are called together: scored only if all are."""
    return next((status for status in GRAVEST if status in statuses), Status.SCORED)
