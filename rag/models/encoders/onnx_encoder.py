"""A sentence encoder run by ONNX Runtime: the shipped MiniLM, or any folder of that form.

What `config.json` may hold besides: ``pooling`` ("mean" or "cls"), ``query_prefix``, ``passage_prefix``.
Mean pooling over the attention mask and unit length follow Sentence-BERT (Reimers and Gurevych 2019).
Sentences are pooled from the tokens of their passage's own pass (late chunking, Günther et al. 2024): each is
read in its context, and no second pass is paid for.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding

from rag.models.encoders.text_encoder import TextEncoder, unit_rows
from rag.models.onnx import OnnxModel
from rag.settings import EncoderSettings
from rag.types import Span, Vectors

DEFAULT_MAX_TOKENS = 256


def shipped_encoder(_name: str, options: EncoderSettings) -> "OnnxEncoder":
    """The MiniLM that comes with pincite."""
    from models import folder

    return OnnxEncoder(folder("all-MiniLM-L6-v2"), options)


class OnnxEncoder(TextEncoder):
    """Encoder over a folder of `OnnxModel`; texts are cut at its ``max_tokens``. It works in a thread."""

    def __init__(self, folder: str | Path, options: EncoderSettings) -> None:
        self._model = OnnxModel("encoder", folder, options.threads, DEFAULT_MAX_TOKENS)
        self._batch_size = options.batch_size
        config, axes = self._model.config, self._model.output
        self._query_prefix: str = config.get("query_prefix", "")
        self._passage_prefix: str = config.get("passage_prefix", "")
        self._reads_first_token = config.get("pooling", "mean") == "cls"
        self._pools_itself = len(axes) == 2  # noqa: PLR2004 - [batch, dimensions]
        self.name = self._model.name
        if not isinstance(axes[-1], int):  # one pass tells
            axes = self._model.forward(self._model.tokenize(["length"]))[0].shape
        self.dimensions = int(axes[-1])

    async def encode_queries(self, queries: Sequence[str]) -> Vectors:
        return (await asyncio.to_thread(self._encode, queries, self._query_prefix))[0]

    async def encode_passages(self, texts: Sequence[str]) -> Vectors:
        return (await asyncio.to_thread(self._encode, texts, self._passage_prefix))[0]

    async def encode_spans(
        self, texts: Sequence[str], spans: Sequence[Sequence[Span]]
    ) -> tuple[Vectors, list[Vectors]]:
        """Vectors of texts and of spans in them, from one pass where the model gives token rows.

        A span of which no token was read (the text was cut at ``max_tokens``) has its text's vector.
        """
        if self._reads_first_token or self._pools_itself:
            return await super().encode_spans(texts, spans)
        return await asyncio.to_thread(self._encode, texts, self._passage_prefix, spans)

    def _encode(
        self, texts: Sequence[str], prefix: str, spans: Sequence[Sequence[Span]] = ()
    ) -> tuple[Vectors, list[Vectors]]:
        """Vectors of texts, and of the ``spans`` of each text if there are any."""
        encodings = self._model.tokenize([prefix + text for text in texts])
        whole = np.zeros((len(texts), self.dimensions), np.float32)
        parts: list[Vectors] = [whole[:0]] * len(spans)
        for rows in self._model.batches(encodings, self._batch_size):
            output, mask = self._model.forward([encodings[row] for row in rows])
            whole[rows] = unit_rows(self._pool(output, mask))
            for row, tokens in zip(rows, output, strict=True) if spans else ():
                parts[row] = _pool_spans(tokens, encodings[row], spans[row], len(prefix), whole[row])
        return whole, parts

    def _pool(self, output: Vectors, mask: NDArray[np.int64]) -> Vectors:
        if output.ndim == 2:  # noqa: PLR2004 - the graph pools by itself: [batch, dimensions]
            return output
        if self._reads_first_token:
            return output[:, 0]
        weights = mask[:, :, None].astype(np.float32)
        pooled: Vectors = (output * weights).sum(axis=1) / weights.sum(axis=1)
        return pooled


def _pool_spans(
    tokens: Vectors, encoding: Encoding, spans: Sequence[Span], shift: int, fallback: Vectors
) -> Vectors:
    """Unit mean of the tokens inside each span, [spans, dimensions]; ``shift`` is the prefix's length."""
    offsets = np.array(encoding.offsets, np.int64)
    starts, ends = offsets[:, 0] - shift, offsets[:, 1] - shift
    pooled = np.tile(fallback, (len(spans), 1))
    for number, span in enumerate(spans):
        inside = (starts >= span.start) & (ends <= span.end) & (ends > starts)  # marks like [CLS] are empty
        if inside.any():
            pooled[number] = tokens[: len(inside)][inside].mean(axis=0)
    return unit_rows(pooled)
