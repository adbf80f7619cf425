"""Models of local folders, run by ONNX Runtime.

A folder holds `model.onnx` (or `onnx/model.onnx`) and `tokenizer.json`, as models are published in the form
of sentence-transformers. Optional: `config.json` (all keys optional): ``name``, ``max_tokens`` of one
reading, and what the model's kind reads besides.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from rag.errors import ModelUnavailable

PADDED_TOKENS_PER_BATCH = 1024
"""Long texts go in smaller batches: past the cache a bigger batch is slower, and attention is quadratic."""


def stop_telemetry() -> None:
    """Have ONNX Runtime report nothing from here on.

    `rag.telemetry` comes too late where a program imported onnxruntime before us. What that has queued is
    still sent, for nothing takes it back, but nothing of ours joins it.
    """
    ort.disable_telemetry_events()


def open_session(model: Path, threads: int) -> ort.InferenceSession:
    """The model in a file, run by the processor; ``threads`` share one call, 0 = one a core."""
    stop_telemetry()
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    # Waiting threads that spin take the cores from everything else on a small machine.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return ort.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


class OnnxModel:
    """The transformer in a folder. Blocking; ONNX Runtime releases the GIL. May raise `ModelUnavailable`.

    Attributes:
        title: kind and folder, for messages.
        name: that of the model and the first 12 hex digits of its file's SHA-256.
        config: of `config.json`.
        output: axes of what the model gives; a symbolic one has a name instead of a size.
    """

    def __init__(self, kind: str, folder: str | Path, threads: int, max_tokens: int) -> None:
        folder = Path(folder)
        self.title = f"{kind} folder {str(folder)!r}"
        model = self._file(folder / "model.onnx", folder / "onnx" / "model.onnx")
        tokenizer = self._file(folder / "tokenizer.json")
        try:
            config = folder / "config.json"
            self.config: dict[str, Any] = json.loads(config.read_text("utf-8")) if config.is_file() else {}
            self._tokenizer = Tokenizer.from_file(str(tokenizer))
            self._session = open_session(model, threads)
        except Exception as exc:  # both libraries raise bare or private classes
            raise ModelUnavailable(f"{self.title} cannot be loaded: {exc}") from exc
        self._pad = int((self._tokenizer.padding or {}).get("pad_id", 0))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(self.config.get("max_tokens", max_tokens))
        self._inputs = {entry.name for entry in self._session.get_inputs()}
        self.output: Sequence[int | str] = self._session.get_outputs()[0].shape
        self.name = f"{self.config.get('name', folder.name)}@{_digest(model)}"

    def _file(self, *places: Path) -> Path:
        for place in places:
            if place.is_file():
                return place
        raise ModelUnavailable(
            f"{self.title} has no {places[0].name}: expected model.onnx (or onnx/model.onnx) "
            "and tokenizer.json in it"
        )

    def tokenize(self, texts: Sequence[str] | Sequence[tuple[str, str]]) -> list[Encoding]:
        """Tokens of texts, or of pairs of texts; what is too long is cut."""
        encodings: list[Encoding] = self._tokenizer.encode_batch(list(texts))
        return encodings

    def batches(self, encodings: Sequence[Encoding], most: int) -> Iterator[list[int]]:
        """Row numbers of at most ``most`` texts, those of like length together, so that little is padded."""
        lengths = [len(encoding.ids) for encoding in encodings]
        batch: list[int] = []
        for row in sorted(range(len(lengths)), key=lengths.__getitem__):
            if len(batch) == most or (batch and (len(batch) + 1) * lengths[row] > PADDED_TOKENS_PER_BATCH):
                yield batch
                batch = []
            batch.append(row)
        if batch:
            yield batch

    def forward(self, encodings: Sequence[Encoding]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """The model's output, one row a text, and the attention mask, shape [texts, tokens]."""
        ids = np.full((len(encodings), max(len(encoding.ids) for encoding in encodings)), self._pad, np.int64)
        mask, kinds = np.zeros_like(ids), np.zeros_like(ids)
        for row, encoding in enumerate(encodings):
            ids[row, : len(encoding.ids)] = encoding.ids
            mask[row, : len(encoding.ids)] = 1
            kinds[row, : len(encoding.ids)] = encoding.type_ids
        feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": kinds}
        output = self._session.run(None, {name: feed[name] for name in self._inputs})[0]
        return np.asarray(output, np.float32), mask


def _digest(model: Path) -> str:
    """Of the model's bytes, from the folder's SHA256SUMS if it has one: hashing 23 MB is felt at start-up."""
    sums = model.with_name("SHA256SUMS")
    for line in sums.read_text("utf-8").splitlines() if sums.is_file() else ():
        digest, _, name = line.partition("  ")
        if name.strip() == model.name:
            return digest[:12]
    with model.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()[:12]
