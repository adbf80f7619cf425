"""Dense retrieval alone: the exact cosine of query and paper, one vector a paper."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rag.ports import Encoder
from rag.text.sentences import index_text
from rag.types import Paper, Vectors


class Dense:
    """Every paper is scored, so nothing is lost to an approximate index."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._ids: list[str] = []
        self._vectors: Vectors = np.zeros((0, encoder.dimensions), np.float32)

    async def index(self, papers: Sequence[Paper]) -> None:
        """Encode title and abstract of each paper."""
        ordered = sorted(papers, key=lambda paper: paper.paper_id)
        self._ids = [paper.paper_id for paper in ordered]
        texts = [index_text(paper.title, paper.abstract) for paper in ordered]
        self._vectors = await self._encoder.encode_passages(texts)

    async def rank(self, query: str, depth: int) -> list[tuple[str, float]]:
        """The ``depth`` nearest papers; scores are cosines."""
        vector = (await self._encoder.encode_queries([query]))[0]
        return best(self._ids, self._vectors @ vector, depth)

    async def close(self) -> None:
        """Nothing is held."""


def best(paper_ids: Sequence[str], scores: NDArray[np.floating], depth: int) -> list[tuple[str, float]]:
    """The ``depth`` papers of highest score, ties by id.

    Args:
        paper_ids: in ascending order.
        scores: theirs, shape [papers].
        depth: the most to return.
    """
    order = np.argsort(-scores, kind="stable")[:depth]
    return [(paper_ids[row], float(scores[row])) for row in order]
