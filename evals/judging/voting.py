"""Several verdicts on one claim become one, by weight; and how far judges agree. Pure."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from itertools import combinations, permutations

from evals.judging.claims import Claim
from evals.judging.verdicts import Judged, Verdict, gravest
from evals.suite.records import Status

STRICTEST = (Verdict.ABSENT, Verdict.CONTRADICTED, Verdict.SUPPORTED)
"""Where votes are even, the first of these that is among them: nobody is sure that the claim is carried."""

ROUNDS = 50
Labels = Mapping[str, Mapping[str, str]]
"""For each judge what it called each item that it has a verdict on."""


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


def agreement(labels: Labels) -> float | None:
    """Share of pairs of judges that call an item the same, over all items that two or more judged."""
    pairs = [
        labels[one][item] == labels[other][item]
        for one, other in combinations(labels, 2)
        for item in labels[one].keys() & labels[other].keys()
    ]
    return sum(pairs) / len(pairs) if pairs else None


def alpha(labels: Labels) -> float | None:
    """Krippendorff's alpha for labels without an order (2004): agreement beyond chance, 1 at most.

    Judges may have left items out. None where everybody called everything the same, or nothing is shared.
    """
    items: defaultdict[str, list[str]] = defaultdict(list)
    for said in labels.values():
        for item, label in said.items():
            items[item].append(label)
    shared = [each for each in items.values() if len(each) > 1]
    counts = Counter(label for each in shared for label in each)
    total = sum(counts.values())
    seen = sum(sum(a != b for a, b in permutations(each, 2)) / (len(each) - 1) for each in shared)
    chance = sum(counts[a] * counts[b] for a, b in permutations(counts, 2))
    return 1 - (total - 1) * seen / chance if chance else None


def peer_weights(labels: Labels) -> dict[str, float]:
    """Weights, summing to 1, by which each judge stands with the others as they stand themselves.

    A judge's standing is the share of items on which another agrees with it, weighted by the other's own
    standing, and so on until nothing changes: peer rank (Li et al. 2023, PRD) on verdicts. Needs no exam, and
    rewards a majority that errs together.

    Args:
        labels: of two judges or more, each with an item in common with another.
    """
    weights = {name: 1 / len(labels) for name in labels}
    for _ in range(ROUNDS):
        standing = {name: _standing(name, labels, weights) for name in labels}
        total = sum(standing.values()) or 1.0
        weights = {name: each / total for name, each in standing.items()}
    return weights


def _standing(name: str, labels: Labels, weights: Mapping[str, float]) -> float:
    heard = said = 0.0
    for other in labels.keys() - {name}:
        shared = labels[name].keys() & labels[other].keys()
        heard += weights[other] * len(shared)
        said += weights[other] * sum(labels[name][item] == labels[other][item] for item in shared)
    return said / heard if heard else 0.0
