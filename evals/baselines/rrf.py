"""The usual hybrid: BM25 and dense retrieval, fused by rank (Cormack, Clarke and Büttcher 2009)."""

from collections.abc import Sequence

from evals.baselines.bm25 import Bm25
from evals.baselines.dense import Dense
from rag.ports import Encoder
from rag.retrieval.fusion import reciprocal_rank_fusion
from rag.types import Hit, Paper

RANK_CONSTANT = 60
LEAST_DEPTH = 200
"""Papers taken from each of the two rankings, also where fewer are wanted."""


class ReciprocalRankFusion:
    """The peers `bm25` and `dense`, fused."""

    def __init__(self, encoder: Encoder) -> None:
        self._parts = (Bm25(encoder), Dense(encoder))

    async def index(self, papers: Sequence[Paper]) -> None:
        """Both."""
        for part in self._parts:
            await part.index(papers)

    async def rank(self, query: str, depth: int) -> list[tuple[str, float]]:
        """The ``depth`` best papers; scores are sums of 1 / (60 + rank)."""
        rankings = [await part.rank(query, max(depth, LEAST_DEPTH)) for part in self._parts]
        hits = [[Hit(paper_id, paper_id, score) for paper_id, score in ranking] for ranking in rankings]
        fused = reciprocal_rank_fusion(hits, RANK_CONSTANT)
        return [(hit.paper_id, hit.score) for hit in fused[:depth]]

    async def close(self) -> None:
        """Nothing is held."""
