"""One model as a panel of roles, in two layers: Wider and Deeper LLM Networks (Zhang et al. 2023).

In the first layer each role judges by itself; in the second each sees all reviews and judges again; the
verdicts of the second are counted. The roles are fixed, where the paper has a model invent some for each
input: what differs from run to run cannot be examined.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from evals.judging.claims import Claim
from evals.judging.model_judge import FULL, Form, ModelJudge
from evals.judging.prompting import claims_request, line, prompt, tame
from evals.judging.verdicts import Judged, Judgement
from evals.judging.voting import vote
from rag.models.language_model import Message, Model, Request, Usage

ROLES, DEEPER = "roles/1", "deeper/1"
Reviews = Mapping[str, Mapping[str, Judged]]
"""By role, then by claim id."""


def roles() -> dict[str, str]:
    """What each role is told, by name."""
    return dict(each.split(": ", 1) for each in prompt(ROLES).splitlines())


@dataclass(frozen=True, slots=True)
class RolesJudge:
    """A `ClaimJudge` over a model that is asked twice in each of its roles: eight calls for some claims.

    Attributes:
        model: plays all roles.
        digest: see `ClaimJudge`.
    """

    model: Model
    digest: str

    @property
    def name(self) -> str:
        """`roles/` and the model's."""
        return f"roles/{self.model.name}"

    async def judge(self, question: str, claims: Sequence[Claim]) -> Judgement:
        """As `ClaimJudge.judge`; all roles weigh the same."""
        wider, used = await self._layer(question, claims, {})
        deeper, more = await self._layer(question, claims, wider)
        even = dict.fromkeys(deeper, 1.0)
        found = tuple(
            vote(claim, {role: each[claim.claim_id] for role, each in deeper.items()}, even)
            for claim in claims
        )
        return Judgement(found, used + more)

    async def _layer(self, question: str, claims: Sequence[Claim], reviews: Reviews) -> tuple[Reviews, Usage]:
        found: dict[str, dict[str, Judged]] = {}
        usage = Usage()
        for role, told in roles().items():
            form = in_role(role, told, reviews)
            judgement = await ModelJudge(self.model, self.digest, form).judge(question, claims)
            found[role] = {each.claim_id: each for each in judgement.judged}
            usage += judgement.usage
        return found, usage

    async def close(self) -> None:
        """Close the model."""
        await self.model.close()


def in_role(role: str, told: str, reviews: Reviews) -> Form:
    """The form of a judge that plays a role, and has read reviews where there are some."""

    def request(question: str, claims: Mapping[str, Claim], faults: Mapping[str, str]) -> Request:
        plain = claims_request(question, claims, faults)
        system, user = plain.messages
        heard = _heard(claims, reviews)
        return replace(
            plain,
            messages=(
                Message("system", f"{system.content}\n\n{told}"),
                Message("user", "\n\n".join([user.content, *heard])),
            ),
            prompt=f"{plain.prompt}+{ROLES}:{role}" + (f"+{DEEPER}" if heard else ""),
        )

    return replace(FULL, prompts=(*FULL.prompts, ROLES, DEEPER), request=request)


def _heard(claims: Mapping[str, Claim], reviews: Reviews) -> list[str]:
    """What all roles said of these claims; a role that said nothing is left out."""
    lines = [
        line({"reviewer": role, "id": key, "quote": tame(said.quote), "verdict": str(said.verdict)})
        for role, found in reviews.items()
        for key, claim in claims.items()
        if (said := found[claim.claim_id]).verdict
    ]
    return ["\n".join([prompt(DEEPER), *lines])] if lines else []
