"""txtai's embeddings index with its default settings: BM25 alone, and its hybrid of BM25 and dense vectors.

Its default vectors are those of a model that it fetches. Ours come in by its hook for vectors made elsewhere.
"""

from collections.abc import Sequence

import numpy as np
from txtai import Embeddings

from rag.ports import Encoder
from rag.text.sentences import index_text
from rag.types import Paper, Vectors


class TxtaiBm25:
    """Its keyword index: words split as Unicode says, no stop words, no stems; scores are at most 1."""

    def __init__(self, encoder: Encoder) -> None:
        del encoder
        self._embeddings = Embeddings(keyword=True)

    async def index(self, papers: Sequence[Paper]) -> None:
        """One entry a paper."""
        self._embeddings.index((paper.paper_id, index_text(paper.title, paper.abstract)) for paper in papers)

    async def rank(self, query: str, depth: int) -> list[tuple[str, float]]:
        """The ``depth`` best papers, fewer where fewer share a word."""
        return ranking(self._embeddings.search(query, depth))

    async def close(self) -> None:
        """Let go of the index."""
        self._embeddings.close()


class Txtai:
    """Its hybrid: the mean of cosine and scaled BM25 score, over ten times ``depth`` papers of each.

    Above 5,000 papers its nearest neighbours are approximate, by Faiss.
    """

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._known: dict[str, Vectors] = {}
        self._embeddings = Embeddings(
            hybrid=True,
            method="external",
            transform=lambda texts: np.stack([self._known[text] for text in texts]),
        )

    async def index(self, papers: Sequence[Paper]) -> None:
        """Encode all papers at once and hand the vectors over when txtai asks for them."""
        texts = [index_text(paper.title, paper.abstract) for paper in papers]
        self._known = dict(zip(texts, await self._encoder.encode_passages(texts), strict=True))
        self._embeddings.index((paper.paper_id, text) for paper, text in zip(papers, texts, strict=True))

    async def rank(self, query: str, depth: int) -> list[tuple[str, float]]:
        """The ``depth`` best papers, fewer where fewer have a word in common or a cosine above 0."""
        self._known = {query: (await self._encoder.encode_queries([query]))[0]}
        return ranking(self._embeddings.search(query, depth))

    async def close(self) -> None:
        """Let go of the index."""
        self._embeddings.close()


def ranking(found: Sequence[tuple[str, float]]) -> list[tuple[str, float]]:
    """Its ranking as ours: ties by id."""
    return sorted(((paper_id, float(score)) for paper_id, score in found), key=lambda hit: (-hit[1], hit[0]))
