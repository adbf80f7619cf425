"""Vectors kept on disk between runs: encoding a benchmark's papers takes far longer than everything else."""

import asyncio
import hashlib
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from rag.errors import StoreUnavailable
from rag.ports import Encoder
from rag.types import Span, Vectors

MOST_KEYS = 500
"""Keys in one look-up: SQLite allows few variables in a statement."""

BLOCK = 256
"""Texts encoded and kept together: what an interruption can lose."""

PATIENCE_S = 60.0
"""Seconds to wait while another process writes."""


class CachedEncoder:
    """Asks another encoder only for what it has not encoded before. Vectors are kept in half precision.

    Args:
        inner: the encoder.
        file: an SQLite file, made if there is none. Its keys hold the encoder's name.
        on_progress: told after each block of texts how many of how many that were not known are encoded.

    Raises:
        StoreUnavailable: the file cannot be opened, read or written, also from the methods.
    """

    def __init__(
        self, inner: Encoder, file: Path, on_progress: Callable[[int, int], None] | None = None
    ) -> None:
        self.name = inner.name
        self.dimensions = inner.dimensions
        self._inner = inner
        self._file = file
        self._on_progress = on_progress
        self._writing = threading.Lock()
        with self._translated():
            file.parent.mkdir(parents=True, exist_ok=True)
            self._rows = sqlite3.connect(file, PATIENCE_S, check_same_thread=False, isolation_level=None)
            self._rows.execute("PRAGMA journal_mode = WAL")
            self._rows.execute(
                "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, value BLOB) WITHOUT ROWID"
            )

    async def encode_queries(self, queries: Sequence[str]) -> Vectors:
        """As the inner encoder, never remembered: a query's time is measured."""
        return await self._inner.encode_queries(queries)

    async def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """As the inner encoder."""
        keys = [self._key(text) for text in texts]
        known = await asyncio.to_thread(self._read, keys)
        for rows in self._blocks([row for row, key in enumerate(keys) if key not in known]):
            fresh = await self._inner.encode_passages([texts[row] for row in rows])
            known |= await self._write(
                {keys[row]: vector[None] for row, vector in zip(rows, fresh, strict=True)}
            )
        return self._stacked(known, keys)

    async def encode_spans(
        self, texts: Sequence[str], spans: Sequence[Sequence[Span]]
    ) -> tuple[Vectors, list[Vectors]]:
        """As the inner encoder; a text's own vector is also found by `encode_passages`."""
        whole, parts = [self._key(text) for text in texts], list(map(self._key, texts, spans))
        known = await asyncio.to_thread(self._read, [*whole, *parts])
        unknown = [row for row, key in enumerate(parts) if key not in known or whole[row] not in known]
        for rows in self._blocks(unknown):
            fresh = await self._inner.encode_spans([texts[row] for row in rows], [spans[row] for row in rows])
            new = {whole[row]: vector[None] for row, vector in zip(rows, fresh[0], strict=True)}
            new |= {parts[row]: vectors for row, vectors in zip(rows, fresh[1], strict=True)}
            known |= await self._write(new)
        return self._stacked(known, whole), [known[key] for key in parts]

    def close(self) -> None:
        """Close the file."""
        self._rows.close()

    def _blocks(self, rows: Sequence[int]) -> Iterator[Sequence[int]]:
        """Each block is reported when the next is asked for, that is, when it has been encoded."""
        for start in range(0, len(rows), BLOCK):
            yield rows[start : start + BLOCK]
            if self._on_progress is not None:
                self._on_progress(min(start + BLOCK, len(rows)), len(rows))

    def _stacked(self, known: Mapping[bytes, Vectors], keys: Sequence[bytes]) -> Vectors:
        return np.vstack([np.zeros((0, self.dimensions), np.float32), *(known[key] for key in keys)])

    def _key(self, text: str, spans: Sequence[Span] | None = None) -> bytes:
        bounds = "whole" if spans is None else ",".join(f"{span.start}-{span.end}" for span in spans)
        return hashlib.sha256(f"{self.name}\n{bounds}\n{text}".encode()).digest()[:16]

    def _read(self, keys: Sequence[bytes]) -> dict[bytes, Vectors]:
        found: dict[bytes, Vectors] = {}
        with self._translated():
            for start in range(0, len(keys), MOST_KEYS):
                some = keys[start : start + MOST_KEYS]
                marks = ",".join("?" * len(some))
                question = f"SELECT key, value FROM vectors WHERE key IN ({marks})"  # noqa: S608 - question marks only
                found |= {key: self._vectors(value) for key, value in self._rows.execute(question, some)}
        return found

    async def _write(self, vectors: Mapping[bytes, Vectors]) -> dict[bytes, Vectors]:
        """Returns what a later look-up finds, so that the first run's vectors equal the second's."""
        rows = {key: np.asarray(value, np.float16).tobytes() for key, value in vectors.items()}
        await asyncio.to_thread(self._insert, rows)
        return {key: self._vectors(value) for key, value in rows.items()}

    def _insert(self, rows: Mapping[bytes, bytes]) -> None:
        with self._translated(), self._writing:
            self._rows.execute("BEGIN IMMEDIATE")
            self._rows.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows.items())
            self._rows.execute("COMMIT")

    def _vectors(self, value: bytes) -> Vectors:
        """Unit vectors again, which rounding made almost so."""
        rounded = np.frombuffer(value, np.float16) if value else np.zeros(0, np.float16)
        vectors = rounded.reshape(-1, self.dimensions).astype(np.float32)
        unit: Vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        return unit

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (OSError, sqlite3.Error) as exc:
            raise StoreUnavailable(f"cache {str(self._file)!r} cannot be used: {exc}; delete it") from exc
