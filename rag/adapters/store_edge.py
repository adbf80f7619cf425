"""The embedded store: Qdrant's in-process engine (qdrant-edge), one folder a collection."""

import asyncio
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import qdrant_edge as qe

from rag.adapters.collection_lock import CollectionLock, lock_collection
from rag.adapters.point_store import HIT_FIELDS, PointStore, check_fingerprint
from rag.adapters.points import DENSE, SENTENCES, SPARSE, Payload, Point
from rag.errors import StoreError, StoreLocked, StoreUnavailable
from rag.ports import Store
from rag.types import Fingerprint, SparseVector, Vectors

RECORD = "collection.json"
SHARD = "shard"
PAGE = 256
"""Papers read at a time when all are listed."""
SPARE_BYTES = 64 * 2**20
"""Free space below which nothing is written: on a full disk the engine's memory maps kill us (SIGBUS)."""

FIRST_PASSAGES = qe.Filter(must=[qe.FieldCondition("ordinal", match=qe.MatchValue(0))])

T = TypeVar("T")


async def open_edge_store(
    folder: Path, expected: Fingerprint, *, create: bool, lock_timeout_s: float
) -> Store:
    """Open the collection in ``folder`` and keep other processes out of it until it is closed.

    Args:
        folder: of the collection; its name is the collection's, its parent holds the others.
        expected: what the collection must be made with.
        create: make the collection if there is none, or only a half-made one.
        lock_timeout_s: seconds to wait for another process to close it.

    Raises:
        StoreUnavailable: no such collection (and not ``create``), damaged, no permission, no space.
        StoreLocked: another process holds the folder.
        CollectionMismatch: it was made with something else than ``expected``.
    """
    if not create:
        with _translated(folder):
            _require_record(folder)
    lock = await lock_collection(folder, lock_timeout_s)
    engine = await asyncio.to_thread(_open_engine, folder, lock, expected, create=create)
    return PointStore(engine, expected)


def _require_record(folder: Path) -> None:
    if (folder / RECORD).exists():
        return
    others = sorted(path.parent.name for path in folder.parent.glob(f"*/{RECORD}"))
    there_are = f"there are {', '.join(map(repr, others))}" if others else "there is none yet"
    raise StoreUnavailable(
        f"no collection {folder.name!r} in {str(folder.parent)!r}, {there_are}; "
        f"run `pincite ingest PATH --collection {folder.name}`"
    )


def _open_engine(folder: Path, lock: CollectionLock, expected: Fingerprint, *, create: bool) -> "EdgeEngine":
    """All in one thread, so that a cancelled opening keeps the lock for as long as it is at work."""
    try:
        return EdgeEngine(_open_shard(folder, expected, create=create), folder, lock)
    except BaseException:
        lock.release()
        raise


def _open_shard(folder: Path, expected: Fingerprint, *, create: bool) -> qe.EdgeShard:
    with _translated(folder, f"; if it is damaged, delete {str(folder)!r} and ingest again"):
        if create and not (folder / RECORD).exists():
            return _make_shard(folder, expected)
        _require_record(folder)  # again: it may have gone while we waited for the lock
        remedy = (
            "ingest into another with `pincite ingest PATH --collection NEW`, "
            f"or delete {str(folder)!r} and ingest again"
        )
        check_fingerprint(folder.name, _read_record(folder), expected, remedy)
        return qe.EdgeShard.load(str(folder / SHARD))


def _make_shard(folder: Path, fingerprint: Fingerprint) -> qe.EdgeShard:
    """Make the shard, then the record: what has no record was cut short, and is made afresh."""
    _require_space(folder)
    if (folder / SHARD).exists():
        shutil.rmtree(folder / SHARD)
    shard = qe.EdgeShard.create(str(folder / SHARD), _config(fingerprint.dimensions))
    shard.update(qe.UpdateOperation.create_field_index("ordinal", qe.PayloadSchemaType.Integer))
    shard.flush()
    draft = folder / f"{RECORD}.draft"
    with draft.open("w", encoding="utf-8") as file:
        json.dump(asdict(fingerprint), file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(folder / RECORD)
    return shard


def _config(dimensions: int) -> qe.EdgeConfig:
    """Sentence vectors have 16-bit numbers and no graph: they are searched exactly or read to score again."""
    dense = qe.EdgeVectorParams(size=dimensions, distance=qe.Distance.Cosine)
    sentences = qe.EdgeVectorParams(
        size=dimensions,
        distance=qe.Distance.Cosine,
        datatype=qe.VectorStorageDatatype.Float16,
        multivector_config=qe.MultiVectorConfig(comparator=qe.MultiVectorComparator.MaxSim),
        hnsw_config=qe.HnswIndexConfig(m=0, ef_construct=100, full_scan_threshold=10_000),
    )
    sparse = qe.EdgeSparseVectorParams(modifier=qe.Modifier.Idf)
    return qe.EdgeConfig(vectors={DENSE: dense, SENTENCES: sentences}, sparse_vectors={SPARSE: sparse})


def _read_record(folder: Path) -> Mapping[str, object]:
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except ValueError as exc:
        raise _damaged(folder) from exc
    if not isinstance(record, dict):
        raise _damaged(folder)
    return record


def _damaged(folder: Path) -> StoreUnavailable:
    return StoreUnavailable(f"{str(folder / RECORD)!r} is damaged; delete {str(folder)!r} and ingest again")


def _require_space(folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if free < SPARE_BYTES:
        raise StoreUnavailable(
            f"only {free >> 20} MB free where {str(folder)!r} is, "
            f"expected at least {SPARE_BYTES >> 20} MB; make space or use another --home"
        )


@contextmanager
def _translated(folder: Path, advice: str = "") -> Iterator[None]:
    """The engine raises bare exceptions, and Rust panics as BaseException: only text tells them apart."""
    try:
        yield
    except StoreError:
        raise
    except BaseException as exc:
        if not isinstance(exc, Exception) and type(exc).__name__ != "PanicException":
            raise
        if "WouldBlock" in str(exc):
            raise StoreLocked(
                f"collection {folder.name!r} is open elsewhere; close it or use another --home"
            ) from exc
        cause = (str(exc).splitlines() or [type(exc).__name__])[0]
        raise StoreUnavailable(f"collection {folder.name!r} failed: {cause}{advice}") from exc


class EdgeEngine:
    """The primitives of `PointStore` on an open shard; blocking calls run in threads.

    Args:
        shard: open; searches may run beside each other and beside a write.
        folder: of the collection.
        lock: released when the engine is closed.
    """

    def __init__(self, shard: qe.EdgeShard, folder: Path, lock: CollectionLock) -> None:
        self._shard = shard
        self._folder = folder
        self._lock = lock
        self._running: set[asyncio.Task[Any]] = set()

    async def _run(self, call: Callable[[], T]) -> T:
        """Call in a thread. A thread cannot be cancelled, so it is remembered even if its caller is."""

        def translated() -> T:
            with _translated(self._folder):
                return call()

        task = asyncio.create_task(asyncio.to_thread(translated))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await asyncio.shield(task)

    async def write(self, stale: Sequence[str], points: Sequence[Point]) -> None:
        """Delete, write and flush."""

        def call() -> None:
            _require_space(self._folder)
            if stale:
                self._shard.update(qe.UpdateOperation.delete_points(list(stale)))
            self._shard.update(qe.UpdateOperation.upsert_points([_to_edge(p) for p in points]))
            self._shard.flush()

        await self._run(call)

    async def retrieve(self, point_ids: Sequence[str], fields: Sequence[str] | None = None) -> list[Point]:
        """Existing points, whole or only these payload fields."""

        def call() -> list[Point]:
            payload = True if fields is None else list(fields)
            found = self._shard.retrieve(list(point_ids), with_payload=payload, with_vector=fields is None)
            return [_from_edge(record) for record in found]

        return await self._run(call)

    async def nearest(
        self, using: str, vector: Vectors | SparseVector, depth: int
    ) -> list[tuple[Payload, float]]:
        """Exact search; the engine's order among equal scores is arbitrary."""
        query = qe.Query.Nearest(_edge_vector(vector), using=using)
        request = qe.QueryRequest(limit=depth, query=query, with_payload=HIT_FIELDS)
        return await self._run(lambda: [(hit.payload or {}, hit.score) for hit in self._shard.query(request)])

    async def first_passages(self, after: str | None) -> tuple[list[Payload], str | None]:
        """One page of first passages."""
        request = qe.ScrollRequest(
            offset=after, limit=PAGE, filter=FIRST_PASSAGES, with_payload=True, with_vector=False
        )

        def call() -> tuple[list[Payload], str | None]:
            found, following = self._shard.scroll(request)
            return [record.payload or {} for record in found], None if following is None else str(following)

        return await self._run(call)

    async def count(self, *, first_only: bool) -> int:
        """Exact number of points."""
        request = qe.CountRequest(exact=True, filter=FIRST_PASSAGES if first_only else None)
        return await self._run(lambda: self._shard.count(request))

    async def close(self) -> None:
        """Wait for what is running, close the shard, let other processes in."""
        try:
            if self._running:
                await asyncio.wait(self._running)
            await self._run(self._shard.close)
        finally:
            self._lock.release()


def _to_edge(point: Point) -> qe.Point:
    vectors = {name: _edge_vector(vector) for name, vector in point.vectors.items()}
    return qe.Point(id=point.point_id, vector=vectors, payload=dict(point.payload))


def _edge_vector(vector: Vectors | SparseVector) -> Any:  # noqa: ANN401 - one of the engine's four vector types
    if isinstance(vector, SparseVector):
        return qe.SparseVector(list(vector.indices), list(vector.values))
    return vector.tolist()


def _from_edge(record: qe.Record) -> Point:
    vectors: Any = record.vector or {}  # read once: every access copies all numbers
    named = {name: _own_vector(vector) for name, vector in vectors.items()}
    return Point(str(record.id), record.payload or {}, named)


def _own_vector(vector: Any) -> Vectors | SparseVector:  # noqa: ANN401 - one of the engine's four vector types
    if isinstance(vector, qe.SparseVector):
        return SparseVector(tuple(vector.indices), tuple(vector.values))
    return np.asarray(vector, dtype=np.float32)
