"""Reranking: a cross-encoder's scores of the first papers, combined with the order they already have.

Both scores are standardised over the reranked papers, since neither scale means anything to the other, and
combined convexly, as Bruch, Gai and Ingber (2023) advise where scores rather than ranks are at hand.

The papers then exchange the scores they had: the first of the new order gets the highest, and so on. The
score of a reranker is no probability and was not fitted on our questions, so it may say who comes first but
not how sure we are. Exchanged, probabilities stay calibrated as a set: as many papers have each of them, so
as many lie above a threshold, as many relevant papers are expected, and an answer is as likely to exist at
all.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.errors import ModelError
from rag.models.budget import Meter
from rag.ports import Reranker
from rag.retrieval.candidates import Evidence
from rag.retrieval.paper_names import same_title
from rag.settings import RerankerSettings

Matrix = NDArray[np.float64]

RERANKING_SHARE = 0.5
"""Most of the time left to a question that its reranking may take: the rest is for writing."""


async def rerank(
    reranker: Reranker, options: RerankerSettings, asked: str, evidence: Evidence, scores: Sequence[float]
) -> list[float]:
    """The scores of the candidates, those of the first ``options.depth`` papers exchanged among them.

    The reranker reads the query that was searched beside title and abstract. A paper whose very title was
    ``asked`` for keeps its score. Scores are one a candidate, higher is better, of any scale.

    Raises:
        ModelError: the reranker failed.
    """
    papers = [item.paper for item in evidence.candidates]
    best = sorted(range(len(papers)), key=lambda row: (-scores[row], papers[row].paper_id))
    rows = [row for row in best[: options.depth] if not same_title(asked, papers[row].title)]
    if len({scores[row] for row in rows}) < 2:  # noqa: PLR2004 - nothing could be exchanged
        return list(scores)
    texts = [f"{papers[row].title}\n\n{papers[row].abstract}" for row in rows]
    opinions = await reranker.score(evidence.query, texts)
    return exchanged(scores, rows, opinions, options.weight)


async def rerank_within(  # noqa: PLR0917 - what `rerank` takes, and what it may cost
    meter: Meter,
    most_usd: float,
    reranker: Reranker,
    options: RerankerSettings,
    asked: str,
    evidence: Evidence,
    scores: list[float],
) -> tuple[list[float], dict[str, Any]]:
    """As `rerank`, and what the receipt says of it; the old scores if it failed or is too dear or too slow.

    It costs ``most_usd`` dollars at most and may take `RERANKING_SHARE` of the time that is left.
    """
    used = {"name": reranker.name, "depth": options.depth, "weight": options.weight}
    try:
        with meter.stage("rerank"):
            meter.spending.require(most_usd)
            async with asyncio.timeout(meter.spending.seconds_left() * RERANKING_SHARE):
                reranked = await rerank(reranker, options, asked, evidence, scores)
    except ModelError as exc:
        return scores, {"reranker": used | {"failed": str(exc)}}
    except TimeoutError:
        return scores, {"reranker": used | {"failed": str(meter.spending.late())}}
    meter.spending.pay(most_usd)
    return reranked, {"reranker": used}


def exchanged(
    scores: Sequence[float], rows: Sequence[int], opinions: Sequence[float], weight: float
) -> list[float]:
    """``scores`` with those at ``rows`` dealt out anew, the highest to the first of the combined order.

    Args:
        scores: one a paper; higher is better.
        rows: the reranked papers, distinct; the others keep their scores.
        opinions: the reranker's, one of each of ``rows``.
        weight: of the opinions, 0 (the order stays) to 1; where both together tie, the order stays.
    """
    held = [scores[row] for row in rows]
    together = combined(held, opinions, weight)
    order = sorted(range(len(rows)), key=lambda place: (-together[place], -held[place]))
    dealt = list(scores)
    for place, score in zip(order, sorted(held, reverse=True), strict=True):
        dealt[rows[place]] = score
    return dealt


def combined(scores: Sequence[float], opinions: Sequence[float], weight: float) -> list[float]:
    """``weight`` times the standardised opinions plus the rest times the standardised scores, one a paper."""
    both: list[float] = (weight * _standardised(opinions) + (1 - weight) * _standardised(scores)).tolist()
    return both


def _standardised(values: Sequence[float]) -> Matrix:
    """Mean 0 and deviation 1; all 0 where they are all the same."""
    column = np.asarray(values, np.float64)
    centred: Matrix = column - column.mean()
    deviation = float(centred.std())
    return centred / deviation if deviation > 0 else centred * 0
