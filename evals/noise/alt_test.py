"""Whether a judge may stand in for people: The Alternative Annotator Test (Calderon, Reichart and Dror 2025).

Each person in turn steps aside: who agrees better with the other people on an item, the judge or the
person? The judge wins against a person where it is as good, less what people cost (epsilon), after the
correction of Benjamini and Yekutieli (2001); it passes where it wins against at least half.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from evals.noise.rows import LabelRow
from evals.student import t_cdf

FEWEST_PEOPLE = 3
FEWEST_ITEMS = 30
"""Items of a person: below this a t test says nothing."""

EPSILON = 0.2
"""How much worse than an expert a judge may be, for costing less; 0.15 for skilled annotators (theirs)."""

ALPHA = 0.05
PASSING = 0.5

Labels = Mapping[str, Mapping[str, str]]
"""By annotator, then by item."""


@dataclass(frozen=True, slots=True)
class AltTest:
    """What came of the test.

    Attributes:
        winning_rate: share of the people that the judge may stand in for, 0 to 1.
        advantage: mean share of items on which the judge agrees with the others as well or better, 0 to 1.
        people: by name, the p of H0: the judge is worse than this person by epsilon or more.
        passed: whether the judge wins against at least half.
    """

    winning_rate: float
    advantage: float
    people: Mapping[str, float]
    passed: bool


def alt_test(rows: Sequence[LabelRow], judge: str, epsilon: float = EPSILON) -> AltTest | str:
    """The test on labels without an order; why it was not run, where it cannot be.

    Args:
        rows: of people and of the judge; no other judge among them.
        judge: which annotator is the judge.
        epsilon: between 0 and 1.
    """
    labels: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for row in rows:
        labels[row.annotator][row.item] = row.label
    people = {name: each for name, each in labels.items() if name != judge}
    if len(people) < FEWEST_PEOPLE:
        return f"not run: labels of {len(people)} people, {FEWEST_PEOPLE} or more are needed"
    found = {name: _compared(name, people, labels[judge]) for name in people}
    few = {name: len(wins) for name, wins in found.items() if len(wins) < FEWEST_ITEMS}
    if few:
        name, count = min(few.items(), key=lambda entry: entry[1])
        return f"not run: {count} items of {name!r} that others and the judge labelled, {FEWEST_ITEMS} needed"
    p_values = {name: _p(wins, epsilon) for name, wins in found.items()}
    rate = len(_rejected(p_values)) / len(people)
    advantage = float(np.mean([np.mean([judged for judged, _ in wins]) for wins in found.values()]))
    return AltTest(rate, advantage, p_values, rate >= PASSING)


def _compared(name: str, people: Labels, judged: Mapping[str, str]) -> list[tuple[bool, bool]]:
    """Item by item: does the judge agree with the others at least as well, and does the person."""
    wins = []
    for item, label in people[name].items():
        others = [each[item] for other, each in people.items() if other != name and item in each]
        if others and item in judged:
            of_judge, of_person = others.count(judged[item]), others.count(label)
            wins.append((of_judge >= of_person, of_person >= of_judge))
    return wins


def _p(wins: Sequence[tuple[bool, bool]], epsilon: float) -> float:
    """One-sided paired t test of H0: the person wins by epsilon or more."""
    differences = np.array([float(person) - float(judged) for judged, person in wins])
    error = float(differences.std(ddof=1)) / len(differences) ** 0.5
    gap = float(differences.mean()) - epsilon
    if not error:
        return 0.0 if gap < 0 else 1.0
    return t_cdf(gap / error, len(differences) - 1)


def _rejected(p_values: Mapping[str, float]) -> list[str]:
    """Names whose hypotheses fall with few false discoveries, however the tests depend on each other."""
    ordered = sorted(p_values, key=lambda name: p_values[name])
    count = len(ordered)
    shared = sum(1 / place for place in range(1, count + 1))
    passing = [
        place for place, name in enumerate(ordered, 1) if p_values[name] <= place / (count * shared) * ALPHA
    ]
    return ordered[: max(passing, default=0)]
