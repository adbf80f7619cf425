"""Any embedding model that litellm reaches: OpenAI, Cohere, Voyage, Ollama, a server of one's own."""

import asyncio
from collections.abc import Sequence
from typing import Any

import numpy as np

from rag.errors import BadCompletion
from rag.models.encoders.sentence_pass import encode_apart
from rag.models.llm.litellm_errors import litellm, litellm_errors
from rag.types import Span, Vectors


class LitellmEncoder:
    """Encoder over a litellm embedding model. Asks it once, when made, how long its vectors are.

    Args:
        model: litellm's model string, such as "openai/text-embedding-3-small".
        batch_size: texts in one request.
        timeout_s: seconds to wait for one request.

    Raises:
        ModelError: the model cannot be used; the class says whether trying again may help.
    """

    def __init__(self, model: str, batch_size: int, timeout_s: float) -> None:
        self.name = f"litellm/{model}"
        self._model = model
        self._batch_size = batch_size
        self._timeout_s = timeout_s
        with litellm_errors(model):
            reply = litellm.embedding(model=model, input=["length"], timeout=timeout_s)
        self.dimensions = int(self._vectors(reply, 1).shape[1])

    async def encode_queries(self, queries: Sequence[str]) -> Vectors:
        """Unit vectors, shape [len(queries), dimensions]."""
        return await self.encode_passages(queries)

    async def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, shape [len(texts), dimensions], requested in batches, in order."""
        batches = [texts[i : i + self._batch_size] for i in range(0, len(texts), self._batch_size)]
        vectors = [await self._request(batch) for batch in batches]
        return np.concatenate(vectors) if vectors else np.zeros((0, self.dimensions), np.float32)

    async def encode_spans(
        self, texts: Sequence[str], spans: Sequence[Sequence[Span]]
    ) -> tuple[Vectors, list[Vectors]]:
        """As `Encoder.encode_spans`, the spans in a pass of their own."""
        return await encode_apart(self, texts, spans)

    async def _request(self, texts: Sequence[str]) -> Vectors:
        with litellm_errors(self._model):
            # litellm's own limit does not hold for every provider.
            async with asyncio.timeout(self._timeout_s):
                reply = await litellm.aembedding(
                    model=self._model, input=list(texts), timeout=self._timeout_s
                )
        return self._vectors(reply, len(texts))

    def _vectors(self, reply: Any, count: int) -> Vectors:  # noqa: ANN401 - litellm's untyped response
        try:
            rows = np.asarray([entry["embedding"] for entry in reply.data], np.float32)
        except (KeyError, TypeError, ValueError) as exc:
            raise BadCompletion(f"model {self._model!r} sent no vectors", str(reply)) from exc
        if rows.ndim != 2 or len(rows) != count:  # noqa: PLR2004 - [texts, dimensions]
            raise BadCompletion(
                f"model {self._model!r} sent {len(rows)} vectors for {count} texts", str(reply)
            )
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        unit: Vectors = rows / np.maximum(norms, 1e-12)
        return unit
