"""Any cross-encoder of Qdrant's fastembed, by name; a model the user names is downloaded on first use."""

import asyncio
from collections.abc import Sequence

from rag.errors import ModelUnavailable
from rag.models.onnx import load_fastembed
from rag.models.rerankers.batch_reranker import BatchReranker
from rag.settings import RerankerSettings
from rag.untrusted.masking import masked


class FastembedReranker(BatchReranker):
    """Reranker over fastembed's cross-encoders, such as "Xenova/ms-marco-MiniLM-L-6-v2"."""

    def __init__(self, model: str, options: RerankerSettings) -> None:
        super().__init__(f"fastembed/{model}", options)
        place = "fastembed.rerank.cross_encoder:TextCrossEncoder"
        self._model = load_fastembed(f"reranker {self.name!r}", place, model)

    async def _score_batch(self, query: str, texts: Sequence[str]) -> list[float]:
        return await asyncio.to_thread(self._rerank, query, texts)

    def _rerank(self, query: str, texts: Sequence[str]) -> list[float]:
        try:
            return list(self._model.rerank(query, list(texts), batch_size=len(texts)))
        except Exception as exc:  # ONNX Runtime raises bare or private classes
            raise ModelUnavailable(f"reranker {self.name!r} failed: {masked(str(exc))}") from exc
