"""A judge's mean set right by human labels, with an interval that holds however wrong the judge is.

PPI++ (Angelopoulos, Duchi and Zrnic 2023): the judge's mean over everything, plus what people say it is off
by where they looked too. The more the judge agrees with people, the more it counts; a useless judge counts
nothing, and what is left is the mean of the human labels.

Two things differ from the paper. How much the judge counts is found for each fifth of the labels on the
others, so that no label decides over itself. And the interval is made of two (Zou and Donner 2008), each of
them that of `evals.bounded`: a judge that errs seldom may err not at all in fifty labels, from which a normal
interval concludes that it never does. The simulations of `evals.simulations` have both.
"""

import math
from collections.abc import Sequence

import numpy as np

from evals.bounded import SHARE, refuse_beyond, score_interval
from evals.clusters import Values, clustered
from evals.estimate import Estimate

FEWEST = 10
"""Human labels below which there is nothing to learn from how the judge differs."""

FOLDS = 5


def prediction_powered_mean(
    human: Sequence[float],
    judged_same: Sequence[float],
    judged_rest: Sequence[float],
    level: float = 0.95,
) -> Estimate:
    """The mean that people would have given everything.

    Args:
        human: labels from 0 to 1 of the items that people saw, drawn at random; ten or more.
        judged_same: the judge's scores from 0 to 1 of the same items, in the same order.
        judged_rest: its scores of the other items; one or more.
        level: of the interval, between 0 and 1.

    Raises:
        ValueError: too few labels, not the same items, no others, or a value is not from 0 to 1.
    """
    if len(human) < FEWEST or len(human) != len(judged_same) or not len(judged_rest):
        counts = (
            f"{len(human)} human labels, {len(judged_same)} of the judge for them, {len(judged_rest)} others"
        )
        raise ValueError(f"{counts}: expected {FEWEST} or more, as many, and one or more")
    refuse_beyond([*human, *judged_same, *judged_rest], SHARE)
    labels, same, rest = (np.asarray(each, np.float64) for each in (human, judged_same, judged_rest))
    trust = _trusts(labels, same, rest)
    mean = float(trust.mean())
    off = clustered(labels - trust * same, None)
    judged = clustered(rest, None)
    off_low, off_high = score_interval(off, level, (-float(trust.max()), 1.0))
    low, high = (mean * end for end in score_interval(judged, level, SHARE))
    return _together((low, mean * judged.mean, high), (off_low, off.mean, off_high))


def _trusts(labels: Values, same: Values, rest: Values) -> Values:
    """Of each label: how much the judge counts by the labels of the other folds; shape as of the labels."""
    fold = np.arange(len(labels)) % FOLDS
    by_fold = [_trust(labels[fold != each], same[fold != each], rest) for each in range(FOLDS)]
    return np.array(by_fold)[fold]


def _trust(labels: Values, same: Values, rest: Values) -> float:
    """What makes the variance of the mean least, 0 to 1 (their equation for power tuning)."""
    spread = float(np.var(np.concatenate([same, rest]), ddof=1))
    if not spread:
        return 0.0
    together = float(np.cov(labels, same)[0, 1])
    return min(1.0, max(0.0, together / (1 + len(labels) / len(rest)) / spread))


def _together(one: tuple[float, float, float], other: tuple[float, float, float]) -> Estimate:
    """The sum of two means that do not depend on each other, from low, mean and high of both."""
    mean = one[1] + other[1]
    down = math.hypot(one[1] - one[0], other[1] - other[0])
    up = math.hypot(one[2] - one[1], other[2] - other[1])
    return Estimate(mean, mean - down, mean + up)
