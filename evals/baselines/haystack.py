"""Haystack's in-memory BM25 retriever with its default settings (BM25L, no stemming)."""

from collections.abc import Sequence

from haystack import Document
from haystack.components.joiners import DocumentJoiner
from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever
from haystack.document_stores.in_memory import InMemoryDocumentStore

from rag.ports import Encoder
from rag.text.sentences import index_text
from rag.types import Paper


class HaystackBm25:
    """One document a paper. The store is not shared, so that closing frees it; nothing else is changed."""

    def __init__(self, encoder: Encoder) -> None:
        del encoder
        self._store = InMemoryDocumentStore(shared=False)
        self._retriever = InMemoryBM25Retriever(self._store)

    async def index(self, papers: Sequence[Paper]) -> None:
        """Write the documents."""
        self._store.write_documents(
            [Document(id=paper.paper_id, content=index_text(paper.title, paper.abstract)) for paper in papers]
        )

    async def rank(self, query: str, depth: int) -> list[tuple[str, float]]:
        """The ``depth`` best papers, fewer where fewer share a term."""
        return ranking(self._retriever.run(query=query, top_k=depth)["documents"])

    async def close(self) -> None:
        """End the store's thread."""
        self._store.shutdown()


def ranking(documents: Sequence[Document]) -> list[tuple[str, float]]:
    """Haystack's ranking as ours: ties by id."""
    hits = [(document.id, float(document.score or 0)) for document in documents]
    return sorted(hits, key=lambda hit: (-hit[1], hit[0]))


class HaystackHybrid:
    """One document a paper, embedded by our encoder; each retriever gives as many papers as are wanted."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._store = InMemoryDocumentStore(shared=False)
        self._terms = InMemoryBM25Retriever(self._store)
        self._embeddings = InMemoryEmbeddingRetriever(self._store)
        self._joiner = DocumentJoiner(join_mode="reciprocal_rank_fusion")

    async def index(self, papers: Sequence[Paper]) -> None:
        """Encode and write the documents."""
        texts = [index_text(paper.title, paper.abstract) for paper in papers]
        vectors = await self._encoder.encode_passages(texts)
        self._store.write_documents(
            [
                Document(id=paper.paper_id, content=text, embedding=vector.tolist())
                for paper, text, vector in zip(papers, texts, vectors, strict=True)
            ]
        )

    async def rank(self, query: str, depth: int) -> list[tuple[str, float]]:
        """The ``depth`` best papers of the joined ranking."""
        vector = (await self._encoder.encode_queries([query]))[0].tolist()
        found = [
            self._terms.run(query=query, top_k=depth)["documents"],
            self._embeddings.run(query_embedding=vector, top_k=depth)["documents"],
        ]
        return ranking(self._joiner.run(documents=found)["documents"])[:depth]

    async def close(self) -> None:
        """End the store's thread."""
        self._store.shutdown()
