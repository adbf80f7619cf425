"""Why a system gives a wrong number, as the sources of ragas 0.4.3 and DeepEval 4.3.1 have it."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Why:
    """An explanation.

    Attributes:
        text: what the source does.
        by_definition: whether it asks another question than ours, on purpose, and answers that one rightly.
    """

    text: str
    by_definition: bool = False


UNEXPLAINED = Why("nobody has explained this yet; was the library updated?")
POOLED = Why(
    "all retrieved papers are joined to one context; which of them a sentence cites is not asked",
    by_definition=True,
)
BELIEVED = Why(
    "a verdict needs no evidence, so that praise cannot be told from a finding", by_definition=True
)
LISTED = Why("the judge lists the claims itself; one that it overlooks is missing from the denominator")
RAGAS_DIVIDES = Why(
    "Faithfulness._compute_score divides by the verdicts that came back, not by the statements it asked about"
)
DEEPEVAL_DIVIDES = Why(
    "score_qag_verdicts divides by the verdicts that came back, not by the claims it asked about"
)
DEEPEVAL_EMPTY = Why("score_qag_verdicts gives 1 where there is no verdict at all")
DEEPEVAL_BORDERLINE = Why(
    "a claim that no paper bears out is 'borderline' by its prompt, and that passes unless "
    "penalize_ambiguous_claims is set",
    by_definition=True,
)

_DIVIDED = (
    "a verdict missing at first",
    "a verdict always missing",
    "a verdict twice",
    "a verdict on no claim",
)
_OF_ALL = {
    "cites another paper": POOLED,
    "praise without evidence": BELIEVED,
    "a claim overlooked": LISTED,
}
_RAGAS = {
    **_OF_ALL,
    **dict.fromkeys(_DIVIDED, RAGAS_DIVIDES),
    "a verdict nobody knows": Why("the verdict is any integer, and any but 0 is faithful: so is -1"),
}
_DEEPEVAL = {
    **_OF_ALL,
    **dict.fromkeys(_DIVIDED, DEEPEVAL_DIVIDES),
    **dict.fromkeys(("abstains: no claims", "no verdicts", "all claims overlooked"), DEEPEVAL_EMPTY),
}
_BORNE_OUT = ("some not in the abstracts", "nothing in the abstracts", "cites a paper that is not there")
WHY: Mapping[str, Mapping[str, Why]] = {
    "ragas": _RAGAS,
    "deepeval": {**_DEEPEVAL, **dict.fromkeys(_BORNE_OUT, DEEPEVAL_BORDERLINE)},
    "deepeval-strict": _DEEPEVAL,
}
"""By system, then by kind of answer."""


def why(system: str, kind: str) -> Why | None:
    """The explanation, or None where nobody has one yet."""
    return WHY.get(system, {}).get(kind)
