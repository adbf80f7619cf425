"""LlamaIndex over Qdrant in its hybrid mode, on the client's own in-memory stand-in for a server.

Qdrant asks for UUIDs as ids, so each node gets one. LlamaIndex's default sparse model must be downloaded;
the terms of our BM25 encoder take its place. Its fusion (relative scores, alpha 0.5) is kept.
"""

import uuid
import warnings
from collections.abc import Sequence

from llama_index.core import VectorStoreIndex
from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import BaseNode
from llama_index.core.vector_stores.types import VectorStoreQueryMode
from llama_index.vector_stores.qdrant import QdrantVectorStore
from qdrant_client import AsyncQdrantClient, models

from evals.baselines.llama_index import LlamaIndexEmbedding, embedded_nodes
from rag.errors import ConfigError
from rag.models.encoders.bm25 import Bm25Encoder
from rag.ports import Encoder
from rag.types import Paper, SparseVector

Sparse = tuple[list[list[int]], list[list[float]]]


class LlamaIndexQdrant:
    """One node a paper."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._terms = Bm25Encoder()
        self._client = AsyncQdrantClient(":memory:")
        self._index: VectorStoreIndex | None = None
        self._ids: dict[str, str] = {}

    async def index(self, papers: Sequence[Paper]) -> None:
        """Encode the papers and upsert them."""
        store = QdrantVectorStore(
            "papers",
            aclient=self._client,
            enable_hybrid=True,
            sparse_doc_fn=lambda texts: _columns([self._terms.encode_passage(text) for text in texts]),
            sparse_query_fn=lambda texts: _columns([self._terms.encode_query(text) for text in texts]),
            sparse_config=models.SparseVectorParams(modifier=models.Modifier.IDF),
        )
        nodes = await embedded_nodes(papers, self._encoder)
        for node in nodes:
            point = str(uuid.uuid5(uuid.NAMESPACE_URL, node.node_id))
            self._ids[point] = node.node_id
            node.id_ = point
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Payload indexes have no effect")  # nor are they needed
            await store.async_add(list[BaseNode](nodes))
        self._index = VectorStoreIndex.from_vector_store(
            store, embed_model=LlamaIndexEmbedding(self._encoder)
        )

    async def rank(self, query: str, depth: int) -> list[tuple[str, float]]:
        """The ``depth`` best papers of the fused ranking."""
        found = await self._retriever(depth).aretrieve(query)
        hits = [(self._ids[each.node.node_id], float(each.score or 0)) for each in found]
        return sorted(hits, key=lambda hit: (-hit[1], hit[0]))

    async def close(self) -> None:
        """Let go of client and index."""
        await self._client.close()
        self._index = None

    def _retriever(self, depth: int) -> BaseRetriever:
        if self._index is None:
            raise ConfigError("nothing indexed: call index() before rank()")
        return self._index.as_retriever(
            similarity_top_k=depth,
            sparse_top_k=depth,
            hybrid_top_k=depth,
            vector_store_query_mode=VectorStoreQueryMode.HYBRID,
        )


def _columns(vectors: Sequence[SparseVector]) -> Sparse:
    return [list(vector.indices) for vector in vectors], [list(vector.values) for vector in vectors]
