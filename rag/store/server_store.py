"""The server store: a Qdrant server or cluster, for collections that outgrow one process.

A collection NAME is an alias of a physical collection ``NAME--<fingerprint>``, so that a collection that was
ingested anew under other settings can take over the name at once, by moving the alias.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict

from qdrant_client import AsyncQdrantClient, models

from rag.errors import CollectionMissing, ConfigError
from rag.ports import Store
from rag.settings import StoreSettings
from rag.store.point_store import PointStore, check_fingerprint
from rag.store.points import DENSE, INTEGER_FIELDS, KEYWORD_FIELDS, SENTENCES, SPARSE
from rag.store.server_engine import ServerEngine, translated
from rag.types import Fingerprint
from rag.untrusted.masking import know, masked, scrub, secrets_of_address

IN_MEMORY = ":memory:"
"""As url: qdrant-client's own stand-in for a server, gone when closed. For tests: it is slow and blocks."""


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
        CollectionMissing: no such collection (and not ``create``).
        StoreUnavailable: no server, or no answer in time.
        ConfigError: the url is none, or the server refuses the API key.
        CollectionMismatch: it was made with something else than ``expected``.
    """
    url = settings.url or ""
    know(secrets_of_address(url))
    client = _client(url, settings)
    try:
        with translated(url):
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
    know([key] if key else [])
    try:
        return AsyncQdrantClient(
            url=url, api_key=key, timeout=math.ceil(settings.timeout_s), check_compatibility=False
        )
    except ValueError as exc:
        scrub(exc)
        raise _bad_url(url, str(exc)) from exc


def _bad_url(url: str, reason: str) -> ConfigError:
    return ConfigError(
        f"setting 'store__url' = {masked(url)!r}: {masked(reason)}; expected e.g. http://localhost:6333"
    )


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
            sparse_vectors_config={SPARSE: models.SparseVectorParams(modifier=models.Modifier.IDF)},
            shard_number=settings.shard_number,
            replication_factor=settings.replication_factor,
            metadata=fields,
        )
    for field in INTEGER_FIELDS:
        await client.create_payload_index(physical, field, models.PayloadSchemaType.INTEGER)
    for field in KEYWORD_FIELDS:
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
    return {DENSE: dense, SENTENCES: sentences}
