"""What only the server store promises: how a collection is laid out, and what bad servers lead to."""

import asyncio
import json
import re

import pytest
from pydantic import SecretStr
from scripted_model import refused_url
from stores import FINGERPRINT, library
from werkzeug import Response

from rag.errors import ConfigError, StoreUnavailable
from rag.settings import StoreSettings
from rag.store.server_store import open_server_store


class Server:
    """An HTTP server that answers ``reply(method, path)``: its address, and the requests that it got."""

    def __init__(self, http):
        self.url = http.url_for("").rstrip("/")
        self.requests = []
        self.reply = empty_qdrant
        http.expect_request(re.compile(".*")).respond_with_handler(self._answer)

    def _answer(self, asked):
        self.requests.append((asked.method, asked.path, json.loads(asked.get_data() or "null")))
        status, content = self.reply(asked.method, asked.path)
        return Response(content if isinstance(content, bytes) else json.dumps(content), status)

    async def open(self, *, create=True, **options):
        return await open_server_store(
            StoreSettings(url=self.url, **options), "papers", FINGERPRINT, create=create
        )


def empty_qdrant(method, path):
    """What a Qdrant server without collections answers."""
    result = True
    if path.endswith("/exists"):
        result = {"exists": False}
    elif method == "POST" and path.endswith("/points"):
        result = []
    elif path.endswith(("/index", "/points")):
        result = {"operation_id": 0, "status": "completed"}
    elif path == "/aliases":
        result = {"aliases": []}
    return 200, {"result": result, "status": "ok", "time": 0}


@pytest.fixture
def server(httpserver):
    return Server(httpserver)


async def test_a_new_collection_is_laid_out_as_the_settings_say_and_gets_an_alias(server):
    layout = {"shard_number": 3, "replication_factor": 2, "on_disk": True, "quantization": True}
    await (await server.open(**layout)).close()
    writes = {path: body for method, path, body in server.requests if method != "GET"}
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
        body["field_name"]: body["field_schema"]
        for _, path, body in server.requests
        if path.endswith("/index")
    }
    assert {name for name, kind in indexed.items() if kind == "integer"} == {"ordinal", "year"}
    assert {"author_keys", "venue_key"} < {name for name, kind in indexed.items() if kind == "keyword"}
    alias = {"collection_name": physical.rpartition("/")[2], "alias_name": "papers"}
    assert writes["/collections/aliases"] == {"actions": [{"create_alias": alias}]}


async def test_nothing_is_made_without_leave(server):
    with pytest.raises(StoreUnavailable, match="there is none yet"):
        await server.open(create=False)
    assert {method for method, _, _ in server.requests} == {"GET"}


async def test_many_passages_go_in_several_requests(server):
    store = await server.open()
    server.requests.clear()
    stored = library(90)
    await store.upsert(stored)
    await store.close()
    batches = [body["points"] for method, _, body in server.requests if method == "PUT"]
    ordinals = [point["payload"]["ordinal"] for batch in batches for point in batch]
    assert max(map(len, batches)) <= 100 < len(stored) == len(ordinals)
    assert ordinals == sorted(ordinals, reverse=True)


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refused_key_is_a_configuration_error(server, status):
    server.reply = lambda *_: (status, {"status": {"error": "Must provide an API key"}})
    with pytest.warns(UserWarning, match="insecure"), pytest.raises(ConfigError) as caught:
        await server.open(api_key=SecretStr("do-not-show"))
    assert "PINCITE_STORE__API_KEY" in str(caught.value)
    assert "do-not-show" not in str(caught.value)


ILL = [(500, b"oops\nline two"), (404, {}), (429, {}), (200, b"<html>"), (200, {"result": 3})]


@pytest.mark.parametrize("answer", ILL)
async def test_a_server_that_is_ill_or_no_qdrant_is_unavailable_in_one_line(server, answer):
    server.reply = lambda *_: answer
    with pytest.raises(StoreUnavailable) as caught:
        await server.open()
    assert server.url in str(caught.value)
    assert "\n" not in str(caught.value)


async def test_no_server_and_a_silent_one_are_unavailable(server):
    server.url = refused_url()
    with pytest.raises(StoreUnavailable, match=r"does not answer: .*; is it running\?"):
        await server.open()
    async with await asyncio.start_server(lambda *_: asyncio.sleep(9), "127.0.0.1", 0) as silent:
        server.url = f"http://127.0.0.1:{silent.sockets[0].getsockname()[1]}"
        with pytest.raises(StoreUnavailable, match="does not answer"):
            await server.open(timeout_s=0.5)


@pytest.mark.parametrize("url", ["", "localhost:6333", "ftp://host", "http://host:port", "http://[::1"])
async def test_an_address_that_is_none_is_a_configuration_error(url):
    with pytest.raises(ConfigError, match=re.escape(repr(url))):
        await open_server_store(StoreSettings(url=url), "papers", FINGERPRINT, create=True)
