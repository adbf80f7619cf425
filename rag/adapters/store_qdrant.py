"""The server store: a Qdrant server or cluster, for collections that outgrow one process.

A collection NAME is an alias of a physical collection ``NAME--<fingerprint>``, so that a collection that was
ingested anew under other settings can take over the name at once, by moving the alias.
"""

import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import numpy as np
from qdrant_client import AsyncQdrantClient, models
from qdrant_client.common.client_exceptions import QdrantException
from qdrant_client.http.exceptions import ApiException, ResponseHandlingException, UnexpectedResponse

from rag.adapters.point_store import HIT_FIELDS, PointStore, check_fingerprint
from rag.adapters.points import DENSE, SENTENCES, SPARSE, Payload, Point
from rag.errors import ConfigError, StoreUnavailable
from rag.ports import Store
from rag.settings import StoreSettings
from rag.types import Fingerprint, SparseVector, Vectors

IN_MEMORY = ":memory:"
"""As url: qdrant-client's own stand-in for a server, gone when closed. For tests: it is slow and blocks."""
BATCH = 100
"""Points in one request: the server refuses bodies beyond 32 MB, and a long abstract takes 200 kB."""
PAGE = 256
"""Papers read at a time when all are listed."""

FIRST_PASSAGES = models.Filter(must=[models.FieldCondition(key="ordinal", match=models.MatchValue(value=0))])


async def open_server_store(
    settings: StoreSettings, collection: str, expected: Fingerprint, *, create: bool
) -> Store:
    """Open a collection on the server at ``settings.url``.

    Args:
        settings: where the server is, and how a new collection is laid out on it.
        collection: its name there, an alias.
        expected: what the collection must be made with.
        create: make the collection if there is none.

    Raises:
        StoreUnavailable: no server, no answer in time, or no such collection (and not ``create``).
        ConfigError: the url is none, or the server refuses the API key.
        CollectionMismatch: it was made with something else than ``expected``.
    """
    url = settings.url or ""
    client = _client(url, settings)
    try:
        with _translated(url):
            await _prepare(client, settings, collection, expected, create=create)
    except BaseException:
        await client.close()
        raise
    return PointStore(ServerEngine(client, collection, url), expected)


def _client(url: str, settings: StoreSettings) -> AsyncQdrantClient:
    if url == IN_MEMORY:
        return AsyncQdrantClient(IN_MEMORY)
    if not url.startswith(("http://", "https://")):
        raise _bad_url(url, "no http:// or https:// address")
    key = settings.api_key.get_secret_value() if settings.api_key else None
    try:
        return AsyncQdrantClient(
            url=url, api_key=key, timeout=math.ceil(settings.timeout_s), check_compatibility=False
        )
    except ValueError as exc:
        raise _bad_url(url, str(exc)) from exc


def _bad_url(url: str, reason: str) -> ConfigError:
    return ConfigError(f"setting 'store__url' = {url!r}: {reason}; expected e.g. http://localhost:6333")


async def _prepare(
    client: AsyncQdrantClient,
    settings: StoreSettings,
    collection: str,
    expected: Fingerprint,
    *,
    create: bool,
) -> None:
    if await client.collection_exists(collection):
        made_with = (await client.get_collection(collection)).config.metadata or {}
        remedy = (
            "ingest into another with `pincite ingest PATH --collection NEW`, then use that one "
            f"or move the alias {collection!r} to it on the server"
        )
        check_fingerprint(collection, made_with, expected, remedy)
    elif create:
        await _make_collection(client, settings, collection, expected)
    else:
        aliases = (await client.get_aliases()).aliases
        others = ", ".join(sorted(repr(alias.alias_name) for alias in aliases))
        raise StoreUnavailable(
            f"no collection {collection!r} on {settings.url!r}, "
            f"{f'there are {others}' if others else 'there is none yet'}; "
            f"run `pincite ingest PATH --collection {collection}`"
        )


async def _make_collection(
    client: AsyncQdrantClient, settings: StoreSettings, collection: str, fingerprint: Fingerprint
) -> None:
    """Make the physical collection, then its alias; one that was cut short before the alias is taken up."""
    fields = asdict(fingerprint)
    digest = hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()
    physical = f"{collection}--{digest[:8]}"
    if not await client.collection_exists(physical):
        await client.create_collection(
            physical,
            vectors_config=_vectors_config(fingerprint.dimensions, settings),
            sparse_vectors_config={SPARSE: models.SparseVectorParams(modifier=models.Modifier.IDF)},
            shard_number=settings.shard_number,
            replication_factor=settings.replication_factor,
            metadata=fields,
        )
    await client.create_payload_index(physical, "ordinal", models.PayloadSchemaType.INTEGER)
    alias = models.CreateAlias(collection_name=physical, alias_name=collection)
    await client.update_collection_aliases([models.CreateAliasOperation(create_alias=alias)])


def _vectors_config(dimensions: int, settings: StoreSettings) -> Mapping[str, models.VectorParams]:
    """Sentence vectors have 16-bit numbers and no graph: they are searched exactly or read to score again."""
    int8 = models.ScalarQuantizationConfig(type=models.ScalarType.INT8, always_ram=True)
    dense = models.VectorParams(
        size=dimensions,
        distance=models.Distance.COSINE,
        on_disk=settings.on_disk,
        quantization_config=models.ScalarQuantization(scalar=int8) if settings.quantization else None,
    )
    sentences = models.VectorParams(
        size=dimensions,
        distance=models.Distance.COSINE,
        on_disk=settings.on_disk,
        datatype=models.Datatype.FLOAT16,
        multivector_config=models.MultiVectorConfig(comparator=models.MultiVectorComparator.MAX_SIM),
        hnsw_config=models.HnswConfigDiff(m=0),
    )
    return {DENSE: dense, SENTENCES: sentences}


@contextmanager
def _translated(url: str) -> Iterator[None]:
    try:
        yield
    except UnexpectedResponse as exc:
        if exc.status_code in {401, 403}:
            raise ConfigError(
                f"the Qdrant server at {url!r} refuses us ({exc.status_code}); "
                "set PINCITE_STORE__API_KEY to its API key"
            ) from exc
        raise StoreUnavailable(f"the Qdrant server at {url!r} failed: {_line(exc)}") from exc
    except ResponseHandlingException as exc:
        raise StoreUnavailable(
            f"the Qdrant server at {url!r} does not answer: {_line(exc.source)}; is it running?"
        ) from exc
    except (ApiException, QdrantException, ValueError, RuntimeError) as exc:
        raise StoreUnavailable(f"the Qdrant server at {url!r} failed: {_line(exc)}") from exc


def _line(exc: Exception) -> str:
    return " ".join(str(exc).split()) or type(exc).__name__


class ServerEngine:
    """The primitives of `PointStore` on a server.

    Args:
        client: open; closed with the engine.
        collection: the alias to read and write through.
        url: of the server, for messages.
    """

    def __init__(self, client: AsyncQdrantClient, collection: str, url: str) -> None:
        self._client = client
        self._collection = collection
        self._url = url

    async def write(self, stale: Sequence[str], points: Sequence[Point]) -> None:
        """Delete, then write batch after batch, each applied on return."""
        with _translated(self._url):
            if stale:
                await self._client.delete(self._collection, list(stale), wait=True)
            for start in range(0, len(points), BATCH):
                batch = [_to_struct(point) for point in points[start : start + BATCH]]
                await self._client.upsert(self._collection, batch, wait=True)

    async def retrieve(self, point_ids: Sequence[str], fields: Sequence[str] | None = None) -> list[Point]:
        """Existing points, whole or only these payload fields, batch after batch."""
        payload = True if fields is None else list(fields)
        found: list[models.Record] = []
        with _translated(self._url):
            for start in range(0, len(point_ids), BATCH):
                ids = point_ids[start : start + BATCH]
                found += await self._client.retrieve(
                    self._collection, ids, with_payload=payload, with_vectors=fields is None
                )
        return [_from_record(record) for record in found]

    async def nearest(
        self, using: str, vector: Vectors | SparseVector, depth: int
    ) -> list[tuple[Payload, float]]:
        """By the server's index where it has one: approximate for `dense`, exact for the others."""
        with _translated(self._url):
            found = await self._client.query_points(
                self._collection,
                query=_struct_vector(vector),
                using=using,
                limit=depth,
                with_payload=HIT_FIELDS,
            )
        return [(hit.payload or {}, hit.score) for hit in found.points]

    async def first_passages(self, after: str | None) -> tuple[list[Payload], str | None]:
        """One page of first passages."""
        with _translated(self._url):
            found, following = await self._client.scroll(
                self._collection, FIRST_PASSAGES, limit=PAGE, offset=after, with_payload=True
            )
        return [record.payload or {} for record in found], None if following is None else str(following)

    async def count(self, *, first_only: bool) -> int:
        """Exact number of points."""
        chosen = FIRST_PASSAGES if first_only else None
        with _translated(self._url):
            return (await self._client.count(self._collection, chosen, exact=True)).count

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()


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


def _own_vector(vector: Any) -> Vectors | SparseVector:  # noqa: ANN401 - one of the client's vector types
    if isinstance(vector, models.SparseVector):
        return SparseVector(tuple(vector.indices), tuple(vector.values))
    return np.asarray(vector, dtype=np.float32)
