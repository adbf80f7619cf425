"""The shipped support classifier: what evidence says of a statement, by a small cross-encoder.

A folder holds `model.onnx` and `config.json`: ``name``, ``tokenizer`` (a path from the folder),
``max_tokens``, and the weights by which signals are combined, ``context`` and ``direction`` (see
`rag.support`). The model reads the statement beside each of the three sentences that share most with it: what
a statement costs does not grow with its evidence.
"""

import asyncio
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from rag.adapters.onnx_session import open_session
from rag.errors import ModelUnavailable
from rag.support import (
    CONTEXT,
    DIRECTION,
    Combination,
    context_signals,
    direction_signals,
    stem_share,
    word_shares,
)
from rag.types import Vectors

Floats = NDArray[np.float64]
Pair = tuple[str, Sequence[str]]
FIRST_WORD = 1996
"""WordPiece's first word; from here ids follow the words' frequency, so a late id is a rare word."""
READ = 3
"""Sentences of the evidence that are read."""
BATCH = 24


class SupportClassifier:
    """A SupportJudge over a folder. The work runs in a thread; ONNX Runtime releases the GIL.

    Args:
        folder: holds `model.onnx` and `config.json`.
        threads: intra-op threads, 0 for one a core.

    Raises:
        ModelUnavailable: a file is missing or cannot be loaded.
    """

    def __init__(self, folder: Path, threads: int) -> None:
        for name in ("model.onnx", "config.json"):
            if not (folder / name).is_file():
                raise ModelUnavailable(
                    f"support folder {str(folder)!r} has no {name}: expected model.onnx and config.json in it"
                )
        try:
            config: dict[str, Any] = json.loads((folder / "config.json").read_text("utf-8"))
            self._name = str(config["name"])
            self._combination = _combination(config)
            self._tokenizer = Tokenizer.from_file(str(folder / config["tokenizer"]))
            self._session = open_session(folder / "model.onnx", threads)
            self._tokenizer.no_padding()
            self._tokenizer.enable_truncation(config["max_tokens"])
        except Exception as exc:  # both libraries raise bare or private classes
            raise ModelUnavailable(f"support folder {str(folder)!r} cannot be loaded: {exc}") from exc

    @property
    def name(self) -> str:
        """The model's name, as its config gives it."""
        return self._name

    async def judge(self, pairs: Sequence[Pair]) -> Vectors:
        """Probabilities of supported, contradicted and not in context, shape [pairs, 3]; rows sum to 1.

        Args:
            pairs: a statement and the sentences of its evidence, in their order. Where there is no sentence,
                the statement is not in context.
        """
        context, direction = await self.signals(pairs)
        found = self._combination.probabilities(context, direction)
        found[[not any(map(str.strip, sentences)) for _, sentences in pairs]] = (0, 0, 1)
        return found.astype(np.float32)

    async def signals(self, pairs: Sequence[Pair]) -> tuple[Floats, Floats]:
        """What the combination is fitted on: shapes [pairs, CONTEXT] and [pairs, DIRECTION]."""
        return await asyncio.to_thread(self._signals, pairs)

    def _signals(self, pairs: Sequence[Pair]) -> tuple[Floats, Floats]:
        chosen = [self._nearest(*pair) for pair in pairs]
        texts = [
            (statement, sentence)
            for (statement, _), (sentences, _) in zip(pairs, chosen, strict=True)
            for sentence in sentences
        ]
        logits = self._logits(self._tokenizer.encode_batch(texts))
        context, direction = np.zeros((len(pairs), len(CONTEXT))), np.zeros((len(pairs), len(DIRECTION)))
        at = 0
        for row, (sentences, shares) in enumerate(chosen):
            if sentences:
                context[row] = context_signals(logits[at : at + len(sentences)], shares)
                direction[row] = direction_signals(logits[at : at + len(sentences)])
            at += len(sentences)
        return context, direction

    def _nearest(self, statement: str, sentences: Sequence[str]) -> tuple[list[str], tuple[float, ...]]:
        """The sentences that are read, and shares of the statement's words in the evidence."""
        texts = [text for text in sentences if text.strip()]
        if not texts:
            return [], ()
        wanted, *held = (
            frozenset(found.ids)
            for found in self._tokenizer.encode_batch([statement, *texts], add_special_tokens=False)
        )
        # Zipf: the rank of a word in the vocabulary stands in for its rarity.
        weights = {word: math.log(word - FIRST_WORD + 2) for word in wanted if word >= FIRST_WORD}
        shares, together = word_shares(weights, held)
        _, overlap = word_shares(dict.fromkeys(wanted, 1.0), held)
        nearest = np.argsort(-shares, kind="stable")[:READ]
        stems = stem_share(statement, texts)
        return [texts[place] for place in nearest], (together, float(shares.max()), overlap, stems)

    def _logits(self, encodings: Sequence[Encoding]) -> Floats:
        """The model's logits, [texts, 3]; texts of like length go together, so that little is padded."""
        logits = np.zeros((len(encodings), 3))
        order = sorted(range(len(encodings)), key=lambda row: len(encodings[row].ids))
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            logits[rows] = self._forward([encodings[row] for row in rows])
        return logits

    def _forward(self, encodings: Sequence[Encoding]) -> Vectors:
        shape = (len(encodings), max(len(encoding.ids) for encoding in encodings))
        ids, mask, types = (np.zeros(shape, np.int64) for _ in range(3))
        for row, encoding in enumerate(encodings):
            ids[row, : len(encoding.ids)] = encoding.ids
            types[row, : len(encoding.ids)] = encoding.type_ids
            mask[row, : len(encoding.ids)] = 1
        feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}
        return np.asarray(self._session.run(None, feed)[0], np.float32)


def _combination(config: dict[str, Any]) -> Combination:
    for part, names in (("context", CONTEXT), ("direction", DIRECTION)):
        if set(config[part]) != {*names, "bias"}:
            raise ValueError(f"weights {part!r} are for {sorted(config[part])}, expected {[*names, 'bias']}")
    return Combination(config["context"], config["direction"])
