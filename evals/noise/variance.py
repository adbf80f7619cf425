"""What moves a judge's score: the question, its own chance, the wording of the prompt, the order of passages.

Variance components of a crossed design by symmetric differences (Koch 1967): half the mean squared
difference of two scores that differ in one thing alone is that thing's variance and that of chance. For
balanced designs this is the estimate of the analysis of variance; where scores are missing it stays
unbiased. A component that comes out negative is set to 0, and said to be. The thing's variance holds its
interplay with the others: a wording that is lenient with some questions only counts as wording.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evals.noise.rows import ScoreRow

SEED = 0
DRAWS = 1_000
NAMES = ("question", "paraphrase", "order", "repeat")

Cells = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Component:
    """The variance that one thing brings.

    Attributes:
        name: of `NAMES`.
        variance: 0 or more, in squared units of the score.
        low: of the 95 % interval, by resampling questions (percentile); ``high``: its other end.
        share: of the sum of all that were measured, 0 to 1; 0 where nothing varies.
        truncated: whether the estimate was negative and was set to 0.
    """

    name: str
    variance: float
    low: float
    high: float
    share: float
    truncated: bool


def components(rows: Sequence[ScoreRow], seed: int = 0) -> list[Component]:
    """The components that the design tells apart, in the order of `NAMES`.

    Without repeats, chance cannot be told from the rest and is left out; without paraphrases or orders,
    these.

    Args:
        rows: of one judge, one for each ask; those without a score are left out.
        seed: of the bootstrap.

    Raises:
        ValueError: fewer than two questions have a score, or rows are of several judges.
    """
    if len({row.judge for row in rows}) > 1:
        raise ValueError(f"rows of {sorted({row.judge for row in rows})}: expected those of one judge")
    table = _Table(rows)
    once = np.ones((1, table.questions))
    drawn = _multiplicities(table.questions, seed)
    raw, spread = table.variances(once)[0], table.variances(drawn)
    total = float(np.maximum(raw[np.isfinite(raw)], 0).sum())
    return [
        _component(name, float(raw[place]), spread[:, place], total)
        for place, name in enumerate(NAMES)
        if np.isfinite(raw[place])
    ]


def _component(name: str, raw: float, drawn: Cells, total: float) -> Component:
    low, high = np.nanquantile(np.maximum(drawn, 0), [0.025, 0.975])
    kept = max(0.0, raw)
    return Component(name, kept, float(low), float(high), kept / total if total else 0.0, raw < 0)


def _multiplicities(questions: int, seed: int) -> Cells:
    """How often each question is drawn; shape [draws, questions]."""
    rng = np.random.default_rng(seed)
    even = np.full(questions, 1 / questions)
    return rng.multinomial(questions, even, size=DRAWS).astype(np.float64)


class _Table:
    """Counts, sums and sums of squares of scores; shape [questions, paraphrases, orders]."""

    def __init__(self, rows: Sequence[ScoreRow]) -> None:
        scored = [(row, row.score) for row in rows if row.score is not None]
        places = [_numbered([getattr(row, name) for row, _ in scored]) for name in NAMES[:3]]
        shape = tuple(max(each, default=-1) + 1 for each in places)
        self.questions = shape[0]
        if self.questions < 2:  # noqa: PLR2004 - one question has no variance
            raise ValueError(f"{self.questions} questions with a score: expected two or more")
        self._counts, self._sums, self._squares = (np.zeros(shape) for _ in range(3))
        for at, (_, score) in zip(zip(*places, strict=True), scored, strict=True):
            self._counts[at] += 1
            self._sums[at] += score
            self._squares[at] += score**2

    def variances(self, times: Cells) -> Cells:
        """Estimates, not truncated, with each question so many times; [draws, names], nan where unknown."""
        own, own_pairs = self._within(())
        found = []
        for axis in (1, 2):
            differing, pairs = self._within((axis,))
            found.append(_mean(times, differing - own, pairs - own_pairs))
        repeat = _mean(times, own, own_pairs)
        chance = np.nan_to_num(repeat)
        return np.stack([self._between(times) - chance, *(each - chance for each in found), repeat], axis=1)

    def _within(self, over: tuple[int, ...]) -> tuple[Cells, Cells]:
        """Of each question: squared differences of pairs that agree but in ``over``, and twice the pairs."""
        count, total, square = (each.sum(axis=over) for each in (self._counts, self._sums, self._squares))
        rest = tuple(range(1, count.ndim))
        return (count * square - total**2).sum(axis=rest), (count * (count - 1)).sum(axis=rest)

    def _between(self, times: Cells) -> Cells:
        """Half the mean squared difference of two questions asked alike; shape [draws]."""
        count, total, square = (
            np.tensordot(times, each, 1) for each in (self._counts, self._sums, self._squares)
        )
        same = self._counts * self._squares - self._sums**2
        squares = (count * square - total**2).sum(axis=(1, 2)) - times**2 @ same.sum(axis=(1, 2))
        pairs = (count**2).sum(axis=(1, 2)) - times**2 @ (self._counts**2).sum(axis=(1, 2))
        return _ratio(squares, pairs)


def _mean(times: Cells, squares: Cells, pairs: Cells) -> Cells:
    return _ratio(times @ squares, times @ pairs)


def _ratio(squares: Cells, pairs: Cells) -> Cells:
    return np.divide(squares, pairs, out=np.full_like(squares, np.nan), where=pairs > 0)


def _numbered(labels: Sequence[Any]) -> list[int]:
    """A place for each label, from 0, in the order in which they come."""
    places: dict[Any, int] = {}
    return [places.setdefault(label, len(places)) for label in labels]
