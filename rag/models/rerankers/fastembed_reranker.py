"""Any cross-encoder of Qdrant's fastembed, by name; a model the user names is downloaded on first use."""

import asyncio
from collections.abc import Sequence

from rag.errors import ConfigError, ModelUnavailable
from rag.models.onnx_session import stop_telemetry
from rag.models.rerankers.scores import in_time, one_a_text
from rag.settings import RerankerSettings
from rag.untrusted.masking import masked


class FastembedReranker:
    """Reranker over `fastembed.rerank.cross_encoder.TextCrossEncoder`.

    Args:
        model: a name from fastembed's list, such as "Xenova/ms-marco-MiniLM-L-6-v2".
        options: batch size and time limit.

    Raises:
        ConfigError: fastembed is not installed, or knows no such model.
        ModelUnavailable: the model cannot be downloaded or loaded.
    """

    def __init__(self, model: str, options: RerankerSettings) -> None:
        self.name = f"fastembed/{model}"
        self._options = options
        try:
            from fastembed.rerank.cross_encoder import TextCrossEncoder
        except ImportError as exc:
            raise ConfigError(
                f"reranker {self.name!r} needs fastembed: pip install 'pincite[fastembed]'"
            ) from exc
        stop_telemetry()
        try:
            self._model = TextCrossEncoder(model_name=model)
        except ValueError as exc:
            raise ConfigError(f"reranker {self.name!r}: {masked(str(exc))}") from exc
        except Exception as exc:  # download and ONNX errors of several libraries
            raise ModelUnavailable(f"reranker {self.name!r} cannot be loaded: {masked(str(exc))}") from exc

    async def score(self, query: str, texts: Sequence[str]) -> list[float]:
        """A score a text, in their order.

        Raises:
            ModelUnavailable: the model failed.
            ModelTimeout: it took longer than ``timeout_s``.
            BadCompletion: it did not give one finite score a text.
        """
        size = self._options.batch_size
        scores: list[float] = []
        async with in_time(self.name, self._options.timeout_s):
            for start in range(0, len(texts), size):
                scores += await asyncio.to_thread(self._batch, query, texts[start : start + size])
        return one_a_text(self.name, scores, len(texts))

    def _batch(self, query: str, texts: Sequence[str]) -> list[float]:
        try:
            return list(self._model.rerank(query, list(texts), batch_size=len(texts)))
        except Exception as exc:  # ONNX Runtime raises bare or private classes
            raise ModelUnavailable(f"reranker {self.name!r} failed: {masked(str(exc))}") from exc
