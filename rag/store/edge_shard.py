"""An open qdrant-edge shard: the engine's primitives, blocking, with our types on both sides."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any, Protocol
from uuid import uuid4

import qdrant_edge as qe

from rag.errors import StoreError, StoreLocked, StoreUnavailable
from rag.files.disk_space import require_space_to_write
from rag.store.point_store import HIT_FIELDS
from rag.store.points import (
    FIRST_PASSAGE,
    MOST_VALUES,
    READ_VECTORS,
    SPARSE,
    Condition,
    Payload,
    Point,
    dense_vector,
)
from rag.store.snapshots import copy_to_snapshot
from rag.types import SparseVector, Vectors

SHARD = "shard"
"""Folder of the engine's files, in a collection's."""


class Shard(Protocol):
    """`rag.store.point_store.Engine`, blocking; safe to call from many threads. May raise StoreError."""

    def write(self, stale: Sequence[str], points: Sequence[Point]) -> None: ...  # noqa: D102

    def retrieve(self, point_ids: Sequence[str], fields: Sequence[str] | None = None) -> list[Point]: ...  # noqa: D102

    def nearest(  # noqa: D102
        self, using: str, vector: Vectors | SparseVector, depth: int, conditions: Sequence[Condition] = ()
    ) -> list[tuple[Payload, float]]: ...

    def heaviest(self, terms: Sequence[int]) -> list[tuple[float, SparseVector] | None]: ...  # noqa: D102

    def first_passages(  # noqa: D102
        self, fields: Sequence[str], size: int, after: str | None
    ) -> tuple[list[Payload], str | None]: ...

    def values(self, field: str) -> list[Any]: ...  # noqa: D102

    def count(self, conditions: Sequence[Condition]) -> int: ...  # noqa: D102

    def version(self) -> str: ...  # noqa: D102

    def snapshot(self) -> None: ...  # noqa: D102

    def close(self) -> None:
        """Let go of it; idempotent."""


PRIMITIVES = frozenset(
    {"write", "retrieve", "nearest", "heaviest", "first_passages", "values", "count", "version", "snapshot"}
)
"""What another process may call."""


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


class OpenShard:
    """The primitives on a shard that this process has open.

    Args:
        shard: open; searches may run beside each other and beside a write.
        folder: of the collection.
    """

    def __init__(self, shard: qe.EdgeShard, folder: Path) -> None:
        self._shard: qe.EdgeShard | None = shard
        self._folder = folder
        self._writing = Lock()
        self._opening = uuid4().hex
        self._writes = 0

    @contextmanager
    def _open(self) -> Iterator[qe.EdgeShard]:
        with translated(self._folder):
            if self._shard is None:
                raise StoreUnavailable("the collection is closed; open it again")
            yield self._shard

    def write(self, stale: Sequence[str], points: Sequence[Point]) -> None:
        """Delete, write and flush."""
        with self._writing, self._open() as shard:
            require_space_to_write(self._folder / SHARD)
            self._writes += 1
            try:
                if stale:
                    shard.update(qe.UpdateOperation.delete_points(list(stale)))
                shard.update(qe.UpdateOperation.upsert_points([_to_edge(p) for p in points]))
                shard.flush()
            finally:
                self._writes += 1  # what was counted meanwhile saw half of it

    def retrieve(self, point_ids: Sequence[str], fields: Sequence[str] | None = None) -> list[Point]:
        """Existing points, whole or only these payload fields."""
        payload = True if fields is None else list(fields)
        vectors = READ_VECTORS if fields is None else False
        with self._open() as shard:
            found = shard.retrieve(list(point_ids), with_payload=payload, with_vector=vectors)
            return [_from_edge(record) for record in found]

    def nearest(
        self, using: str, vector: Vectors | SparseVector, depth: int, conditions: Sequence[Condition] = ()
    ) -> list[tuple[Payload, float]]:
        """Exact search; the engine's order among equal scores is arbitrary."""
        query = qe.Query.Nearest(_edge_vector(vector), using=using)
        request = qe.QueryRequest(
            limit=depth, query=query, filter=_edge_filter(conditions), with_payload=HIT_FIELDS
        )
        with self._open() as shard:
            return [(hit.payload or {}, hit.score) for hit in shard.query(request)]

    def heaviest(self, terms: Sequence[int]) -> list[tuple[float, SparseVector] | None]:
        """All in one request."""
        requests = [
            qe.QueryRequest(
                limit=1,
                query=qe.Query.Nearest(qe.SparseVector([term], [1.0]), using=SPARSE),
                with_vector=[SPARSE],
            )
            for term in terms
        ]
        with self._open() as shard:
            found = shard.query_batch(qe.QueryBatchRequest(requests))
            return [_scored(hits[0]) if hits else None for hits in found]

    def first_passages(
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
        with self._open() as shard:
            found, following = shard.scroll(request)
            return [record.payload or {} for record in found], None if following is None else str(following)

    def values(self, field: str) -> list[Any]:
        """Read off the field's index; only the counts that come with them are approximate."""
        with self._open() as shard:
            return [hit.value for hit in shard.facet(qe.FacetRequest(field, limit=MOST_VALUES)).hits]

    def count(self, conditions: Sequence[Condition]) -> int:
        """Exact number of points."""
        with self._open() as shard:
            return shard.count(qe.CountRequest(exact=True, filter=_edge_filter(conditions)))

    def version(self) -> str:
        """Another text after every write, and after every opening."""
        return f"{self._opening}.{self._writes}"

    def snapshot(self) -> None:
        """Copy the files while nobody writes."""
        with self._writing, self._open() as shard:
            shard.flush()
            copy_to_snapshot(self._folder)

    def close(self) -> None:
        """Close the shard, after a write that is under way."""
        with self._writing:
            shard, self._shard = self._shard, None
            if shard is not None:
                with translated(self._folder):
                    shard.close()


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
