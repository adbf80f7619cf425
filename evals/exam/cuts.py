"""Where the baselines call a claim supported: `python -m evals.exam.cuts`.

Paraphrases of an abstract's sentences should be supported, sentences of other abstracts should not. Prints
for the lexical and the cosine judge the cut that parts the two best, on claims made by rule from the shipped
abstracts with another seed than the exam's. No human label is looked at.
"""

import asyncio
import sys
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from evals.exam.metamorphic import SEED, make_trials
from evals.judges.claims import Claim
from evals.judges.registry import build_judge
from evals.judges.verdicts import ClaimJudge
from ingest.sample_collection import sample_papers
from rag.build import load_settings
from rag.types import Paper

TRUE, FALSE = ("paraphrase",), ("another abstract", "citation swapped")
MADE = 60
"""Claims of each kind."""

STEPS = np.round(np.arange(0.05, 1.0, 0.05), 2)


def made_claims(papers: Sequence[Paper], per_kind: int) -> tuple[list[Claim], NDArray[np.bool_]]:
    """Claims, and which of them are true."""
    made = [each for each in make_trials(papers, SEED + 1, per_kind) if each.kind in (*TRUE, *FALSE)]
    return [each.claim for each in made], np.array([each.kind in TRUE for each in made])


async def best_cut(
    judge: ClaimJudge, claims: Sequence[Claim], true: NDArray[np.bool_]
) -> tuple[float, float]:
    """The cut on the judge's probability, in steps of 0.05, with the best balanced accuracy; and that."""
    found = (await judge.judge("", claims)).judged
    scores = np.array([each.probability for each in found])
    shares = [((scores[true] >= cut).mean() + (scores[~true] < cut).mean()) / 2 for cut in STEPS]
    # The middle of several that are equally good: the ends are luck.
    best = np.flatnonzero(np.isclose(shares, max(shares)))
    place = int(best[len(best) // 2])
    return float(STEPS[place]), float(shares[place])


def main() -> int:
    """Print a line for each baseline."""
    claims, true = made_claims(sample_papers(), MADE)
    for name in ("lexical", "cosine"):
        cut, share = asyncio.run(best_cut(build_judge(name, load_settings()), claims, true))
        print(f"{name}: {cut:.2f}; balanced accuracy {share:.1%} on {len(claims)} claims")
    return 0


if __name__ == "__main__":
    sys.exit(main())
