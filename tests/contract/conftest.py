"""The stores that every contract test runs on."""

import os
import uuid
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from openers import Opener, delete_collections, edge_opener, memory_opener, server_opener, shared_opener

from rag.ports import Store


@pytest_asyncio.fixture(params=["edge", "shared", "memory", pytest.param("server", marks=pytest.mark.live)])
async def opener(request, tmp_path, monkeypatch) -> AsyncIterator[Opener]:
    """Opens collections of a place that is empty at first."""
    if request.param == "edge":
        yield edge_opener(tmp_path)
    elif request.param == "shared":
        owners: list[Store] = []
        yield shared_opener(tmp_path, owners)
        for owner in owners:
            await owner.close()
    elif request.param == "memory":
        yield memory_opener(monkeypatch)
    elif url := os.environ.get("PINCITE_TEST_QDRANT_URL"):
        prefix, real = f"test-{uuid.uuid4().hex[:8]}-", server_opener(url)
        yield lambda name="papers", *args, **options: real(prefix + name, *args, **options)
        await delete_collections(url, prefix)
    else:
        pytest.skip("needs a Qdrant server: set PINCITE_TEST_QDRANT_URL")


@pytest_asyncio.fixture
async def store(opener) -> AsyncIterator[Store]:
    """An empty collection."""
    store = await opener()
    yield store
    await store.close()
