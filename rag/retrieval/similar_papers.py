"""Papers like a paper: those whose passages lie nearest to its own."""

from collections.abc import Sequence

import numpy as np

from rag.ports import Store
from rag.types import RankedPaper, Vectors

PASSAGES_A_PAPER = 4
"""Passages that are asked for, for each paper wanted: long abstracts hold several."""


async def similar(store: Store, paper_id: str, top_k: int) -> list[RankedPaper]:
    """The ``top_k`` papers most like one, by cosine to the mean of its passages, without itself.

    Args:
        store: the open collection.
        paper_id: of a stored paper; one that is not stored is like none.
        top_k: at least 1.

    Raises:
        StoreError: the collection cannot be read.
    """
    own = await store.fetch([paper_id])
    if not own:
        return []
    centre = _centre([each.dense for each in own])
    hits = await store.search_dense(centre, top_k * PASSAGES_A_PAPER + len(own))
    best: dict[str, float] = {}
    for hit in hits:
        if hit.paper_id != paper_id:
            best.setdefault(hit.paper_id, hit.score)
    first = list(best)[:top_k]
    titles = {each.passage.paper.paper_id: each.passage.paper.title for each in await store.fetch(first)}
    return [RankedPaper(key, titles[key], best[key]) for key in first]


def _centre(vectors: Sequence[Vectors]) -> Vectors:
    centre = np.mean(vectors, axis=0)
    unit: Vectors = (centre / max(float(np.linalg.norm(centre)), 1e-12)).astype(np.float32)
    return unit
