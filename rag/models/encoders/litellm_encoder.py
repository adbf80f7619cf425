"""Any embedding model that litellm reaches: OpenAI, Cohere, Voyage, Ollama, a server of one's own."""

import asyncio
from collections.abc import Sequence
from typing import Any

import numpy as np

from rag.errors import BadCompletion
from rag.models.encoders.text_encoder import TextEncoder, unit_rows
from rag.models.llm.litellm_errors import litellm, litellm_errors
from rag.settings import EncoderSettings
from rag.types import Vectors


class LitellmEncoder(TextEncoder):
    """Encoder over a litellm model string, such as "openai/text-embedding-3-small".

    Asks it once, when made, how long its vectors are; may raise `ModelError` then.
    """

    def __init__(self, model: str, options: EncoderSettings) -> None:
        self.name = f"litellm/{model}"
        self._model = model
        self._options = options
        with litellm_errors(model):
            reply = litellm.embedding(model=model, input=["length"], timeout=options.timeout_s)
        self.dimensions = self._vectors(reply, 1).shape[1]

    async def encode_passages(self, texts: Sequence[str]) -> Vectors:
        size = self._options.batch_size
        rows = [await self._request(texts[start : start + size]) for start in range(0, len(texts), size)]
        return np.concatenate(rows) if rows else np.zeros((0, self.dimensions), np.float32)

    async def _request(self, texts: Sequence[str]) -> Vectors:
        timeout_s = self._options.timeout_s
        with litellm_errors(self._model):
            async with asyncio.timeout(timeout_s):  # litellm's own limit does not hold for every provider
                reply = await litellm.aembedding(model=self._model, input=list(texts), timeout=timeout_s)
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
        return unit_rows(rows)
