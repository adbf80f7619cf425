"""Ways to open a collection in each kind of store, on one place that outlives the opening."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from qdrant_client import AsyncQdrantClient
from stores import FINGERPRINT

from rag.ports import Store
from rag.settings import StoreSettings
from rag.store import server_store
from rag.store.embedded_store import open_edge_store
from rag.store.server_store import open_server_store
from rag.types import Fingerprint

Opener = Callable[..., Awaitable[Store]]
"""Opens a collection: (name, expected fingerprint, create=bool), each with a default."""


class LastingClient(AsyncQdrantClient):
    """A stand-in server that outlives its clients, as a server does."""

    async def close(self, grpc_grace: float | None = None, **kwargs: object) -> None:
        pass


def edge_opener(home: Path) -> Opener:
    async def opener(
        name: str = "papers", expected: Fingerprint = FINGERPRINT, *, create: bool = True
    ) -> Store:
        return await open_edge_store(home / name, expected, create=create, lock_timeout_s=0)

    return opener


def shared_opener(home: Path, owners: list[Store]) -> Opener:
    """Opens beside an owner, which ends up in ``owners``: every call goes through its socket."""
    real = edge_opener(home)

    async def opener(
        name: str = "papers", expected: Fingerprint = FINGERPRINT, *, create: bool = True
    ) -> Store:
        if create:
            await (await real(name, expected)).close()
            owners.append(await real(name, expected, create=False))
        return await real(name, expected, create=create)

    return opener


def server_opener(url: str) -> Opener:
    async def opener(
        name: str = "papers", expected: Fingerprint = FINGERPRINT, *, create: bool = True
    ) -> Store:
        return await open_server_store(StoreSettings(url=url), name, expected, create=create)

    return opener


def memory_opener(monkeypatch: pytest.MonkeyPatch) -> Opener:
    client = LastingClient(":memory:")
    monkeypatch.setattr(server_store, "AsyncQdrantClient", lambda _: client)
    return server_opener(":memory:")


async def delete_collections(url: str, prefix: str) -> None:
    client = AsyncQdrantClient(url)
    for collection in (await client.get_collections()).collections:
        if collection.name.startswith(prefix):
            await client.delete_collection(collection.name)
    await client.close()
