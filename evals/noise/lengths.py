"""Whether a judge goes by length: the slope of its scores, and its preferences were answers equally long.

Length-Controlled AlpacaEval (Dubois et al. 2024) fits a generalised linear model of the preference on the
difference in length and asks it about no difference. Their term for the difficulty of a question needs
scores of many systems and is left out.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evals.clusters import Values, clustered
from evals.estimate import Estimate
from evals.noise.rows import PairRow, ScoreRow
from evals.student import t_quantile

WORDS = 100
RIDGE = 0.1
"""Weak pull of the length's weight towards 0: it has an end even where length decides everything."""

STEPS = 50
FEWEST = 10
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class LengthControlled:
    """How often the first of two answers is preferred, 0 to 1, ties half.

    Attributes:
        raw: as the judge said, with its mean alone.
        controlled: had the two been equally long.
        weight: log-odds that the longest first answers gain over equally long ones, about.
        pairs: of answers.
    """

    raw: float
    controlled: Estimate
    weight: Estimate
    pairs: int


def length_slope(rows: Sequence[ScoreRow]) -> Estimate:
    """Score points per 100 words more: least squares, errors robust to what a question's rows share.

    Longer answers may be better; a slope is a reason to look, not yet a bias.

    Raises:
        ValueError: fewer than ten questions have a score, or all answers are equally long.
    """
    scored = [(row.score, row.length, row.question) for row in rows if row.score is not None]
    questions = [question for _, _, question in scored]
    if len(set(questions)) < FEWEST:
        raise ValueError(f"{len(set(questions))} questions with a score: expected {FEWEST} or more")
    scores = np.array([score for score, _, _ in scored])
    lengths = np.array([length for _, length, _ in scored]) / WORDS
    centred = lengths - lengths.mean()
    square = float(centred @ centred)
    if not square:
        raise ValueError("all answers are equally long: no slope")
    slope = float(centred @ scores) / square
    pulls = clustered(centred * (scores - scores.mean() - slope * centred), questions).sums
    count = len(pulls)
    error = float(np.sqrt(pulls @ pulls * count / (count - 1))) / square
    half = t_quantile((1 + LEVEL) / 2, count - 1) * error
    return Estimate(slope, slope - half, slope + half)


def length_controlled(rows: Sequence[PairRow]) -> LengthControlled:
    """The preference for the first answers of pairs, with and without what length does to it.

    A pair's preference is the mean over its asks, both orders and all repeats. Logistic regression on the
    hyperbolic tangent of the standardised difference in length, with sandwich errors (White 1982).

    Raises:
        ValueError: fewer than ten pairs have a choice, or all differ in length by the same.
    """
    preferences, lengths = _by_pair(rows)
    if len(preferences) < FEWEST:
        raise ValueError(f"{len(preferences)} pairs with a choice: expected {FEWEST} or more")
    spread = float(lengths.std())
    if not spread:
        raise ValueError("all pairs differ in length by the same: nothing to control for")
    design = np.column_stack([np.ones(len(lengths)), np.tanh(lengths / spread)])
    weights, covariance = _logistic(design, preferences)
    errors = np.sqrt(np.diag(covariance))
    critical = t_quantile((1 + LEVEL) / 2, len(preferences) - 2)
    level, weight = (
        (float(each), float(each - critical * error), float(each + critical * error))
        for each, error in zip(weights, errors, strict=True)
    )
    controlled = Estimate(*(float(_sigmoid(np.array(each))) for each in level))
    return LengthControlled(float(preferences.mean()), controlled, Estimate(*weight), len(preferences))


def _by_pair(rows: Sequence[PairRow]) -> tuple[Values, Values]:
    """Preference for each pair's first answer, and how much longer that is."""
    said: defaultdict[str, list[float]] = defaultdict(list)
    lengths: dict[str, int] = {}
    for row in rows:
        if row.choice is not None:
            won = 0.5 if row.choice == "tie" else float((row.choice == "first") != row.swapped)
            said[row.pair].append(won)
            lengths[row.pair] = row.length_difference
    preferences = np.array([sum(each) / len(each) for each in said.values()])
    return preferences, np.array([lengths[pair] for pair in said], np.float64)


def _logistic(design: Values, preferences: Values) -> tuple[Values, Values]:
    """Weights, and their covariance whatever the noise; Newton's steps, never longer than 1."""
    weights = np.zeros(design.shape[1])
    penalty = np.diag([RIDGE / 10, *[RIDGE] * (design.shape[1] - 1)])
    for _ in range(STEPS):
        fitted = _sigmoid(design @ weights)
        bend = (design.T * (fitted * (1 - fitted))) @ design + penalty
        step = np.linalg.solve(bend, design.T @ (preferences - fitted) - penalty @ weights)
        weights += step / max(1.0, float(abs(step).max()))
    pulls = design * (preferences - _sigmoid(design @ weights))[:, None]
    inverse = np.linalg.inv(bend)
    covariance: Values = inverse @ (pulls.T @ pulls) @ inverse
    return weights, covariance


def _sigmoid(values: Values) -> Values:
    shares: Values = 1 / (1 + np.exp(-values))
    return shares
