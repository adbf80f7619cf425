"""Stop asking as soon as the answer is known, without being fooled by having looked after every case.

Betting confidence sequences (Waudby-Smith and Ramdas 2024): against each mean that might be true, one bets
that it is more, another that it is less. Fair bets seldom multiply a stake by 1 / alpha at any time (Ville
1939), so that the means against which one got that rich are ruled out, whenever one looks.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from evals.gate.decision import Verdict

MEANS = 401
"""Candidate means of a difference, from -1 to 1 in steps of half a point."""

BOLDNESS = 0.75
"""Largest share of the stake that one bet can lose."""


@dataclass(frozen=True, slots=True)
class SequentialStop:
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


def watch(differences: Iterable[float], margin: float, alpha: float = 0.05) -> SequentialStop:
    """Look at differences one by one and stop at the first that settles the matter.

    Args:
        differences: as `Watch.see` takes them; what comes after the stop is not asked for.
        margin: see `Watch`.
        alpha: see `Watch`.

    Raises:
        ValueError: a difference is beyond -1 to 1, or the margin beyond 0 to 1.
    """
    looking = Watch(margin, alpha)
    for difference in differences:
        if looking.see(difference).decided != "inconclusive":
            break
    return looking.stop


class Watch:
    """Looking at differences as they come. Stakes are kept on either side of every candidate mean.

    Args:
        margin: the mean loss that a change may cost, above 0 and below 1.
        alpha: the largest share of watches, however long, that report a regression where nothing is lost;
            and of those that report a loss of the margin or more as fine.

    Attributes:
        stop: what is known so far.

    Raises:
        ValueError: the margin is beyond 0 to 1.
    """

    def __init__(self, margin: float, alpha: float = 0.05) -> None:
        if not 0 < margin < 1:
            raise ValueError(f"margin {margin!r}: expected above 0 (nothing is shown fine at 0) and below 1")
        self.stop = SequentialStop("inconclusive", -1.0, 1.0, 0)
        self._margin = margin
        self._riches = float(np.log(1 / alpha))
        self._means = np.linspace(0, 1, MEANS)
        self._kept = np.ones(MEANS, bool)
        self._above = np.zeros(MEANS)
        self._below = np.zeros(MEANS)
        self._total = 0.5
        self._squares = 0.25

    def see(self, difference: float) -> SequentialStop:
        """Bet on the next difference and say what is known now.

        Args:
            difference: new minus old, -1 to 1, higher is better; they come in random order, one for each
                cluster (of a conversation the mean over its turns).

        Raises:
            ValueError: it is beyond -1 to 1.
        """
        if not -1 <= difference <= 1:
            raise ValueError(f"difference {difference!r}: expected -1 to 1")
        value = (difference + 1) / 2
        self._bet(value)
        self._learn(value)
        low, high = self._ends()
        decided: Verdict = "regression" if high < 0 else "fine" if low > -self._margin else "inconclusive"
        self.stop = SequentialStop(decided, low, high, self.stop.n + 1)
        return self.stop

    def _bet(self, value: float) -> None:
        """Values and means lie between 0 and 1 here; the stake is set before the value is known."""
        after = self.stop.n + 1
        spread = self._squares / after
        stake = float(np.sqrt(2 * self._riches / (spread * after * np.log1p(after))))
        with np.errstate(divide="ignore"):
            up = np.minimum(stake, BOLDNESS / self._means)
            down = np.minimum(stake, BOLDNESS / (1 - self._means))
        self._above += np.log1p(up * (value - self._means))
        self._below += np.log1p(-down * (value - self._means))
        left = self._kept & (np.maximum(self._above, self._below) < self._riches)
        self._kept = left if left.any() else self._kept

    def _learn(self, value: float) -> None:
        after = self.stop.n + 1
        self._total += value
        self._squares += (value - self._total / (after + 1)) ** 2

    def _ends(self) -> tuple[float, float]:
        """Of the means that are left, a step wider on either side: the truth may lie between two of them."""
        places = np.flatnonzero(self._kept)
        low, high = max(0, places[0] - 1), min(MEANS - 1, places[-1] + 1)
        return float(2 * self._means[low] - 1), float(2 * self._means[high] - 1)
