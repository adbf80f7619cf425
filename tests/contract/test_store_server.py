"""What only the server store promises: how a collection is laid out, and what bad servers lead to."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from pydantic import SecretStr
from stores import FINGERPRINT, library

from rag.errors import ConfigError, StoreUnavailable
from rag.settings import StoreSettings
from rag.store.server_store import open_server_store

Reply = tuple[int, object]
Request = tuple[str, str, object]


@asynccontextmanager
async def server(reply: Callable[[str, str], Reply]) -> AsyncIterator[tuple[str, list[Request]]]:
    """An HTTP server that answers ``reply(method, path)``; gives its address and the requests it got."""
    requests: list[Request] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = re.search(r"content-length: (\d+)", head, re.IGNORECASE)
        body = await reader.readexactly(int(length[1])) if length else b"null"
        method, target, _ = head.split(" ", 2)
        path = target.partition("?")[0]
        requests.append((method, path, json.loads(body)))
        status, content = reply(method, path)
        text = content if isinstance(content, bytes) else json.dumps(content).encode()
        writer.write(
            b"HTTP/1.1 %d .\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % (status, len(text))
        )
        writer.write(text)
        await writer.drain()
        writer.close()

    listening = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with listening:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}", requests


def empty_qdrant(method: str, path: str) -> Reply:
    """What a Qdrant server without collections answers."""
    if path.endswith("/exists"):
        return 200, {"result": {"exists": False}, "status": "ok", "time": 0}
    if method == "POST" and path.endswith("/points"):
        return 200, {"result": [], "status": "ok", "time": 0}
    if path.endswith(("/index", "/points")):
        return 200, {"result": {"operation_id": 0, "status": "completed"}, "status": "ok", "time": 0}
    if path == "/aliases":
        return 200, {"result": {"aliases": []}, "status": "ok", "time": 0}
    return 200, {"result": True, "status": "ok", "time": 0}


async def test_a_new_collection_is_laid_out_as_the_settings_say_and_gets_an_alias():
    async with server(empty_qdrant) as (url, requests):
        options = StoreSettings(
            url=url, shard_number=3, replication_factor=2, on_disk=True, quantization=True
        )
        await (await open_server_store(options, "papers", FINGERPRINT, create=True)).close()
    writes = {path: body for method, path, body in requests if method != "GET"}
    [physical] = [path for path in writes if re.fullmatch(r"/collections/papers--[0-9a-f]{8}", path)]
    layout = writes[physical]
    assert (layout["shard_number"], layout["replication_factor"]) == (3, 2)
    assert layout["metadata"]["encoder"] == FINGERPRINT.encoder
    assert layout["sparse_vectors"]["sparse"]["modifier"] == "idf"
    dense, sentences = layout["vectors"]["dense"], layout["vectors"]["sentences"]
    assert dense["on_disk"] is sentences["on_disk"] is True
    assert dense["quantization_config"]["scalar"]["type"] == "int8"
    assert (sentences["datatype"], sentences["hnsw_config"]["m"]) == ("float16", 0)
    indexed = {
        body["field_name"]: body["field_schema"] for _, path, body in requests if path.endswith("/index")
    }
    assert {name for name, kind in indexed.items() if kind == "integer"} == {"ordinal", "year"}
    assert {"author_keys", "venue_key"} < {name for name, kind in indexed.items() if kind == "keyword"}
    alias = {"collection_name": physical.rpartition("/")[2], "alias_name": "papers"}
    assert writes["/collections/aliases"] == {"actions": [{"create_alias": alias}]}


async def test_nothing_is_made_without_leave():
    async with server(empty_qdrant) as (url, requests):
        with pytest.raises(StoreUnavailable, match="there is none yet"):
            await open_server_store(StoreSettings(url=url), "papers", FINGERPRINT, create=False)
    assert {method for method, _, _ in requests} == {"GET"}


async def test_many_passages_go_in_several_requests():
    async with server(empty_qdrant) as (url, requests):
        store = await open_server_store(StoreSettings(url=url), "papers", FINGERPRINT, create=True)
        requests.clear()
        stored = library(90)
        await store.upsert(stored)
        await store.close()
    batches = [body["points"] for method, _, body in requests if method == "PUT"]
    ordinals = [point["payload"]["ordinal"] for batch in batches for point in batch]
    assert max(map(len, batches)) <= 100 < len(stored) == len(ordinals)
    assert ordinals == sorted(ordinals, reverse=True)


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refused_key_is_a_configuration_error(status):
    async with server(lambda *_: (status, {"status": {"error": "Must provide an API key"}})) as (url, _):
        options = StoreSettings(url=url, api_key=SecretStr("do-not-show"))
        with pytest.warns(UserWarning, match="insecure"), pytest.raises(ConfigError) as caught:
            await open_server_store(options, "papers", FINGERPRINT, create=True)
    assert "PINCITE_STORE__API_KEY" in str(caught.value)
    assert "do-not-show" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "content"),
    [(500, b"oops\nline two"), (404, {}), (429, {}), (200, b"<html>"), (200, {"result": 3})],
)
async def test_a_server_that_is_ill_or_no_qdrant_is_unavailable_in_one_line(status, content):
    async with server(lambda *_: (status, content)) as (url, _):
        with pytest.raises(StoreUnavailable) as caught:
            await open_server_store(StoreSettings(url=url), "papers", FINGERPRINT, create=True)
    assert url in str(caught.value)
    assert "\n" not in str(caught.value)


async def test_no_server_is_unavailable():
    async with server(empty_qdrant) as (url, _):
        pass
    with pytest.raises(StoreUnavailable, match=r"does not answer: .*; is it running\?"):
        await open_server_store(StoreSettings(url=url), "papers", FINGERPRINT, create=True)


async def test_a_silent_server_is_unavailable_after_the_timeout():
    listening = await asyncio.start_server(lambda *_: asyncio.sleep(9), "127.0.0.1", 0)
    async with listening:
        url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        with pytest.raises(StoreUnavailable, match="does not answer"):
            await open_server_store(StoreSettings(url=url, timeout_s=0.5), "x", FINGERPRINT, create=True)


@pytest.mark.parametrize("url", ["", "localhost:6333", "ftp://host", "http://host:port", "http://[::1"])
async def test_an_address_that_is_none_is_a_configuration_error(url):
    with pytest.raises(ConfigError, match=re.escape(repr(url))):
        await open_server_store(StoreSettings(url=url), "papers", FINGERPRINT, create=True)
