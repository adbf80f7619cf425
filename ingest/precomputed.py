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
from ingest.index import sentence_texts
from ingest.sources import read_source
from rag.build import build_encoder, load_settings
from rag.ports import Encoder
from rag.settings import Settings
from rag.text import index_text
from rag.tokens import token_counter
from rag.types import Paper, Vectors

SAMPLE_FILE = Path(__file__).parent / "sample" / "trending-llm-abstracts.txt"
VECTORS_FILE = Path(__file__).parent / "sample" / "vectors.npz"
KEY_BYTES = 16


class PrecomputedEncoder:
    """An encoder that knows the vectors of some passages and asks another one for the rest.

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
            self._vectors: Vectors = content["vectors"].astype(np.float32)
            self._rows = {bytes(key): row for row, key in enumerate(content["keys"])} if known else {}

    async def encode_queries(self, queries: Sequence[str]) -> Vectors:
        """As the inner encoder."""
        return await self._inner.encode_queries(queries)

    async def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """As the inner encoder, to half precision where the vector is known."""
        rows = [self._rows.get(key_of(text)) for text in texts]
        missing = [text for text, row in zip(texts, rows, strict=True) if row is None]
        fresh = iter(await self._inner.encode_passages(missing) if missing else ())
        vectors = [next(fresh) if row is None else self._vectors[row] for row in rows]
        stacked = np.stack(vectors) if vectors else np.zeros((0, self.dimensions), np.float32)
        unit: Vectors = stacked / np.maximum(np.linalg.norm(stacked, axis=1, keepdims=True), 1e-12)
        return unit


def key_of(text: str) -> bytes:
    """What a text is found by."""
    return hashlib.sha256(text.encode()).digest()[:KEY_BYTES]


def sample_texts(settings: Settings) -> list[str]:
    """Every text that ingesting the sample collection encodes, each once."""
    count = token_counter(settings.chunk.encoding)
    papers = [record for record in read_source(SAMPLE_FILE).records if isinstance(record, Paper)]
    passages = [each for paper in papers for each in chunk(paper, settings.chunk.max_tokens, count)]
    texts = [index_text(passage.paper.title, passage.text) for passage in passages]
    return list(dict.fromkeys(texts + [text for passage in passages for text in sentence_texts(passage)]))


def save(file: Path, encoder: str, texts: Sequence[str], vectors: Vectors) -> None:
    """Write vectors (shape [texts, dimensions]) in half precision, with the name of their encoder."""
    keys = np.frombuffer(b"".join(map(key_of, texts)), np.uint8).reshape(len(texts), KEY_BYTES)
    np.savez_compressed(file, encoder=np.array(encoder), keys=keys, vectors=vectors.astype(np.float16))


def main() -> int:
    """Encode the sample with the default settings and write the file."""
    settings = load_settings()
    encoder = build_encoder(settings)
    texts = sample_texts(settings)
    save(VECTORS_FILE, encoder.name, texts, asyncio.run(encoder.encode_passages(texts)))
    sys.stdout.write(f"wrote {len(texts)} vectors of {encoder.name} to {VECTORS_FILE.name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
