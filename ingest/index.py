"""Papers to what a store keeps of them: chunk, then dense, sparse and sentence vectors."""

import asyncio
from collections.abc import Mapping, Sequence

from ingest.chunk import chunk
from rag.adapters.bm25 import Bm25Encoder
from rag.ports import Encoder
from rag.settings import ChunkSettings
from rag.text import index_text
from rag.tokens import token_counter
from rag.types import IndexedPassage, Paper, Passage, Span, SparseVector


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
        dense, sentences = await self._encoder.encode_spans(texts, [sentence_spans(p) for p in passages])
        sparse = await asyncio.to_thread(self._sparse, texts)
        return [
            IndexedPassage(passage, hashes[passage.paper.paper_id], *vectors)
            for passage, *vectors in zip(passages, dense, sparse, sentences, strict=True)
        ]

    def _chunk(self, papers: Sequence[Paper]) -> list[Passage]:
        return [passage for paper in papers for passage in chunk(paper, self._max_tokens, self._count)]

    def _sparse(self, texts: Sequence[str]) -> list[SparseVector]:
        return [self._terms.encode_passage(text) for text in texts]


def sentence_spans(passage: Passage) -> list[Span]:
    """Offsets of the sentences of a passage in its `index_text`, in order."""
    skipped = len(passage.text) - len(passage.text.lstrip())
    shift = len(index_text(passage.paper.title, "")) - passage.span.start - skipped
    return [Span(span.start + shift, span.end + shift) for span in passage.sentences]
