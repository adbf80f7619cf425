"""From what a cross-encoder says of single sentences to what the whole evidence says of a statement. Pure.

Two questions are kept apart, since they go wrong apart: whether the evidence speaks of the statement at all,
and if so, which way. The probability of support is the product of the two.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

STEM, LEAST_LETTERS = 5, 3
"""Letters that stand for a word, whatever its ending; a word of fewer than three says nothing."""
_WORD = re.compile(r"[a-z0-9]+")

CONTEXT = ("closest", "share", "best share", "overlap", "stems")
"""Log-odds that the best sentence speaks of the statement; share of the statement's words, by weight, that
the evidence holds, and that its best sentence holds; the first without weights, small words too; the same of
the words' first letters."""
DIRECTION = ("telling", "mean")
"""Log-odds of support against contradiction: the closest sentence's, those read on average."""


@dataclass(frozen=True, slots=True)
class Combination:
    """Two logistic regressions: a weight for each signal, by name, and the intercept as `bias`."""

    context: Mapping[str, float]
    direction: Mapping[str, float]

    def probabilities(self, context: Floats, direction: Floats) -> Floats:
        """Supported, contradicted, not in context, shape [pairs, 3]; rows sum to 1.

        Args:
            context: shape [pairs, CONTEXT].
            direction: shape [pairs, DIRECTION].
        """
        spoken = _logistic(context, self.context, CONTEXT)
        agrees = _logistic(direction, self.direction, DIRECTION)
        found: Floats = np.stack([spoken * agrees, spoken * (1 - agrees), 1 - spoken], axis=1)
        return found


def context_signals(logits: Floats, shares: Sequence[float]) -> Floats:
    """The signals of `CONTEXT`.

    Args:
        logits: of the sentences read, shape [sentences, 3], at least one.
        shares: the last four signals, 0 to 1.
    """
    return np.array([_spoken(logits).max(), *shares])


def direction_signals(logits: Floats) -> Floats:
    """The signals of `DIRECTION`; the argument as above."""
    gaps = logits[:, 0] - logits[:, 1]
    return np.array([gaps[_spoken(logits).argmax()], gaps.mean()])


def word_shares(wanted: Mapping[int, float], held: Sequence[frozenset[int]]) -> tuple[Floats, float]:
    """Share of the wanted words' weight in each text, shape [texts], and in all texts together; 0 to 1."""
    total = sum(wanted.values()) or 1.0
    each = [sum(wanted[word] for word in wanted.keys() & words) / total for words in held]
    together = sum(wanted[word] for word in wanted.keys() & frozenset().union(*held)) / total
    return np.array(each), together


def stem_share(statement: str, texts: Sequence[str]) -> float:
    """Share of the statement's words, by their first letters, that are in the texts; 0 to 1."""
    wanted = {word[:STEM] for word in _WORD.findall(statement.lower()) if len(word) >= LEAST_LETTERS}
    held = {word[:STEM] for text in texts for word in _WORD.findall(text.lower())}
    return len(wanted & held) / len(wanted) if wanted else 0.0


def _spoken(logits: Floats) -> Floats:
    found: Floats = np.logaddexp(logits[:, 0], logits[:, 1]) - logits[:, 2]
    return found


def _logistic(signals: Floats, weights: Mapping[str, float], names: Sequence[str]) -> Floats:
    log_odds = signals @ np.array([weights[name] for name in names]) + weights["bias"]
    found: Floats = 1 / (1 + np.exp(-np.clip(log_odds, -30, 30)))
    return found
