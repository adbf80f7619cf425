"""Vectors of the sample collection, made once and shipped, so that a newcomer need not wait for the encoder.

`python -m ingest.precomputed` makes the file anew; it must be run when the encoder, the chunker or the sample
changes, and a test fails until it has been.
"""

import asyncio
import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ingest.chunk import chunk
from ingest.index import indexed_text
from ingest.sources import read_source
from rag.build import build_encoder, load_settings
from rag.ports import Encoder
from rag.settings import Settings
from rag.text.tokens import token_counter
from rag.types import Paper, Span, Vectors

SAMPLE_FILE = Path(__file__).parent / "sample" / "trending-llm-abstracts.txt"
VECTORS_FILE = SAMPLE_FILE.with_name("vectors.npz")
KEY_BYTES = 16


class PrecomputedEncoder:
    """An encoder that knows the vectors of some passages and their sentences and asks another for the rest.

    Args:
        inner: the encoder that made them.
        file: as `save` wrote it. Vectors of another encoder than ``inner`` are not used.
    """

    def __init__(self, inner: Encoder, file: Path) -> None:
        self.name = inner.name
        self.dimensions = inner.dimensions
        self._inner = inner
        with np.load(file) as content:
            known = str(content["encoder"]) == inner.name
            self._vectors: Vectors = _unit(content["vectors"].astype(np.float32))
            self._ends = np.cumsum(content["rows"])
            self._numbers = {bytes(key): row for row, key in enumerate(content["keys"])} if known else {}

    async def encode_queries(self, queries: Sequence[str]) -> Vectors:
        """As the inner encoder."""
        return await self._inner.encode_queries(queries)

    async def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """As the inner encoder."""
        return await self._inner.encode_passages(texts)

    async def encode_spans(
        self, texts: Sequence[str], spans: Sequence[Sequence[Span]]
    ) -> tuple[Vectors, list[Vectors]]:
        """As the inner encoder, to half precision where text and spans are known."""
        keys = [key_of(text, each) for text, each in zip(texts, spans, strict=True)]
        missing = [row for row, key in enumerate(keys) if key not in self._numbers]
        whole = np.zeros((len(texts), self.dimensions), np.float32)
        parts: list[Vectors] = [whole[:0]] * len(texts)
        for row, key in enumerate(keys):
            if key in self._numbers:
                whole[row], parts[row] = self._known(self._numbers[key])
        if missing:
            fresh = await self._inner.encode_spans([texts[i] for i in missing], [spans[i] for i in missing])
            for row, vector, vectors in zip(missing, *fresh, strict=True):
                whole[row], parts[row] = vector, vectors
        return whole, parts

    def _known(self, number: int) -> tuple[Vectors, Vectors]:
        start = self._ends[number - 1] if number else 0
        block = self._vectors[start : self._ends[number]]
        return block[0], block[1:]


def _unit(vectors: Vectors) -> Vectors:
    unit: Vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return unit


def key_of(text: str, spans: Sequence[Span]) -> bytes:
    """What a text with these spans is found by."""
    bounds = ",".join(f"{span.start}-{span.end}" for span in spans)
    return hashlib.sha256(f"{bounds}\n{text}".encode()).digest()[:KEY_BYTES]


def sample_texts(settings: Settings) -> tuple[list[str], list[list[Span]]]:
    """Every text that ingesting the sample collection encodes, and the sentences of each."""
    count = token_counter(settings.chunk.encoding)
    papers = [record for record in read_source(SAMPLE_FILE).records if isinstance(record, Paper)]
    passages = [each for paper in papers for each in chunk(paper, settings.chunk.max_tokens, count)]
    texts, spans = zip(*map(indexed_text, passages), strict=True)
    return list(texts), list(spans)


def save(file: Path, encoder: str, keys: Sequence[bytes], whole: Vectors, parts: Sequence[Vectors]) -> None:
    """Write the vectors in half precision, each text's before its sentences', with their encoder's name."""
    stacked = np.vstack([row for vector, rows in zip(whole, parts, strict=True) for row in (vector, *rows)])
    np.savez_compressed(
        file,
        encoder=np.array(encoder),
        keys=np.frombuffer(b"".join(keys), np.uint8).reshape(len(keys), KEY_BYTES),
        rows=np.array([len(rows) + 1 for rows in parts]),
        vectors=stacked.astype(np.float16),
    )


def main() -> int:
    """Encode the sample with the default settings and write the file."""
    settings = load_settings()
    encoder = build_encoder(settings)
    texts, spans = sample_texts(settings)
    whole, parts = asyncio.run(encoder.encode_spans(texts, spans))
    save(VECTORS_FILE, encoder.name, list(map(key_of, texts, spans)), whole, parts)
    sys.stdout.write(f"wrote vectors of {len(texts)} passages by {encoder.name} to {VECTORS_FILE.name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
