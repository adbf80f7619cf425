"""A cross-encoder run by ONNX Runtime from a local folder: query and paper are read together, one logit out.

Scoring each pair by itself follows monoBERT (Nogueira and Cho 2019).
"""

import asyncio
from collections.abc import Sequence
from typing import Any

import numpy as np
from tokenizers import Encoding

from rag.errors import ModelUnavailable
from rag.models.onnx import OnnxModel
from rag.models.rerankers.batch_reranker import BatchReranker
from rag.settings import RerankerSettings

DEFAULT_MAX_TOKENS = 512


class OnnxReranker(BatchReranker):
    """Reranker over a folder of `OnnxModel`; what is too long is cut, the longer text first."""

    def __init__(self, folder: str, options: RerankerSettings) -> None:
        self._model = OnnxModel("reranker", folder, options.threads, DEFAULT_MAX_TOKENS)
        super().__init__(self._model.name, options)
        try:
            shape = self._forward(self._model.tokenize([("query", "text"), ("query", "another text")])).shape
        except Exception as exc:  # a class of ONNX Runtime's own
            raise ModelUnavailable(f"{self._model.title} cannot be loaded: {exc}") from exc
        if shape not in {(2, 1), (2,)}:
            raise ModelUnavailable(
                f"{self._model.title} gives {shape} for 2 pairs, not one logit each; expected a cross-encoder"
            )

    async def _score_batch(self, query: str, texts: Sequence[str]) -> list[float]:
        logits = np.zeros(len(texts), np.float32)
        pairs = await asyncio.to_thread(self._model.tokenize, [(query, text) for text in texts])
        for rows in self._model.batches(pairs, self._options.batch_size):
            output = await asyncio.to_thread(self._forward, [pairs[row] for row in rows])
            logits[rows] = output.reshape(len(rows))
        scores: list[float] = logits.tolist()
        return scores

    def _forward(self, pairs: Sequence[Encoding]) -> Any:  # noqa: ANN401 - an array of the model's shape
        return self._model.forward(pairs)[0]
