"""Stop asking as soon as the answer is known, without being fooled by having looked after every case.

Betting confidence sequences (Waudby-Smith and Ramdas 2024): against each mean that might be true, one bets
that it is more, another that it is less. Fair bets seldom multiply a stake by 1 / alpha at any time (Ville
1939), so that the means against which one got that rich are ruled out, whenever one looks.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from evals.suite.decision import Verdict

MEANS = 401
"""Candidate means of a difference, from -1 to 1 in steps of half a point."""

BOLDNESS = 0.75
"""Largest share of the stake that one bet can lose."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Where looking ended.

    Attributes:
        decided: `regression` where the mean difference is below 0, `fine` where it is above -margin, else
            `inconclusive`: the cases ran out.
        low: least mean that is not ruled out; ``high``: the greatest. Each end alone holds with 1 - alpha.
        n: differences looked at.
    """

    decided: Verdict
    low: float
    high: float
    n: int


def watch(differences: Iterable[float], margin: float, alpha: float = 0.05) -> Stop:
    """Look at differences one by one and stop at the first that settles the matter.

    Args:
        differences: new minus old, -1 to 1, higher is better; in random order, one for each cluster (the mean
            over a conversation's turns). Taken one at a time: what comes after the stop is not asked for.
        margin: the mean loss that a change may cost, above 0 and below 1.
        alpha: the largest share of watches, however long, that report a regression where nothing is lost;
            and of those that report a loss of the margin or more as fine.

    Raises:
        ValueError: a difference is beyond -1 to 1, or the margin beyond 0 to 1.
    """
    if not 0 < margin < 1:
        raise ValueError(f"margin {margin!r}: expected above 0 (nothing is shown fine at 0) and below 1")
    bets = _Bets(alpha)
    low, high = -1.0, 1.0
    for difference in differences:
        low, high = bets.place(difference)
        if high < 0:
            return Stop("regression", low, high, bets.count)
        if low > -margin:
            return Stop("fine", low, high, bets.count)
    return Stop("inconclusive", low, high, bets.count)


class _Bets:
    """Stakes on either side of every candidate mean; inside, values lie between 0 and 1."""

    def __init__(self, alpha: float) -> None:
        self.count = 0
        self._alpha = alpha
        self._means = np.linspace(0, 1, MEANS)
        self._kept = np.ones(MEANS, bool)
        self._above = np.zeros(MEANS)
        self._below = np.zeros(MEANS)
        self._total = 0.5
        self._squares = 0.25

    def place(self, difference: float) -> tuple[float, float]:
        """Bet on the next difference; the interval of what has never been ruled out."""
        if not -1 <= difference <= 1:
            raise ValueError(f"difference {difference!r}: expected -1 to 1")
        value = (difference + 1) / 2
        size = self._size()
        with np.errstate(divide="ignore"):
            up = np.minimum(size, BOLDNESS / self._means)
            down = np.minimum(size, BOLDNESS / (1 - self._means))
        self._above += np.log1p(up * (value - self._means))
        self._below += np.log1p(-down * (value - self._means))
        self._kept &= np.maximum(self._above, self._below) < np.log(1 / self._alpha)
        self._learn(value)
        return self._ends()

    def _size(self) -> float:
        """The bet for the next value, from the variance of those before it (their equation 15)."""
        after = self.count + 1
        spread = self._squares / after
        return float(np.sqrt(2 * np.log(1 / self._alpha) / (spread * after * np.log1p(after))))

    def _learn(self, value: float) -> None:
        self.count += 1
        self._total += value
        self._squares += (value - self._total / (self.count + 1)) ** 2

    def _ends(self) -> tuple[float, float]:
        """Of the candidates left, a step wider on either side: the truth may lie between two of them."""
        places = np.flatnonzero(self._kept)
        if not len(places):
            return 0.0, 0.0
        low, high = max(0, places[0] - 1), min(MEANS - 1, places[-1] + 1)
        return float(2 * self._means[low] - 1), float(2 * self._means[high] - 1)
