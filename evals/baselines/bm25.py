"""BM25 as the bm25s library computes it (Lù 2024), with the stop words and the stemmer of English."""

from collections.abc import Sequence

import bm25s
import Stemmer

from evals.baselines import best
from rag.ports import Encoder
from rag.text.sentences import index_text
from rag.types import Paper

K1 = 1.5
B = 0.75


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
