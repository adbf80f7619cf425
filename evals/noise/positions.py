"""Whether a judge that compares two answers goes by which of them it is shown first.

Position consistency, preference fairness and repetition stability of Judging the Judges: A Systematic Study
of Position Bias in LLM-as-a-Judge (Shi et al. 2024). Their fairness weighs each side by its share and
scales by the most there can be; written out, it is the share of pairs that went to the later place less
that of the earlier.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from evals.estimate import Estimate
from evals.noise.rows import PairRow
from evals.stats import DIFFERENCE, SHARE, interval

AGREEING = {("first", "second"), ("second", "first"), ("tie", "tie")}
"""Choices in one order and the other that mean the same answer."""


@dataclass(frozen=True, slots=True)
class Positions:
    """How a judge goes by places.

    Attributes:
        consistency: share of pairs on which both orders give the same answer, 0 to 1.
        fairness: -1 where the one shown first always wins, 0 where neither is favoured, 1 where the second.
        stability: share of asks that agree with the commonest choice of the same ask; None without repeats.
        pairs: shown in both orders, with a choice in each; each repeat counts.
        unscored: without a choice in one order or the other.
    """

    consistency: Estimate
    fairness: Estimate
    stability: Estimate | None
    pairs: int
    unscored: int


def positions(rows: Sequence[PairRow]) -> Positions:
    """What two orders of each pair tell.

    Raises:
        ValueError: no pair has a choice in both orders.
    """
    asked: defaultdict[tuple[str, int], dict[bool, str | None]] = defaultdict(dict)
    for row in rows:
        asked[row.pair, row.repeat][row.swapped] = row.choice
    both = {key: (found.get(False), found.get(True)) for key, found in asked.items()}
    chosen = {key: found for key, found in both.items() if None not in found}
    if not chosen:
        raise ValueError(f"{len(rows)} comparisons, none with a choice in both orders: expected one or more")
    pairs = [pair for pair, _ in chosen]
    consistent = [float(found in AGREEING) for found in chosen.values()]
    favoured = [_favoured(found) for found in chosen.values()]
    return Positions(
        Estimate(_mean(consistent), *interval(consistent, pairs, bounds=SHARE)),
        Estimate(_mean(favoured), *interval(favoured, pairs, bounds=DIFFERENCE)),
        _stability(rows),
        len(chosen),
        len(both) - len(chosen),
    )


def _favoured(found: tuple[str | None, str | None]) -> float:
    """Which place won, whatever stood there: 1 the second, -1 the first, 0 neither."""
    if found in AGREEING:
        return 0.0
    return -1.0 if "first" in found else 1.0


def _stability(rows: Sequence[PairRow]) -> Estimate | None:
    choices: defaultdict[tuple[str, bool], list[str]] = defaultdict(list)
    for row in rows:
        if row.choice is not None:
            choices[row.pair, row.swapped].append(row.choice)
    repeated = {key: said for key, said in choices.items() if len(said) > 1}
    if not repeated:
        return None
    agreeing, pairs = [], []
    for (pair, _), said in repeated.items():
        commonest = Counter(said).most_common(1)[0][1]
        agreeing += [1.0] * commonest + [0.0] * (len(said) - commonest)
        pairs += [pair] * len(said)
    return Estimate(_mean(agreeing), *interval(agreeing, pairs, bounds=SHARE))


def _mean(values: Iterable[float]) -> float:
    numbers = list(values)
    return sum(numbers) / len(numbers)
