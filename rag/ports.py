"""The seams to the outside: where passages live, what turns text into vectors or terms, what reranks."""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from rag.filters import Catalogue, Filters
from rag.types import Contents, Counts, Fingerprint, Hit, IndexedPassage, Paper, Span, SparseVector, Vectors


class Encoder(Protocol):
    """Text to unit vectors. Queries and passages are two methods since models treat them differently."""

    @property
    def name(self) -> str:
        """Identifies the vectors: two encoders of equal name give interchangeable vectors."""

    @property
    def dimensions(self) -> int:
        """Length of every vector."""

    async def encode_queries(self, queries: Sequence[str]) -> Vectors:
        """Unit vectors of the queries, shape [len(queries), dimensions].

        Raises:
            ModelError: the model could not be loaded, reached or did not answer.
        """

    async def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of passages or sentences, shape [len(texts), dimensions]. Raises as encode_queries."""

    async def encode_spans(
        self, texts: Sequence[str], spans: Sequence[Sequence[Span]]
    ) -> tuple[Vectors, list[Vectors]]:
        """Vectors of passages and of the sentences in them.

        Args:
            texts: the passages.
            spans: of each text, its sentences, as offsets in that text.

        Returns:
            Unit vectors of the texts, shape [len(texts), dimensions], and of each text's spans,
            shape [spans of the text, dimensions]. Raises as encode_queries.
        """


class Reranker(Protocol):
    """Reads a query and a text together and says how well they fit, as a cross-encoder does."""

    @property
    def name(self) -> str:
        """Identifies the model."""

    async def score(self, query: str, texts: Sequence[str]) -> list[float]:
        """One finite number a text, in their order: higher is better, on a scale of the model's own.

        Raises:
            ModelError: the model could not be loaded or reached, was too slow, or did not score every text.
        """


class Store(Protocol):
    """One open collection of passages. Methods may raise StoreError and may be called concurrently."""

    @property
    def fingerprint(self) -> Fingerprint:
        """What the collection was made with."""

    async def upsert(self, passages: Sequence[IndexedPassage]) -> None:
        """Write passages, durable on return. Ids are deterministic: writing the same again changes nothing.

        A call must hold *all* passages of each of its papers: stored passages of the same papers
        with a higher ordinal are removed (an abstract that got shorter leaves nothing behind).
        """

    async def hashes(self, paper_ids: Sequence[str]) -> dict[str, str]:
        """Content hash of each of these papers that is stored; absent papers are absent from the dict."""

    async def search_dense(self, vector: Vectors, depth: int, filters: Filters | None = None) -> list[Hit]:
        """The ``depth`` passages of highest cosine to ``vector`` (shape [dimensions]), as a ranking.

        Here as in every search: of the papers that pass ``filters`` only, which come before the depth.
        """

    async def search_sentences(
        self, vector: Vectors, depth: int, filters: Filters | None = None
    ) -> list[Hit]:
        """The ``depth`` passages whose best sentence has the highest cosine (MaxSim), as a ranking."""

    async def search_sparse(
        self, vector: SparseVector, depth: int, filters: Filters | None = None
    ) -> list[Hit]:
        """The ``depth`` passages of highest BM25 (weights times the collection's IDF), as a ranking.

        IDF is that of the whole collection also under ``filters``: a score does not depend on them.
        """

    async def idf(self, terms: Sequence[int]) -> dict[int, float]:
        """IDF of each of these terms as `search_sparse` weighs it; no entry for one that no passage holds."""

    async def fetch(self, paper_ids: Sequence[str]) -> list[IndexedPassage]:
        """All passages of these papers with their vectors, by paper in the order asked, then ordinal.

        Papers that are not stored are left out. ``passage.paper.abstract`` is the whole abstract.
        """

    def papers(self) -> AsyncIterator[Paper]:
        """Every stored paper with its whole abstract, in no promised order."""

    async def counts(self, filters: Filters | None = None) -> Counts:
        """How many papers and passages are stored, or pass ``filters``."""

    async def contents(self) -> Contents:
        """Read all papers, and compare each with its hash; takes seconds for a large collection."""

    async def seal(self) -> None:
        """Say that all is stored: kept with counts and digest, and with a snapshot to restore from.

        The embedded store compares the counts at every opening. A server keeps its own books.

        Raises:
            StoreDamaged: what is stored is not whole.
        """

    async def catalogue(self) -> Catalogue:
        """The authors, venues and years of all papers; kept, so that asking again costs nothing."""

    async def close(self) -> None:
        """Release the collection; idempotent."""


class TermEncoder(Protocol):
    """Text to weighted, stemmed terms, the same for queries and passages of one collection."""

    def encode_passage(self, text: str) -> SparseVector:
        """Saturated term frequencies of an indexed text."""

    def encode_query(self, text: str) -> SparseVector:
        """One for every distinct term; empty where the text holds stop words only."""


class SupportJudge(Protocol):
    """Says whether evidence supports a statement, contradicts it, or does not speak of it."""

    @property
    def name(self) -> str:
        """Identifies the judge in receipts."""

    async def judge(self, pairs: Sequence[tuple[str, Sequence[str]]]) -> Vectors:
        """Probabilities of supported, contradicted and not in context, shape [len(pairs), 3]; rows sum to 1.

        Args:
            pairs: a statement and the sentences of its evidence, in their order.

        Raises:
            ModelError: the model did not do its work.
        """
