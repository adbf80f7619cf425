"""How many relevant papers a set answer still lacks: an expected number and a 90 % interval."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

SHIFT = 0.55
"""Standard deviation of the error that all log-odds of one question share. Chosen by simulation of questions
whose log-odds are off by N(0, 0.5): without it 80 % of the intervals around 9 missing papers hold the truth,
with it 95 %, around 1 as around 25, for intervals half as wide again."""

SHIFTS = 15
"""Equally probable values of that error to average over; fewer leave steps in long intervals."""

TAIL = 0.05
"""Probability left out on either side of the interval."""

RARE = 1e-3
"""Papers less probable than this are counted together as a Poisson variable; by Le Cam's inequality no
probability changes by more than the sum of their squares."""

LEAST_LOGIT = -30.0


@dataclass(frozen=True, slots=True)
class RecallEstimate:
    """How many relevant papers are not in the answer set: their expected number, and a 90 % interval."""

    expected: float
    low: int
    high: int

    @property
    def in_words(self) -> str:
        """As in "about 2–5 more expected"."""
        span = f"{self.low:,}" if self.low == self.high else f"{self.low:,}–{self.high:,}"
        return f"about {span} more expected"


def missing(probabilities: Sequence[float], inside: Sequence[bool], unjudged: int = 0) -> RecallEstimate:
    """Estimate what an answer set lacks.

    The number of relevant papers among independent ones is Poisson-binomial, computed exactly by
    convolution (Hong 2013). Probabilities are never perfectly calibrated, and what is wrong is mostly
    common to a question: the distribution is averaged over a shift of all log-odds ~ N(0, `SHIFT`).

    Args:
        probabilities: of relevance, 0 to 1, of every judged paper: one whose probability was computed.
        inside: which of them are in the answer set, in the same order.
        unjudged: papers of the collection that never became candidates. Their probabilities are taken to
            go on falling below the least judged one as they fell before it (see `below`).

    Raises:
        ValueError: the two sequences differ in length.
    """
    outside = np.array([p for p, taken in zip(probabilities, inside, strict=True) if not taken], np.float64)
    further = below(probabilities, unjudged)
    counts = _distribution(outside, further)
    reached = np.cumsum(counts)
    return RecallEstimate(
        expected=float(outside.sum()) + further,
        low=int(np.searchsorted(reached, TAIL)),
        high=int(np.searchsorted(reached, 1 - TAIL)),
    )


def below(probabilities: Sequence[float], unjudged: int) -> float:
    """Expected relevant papers among ``unjudged`` ones that all rank below the judged, an upper bound.

    The best scores of a large collection lie above a cut like an exponential variable (Pickands 1975), so
    log-odds fall with the logarithm of the rank: p(r) = p(n) (n / r)^slope, the slope read off the lower
    half of the judged. Further down the scores of most distributions fall faster, and never is the bound
    above ``unjudged`` times the least judged probability.
    """
    if not unjudged or not len(probabilities):
        return 0.0
    ranked = np.sort(np.clip(np.asarray(probabilities, np.float64), 1e-13, 1.0))[::-1]
    judged_papers, least = len(ranked), float(ranked[-1])
    half = judged_papers // 2
    slope = math.log(float(ranked[half - 1]) / least) / math.log(judged_papers / half) if half else 0.0
    reach = math.log1p(unjudged / judged_papers)
    # The integral of (n / r)^slope from n to the last rank, in units of n.
    area = reach if math.isclose(slope, 1.0) else math.expm1((1 - slope) * reach) / (1 - slope)
    return least * min(float(unjudged), judged_papers * area)


def _distribution(outside: Matrix, further: float) -> Matrix:
    """Probability of each number of relevant papers from 0 on, averaged over the shifts."""
    shifts = _shifts()[:, None]
    with np.errstate(divide="ignore"):
        logits = np.log(outside) - np.log1p(-outside)
    moved = 1 / (1 + np.exp(-np.clip(logits + shifts, LEAST_LOGIT, -LEAST_LOGIT)))
    rare = outside < RARE
    rates = moved[:, rare].sum(axis=1) + further * np.exp(shifts[:, 0])
    counts = _poisson(rates, int((~rare).sum()))
    for chance in moved[:, ~rare].T:
        taken = counts[:, :-1] * chance[:, None]
        counts *= 1 - chance[:, None]
        counts[:, 1:] += taken
    averaged: Matrix = counts.mean(axis=0) / counts.sum(axis=1).mean()
    return averaged


def _shifts() -> Matrix:
    """`SHIFTS` equally probable points of N(0, `SHIFT`)."""
    normal = NormalDist(0, SHIFT)
    return np.array([normal.inv_cdf((step + 0.5) / SHIFTS) for step in range(SHIFTS)], np.float64)


def _poisson(rates: Matrix, room: int) -> Matrix:
    """Poisson probabilities, one row a rate, of 0 up to where nothing is left, with ``room`` zeros behind."""
    most = float(rates.max())
    counts = np.arange(int(most + 8 * math.sqrt(most)) + 12)
    factorials = np.concatenate([[0.0], np.cumsum(np.log(counts[1:]))])
    logs = counts * np.log(np.maximum(rates, 1e-300))[:, None] - rates[:, None] - factorials
    return np.pad(np.exp(logs), ((0, 0), (0, room)))
