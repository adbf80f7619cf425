"""A cross-encoder run by ONNX Runtime from a local folder: query and paper are read together, one logit out.

A folder holds `model.onnx` (or `onnx/model.onnx`) and `tokenizer.json`, as cross-encoders are published in
the form of sentence-transformers. Optional: `config.json` (all keys optional): ``name``, and ``max_tokens``
of query and text together. Scoring each pair by itself follows monoBERT (Nogueira and Cho 2019).
"""

import asyncio
import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Encoding, Tokenizer

from rag.errors import ModelUnavailable
from rag.models.onnx_session import open_session
from rag.models.rerankers.scores import in_time, one_a_text
from rag.settings import RerankerSettings

DEFAULT_MAX_TOKENS = 512
PADDED_TOKENS_PER_BATCH = 1024
"""Past the cache a bigger batch is slower, as measured for the encoder."""

EXPECTED = "expected model.onnx (or onnx/model.onnx) and tokenizer.json of a cross-encoder in it"


class OnnxReranker:
    """Reranker over a folder. The work runs in threads, one batch after the other.

    Args:
        folder: holds `model.onnx` (or `onnx/model.onnx`), `tokenizer.json` and perhaps `config.json`.
        options: batch size, threads and time limit.

    Raises:
        ModelUnavailable: a file is missing or cannot be loaded, or the model gives no single logit.
    """

    def __init__(self, folder: Path, options: RerankerSettings) -> None:
        model, tokenizer = _files(folder)
        try:
            config = _config(folder)
            self._tokenizer = Tokenizer.from_file(str(tokenizer))
            self._session = open_session(model, options.threads)
            self._pad = int((self._tokenizer.padding or {}).get("pad_id", 0))
            self._tokenizer.no_padding()
            self._tokenizer.enable_truncation(config.get("max_tokens", DEFAULT_MAX_TOKENS))
            self._inputs = {entry.name for entry in self._session.get_inputs()}
            shape = self._forward(self._encode("query", ["text", "another text"])).shape
        except Exception as exc:  # both libraries raise bare or private classes
            raise ModelUnavailable(f"reranker folder {str(folder)!r} cannot be loaded: {exc}") from exc
        if shape not in {(2, 1), (2,)}:
            raise ModelUnavailable(
                f"reranker folder {str(folder)!r} gives {shape} for two pairs, not one logit each: {EXPECTED}"
            )
        self._options = options
        with model.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()[:12]
        self.name = f"{config.get('name', folder.name)}@{digest}"

    async def score(self, query: str, texts: Sequence[str]) -> list[float]:
        """A logit a text, in their order; query and text are cut at ``max_tokens``, the longer one first.

        Raises:
            ModelTimeout: it took longer than ``timeout_s``.
            BadCompletion: a logit is not finite.
        """
        logits = np.zeros(len(texts), np.float32)
        async with in_time(self.name, self._options.timeout_s):
            pairs = await asyncio.to_thread(self._encode, query, texts)
            for rows in self._batches([len(pair.ids) for pair in pairs]):
                output = await asyncio.to_thread(self._forward, [pairs[row] for row in rows])
                logits[rows] = output.reshape(len(rows))
        return one_a_text(self.name, logits.tolist(), len(texts))

    def _encode(self, query: str, texts: Sequence[str]) -> list[Encoding]:
        return self._tokenizer.encode_batch([(query, text) for text in texts])

    def _batches(self, lengths: Sequence[int]) -> Iterator[list[int]]:
        """Row numbers, pairs of like length together, so that little is padded."""
        batch: list[int] = []
        for row in sorted(range(len(lengths)), key=lengths.__getitem__):
            full = len(batch) == self._options.batch_size
            if batch and (full or (len(batch) + 1) * lengths[row] > PADDED_TOKENS_PER_BATCH):
                yield batch
                batch = []
            batch.append(row)
        if batch:
            yield batch

    def _forward(self, pairs: Sequence[Encoding]) -> Any:  # noqa: ANN401 - an array of the model's shape
        ids = np.full((len(pairs), max(len(pair.ids) for pair in pairs)), self._pad, np.int64)
        mask, kinds = np.zeros_like(ids), np.zeros_like(ids)
        for row, pair in enumerate(pairs):
            ids[row, : len(pair.ids)] = pair.ids
            mask[row, : len(pair.ids)] = 1
            kinds[row, : len(pair.ids)] = pair.type_ids
        feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": kinds}
        return self._session.run(None, {name: feed[name] for name in self._inputs})[0]


def _files(folder: Path) -> tuple[Path, Path]:
    models = [file for file in (folder / "model.onnx", folder / "onnx" / "model.onnx") if file.is_file()]
    if not models:
        raise ModelUnavailable(f"reranker folder {str(folder)!r} has no model.onnx: {EXPECTED}")
    if not (folder / "tokenizer.json").is_file():
        raise ModelUnavailable(f"reranker folder {str(folder)!r} has no tokenizer.json: {EXPECTED}")
    return models[0], folder / "tokenizer.json"


def _config(folder: Path) -> dict[str, Any]:
    file = folder / "config.json"
    config: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    return config
