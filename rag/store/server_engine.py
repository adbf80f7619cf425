"""The server engine: the primitives of `PointStore` over the connection to a Qdrant server or cluster."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from qdrant_client import AsyncQdrantClient, models
from qdrant_client.common.client_exceptions import QdrantException
from qdrant_client.http.exceptions import ApiException, ResponseHandlingException, UnexpectedResponse

from rag.errors import ConfigError, StoreUnavailable
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
from rag.types import Contents, SparseVector, Vectors
from rag.untrusted.masking import masked, scrub

BATCH = 100
"""Points in one request: the server refuses bodies beyond 32 MB, and a long abstract takes 200 kB."""


@contextmanager
def translated(url: str) -> Iterator[None]:
    """Raise what the client raises as ConfigError or StoreUnavailable, naming the server at ``url``."""
    try:
        yield
    except (ApiException, QdrantException, ValueError, RuntimeError) as exc:
        scrub(exc)
        raise _translated(f"the Qdrant server at {masked(url)!r}", exc) from exc


def _translated(server: str, exc: Exception) -> ConfigError | StoreUnavailable:
    if isinstance(exc, UnexpectedResponse) and exc.status_code in {401, 403}:
        return ConfigError(
            f"{server} refuses us ({exc.status_code}); set PINCITE_STORE__API_KEY to its API key"
        )
    if isinstance(exc, ResponseHandlingException):
        return StoreUnavailable(f"{server} does not answer: {_line(exc.source)}; is it running?")
    return StoreUnavailable(f"{server} failed: {_line(exc)}")


def _line(exc: Exception) -> str:
    return masked(" ".join(str(exc).split())) or type(exc).__name__


class ServerEngine:
    """The primitives of `PointStore` on a server.

    Args:
        client: open; closed with the engine.
        collection: the alias to read and write through.
        url: of the server, for messages.
    """

    sealed = False

    def __init__(self, client: AsyncQdrantClient, collection: str, url: str) -> None:
        self._client = client
        self._collection = collection
        self._url = url

    async def write(self, stale: Sequence[str], points: Sequence[Point]) -> None:
        """Delete, then write batch after batch, each applied on return."""
        with translated(self._url):
            if stale:
                await self._client.delete(self._collection, list(stale), wait=True)
            for start in range(0, len(points), BATCH):
                batch = [_to_struct(point) for point in points[start : start + BATCH]]
                await self._client.upsert(self._collection, batch, wait=True)

    async def retrieve(self, point_ids: Sequence[str], fields: Sequence[str] | None = None) -> list[Point]:
        """Existing points, whole or only these payload fields, batch after batch."""
        payload = True if fields is None else list(fields)
        vectors = READ_VECTORS if fields is None else False
        found: list[models.Record] = []
        with translated(self._url):
            for start in range(0, len(point_ids), BATCH):
                ids = point_ids[start : start + BATCH]
                found += await self._client.retrieve(
                    self._collection, ids, with_payload=payload, with_vectors=vectors
                )
        return [_from_record(record) for record in found]

    async def nearest(
        self,
        using: str,
        vector: Vectors | SparseVector,
        depth: int,
        conditions: Sequence[Condition] = (),
    ) -> list[tuple[Payload, float]]:
        """By the server's index where it has one: approximate for `dense`, exact for the others."""
        with translated(self._url):
            found = await self._client.query_points(
                self._collection,
                query=_struct_vector(vector),
                using=using,
                query_filter=_struct_filter(conditions),
                limit=depth,
                with_payload=HIT_FIELDS,
            )
        return [(hit.payload or {}, hit.score) for hit in found.points]

    async def heaviest(self, terms: Sequence[int]) -> list[tuple[float, SparseVector] | None]:
        """All in one request."""
        requests = [
            models.QueryRequest(
                query=models.SparseVector(indices=[term], values=[1.0]),
                using=SPARSE,
                limit=1,
                with_vector=[SPARSE],
            )
            for term in terms
        ]
        with translated(self._url):
            found = await self._client.query_batch_points(self._collection, requests)
        return [_scored(response.points[0]) if response.points else None for response in found]

    async def first_passages(
        self, fields: Sequence[str], size: int, after: str | None
    ) -> tuple[list[Payload], str | None]:
        """One page of first passages."""
        first = _struct_filter([FIRST_PASSAGE])
        with translated(self._url):
            found, following = await self._client.scroll(
                self._collection, first, limit=size, offset=after, with_payload=list(fields)
            )
        return [record.payload or {} for record in found], None if following is None else str(following)

    async def values(self, field: str) -> list[Any]:
        """Read off the field's index; only the counts that come with them are approximate."""
        with translated(self._url):
            found = await self._client.facet(self._collection, field, limit=MOST_VALUES)
        return [hit.value for hit in found.hits]

    async def count(self, conditions: Sequence[Condition]) -> int:
        """Exact number of points."""
        with translated(self._url):
            return (await self._client.count(self._collection, _struct_filter(conditions), exact=True)).count

    async def version(self) -> str:
        """The same for as long as it is open: a server does not tell of other clients' writes."""
        return ""

    async def seal(self, contents: Contents) -> None:
        """A server keeps its own books."""

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()


def _struct_filter(conditions: Sequence[Condition]) -> models.Filter | None:
    return models.Filter(must=[_struct_condition(item) for item in conditions]) if conditions else None


def _struct_condition(item: Condition) -> models.FieldCondition:
    if item.one_of:
        return models.FieldCondition(key=item.field, match=models.MatchAny(any=list(item.one_of)))
    return models.FieldCondition(key=item.field, range=models.Range(gte=item.least, lte=item.most))


def _to_struct(point: Point) -> models.PointStruct:
    vectors = {name: _struct_vector(vector) for name, vector in point.vectors.items()}
    return models.PointStruct(id=point.point_id, vector=vectors, payload=dict(point.payload))


def _struct_vector(vector: Vectors | SparseVector) -> Any:  # noqa: ANN401 - one of the client's vector types
    if isinstance(vector, SparseVector):
        return models.SparseVector(indices=list(vector.indices), values=list(vector.values))
    return vector.tolist()


def _from_record(record: models.Record) -> Point:
    vectors: Any = record.vector or {}
    named = {name: _own_vector(vector) for name, vector in vectors.items()}
    return Point(str(record.id), record.payload or {}, named)


def _scored(hit: models.ScoredPoint) -> tuple[float, SparseVector]:
    vectors: Any = hit.vector
    return hit.score, _own_sparse(vectors[SPARSE])


def _own_vector(vector: Any) -> Vectors | SparseVector:  # noqa: ANN401 - one of the client's vector types
    return _own_sparse(vector) if isinstance(vector, models.SparseVector) else dense_vector(vector)


def _own_sparse(vector: models.SparseVector) -> SparseVector:
    return SparseVector(tuple(vector.indices), tuple(vector.values))
