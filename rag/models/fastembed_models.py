"""Models of Qdrant's fastembed, by name; one that the user names is downloaded on first use."""

import asyncio
from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Any

import numpy as np

from rag.errors import ConfigError, ModelUnavailable
from rag.models.encoders.text_encoder import TextEncoder, unit_rows
from rag.models.onnx import stop_telemetry
from rag.models.rerankers.batch_reranker import BatchReranker
from rag.settings import EncoderSettings, RerankerSettings
from rag.types import Vectors
from rag.untrusted.masking import masked


def _load(title: str, place: str, model: str) -> Any:  # noqa: ANN401 - fastembed ships no types
    """The model of a name on fastembed's list.

    ``place`` is module and class, like "fastembed:TextEmbedding"; ``title`` names the model in messages.
    Raises `ConfigError` without fastembed or for an unknown name, else `ModelUnavailable`.
    """
    module, _, kind = place.partition(":")
    try:
        make = getattr(import_module(module), kind)
    except ImportError as exc:
        raise ConfigError(f"{title} needs fastembed: pip install 'pincite[fastembed]'") from exc
    stop_telemetry()
    try:
        return make(model_name=model)
    except ValueError as exc:
        raise ConfigError(f"{title}: {masked(str(exc))}") from exc
    except Exception as exc:  # download and ONNX errors of several libraries
        raise ModelUnavailable(f"{title} cannot be loaded: {masked(str(exc))}") from exc


class FastembedEncoder(TextEncoder):
    """Encoder over `fastembed.TextEmbedding`, for a name of its list, such as "BAAI/bge-small-en-v1.5"."""

    def __init__(self, model: str, options: EncoderSettings) -> None:
        self.name = f"fastembed/{model}"
        self._batch_size = options.batch_size
        self._model = _load(f"encoder {self.name!r}", "fastembed:TextEmbedding", model)
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


class FastembedReranker(BatchReranker):
    """Reranker over fastembed's cross-encoders, such as "Xenova/ms-marco-MiniLM-L-6-v2"."""

    def __init__(self, model: str, options: RerankerSettings) -> None:
        super().__init__(f"fastembed/{model}", options)
        place = "fastembed.rerank.cross_encoder:TextCrossEncoder"
        self._model = _load(f"reranker {self.name!r}", place, model)

    async def _score_batch(self, query: str, texts: Sequence[str]) -> list[float]:
        return await asyncio.to_thread(self._rerank, query, texts)

    def _rerank(self, query: str, texts: Sequence[str]) -> list[float]:
        try:
            return list(self._model.rerank(query, list(texts), batch_size=len(texts)))
        except Exception as exc:  # ONNX Runtime raises bare or private classes
            raise ModelUnavailable(f"reranker {self.name!r} failed: {masked(str(exc))}") from exc
