"""Papers to what a store keeps of them: chunk, then dense, sparse and sentence vectors."""

import asyncio
from collections.abc import Mapping, Sequence

from ingest.chunk import chunk
from rag.models.encoders.bm25 import Bm25Encoder
from rag.ports import Encoder
from rag.settings import ChunkSettings
from rag.text.sentences import index_text
from rag.text.tokens import token_counter
from rag.types import IndexedPassage, Paper, Passage, Span
from rag.untrusted.instructions import is_instruction


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
        passages = await asyncio.to_thread(
            lambda: [passage for paper in papers for passage in chunk(paper, self._max_tokens, self._count)]
        )
        texts, spans = zip(*map(indexed_text, passages), strict=True) if passages else ([], [])
        dense, sentences = await self._encoder.encode_spans(texts, spans)
        sparse = await asyncio.to_thread(lambda: [self._terms.encode_passage(text) for text in texts])
        return [
            IndexedPassage(passage, hashes[passage.paper.paper_id], *vectors)
            for passage, *vectors in zip(passages, dense, sparse, sentences, strict=True)
        ]


def indexed_text(passage: Passage) -> tuple[str, list[Span]]:
    """What a passage is found by, and where its sentences are in it.

    That is its title and text; where sentences were left out since they are no evidence, the title (unless it
    is none either) and the sentences that are left.
    """
    abstract = passage.paper.abstract
    title = "" if is_instruction(passage.paper.title) else passage.paper.title
    kept = [abstract[span.start : span.end] for span in passage.sentences]
    text = passage.text if _is_whole(passage) else " ".join(kept)
    whole = index_text(title, text)
    spans, at = [], len(index_text(title, ""))
    for sentence in kept:
        at = whole.index(sentence, at)
        spans.append(Span(at, at + len(sentence)))
        at += len(sentence)
    return whole, spans


def _is_whole(passage: Passage) -> bool:
    """Whether nothing but white space stands outside the sentences."""
    covered = "".join(passage.paper.abstract[span.start : span.end] for span in passage.sentences)
    return len("".join(covered.split())) == len("".join(passage.text.split()))
