"""Several verdicts on one claim become one, by weight. Pure."""

from collections.abc import Mapping

from evals.judging.claims import Claim
from evals.judging.verdicts import Judged, Verdict, gravest
from evals.suite.records import Status

STRICTEST = (Verdict.ABSENT, Verdict.CONTRADICTED, Verdict.SUPPORTED)
"""Where votes are even, the first of these that is among them: nobody is sure that the claim is carried."""


def vote(claim: Claim, found: Mapping[str, Judged], weights: Mapping[str, float]) -> Judged:
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
        return Judged(claim.claim_id, status, why=f"too few verdicts: {told}")
    votes = {
        verdict: sum(weights[name] for name, each in scored.items() if each.verdict is verdict)
        for verdict in STRICTEST
    }
    chosen = max(votes, key=lambda verdict: votes[verdict])
    giving = [name for name, each in scored.items() if each.verdict is chosen]
    best = scored[max(giving, key=lambda name: weights[name])]
    probability = sum(weights[name] * _probability(each) for name, each in scored.items()) / heard
    return Judged(
        claim.claim_id, Status.SCORED, chosen, best.quote, best.paper_id, best.spans, probability, told
    )


def _probability(each: Judged) -> float:
    return float(each.supported) if each.probability is None else each.probability
