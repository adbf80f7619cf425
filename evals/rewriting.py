"""How near a rewritten query has to stay to the query: `python -m evals.rewriting`.

Prints, for cosines of two queries in steps of 0.05, how many pairs of questions on different things come so
near, and how many pairs of questions for the same papers, each in words of its own; and the cosine that
`rag.rewrite.LEAST_COSINE` is. That follows from the first share alone, of calibration questions; the second
says what it costs. No model rewrites anything here.
"""

import asyncio
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from evals.questions import CASES, Case, read_cases
from rag.build import build_encoder, load_settings
from rag.ports import Encoder
from rag.query import understand
from rag.settings import SAMPLE
from rag.types import Vectors

MOST_STRANGERS = 0.02
"""Most of the pairs on different things that may come as near as a rewritten query has to."""

SAME_NEED = 0.6
"""Share of the relevant papers of two set questions that both have (Jaccard) where they ask for the same."""

STEPS = np.round(np.arange(0.30, 0.75, 0.05), 2)
DRAWS = 2_000
SEED = 0

Square = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Share:
    """Of pairs, 0 to 1, with its 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.1%} ({self.low:.1%}–{self.high:.1%})"


def topics_of(cases: Sequence[Case]) -> list[str]:
    """What would be searched for each case."""
    asked = [understand(case.question) for case in cases]
    return [question.topic or question.text for question in asked]


def strangers(cases: Sequence[Case]) -> Square:
    """Shape [cases, cases]: 1 where two share no paper, not even a partial one."""
    papers = [set(case.relevant) | set(case.partial) for case in cases]
    return _pairs(cases, lambda one, other: not papers[one] & papers[other])


def same_need(cases: Sequence[Case]) -> Square:
    """Shape [cases, cases]: 1 where two ask for nearly the same papers in other words."""
    papers = [set(case.relevant) for case in cases]
    words = [topic.casefold() for topic in topics_of(cases)]

    def same(one: int, other: int) -> bool:
        shared = len(papers[one] & papers[other]) / len(papers[one] | papers[other])
        return shared >= SAME_NEED and words[one] != words[other]

    return _pairs(cases, same)


def _pairs(cases: Sequence[Case], belongs: Callable[[int, int], bool]) -> Square:
    marks = np.zeros((len(cases), len(cases)))
    for one in range(len(cases)):
        for other in range(one):
            marks[one, other] = marks[other, one] = belongs(one, other)
    return marks


def share(near: NDArray[np.bool_], pairs: Square) -> Share:
    """Share of pairs that are near; whole questions are drawn for its interval, with all their pairs.

    Args:
        near: which pairs are, shape [cases, cases].
        pairs: 1 for each that counts, of the same shape, symmetric.

    Raises:
        ValueError: there is no pair.
    """
    if not pairs.any():
        raise ValueError("no pairs: a share needs at least one")
    rng = np.random.default_rng(SEED)
    drawn = rng.multinomial(len(pairs), np.full(len(pairs), 1 / len(pairs)), DRAWS).astype(np.float64)
    hits, of = (
        np.einsum("di,ij,dj->d", drawn, marks, drawn, optimize=True) for marks in (near * pairs, pairs)
    )
    low, high = np.quantile(hits[of > 0] / of[of > 0], [0.025, 0.975])
    return Share(float((near * pairs).sum() / pairs.sum()), float(low), float(high))


def least_cosine(cosines: Vectors, pairs: Square) -> float:
    """The first of `STEPS` that at most `MOST_STRANGERS` of the pairs reach.

    Args:
        cosines: of every two cases, shape [cases, cases].
        pairs: as `share` takes them.

    Raises:
        ValueError: more of them reach every step.
    """
    for step in STEPS:
        if share(cosines >= step, pairs).value <= MOST_STRANGERS:
            return float(step)
    raise ValueError(f"over {MOST_STRANGERS:.0%} of the pairs come nearer than {STEPS[-1]}")


async def cosines_of(cases: Sequence[Case], encoder: Encoder) -> Vectors:
    """Of what would be searched for every two cases; shape [cases, cases]."""
    vectors = await encoder.encode_queries(topics_of(cases))
    return vectors @ vectors.T


def table(apart: tuple[Vectors, Square], alike: tuple[Vectors, Square]) -> Table:
    """A row a step; each argument is the cosines of cases and the pairs that count among them."""
    shown = Table(
        "cosine", title="Pairs of questions whose queries come so near (95 % interval over questions)"
    )
    for name, (_, pairs) in (("of different things", apart), ("of the same papers", alike)):
        shown.add_column(f"{int(pairs.sum() / 2):,} {name}", justify="right")
    for step in STEPS:
        shown.add_row(
            f"{step:.2f}", *(str(share(cosines >= step, pairs)) for cosines, pairs in (apart, alike))
        )
    return shown


def main() -> int:
    """Print the table and the bound that follows from it."""
    encoder = build_encoder(load_settings(collection=SAMPLE))
    asked = {name: read_cases(CASES / f"{name}.jsonl") for name in ("calibration", "heldout", "dev")}
    calibration = [case for case in asked["calibration"] if case.relevant]
    sets = [case for cases in asked.values() for case in cases if case.kind == "set"]
    far, near = (asyncio.run(cosines_of(cases, encoder)) for cases in (calibration, sets))
    pairs = strangers(calibration)
    Console().print(table((far, pairs), (near, same_need(sets))))
    print(
        f"at most {MOST_STRANGERS:.0%} of those of different things: from {least_cosine(far, pairs):.2f} on"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
