"""The embedded engine: the primitives of `PointStore` on an open qdrant-edge shard, in threads."""

import asyncio
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import qdrant_edge as qe

from rag.adapters.collection_lock import CollectionLock
from rag.adapters.point_store import HIT_FIELDS
from rag.adapters.points import (
    FIRST_PASSAGE,
    MOST_VALUES,
    READ_VECTORS,
    SPARSE,
    Condition,
    Payload,
    Point,
    dense_vector,
)
from rag.errors import StoreError, StoreLocked, StoreUnavailable
from rag.types import SparseVector, Vectors

SPARE_BYTES = 64 * 2**20
"""Free space below which nothing is written: on a full disk the engine's memory maps kill us (SIGBUS)."""

T = TypeVar("T")


def require_space(folder: Path) -> None:
    """Raise StoreUnavailable if the disk of ``folder`` has less than `SPARE_BYTES` free."""
    free = shutil.disk_usage(folder).free
    if free < SPARE_BYTES:
        raise StoreUnavailable(
            f"only {free >> 20} MB free where {str(folder)!r} is, "
            f"expected at least {SPARE_BYTES >> 20} MB; make space or use another --home"
        )


@contextmanager
def translated(folder: Path, advice: str = "") -> Iterator[None]:
    """Raise what the engine raises as StoreError, naming the collection in ``folder``; ``advice`` ends it.

    It raises bare exceptions, and Rust panics as BaseException: only text tells them apart.
    """
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

        def guarded() -> T:
            with translated(self._folder):
                return call()

        task = asyncio.create_task(asyncio.to_thread(guarded))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await asyncio.shield(task)

    async def write(self, stale: Sequence[str], points: Sequence[Point]) -> None:
        """Delete, write and flush."""

        def call() -> None:
            require_space(self._folder)
            if stale:
                self._shard.update(qe.UpdateOperation.delete_points(list(stale)))
            self._shard.update(qe.UpdateOperation.upsert_points([_to_edge(p) for p in points]))
            self._shard.flush()

        await self._run(call)

    async def retrieve(self, point_ids: Sequence[str], fields: Sequence[str] | None = None) -> list[Point]:
        """Existing points, whole or only these payload fields."""

        def call() -> list[Point]:
            payload = True if fields is None else list(fields)
            vectors = READ_VECTORS if fields is None else False
            found = self._shard.retrieve(list(point_ids), with_payload=payload, with_vector=vectors)
            return [_from_edge(record) for record in found]

        return await self._run(call)

    async def nearest(
        self,
        using: str,
        vector: Vectors | SparseVector,
        depth: int,
        conditions: Sequence[Condition] = (),
    ) -> list[tuple[Payload, float]]:
        """Exact search; the engine's order among equal scores is arbitrary."""
        query = qe.Query.Nearest(_edge_vector(vector), using=using)
        request = qe.QueryRequest(
            limit=depth, query=query, filter=_edge_filter(conditions), with_payload=HIT_FIELDS
        )
        return await self._run(lambda: [(hit.payload or {}, hit.score) for hit in self._shard.query(request)])

    async def heaviest(self, terms: Sequence[int]) -> list[tuple[float, SparseVector] | None]:
        """All in one request."""
        requests = [
            qe.QueryRequest(
                limit=1,
                query=qe.Query.Nearest(qe.SparseVector([term], [1.0]), using=SPARSE),
                with_vector=[SPARSE],
            )
            for term in terms
        ]

        def call() -> list[tuple[float, SparseVector] | None]:
            found = self._shard.query_batch(qe.QueryBatchRequest(requests))
            return [_scored(hits[0]) if hits else None for hits in found]

        return await self._run(call)

    async def first_passages(
        self, fields: Sequence[str], size: int, after: str | None
    ) -> tuple[list[Payload], str | None]:
        """One page of first passages."""
        request = qe.ScrollRequest(
            offset=after,
            limit=size,
            filter=_edge_filter([FIRST_PASSAGE]),
            with_payload=list(fields),
            with_vector=False,
        )

        def call() -> tuple[list[Payload], str | None]:
            found, following = self._shard.scroll(request)
            return [record.payload or {} for record in found], None if following is None else str(following)

        return await self._run(call)

    async def values(self, field: str) -> list[Any]:
        """Read off the field's index; only the counts that come with them are approximate."""
        request = qe.FacetRequest(field, limit=MOST_VALUES)
        return await self._run(lambda: [hit.value for hit in self._shard.facet(request).hits])

    async def count(self, conditions: Sequence[Condition]) -> int:
        """Exact number of points."""
        request = qe.CountRequest(exact=True, filter=_edge_filter(conditions))
        return await self._run(lambda: self._shard.count(request))

    async def close(self) -> None:
        """Wait for what is running, close the shard, let other processes in."""
        try:
            if self._running:
                await asyncio.wait(self._running)
            await self._run(self._shard.close)
        finally:
            self._lock.release()


def _edge_filter(conditions: Sequence[Condition]) -> qe.Filter | None:
    return qe.Filter(must=[_edge_condition(item) for item in conditions]) if conditions else None


def _edge_condition(item: Condition) -> qe.FieldCondition:
    if item.one_of:
        return qe.FieldCondition(item.field, match=qe.MatchAny(list(item.one_of)))
    return qe.FieldCondition(item.field, range=qe.RangeFloat(gte=item.least, lte=item.most))


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


def _scored(hit: qe.ScoredPoint) -> tuple[float, SparseVector]:
    vectors: Any = hit.vector
    return hit.score, _own_sparse(vectors[SPARSE])


def _own_vector(vector: Any) -> Vectors | SparseVector:  # noqa: ANN401 - one of the engine's four vector types
    return _own_sparse(vector) if isinstance(vector, qe.SparseVector) else dense_vector(vector)


def _own_sparse(vector: qe.SparseVector) -> SparseVector:
    return SparseVector(tuple(vector.indices), tuple(vector.values))
