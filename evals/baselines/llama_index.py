"""LlamaIndex's VectorStoreIndex with its default, in-memory store: dense retrieval by our encoder."""

import asyncio
from collections.abc import Sequence

from llama_index.core import VectorStoreIndex
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.bridge.pydantic import PrivateAttr
from llama_index.core.schema import NodeWithScore, TextNode

from rag.errors import ConfigError
from rag.ports import Encoder
from rag.text.sentences import index_text
from rag.types import Paper


class LlamaIndexEmbedding(BaseEmbedding):
    """Our encoder as LlamaIndex wants it: lists of floats."""

    _encoder: Encoder = PrivateAttr()

    def __init__(self, encoder: Encoder) -> None:
        super().__init__(model_name=encoder.name)
        self._encoder = encoder

    async def _aget_query_embedding(self, query: str) -> list[float]:
        vector: list[float] = (await self._encoder.encode_queries([query]))[0].tolist()
        return vector

    async def _aget_text_embedding(self, text: str) -> list[float]:
        vector: list[float] = (await self._encoder.encode_passages([text]))[0].tolist()
        return vector

    def _get_query_embedding(self, query: str) -> list[float]:
        return asyncio.run(self._aget_query_embedding(query))

    def _get_text_embedding(self, text: str) -> list[float]:
        return asyncio.run(self._aget_text_embedding(text))


class LlamaIndex:
    """One node a paper: abstracts are shorter than the 1,024 tokens of LlamaIndex's default splitter."""

    def __init__(self, encoder: Encoder) -> None:
        self._embedding = LlamaIndexEmbedding(encoder)
        self._encoder = encoder
        self._index: VectorStoreIndex | None = None

    async def index(self, papers: Sequence[Paper]) -> None:
        """Encode all papers at once and hand the nodes over with their vectors."""
        self._index = VectorStoreIndex(
            await embedded_nodes(papers, self._encoder), embed_model=self._embedding, transformations=[]
        )

    async def rank(self, query: str, depth: int) -> list[tuple[str, float]]:
        """The ``depth`` nearest papers."""
        if self._index is None:
            raise ConfigError("nothing indexed: call index() before rank()")
        return ranking(await self._index.as_retriever(similarity_top_k=depth).aretrieve(query))

    async def close(self) -> None:
        """Let go of the index."""
        self._index = None


async def embedded_nodes(papers: Sequence[Paper], encoder: Encoder) -> list[TextNode]:
    """A node a paper, with id, text and vector."""
    texts = [index_text(paper.title, paper.abstract) for paper in papers]
    vectors = await encoder.encode_passages(texts)
    return [
        TextNode(id_=paper.paper_id, text=text, embedding=vector.tolist())
        for paper, text, vector in zip(papers, texts, vectors, strict=True)
    ]


def ranking(nodes: Sequence[NodeWithScore]) -> list[tuple[str, float]]:
    """LlamaIndex's ranking as ours: ties by id."""
    hits = [(each.node.node_id, float(each.score or 0)) for each in nodes]
    return sorted(hits, key=lambda hit: (-hit[1], hit[0]))
