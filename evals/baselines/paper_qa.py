"""PaperQA's retrieval of texts: its embeddings, its in-memory store and its default settings, without an LLM.

Its default embedding is that of a paid service. Without one it has a sparse embedding, token counts in 256
buckets, and a hybrid: that one joined to any dense one, here our encoder's.
"""

from collections.abc import Sequence

import tiktoken
from lmi import EmbeddingModel, EmbeddingModes, HybridEmbeddingModel, SparseEmbeddingModel
from paperqa import Doc, Docs, Settings, Text
from pydantic import ConfigDict

from rag.ports import Encoder
from rag.text.sentences import index_text
from rag.text.tokens import token_counter
from rag.types import Paper

VOCABULARY = "cl100k_base"


class PaperQaEmbedding(EmbeddingModel):
    """Our encoder as PaperQA wants it."""

    model_config = ConfigDict(arbitrary_types_allowed=True, extra="allow")

    async def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Lists of floats, of queries or of passages by the mode set before."""
        encode = self.encoder.encode_queries if self.asking else self.encoder.encode_passages
        vectors: list[list[float]] = (await encode(texts)).tolist()
        return vectors

    def set_mode(self, mode: EmbeddingModes) -> None:
        """Told before each query, and after it."""
        self.asking = mode == EmbeddingModes.QUERY


class PaperQa:
    """One text a paper; scores are 1 / rank, since PaperQA gives none."""

    def __init__(self, embedding: EmbeddingModel) -> None:
        self._embedding = embedding
        self._settings = Settings()
        self._docs = Docs()

    async def index(self, papers: Sequence[Paper]) -> None:
        """Embed all papers at once and add the texts with their vectors."""
        texts = [index_text(paper.title, paper.abstract) for paper in papers]
        vectors = await self._embedding.embed_documents(texts)
        for paper, text, vector in zip(papers, texts, vectors, strict=True):
            doc = Doc(docname=paper.paper_id, dockey=paper.paper_id, citation=paper.title)
            added = Text(text=text, name=paper.paper_id, doc=doc, embedding=vector)
            await self._docs.aadd_texts([added], doc, self._settings, self._embedding)

    async def rank(self, query: str, depth: int) -> list[tuple[str, float]]:
        """The ``depth`` best papers."""
        found = await self._docs.retrieve_texts(query, depth, self._settings, self._embedding)
        return [(str(text.doc.dockey), 1 / rank) for rank, text in enumerate(found, start=1)]

    async def close(self) -> None:
        """Let go of the texts."""
        self._docs = Docs()


def sparse(encoder: Encoder) -> PaperQa:
    """With its sparse embedding."""
    del encoder
    return PaperQa(_sparse())


def hybrid(encoder: Encoder) -> PaperQa:
    """With its hybrid of our encoder and its sparse embedding."""
    dense = PaperQaEmbedding(name=encoder.name, ndim=encoder.dimensions, encoder=encoder, asking=False)
    return PaperQa(HybridEmbeddingModel(models=[dense, _sparse()]))


def _sparse() -> SparseEmbeddingModel:
    token_counter(VOCABULARY)  # loads the vocabulary from where it is bundled, so that nothing is fetched
    return SparseEmbeddingModel(enc=tiktoken.get_encoding(VOCABULARY))
