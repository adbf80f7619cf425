"""A sentence encoder run by ONNX Runtime: the shipped MiniLM, or any folder of that form.

A folder holds `model.onnx` and `tokenizer.json`.
Optional: `config.json` (all keys optional): ``name``, ``max_tokens``, ``pooling``
("mean" or "cls"), ``query_prefix``, ``passage_prefix``. Sentence-transformers' ONNX folders work
as they are. Mean pooling over the attention mask and unit length follow Sentence-BERT
(Reimers and Gurevych 2019). Sentences are pooled from the tokens of their passage's own pass (late
chunking, Günther et al. 2024): each is read in its context, and no second pass is paid for.
"""

import asyncio
import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from rag.errors import ModelUnavailable
from rag.models.encoders.sentence_pass import encode_apart
from rag.models.onnx_session import open_session
from rag.types import Span, Vectors

DEFAULT_MAX_TOKENS = 256
PADDED_TOKENS_PER_BATCH = 1024
"""Long texts go in smaller batches: past the cache a bigger batch is slower, and attention is quadratic."""


class OnnxEncoder:
    """Encoder over a folder. The work runs in a thread; ONNX Runtime releases the GIL.

    Args:
        folder: holds `model.onnx` (or `onnx/model.onnx`), `tokenizer.json` and perhaps `config.json`.
        batch_size: most texts in one forward pass.
        threads: intra-op threads, 0 for one a core.

    Raises:
        ModelUnavailable: a file is missing or cannot be loaded.
    """

    def __init__(self, folder: Path, batch_size: int, threads: int) -> None:
        model = _model_file(folder)
        try:
            self._config = _config(folder)
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            self._session = open_session(model, threads)
        except Exception as exc:  # both libraries raise bare or private classes
            raise ModelUnavailable(f"encoder folder {str(folder)!r} cannot be loaded: {exc}") from exc
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(self._config.get("max_tokens", DEFAULT_MAX_TOKENS))
        self._inputs = {entry.name for entry in self._session.get_inputs()}
        self._batch_size = batch_size
        self._name = f"{self._config.get('name', folder.name)}@{_digest(model)}"
        axes = self._session.get_outputs()[0].shape
        # A symbolic axis has a name instead of a size: one pass tells.
        self._dimensions: int = axes[-1] if isinstance(axes[-1], int) else self._probe()[-1]
        self._pools_itself = len(axes) == 2  # noqa: PLR2004 - [batch, dimensions]

    @property
    def name(self) -> str:
        """The model's name and the first 12 hex digits of its file's SHA-256."""
        return self._name

    @property
    def dimensions(self) -> int:
        """Length of every vector."""
        return self._dimensions

    async def encode_queries(self, queries: Sequence[str]) -> Vectors:
        """Unit vectors, shape [len(queries), dimensions]."""
        return await asyncio.to_thread(self._encode, queries, self._config.get("query_prefix", ""))

    async def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, shape [len(texts), dimensions]; texts are truncated at the model's ``max_tokens``."""
        return await asyncio.to_thread(self._encode, texts, self._config.get("passage_prefix", ""))

    async def encode_spans(
        self, texts: Sequence[str], spans: Sequence[Sequence[Span]]
    ) -> tuple[Vectors, list[Vectors]]:
        """Vectors of texts and of spans in them, from one pass where the model gives token rows.

        A span of which no token was read (the text was cut at ``max_tokens``) has its text's vector.
        """
        if self._config.get("pooling", "mean") == "cls" or self._pools_itself:
            return await encode_apart(self, texts, spans)
        return await asyncio.to_thread(self._encode_spans, texts, spans)

    def _encode(self, texts: Sequence[str], prefix: str) -> Vectors:
        encodings = self._tokenizer.encode_batch([prefix + text for text in texts])
        vectors = np.zeros((len(texts), self._dimensions), np.float32)
        for rows in self._batches([len(encoding.ids) for encoding in encodings]):
            output, mask = self._forward([encodings[row] for row in rows])
            vectors[rows] = _unit(self._pool(output, mask))
        return vectors

    def _encode_spans(
        self, texts: Sequence[str], spans: Sequence[Sequence[Span]]
    ) -> tuple[Vectors, list[Vectors]]:
        prefix: str = self._config.get("passage_prefix", "")
        encodings = self._tokenizer.encode_batch([prefix + text for text in texts])
        whole = np.zeros((len(texts), self._dimensions), np.float32)
        parts: list[Vectors] = [whole[:0]] * len(texts)
        for rows in self._batches([len(encoding.ids) for encoding in encodings]):
            output, mask = self._forward([encodings[row] for row in rows])
            whole[rows] = _unit(self._pool(output, mask))
            for row, tokens in zip(rows, output, strict=True):
                parts[row] = _pool_spans(tokens, encodings[row], spans[row], len(prefix), whole[row])
        return whole, parts

    def _probe(self) -> tuple[int, ...]:
        return self._forward(self._tokenizer.encode_batch(["length"]))[0].shape

    def _batches(self, lengths: Sequence[int]) -> Iterator[list[int]]:
        """Row numbers, texts of like length together, so that little is padded."""
        batch: list[int] = []
        for row in sorted(range(len(lengths)), key=lengths.__getitem__):
            if len(batch) == self._batch_size or (len(batch) + 1) * lengths[row] > PADDED_TOKENS_PER_BATCH:
                yield batch
                batch = []
            batch.append(row)
        if batch:
            yield batch

    def _forward(self, encodings: Sequence[Encoding]) -> tuple[Vectors, NDArray[np.int64]]:
        """The model's output and the attention mask, [batch, tokens, dimensions] and [batch, tokens]."""
        ids = np.zeros((len(encodings), max(len(encoding.ids) for encoding in encodings)), np.int64)
        mask = np.zeros_like(ids)
        for row, encoding in enumerate(encodings):
            ids[row, : len(encoding.ids)] = encoding.ids
            mask[row, : len(encoding.ids)] = 1
        feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        output = self._session.run(None, {name: feed[name] for name in self._inputs})[0]
        return np.asarray(output, np.float32), mask

    def _pool(self, output: Vectors, mask: NDArray[np.int64]) -> Vectors:
        if output.ndim == 2:  # noqa: PLR2004 - the graph pools by itself: [batch, dimensions]
            return output
        if self._config.get("pooling", "mean") == "cls":
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
        inside = (
            (starts >= span.start) & (ends <= span.end) & (ends > starts)
        )  # marks such as [CLS] are empty
        if inside.any():
            pooled[number] = tokens[: len(inside)][inside].mean(axis=0)
    return _unit(pooled)


def _unit(vectors: Vectors) -> Vectors:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Vectors = (vectors / np.maximum(norms, 1e-12)).astype(np.float32)
    return unit


def _model_file(folder: Path) -> Path:
    for candidate in (folder / "model.onnx", folder / "onnx" / "model.onnx"):
        if candidate.is_file():
            return candidate
    raise ModelUnavailable(
        f"encoder folder {str(folder)!r} has no model.onnx: expected model.onnx and tokenizer.json in it"
    )


def _config(folder: Path) -> dict[str, Any]:
    file = folder / "config.json"
    config: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    return config


def _digest(model: Path) -> str:
    """Of the model's bytes, from the folder's SHA256SUMS if it has one: hashing 23 MB is felt at start-up."""
    sums = model.with_name("SHA256SUMS")
    for line in sums.read_text("utf-8").splitlines() if sums.is_file() else ():
        digest, _, name = line.partition("  ")
        if name.strip() == model.name:
            return digest[:12]
    with model.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()[:12]
