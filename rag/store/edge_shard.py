"""An open qdrant-edge shard: the engine's primitives, blocking, with our types on both sides."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any, Protocol
from uuid import uuid4

import qdrant_edge as qe

from rag.errors import StoreError, StoreLocked, StoreUnavailable
from rag.files import require_space, space_to_write
from rag.store import schema
from rag.store.point_store import HIT_FIELDS
from rag.store.schema import Condition, Payload, Point
from rag.store.snapshots import copy_to_snapshot
from rag.types import SparseVector, Vectors

SHARD = "shard"
"""Folder of the engine's files, in a collection's."""

PRIMITIVES = frozenset(
    {"write", "retrieve", "nearest", "heaviest", "first_passages", "values", "count", "version", "snapshot"}
)
"""What another process may call."""

EDGE = schema.Dialect(qe.Point, qe.SparseVector, qe.Filter, qe.FieldCondition, qe.MatchAny, qe.RangeFloat)


class Shard(Protocol):
    """A shard that can be had: ours, or that of another process. Safe to call from many threads."""

    def call(self, primitive: str, *arguments: Any) -> Any:  # noqa: ANN401 - as of the primitive
        """Call one of the `PRIMITIVES` of `OpenShard`; may raise StoreError."""

    def close(self) -> None:
        """Let go of it; idempotent."""


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


def make_shard(folder: Path, dimensions: int) -> qe.EdgeShard:
    """An empty shard, with its indices, in the collection's folder.

    Sentence vectors have 16-bit numbers and no graph: they are searched exactly or read to score again.
    """
    dense = qe.EdgeVectorParams(size=dimensions, distance=qe.Distance.Cosine)
    sentences = qe.EdgeVectorParams(
        size=dimensions,
        distance=qe.Distance.Cosine,
        datatype=qe.VectorStorageDatatype.Float16,
        multivector_config=qe.MultiVectorConfig(comparator=qe.MultiVectorComparator.MaxSim),
        hnsw_config=qe.HnswIndexConfig(m=0, ef_construct=100, full_scan_threshold=10_000),
    )
    sparse = qe.EdgeSparseVectorParams(modifier=qe.Modifier.Idf)
    config = qe.EdgeConfig(
        vectors={schema.DENSE: dense, schema.SENTENCES: sentences}, sparse_vectors={schema.SPARSE: sparse}
    )
    shard = qe.EdgeShard.create(str(folder / SHARD), config)
    kinds = dict.fromkeys(schema.INTEGER_FIELDS, qe.PayloadSchemaType.Integer)
    for field, kind in (kinds | dict.fromkeys(schema.KEYWORD_FIELDS, qe.PayloadSchemaType.Keyword)).items():
        shard.update(qe.UpdateOperation.create_field_index(field, kind))
    shard.flush()
    return shard


class OpenShard:
    """The primitives of `Engine` on a shard that this process has open; ``let_go`` is called at its end.

    Searches may run beside each other and beside a write.
    """

    def __init__(self, shard: qe.EdgeShard, folder: Path, let_go: Callable[[], None]) -> None:
        self._shard: qe.EdgeShard | None = shard
        self._folder = folder
        self._let_go = let_go
        self._writing = Lock()
        self._opening = uuid4().hex
        self._writes = 0

    @contextmanager
    def _open(self) -> Iterator[qe.EdgeShard]:
        with translated(self._folder):
            if self._shard is None:
                raise StoreUnavailable("the collection is closed; open it again")
            yield self._shard

    def call(self, primitive: str, *arguments: Any) -> Any:  # noqa: ANN401 - as of the primitive
        return getattr(self, primitive)(*arguments)

    def write(self, stale: Sequence[str], points: Sequence[Point]) -> None:
        with self._writing, self._open() as shard:
            require_space(self._folder / SHARD, space_to_write(self._folder / SHARD))
            self._writes += 1
            try:
                if stale:
                    shard.update(qe.UpdateOperation.delete_points(list(stale)))
                shard.update(qe.UpdateOperation.upsert_points([EDGE.to_record(point) for point in points]))
                shard.flush()
            finally:
                self._writes += 1  # what was counted meanwhile saw half of it

    def retrieve(self, point_ids: Sequence[str], fields: Sequence[str] | None = None) -> list[Point]:
        payload = True if fields is None else list(fields)
        vectors = schema.READ_VECTORS if fields is None else False
        with self._open() as shard:
            found = shard.retrieve(list(point_ids), with_payload=payload, with_vector=vectors)
            return [schema.of_record(record) for record in found]

    def nearest(
        self, using: str, vector: Vectors | SparseVector, depth: int, conditions: Sequence[Condition]
    ) -> list[tuple[Payload, float]]:
        """Exact; the engine's order among equal scores is arbitrary."""
        query = qe.Query.Nearest(EDGE.to_vector(vector), using=using)
        wanted = EDGE.to_filter(conditions)
        request = qe.QueryRequest(limit=depth, query=query, filter=wanted, with_payload=HIT_FIELDS)
        with self._open() as shard:
            return [(hit.payload or {}, hit.score) for hit in shard.query(request)]

    def heaviest(self, terms: Sequence[int]) -> list[tuple[float, SparseVector] | None]:
        """All in one request."""
        queries = [qe.Query.Nearest(qe.SparseVector([term], [1.0]), using=schema.SPARSE) for term in terms]
        requests = [qe.QueryRequest(limit=1, query=query, with_vector=[schema.SPARSE]) for query in queries]
        with self._open() as shard:
            return [schema.heaviest_of(hits) for hits in shard.query_batch(qe.QueryBatchRequest(requests))]

    def first_passages(
        self, fields: Sequence[str], size: int, after: str | None
    ) -> tuple[list[Payload], str | None]:
        first = EDGE.to_filter([schema.FIRST_PASSAGE])
        request = qe.ScrollRequest(after, size, first, with_payload=list(fields), with_vector=False)
        with self._open() as shard:
            found, following = shard.scroll(request)
            return [record.payload or {} for record in found], None if following is None else str(following)

    def values(self, field: str) -> list[Any]:
        """Read off the field's index; only the counts that come with them are approximate."""
        with self._open() as shard:
            return [hit.value for hit in shard.facet(qe.FacetRequest(field, limit=schema.MOST_VALUES)).hits]

    def count(self, conditions: Sequence[Condition]) -> int:
        with self._open() as shard:
            return shard.count(qe.CountRequest(exact=True, filter=EDGE.to_filter(conditions)))

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
                try:
                    with translated(self._folder):
                        shard.close()
                finally:
                    self._let_go()
