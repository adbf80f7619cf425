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

from qdrant_client import AsyncQdrantClient, models
from qdrant_client.common.client_exceptions import QdrantException
from qdrant_client.http.exceptions import ApiException, ResponseHandlingException, UnexpectedResponse

from rag.errors import CollectionMissing, ConfigError, StoreUnavailable
from rag.ports import Store
from rag.settings import StoreSettings
from rag.store import schema
from rag.store.point_store import HIT_FIELDS, PointStore, check_fingerprint
from rag.store.schema import Condition, Payload, Point
from rag.types import Contents, Fingerprint, SparseVector, Vectors
from rag.untrusted.masking import know, masked, scrub, secrets_of_address

IN_MEMORY = ":memory:"
"""As url: qdrant-client's own stand-in for a server, gone when closed. For tests: it is slow and blocks."""


BATCH = 100
"""Points in one request: the server refuses bodies beyond 32 MB, and a long abstract takes 200 kB."""

_condition = (models.FieldCondition, models.MatchAny, models.Range)
SERVER = schema.Dialect(models.PointStruct, models.SparseVector, models.Filter, *_condition)


async def open_server_store(
    settings: StoreSettings, collection: str, expected: Fingerprint, *, create: bool
) -> Store:
    """Open a collection on the server at ``settings.url``, by its alias; with ``create``, make it if need be.

    It must be made with what is ``expected``. Raises `ConfigError` where the url is none or the API key is
    refused, else `StoreError`.
    """
    url = settings.url or ""
    know(secrets_of_address(url))
    client = _client(url, settings)
    try:
        with translated(url):
            await _prepare(client, settings, collection, expected, create)
    except BaseException:
        await client.close()
        raise
    return PointStore(_ServerEngine(client, collection, url), expected)


def _client(url: str, settings: StoreSettings) -> AsyncQdrantClient:
    if url == IN_MEMORY:
        return AsyncQdrantClient(IN_MEMORY)
    key = settings.api_key.get_secret_value() if settings.api_key else None
    know([key] if key else [])
    reason: Exception = ValueError("no http:// or https:// address")
    if url.startswith(("http://", "https://")):
        timeout = math.ceil(settings.timeout_s)
        try:
            return AsyncQdrantClient(url=url, api_key=key, timeout=timeout, check_compatibility=False)
        except ValueError as exc:
            scrub(exc)
            reason = exc
    raise ConfigError(
        f"setting 'store__url' = {masked(url)!r}: {masked(str(reason))}; expected e.g. http://localhost:6333"
    ) from reason


async def _prepare(
    client: AsyncQdrantClient, settings: StoreSettings, collection: str, expected: Fingerprint, create: bool
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
        raise CollectionMissing(
            f"no collection {collection!r} on {masked(settings.url or '')!r}, "
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
            sparse_vectors_config={schema.SPARSE: models.SparseVectorParams(modifier=models.Modifier.IDF)},
            shard_number=settings.shard_number,
            replication_factor=settings.replication_factor,
            metadata=fields,
        )
    for field in schema.INTEGER_FIELDS:
        await client.create_payload_index(physical, field, models.PayloadSchemaType.INTEGER)
    for field in schema.KEYWORD_FIELDS:
        await client.create_payload_index(physical, field, models.PayloadSchemaType.KEYWORD)
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
    return {schema.DENSE: dense, schema.SENTENCES: sentences}


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


class _ServerEngine:
    """The primitives of `PointStore` over a client, which is closed with it; ``collection`` is the alias."""

    sealed = False

    def __init__(self, client: AsyncQdrantClient, collection: str, url: str) -> None:
        self._client = client
        self._collection = collection
        self._url = url
        self._writes = 0

    async def write(self, stale: Sequence[str], points: Sequence[Point]) -> None:
        self._writes += 1
        try:
            with translated(self._url):
                if stale:
                    await self._client.delete(self._collection, list(stale), wait=True)
                for start in range(0, len(points), BATCH):
                    batch = [SERVER.to_record(point) for point in points[start : start + BATCH]]
                    await self._client.upsert(self._collection, batch, wait=True)
        finally:
            self._writes += 1  # what was counted meanwhile saw half of it

    async def retrieve(self, point_ids: Sequence[str], fields: Sequence[str] | None = None) -> list[Point]:
        payload = True if fields is None else list(fields)
        vectors = schema.READ_VECTORS if fields is None else False
        found: list[models.Record] = []
        with translated(self._url):
            for start in range(0, len(point_ids), BATCH):
                ids = point_ids[start : start + BATCH]
                found += await self._client.retrieve(
                    self._collection, ids, with_payload=payload, with_vectors=vectors
                )
        return [schema.of_record(record) for record in found]

    async def nearest(
        self, using: str, vector: Vectors | SparseVector, depth: int, conditions: Sequence[Condition]
    ) -> list[tuple[Payload, float]]:
        """By the server's index where it has one: approximate for `dense`, exact for the others."""
        with translated(self._url):
            found = await self._client.query_points(
                self._collection,
                query=SERVER.to_vector(vector),
                using=using,
                query_filter=SERVER.to_filter(conditions),
                limit=depth,
                with_payload=HIT_FIELDS,
            )
        return [(hit.payload or {}, hit.score) for hit in found.points]

    async def heaviest(self, terms: Sequence[int]) -> list[tuple[float, SparseVector] | None]:
        queries = [models.SparseVector(indices=[term], values=[1.0]) for term in terms]
        requests = [
            models.QueryRequest(query=query, using=schema.SPARSE, limit=1, with_vector=[schema.SPARSE])
            for query in queries
        ]
        with translated(self._url):
            found = await self._client.query_batch_points(self._collection, requests)
        return [schema.heaviest_of(response.points) for response in found]

    async def first_passages(
        self, fields: Sequence[str], size: int, after: str | None
    ) -> tuple[list[Payload], str | None]:
        first = SERVER.to_filter([schema.FIRST_PASSAGE])
        with translated(self._url):
            found, following = await self._client.scroll(
                self._collection, first, limit=size, offset=after, with_payload=list(fields)
            )
        return [record.payload or {} for record in found], None if following is None else str(following)

    async def values(self, field: str) -> list[Any]:
        """Read off the field's index; only the counts that come with them are approximate."""
        with translated(self._url):
            found = await self._client.facet(self._collection, field, limit=schema.MOST_VALUES)
        return [hit.value for hit in found.hits]

    async def count(self, conditions: Sequence[Condition]) -> int:
        with translated(self._url):
            return (
                await self._client.count(self._collection, SERVER.to_filter(conditions), exact=True)
            ).count

    async def version(self) -> str:
        """A server does not tell of other clients' writes."""
        return str(self._writes)

    async def seal(self, contents: Contents) -> None:
        """A server keeps its own books."""

    async def close(self) -> None:
        await self._client.close()
