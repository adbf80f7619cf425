"""Any dense model of Qdrant's fastembed, by name; a model the user names is downloaded on first use."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from rag.errors import ConfigError, ModelUnavailable
from rag.models.encoders.sentence_pass import encode_apart
from rag.models.onnx_session import stop_telemetry
from rag.types import Span, Vectors
from rag.untrusted.masking import masked


class FastembedEncoder:
    """Encoder over `fastembed.TextEmbedding`.

    Args:
        model: a name from fastembed's list, such as "BAAI/bge-small-en-v1.5".
        batch_size: texts in one forward pass.

    Raises:
        ConfigError: fastembed is not installed, or knows no such model.
        ModelUnavailable: the model cannot be downloaded or loaded.
    """

    def __init__(self, model: str, batch_size: int) -> None:
        try:
            from fastembed import TextEmbedding
        except ImportError as exc:
            raise ConfigError(
                f"encoder 'fastembed/{model}' needs fastembed: pip install 'pincite[fastembed]'"
            ) from exc
        stop_telemetry()
        try:
            self._model = TextEmbedding(model_name=model)
        except ValueError as exc:
            raise ConfigError(f"encoder 'fastembed/{model}': {masked(str(exc))}") from exc
        except Exception as exc:  # download and ONNX errors of several libraries
            raise ModelUnavailable(
                f"encoder 'fastembed/{model}' cannot be loaded: {masked(str(exc))}"
            ) from exc
        self.name = f"fastembed/{model}"
        self._batch_size = batch_size
        self.dimensions = int(self._stack(self._model.embed(["length"])).shape[1])

    async def encode_queries(self, queries: Sequence[str]) -> Vectors:
        """Unit vectors, shape [len(queries), dimensions]; fastembed adds the query prefix."""
        if not queries:
            return np.zeros((0, self.dimensions), np.float32)
        return await asyncio.to_thread(lambda: self._stack(self._model.query_embed(list(queries))))

    async def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, shape [len(texts), dimensions]."""
        if not texts:
            return np.zeros((0, self.dimensions), np.float32)
        return await asyncio.to_thread(
            lambda: self._stack(self._model.passage_embed(list(texts), batch_size=self._batch_size))
        )

    async def encode_spans(
        self, texts: Sequence[str], spans: Sequence[Sequence[Span]]
    ) -> tuple[Vectors, list[Vectors]]:
        """As `Encoder.encode_spans`, the spans in a pass of their own."""
        return await encode_apart(self, texts, spans)

    def _stack(self, rows: Iterable[Any]) -> Vectors:
        vectors = np.stack(list(rows)).astype(np.float32)
        unit: Vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        return unit
