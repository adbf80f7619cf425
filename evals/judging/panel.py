"""A panel: several judges vote, each with the weight that the exam gives it (Chu et al. 2024, PRE)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evals.judging.claims import Claim
from evals.judging.qualifications import Qualification, qualification_of
from evals.judging.verdicts import Judged, Judgement
from evals.judging.voting import vote
from rag.errors import ConfigError
from rag.models.language_model import Usage

if TYPE_CHECKING:
    from evals.judging.judges import ClaimJudge

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

    members: "Sequence[ClaimJudge]"
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

    def _voted(self, at: int, claim: Claim, found: Mapping[str, Judgement]) -> Judged:
        return vote(claim, {name: each.judged[at] for name, each in found.items()}, self.weights)

    async def close(self) -> None:
        """Close all members."""
        for member in self.members:
            await member.close()


def exam_weights(members: "Sequence[ClaimJudge]") -> dict[str, float]:
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
