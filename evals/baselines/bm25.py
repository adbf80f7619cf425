"""BM25 by the bm25s library (Lù 2024), with English stop words and stems; alone, and fused with `Dense`."""

from collections.abc import Sequence

import bm25s
import Stemmer

from evals.baselines.dense import Dense, best
from rag.ports import Encoder
from rag.retrieval.hybrid import reciprocal_rank_fusion
from rag.text.sentences import index_text
from rag.types import Hit, Paper

K1 = 1.5
B = 0.75
RANK_CONSTANT = 60
LEAST_DEPTH = 200
"""Papers taken from each of the two rankings, also where fewer are wanted."""


class Bm25:
    """Exact BM25 over title and abstract. A paper that shares no term with the query is not returned."""

    def __init__(self, encoder: Encoder) -> None:
        del encoder
        self._stemmer = Stemmer.Stemmer("english")
        self._model = bm25s.BM25(k1=K1, b=B)
        self._ids: list[str] = []

    async def index(self, papers: Sequence[Paper]) -> None:
        """Count the terms."""
        ordered = sorted(papers, key=lambda paper: paper.paper_id)
        self._ids = [paper.paper_id for paper in ordered]
        self._model.index(
            self._terms([index_text(paper.title, paper.abstract) for paper in ordered]), show_progress=False
        )

    async def rank(self, query: str, depth: int) -> list[tuple[str, float]]:
        """The ``depth`` best papers, fewer where fewer share a term."""
        terms = [term for term in self._terms([query])[0] if term in self._model.vocab_dict]
        if not terms:
            return []
        ranking = best(self._ids, self._model.get_scores(terms), depth)
        return [(paper_id, score) for paper_id, score in ranking if score > 0]

    async def close(self) -> None:
        """Nothing is held."""

    def _terms(self, texts: list[str]) -> list[list[str]]:
        terms: list[list[str]] = bm25s.tokenize(
            texts, stopwords="en", stemmer=self._stemmer, return_ids=False, show_progress=False
        )
        return terms


class ReciprocalRankFusion:
    """BM25 and dense retrieval, fused by rank (Cormack, Clarke and Büttcher 2009)."""

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
