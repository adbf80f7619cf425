"""Any dense model of Qdrant's fastembed, by name; a model the user names is downloaded on first use."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from rag.models.encoders.text_encoder import TextEncoder, unit_rows
from rag.models.onnx import load_fastembed
from rag.settings import EncoderSettings
from rag.types import Vectors


class FastembedEncoder(TextEncoder):
    """Encoder over `fastembed.TextEmbedding`, for a name of its list, such as "BAAI/bge-small-en-v1.5"."""

    def __init__(self, model: str, options: EncoderSettings) -> None:
        self.name = f"fastembed/{model}"
        self._batch_size = options.batch_size
        self._model = load_fastembed(f"encoder {self.name!r}", "fastembed:TextEmbedding", model)
        self.dimensions = 0
        self.dimensions = self._rows(self._model.embed(["length"])).shape[1]

    async def encode_queries(self, queries: Sequence[str]) -> Vectors:
        return await asyncio.to_thread(lambda: self._rows(self._model.query_embed(list(queries))))

    async def encode_passages(self, texts: Sequence[str]) -> Vectors:
        return await asyncio.to_thread(
            lambda: self._rows(self._model.passage_embed(list(texts), batch_size=self._batch_size))
        )

    def _rows(self, found: Iterable[Any]) -> Vectors:
        rows = list(found)
        return unit_rows(np.stack(rows) if rows else np.zeros((0, self.dimensions)))
