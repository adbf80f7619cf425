"""Sparse vectors for BM25 (Robertson and Zaragoza 2009): term-frequency weights here, IDF in the store.

The tokeniser, stop words and Snowball stemmer are Qdrant's own, so that a collection reads the same
on the embedded engine and on a server.
"""

import qdrant_edge as qe

from rag.types import SparseVector

K = 1.2
B = 0.75
AVERAGE_LENGTH = 128
"""Typical number of indexed terms of a title and abstract; only ratios to it matter."""


class Bm25Encoder:
    """Text to weighted terms. ``k``, ``b`` and the average length follow BM25's usual names."""

    def __init__(self) -> None:
        self._model = qe.Bm25(qe.Bm25Config(k=K, b=B, avg_len=AVERAGE_LENGTH, language="english"))

    def encode_passage(self, text: str) -> SparseVector:
        """Saturated, length-normalised term frequencies of an indexed text."""
        return _sparse(self._model.embed_document(text))

    def encode_query(self, text: str) -> SparseVector:
        """One for every distinct term; no term left (stop words only) gives an empty vector."""
        return _sparse(self._model.embed_query(text))


def _sparse(vector: qe.SparseVector) -> SparseVector:
    return SparseVector(tuple(vector.indices), tuple(vector.values))
