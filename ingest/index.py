"""Papers to what a store keeps of them: chunk, then dense, sparse and sentence vectors."""

import asyncio
from collections.abc import Mapping, Sequence

from ingest.chunk import chunk
from rag.adapters.bm25 import Bm25Encoder
from rag.ports import Encoder
from rag.settings import ChunkSettings
from rag.text import index_text
from rag.tokens import token_counter
from rag.types import IndexedPassage, Paper, Passage, SparseVector


class Indexer:
    """Makes indexed passages. Slow to build (it loads a vocabulary); blocking work runs in threads.

    Args:
        encoder: makes the dense vectors of passages and of sentences.
        settings: the token budget of a passage.

    Raises:
        ConfigError: the token encoding is not bundled.
    """

    def __init__(self, encoder: Encoder, settings: ChunkSettings) -> None:
        self._encoder = encoder
        self._terms = Bm25Encoder()
        self._max_tokens = settings.max_tokens
        self._count = token_counter(settings.encoding)

    async def index(self, papers: Sequence[Paper], hashes: Mapping[str, str]) -> list[IndexedPassage]:
        """All passages of these papers; ``hashes`` has the content hash of each paper by its id.

        Raises:
            ModelError: the encoder failed.
        """
        passages = await asyncio.to_thread(self._chunk, papers)
        texts = [index_text(passage.paper.title, passage.text) for passage in passages]
        sentences = [text for passage in passages for text in sentence_texts(passage)]
        dense = await self._encoder.encode_passages(texts)
        sentence_vectors = await self._encoder.encode_passages(sentences)
        sparse = await asyncio.to_thread(self._sparse, texts)
        indexed, row = [], 0
        for number, passage in enumerate(passages):
            rows = slice(row, row + len(passage.sentences))
            row = rows.stop
            content_hash = hashes[passage.paper.paper_id]
            vectors = (dense[number], sparse[number], sentence_vectors[rows])
            indexed.append(IndexedPassage(passage, content_hash, *vectors))
        return indexed

    def _chunk(self, papers: Sequence[Paper]) -> list[Passage]:
        return [passage for paper in papers for passage in chunk(paper, self._max_tokens, self._count)]

    def _sparse(self, texts: Sequence[str]) -> list[SparseVector]:
        return [self._terms.encode_passage(text) for text in texts]


def sentence_texts(passage: Passage) -> list[str]:
    """The text of every sentence of a passage, in order."""
    return [passage.paper.abstract[span.start : span.end] for span in passage.sentences]
