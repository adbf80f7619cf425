"""Print the dense nDCG@10 of the fp32 and the int8 encoder on SciFact, and how near their vectors are.

    python models/compare_encoders.py FP32.onnx INT8.onnx DATA [--tokens 256]

DATA holds ``corpus.jsonl.gz`` (id, title, sentences) and ``claims-train.jsonl`` (claim, cited). The tokenizer
is the one beside INT8.onnx. A text is the title and the sentences joined by spaces; its vector is the mean of
its tokens, normalised.
"""

# ruff: noqa: T201 - printing is what this command is for

from __future__ import annotations

import argparse
import gzip
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

Floats = NDArray[np.float32]
BATCH, DEPTH = 16, 10


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Read JSON lines, gzipped or not."""
    with (
        gzip.open(path, "rt", encoding="utf-8")
        if path.suffix == ".gz"
        else path.open(encoding="utf-8") as lines
    ):
        return [json.loads(line) for line in lines]


def pad(rows: list[list[int]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the token ids and the mask of one batch."""
    ids = np.zeros((len(rows), max(map(len, rows))), np.int64)
    for place, row in enumerate(rows):
        ids[place, : len(row)] = row
    return ids, (ids != 0).astype(np.int64)


def pool(hidden: Floats, mask: NDArray[np.int64]) -> Floats:
    """Average the tokens of each text and normalise."""
    total: Floats = (hidden * mask[:, :, None].astype(np.float32)).sum(axis=1)
    vectors: Floats = total / np.linalg.norm(total, axis=1, keepdims=True)
    return vectors


def encode(session: onnxruntime.InferenceSession, tokenizer: Tokenizer, texts: list[str]) -> Floats:
    """Encode TEXTS in batches of similar length."""
    rows = [found.ids for found in tokenizer.encode_batch(texts)]
    order = sorted(range(len(rows)), key=lambda place: len(rows[place]))
    vectors = np.zeros((len(rows), 384), np.float32)
    for start in range(0, len(order), BATCH):
        batch = order[start : start + BATCH]
        ids, mask = pad([rows[place] for place in batch])
        (hidden,) = session.run(["last_hidden_state"], {"input_ids": ids, "attention_mask": mask})
        vectors[batch] = pool(hidden, mask)
    return vectors


def ndcg(documents: Floats, queries: Floats, relevant: list[set[int]]) -> Floats:
    """Return the binary nDCG@10 of each query; RELEVANT holds rows of DOCUMENTS."""
    gains = 1 / np.log2(np.arange(2, DEPTH + 2))
    best = np.argsort(-(queries @ documents.T), axis=1, kind="stable")[:, :DEPTH]
    values = [
        sum(gains[rank] for rank, row in enumerate(rows) if row in wanted) / gains[: len(wanted)].sum()
        for rows, wanted in zip(best.tolist(), relevant, strict=True)
    ]
    return np.array(values, np.float32)


def open_model(path: Path, threads: int) -> onnxruntime.InferenceSession:
    """Load an encoder on THREADS threads."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


@dataclass(frozen=True)
class Result:
    """What one encoder made of the data."""

    documents: Floats
    queries: Floats
    scores: Floats
    speed: float


@dataclass(frozen=True)
class Scifact:
    """Texts, queries and the rows of the texts that each query cites."""

    texts: list[str]
    queries: list[str]
    cited: list[set[int]]


def read_data(folder: Path) -> Scifact:
    """Read a folder in SciFact's format."""
    corpus, claims = read_lines(folder / "corpus.jsonl.gz"), read_lines(folder / "claims-train.jsonl")
    rows = {paper["id"]: row for row, paper in enumerate(corpus)}
    return Scifact(
        texts=[" ".join([paper["title"], *paper["sentences"]]) for paper in corpus],
        queries=[claim["claim"] for claim in claims],
        cited=[{rows[paper] for paper in claim["cited"]} for claim in claims],
    )


def measure(path: Path, threads: int, tokenizer: Tokenizer, data: Scifact) -> Result:
    """Encode everything with one model and score it."""
    session, start = open_model(path, threads), time.perf_counter()
    documents = encode(session, tokenizer, data.texts)
    speed = len(data.texts) / (time.perf_counter() - start)
    queries = encode(session, tokenizer, data.queries)
    return Result(documents, queries, ndcg(documents, queries, data.cited), speed)


def report(exact: Result, small: Result) -> None:
    """Print both figures, how near the vectors are, and the difference."""
    for name, result in (("fp32", exact), ("int8", small)):
        print(f"{name}: nDCG@10 {result.scores.mean():.4f}, {result.speed:.1f} texts/s")
    pairs = (("texts", exact.documents, small.documents), ("queries", exact.queries, small.queries))
    for name, left, right in pairs:
        cosines = (left * right).sum(axis=1)
        print(f"cosine of {name}: mean {cosines.mean():.5f}, least {cosines.min():.5f}")
    change = small.scores - exact.scores
    error = change.std(ddof=1) / len(change) ** 0.5
    print(f"int8 - fp32: {change.mean():+.4f} nDCG@10, standard error {error:.4f}")


def main() -> None:
    """Read the arguments, measure both encoders, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name in ("fp32", "int8", "data"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--tokens", type=int, default=256, help="cut texts after so many tokens (256)")
    parser.add_argument("--threads", type=int, default=2, help="threads of each model (2)")
    arguments = parser.parse_args()
    tokenizer = Tokenizer.from_file(str(arguments.int8.parent / "tokenizer.json"))
    tokenizer.enable_truncation(arguments.tokens)
    data = read_data(arguments.data)
    print(f"{len(data.texts)} texts, {len(data.queries)} queries, {arguments.tokens} tokens", flush=True)
    models = (arguments.fp32, arguments.int8)
    report(*(measure(path, arguments.threads, tokenizer, data) for path in models))


if __name__ == "__main__":
    main()
