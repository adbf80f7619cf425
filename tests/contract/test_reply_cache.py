"""Replies kept on disk: what is kept, what is not, and that no state of the file is an error."""

import logging
import multiprocessing
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import MappingProxyType

import pytest
from fakes import ScriptedModel
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import BadCompletion
from rag.models.language_model import Completion, Message, Request, Usage
from rag.models.llm.reply_cache import CachedModel, ReplyCache, request_key

REQUEST = Request((Message("system", "Be brief."), Message("user", "why?")), "test/1")
REPLY = Completion("Because “so”. 漢", "m", Usage(1, 10, 5, 0.001))


@pytest.fixture
def cache(tmp_path):
    cache = ReplyCache(tmp_path / "cache")
    yield cache
    cache.close()


async def test_a_second_request_is_answered_from_the_cache_in_one_piece(cache):
    inner = ScriptedModel(["one two three"])
    model = CachedModel(inner, cache)
    first, pieces = await model.complete(REQUEST), []
    second = await model.complete(REQUEST, pieces.append)
    assert second == replace(first, cached=True)
    assert pieces == ["one two three"]
    assert len(inner.requests) == 1


async def test_failures_cut_replies_and_those_of_a_fallback_are_not_kept(cache):
    script = [
        BadCompletion("no"),
        Completion("cut", "scripted", Usage(), cut=True),
        Completion("other", "a-fallback", Usage()),
        "whole",
    ]
    model = CachedModel(ScriptedModel(script), cache)
    with pytest.raises(BadCompletion):
        await model.complete(REQUEST)
    texts = [(await model.complete(REQUEST)).text for _ in range(4)]
    assert texts == ["cut", "other", "whole", "whole"]


def test_a_kept_reply_survives_the_process(tmp_path, cache):
    cache.put("k", REPLY)
    cache.close()
    assert ReplyCache(tmp_path / "cache").get("k") == replace(REPLY, cached=True)
    assert cache.get("k") == replace(REPLY, cached=True)  # opened again
    assert cache.get("other") is None


CHANGED = {
    "messages": (Message("user", "why?"),),
    "prompt": "test/2",
    "max_tokens": 7,
    "temperature": 0.1,
    "schema": {"type": "object"},
    "seed": 1,
}


def test_every_part_of_a_request_the_model_and_its_origin_decide_the_key():
    requests = [REQUEST, *(replace(REQUEST, **{field: value}) for field, value in CHANGED.items())]
    keys = {request_key("n", REQUEST), request_key("m", REQUEST, "o")}
    assert len(keys.union(request_key("m", each) for each in requests)) == len(CHANGED) + 3
    assert set(CHANGED) == set(Request.__dataclass_fields__)


def test_the_order_and_kind_of_mapping_of_a_schema_do_not_matter():
    schemas = ({"a": 1, "b": {"c": 2}}, {"b": {"c": 2}, "a": 1}, MappingProxyType({"a": 1, "b": {"c": 2}}))
    assert len({request_key("m", replace(REQUEST, schema=schema)) for schema in schemas}) == 1


@settings(max_examples=25)
@given(st.text(), st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_text_has_a_key_and_comes_back_as_it_was(tmp_path_factory, asked, said):
    cache = ReplyCache(tmp_path_factory.mktemp("cache"))
    key = request_key("m", replace(REQUEST, messages=(Message("user", asked),)))
    cache.put(key, replace(REPLY, text=said))
    assert cache.get(key) == replace(REPLY, text=said, cached=True)
    cache.close()


DAMAGE = {
    "no database": lambda _: b"this is no database, this is a text " * 400,
    "half a header": lambda _: b"SQLite format 3\x00",
    "broken pages": lambda whole: whole[:100] + b"\xff" * (len(whole) - 100),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_is_set_aside_with_a_warning_and_made_anew(tmp_path, caplog, damage):
    folder = tmp_path / "cache"
    file = folder / "replies.sqlite"
    cache = ReplyCache(folder)
    for i in range(200):
        cache.put(f"k{i}", REPLY)
    cache.close()
    file.write_bytes(DAMAGE[damage](file.read_bytes()))
    with caplog.at_level(logging.WARNING, "rag.models.llm.reply_cache"):
        assert cache.get("k0") is None
    assert "damaged" in caplog.text
    assert (folder / "replies.damaged").exists()
    cache.put("k", REPLY)
    assert cache.get("k") is not None
    cache.close()


async def test_where_nothing_can_be_kept_the_model_still_answers(tmp_path, cache, caplog):
    (tmp_path / "cache").write_text("a file where the folder should be")
    model = CachedModel(ScriptedModel(["one", "two"]), ReplyCache(tmp_path / "cache"))
    assert [(await model.complete(REQUEST)).text for _ in range(2)] == ["one", "two"]
    assert "cannot be used" in caplog.text
    unwritable = CachedModel(ScriptedModel(["half \ud83d"]), cache)
    assert (await unwritable.complete(REQUEST)).text == "half \ud83d"


def test_a_table_of_another_making_is_no_error(tmp_path, caplog):
    (tmp_path / "cache").mkdir()
    with sqlite3.connect(tmp_path / "cache" / "replies.sqlite") as db:
        db.execute("CREATE TABLE replies_1 (other TEXT)")
    cache = ReplyCache(tmp_path / "cache")
    cache.put("k", REPLY)
    assert cache.get("k") is None
    cache.close()


def test_many_threads_may_use_one_cache(cache):
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda i: cache.put(f"k{i % 20}", REPLY), range(200)))
        assert all(threads.map(lambda i: cache.get(f"k{i % 20}") is not None, range(200)))


def write_many(folder, name):
    cache = ReplyCache(folder)
    for i in range(50):
        cache.put(f"{name}{i}", REPLY)
    cache.close()


def test_several_processes_may_write_at_once(tmp_path):
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=write_many, args=(tmp_path, name)) for name in "ab"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    cache = ReplyCache(tmp_path)
    assert [cache.get(f"{name}{i}") is not None for name in "ab" for i in range(50)] == [True] * 100
    cache.close()


async def test_closing_closes_the_inner_model_too(cache):
    inner = ScriptedModel()
    model = CachedModel(inner, cache)
    await model.close()
    await model.close()
    assert inner.closed
    assert (model.name, model.context_tokens) == (inner.name, inner.context_tokens)
