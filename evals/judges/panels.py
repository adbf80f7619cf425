"""Several verdicts on one claim become one, by weight. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evals.judges.claims import Claim
from evals.judges.qualifications import Qualification, qualification_of
from evals.judges.verdicts import ClaimJudge, ClaimLabel, ClaimVerdict, Judgement, gravest
from evals.records import Status
from rag.errors import ConfigError
from rag.models.language_model import Usage

STRICTEST = (ClaimLabel.ABSENT, ClaimLabel.CONTRADICTED, ClaimLabel.SUPPORTED)
"""Where votes are even, the first of these that is among them: nobody is sure that the claim is carried."""


def vote(claim: Claim, found: Mapping[str, ClaimVerdict], weights: Mapping[str, float]) -> ClaimVerdict:
    """The verdict with most weight, quoting the weightiest judge that gave it.

    There is a verdict only if judges of more than half of the weight gave one; else the status is the gravest
    of those that did not.

    Args:
        claim: what was judged.
        found: by judge.
        weights: of each judge, not negative, not all 0.
    """
    scored = {name: each for name, each in found.items() if each.status is Status.SCORED}
    told = "; ".join(f"{name}: {each.verdict or each.status}" for name, each in found.items())
    total, heard = sum(weights[name] for name in found), sum(weights[name] for name in scored)
    if heard * 2 <= total:
        status = gravest([each.status for each in found.values()])
        return ClaimVerdict(claim.claim_id, status, why=f"too few verdicts: {told}")
    votes = {
        verdict: sum(weights[name] for name, each in scored.items() if each.verdict is verdict)
        for verdict in STRICTEST
    }
    chosen = max(votes, key=lambda verdict: votes[verdict])
    giving = [name for name, each in scored.items() if each.verdict is chosen]
    best = scored[max(giving, key=lambda name: weights[name])]
    probability = sum(weights[name] * _probability(each) for name, each in scored.items()) / heard
    return ClaimVerdict(
        claim.claim_id, Status.SCORED, chosen, best.quote, best.paper_id, best.spans, probability, told
    )


def _probability(each: ClaimVerdict) -> float:
    return float(each.supported) if each.probability is None else each.probability


CHANCE = 1 / 3
"""Balanced accuracy, over three labels, of a judge that guesses."""


@dataclass(frozen=True, slots=True)
class Panel:
    """A `ClaimJudge` of several; asked one after the other, since they may share the machine.

    Attributes:
        members: two or more.
        weights: of each by name.
        digest: over those of the members and the weights.
    """

    members: Sequence[ClaimJudge]
    weights: Mapping[str, float]
    digest: str

    @property
    def name(self) -> str:
        """`panel/` and the names of the members."""
        return f"panel/{','.join(member.name for member in self.members)}"

    async def judge(self, question: str, claims: Sequence[Claim]) -> Judgement:
        """As `ClaimJudge.judge`; the reason of a verdict names who said what."""
        found = {member.name: await member.judge(question, claims) for member in self.members}
        usage = sum((each.usage for each in found.values()), Usage())
        return Judgement(tuple(self._voted(at, claim, found) for at, claim in enumerate(claims)), usage)

    def _voted(self, at: int, claim: Claim, found: Mapping[str, Judgement]) -> ClaimVerdict:
        return vote(claim, {name: each.judged[at] for name, each in found.items()}, self.weights)

    async def close(self) -> None:
        """Close all members."""
        for member in self.members:
            await member.close()


def exam_weights(members: Sequence[ClaimJudge]) -> dict[str, float]:
    """How far each is above chance in the exam: 0 for one that guesses, 1 for one that is always right.

    Raises:
        ConfigError: one never sat the exam as it is now, or nobody is above chance.
    """
    weights = {}
    for member in members:
        record = qualification_of(member.name, member.digest)
        if record is None:
            raise ConfigError(
                f"judge {member.name!r} has no place on a panel before it sat the exam: "
                f"pincite eval qualify --judge {member.name} --path SCIFACT --save"
            )
        weights[member.name] = weight_of(record)
    if not any(weights.values()):
        raise ConfigError(f"nobody of {', '.join(weights)} did better in the exam than by guessing")
    return weights


def weight_of(record: Qualification) -> float:
    """0 to 1: balanced accuracy above chance; 0 where its interval reaches down to chance."""
    found = record.balanced_accuracy
    if found is None or found.low <= CHANCE:
        return 0.0
    return (found.value - CHANCE) / (1 - CHANCE)
