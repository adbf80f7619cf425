"""Faithfulness: the share of an answer's claims that the abstracts they cite support, by a judge."""

from collections.abc import Sequence

from evals.judges.claims import Claim
from evals.judges.verdicts import ClaimJudge, ClaimLabel, ClaimVerdict, gravest, in_order
from evals.records import Score, Status

MEASURE = "faithfulness"
NAMED = 3
"""Claims without a verdict that a score names."""


async def faithfulness(
    judge: ClaimJudge, question: str, claims: Sequence[Claim]
) -> tuple[Score, tuple[ClaimVerdict, ...]]:
    """The score of an answer, and the verdict on each of its claims, in their order.

    The value is supported claims over all claims. Where a single claim has no verdict there is no value: a
    smaller denominator would be another measure. A claim that cites nothing is not supported, and nobody is
    asked.

    Args:
        judge: asked once, about all claims that cite something.
        question: what the answer answers.
        claims: as `claims_of` gives them.
    """
    cited = [claim for claim in claims if claim.evidence]
    asked = (await judge.judge(question, cited)).judged if cited else ()
    uncited = [
        ClaimVerdict(
            claim.claim_id, Status.SCORED, ClaimLabel.ABSENT, probability=0.0, why="it cites no abstract"
        )
        for claim in claims
        if not claim.evidence
    ]
    found = in_order(claims, [*asked, *uncited])
    return score_of(found), found


def score_of(found: Sequence[ClaimVerdict]) -> Score:
    """The score of an answer of these claims."""
    if not found:
        return Score(measure=MEASURE, status=Status.NO_CLAIMS, of=0, why="the answer says nothing")
    status = gravest([each.status for each in found])
    if status is not Status.SCORED:
        return Score(measure=MEASURE, status=status, of=len(found), why=_without(found))
    wrong = [each for each in found if not each.supported]
    value = (len(found) - len(wrong)) / len(found)
    return Score(measure=MEASURE, value=value, of=len(found), why="; ".join(map(_not_supported, wrong)))


def _without(found: Sequence[ClaimVerdict]) -> str:
    missing = [each for each in found if each.status is not Status.SCORED]
    told = "; ".join(f"{each.claim_id}: {each.why}" for each in missing[:NAMED])
    return f"{len(missing)} of {len(found)} claims have no verdict: {told}"


def _not_supported(each: ClaimVerdict) -> str:
    return f"{each.claim_id} {each.verdict}"
