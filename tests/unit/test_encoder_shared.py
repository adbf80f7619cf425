"""An encoder that questions share: one pass for what waits, nothing twice, the very vectors of each alone."""

import asyncio
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import ModelUnavailable
from rag.models.encoders import shared_encoder
from rag.models.encoders.onnx_encoder import shipped_encoder
from rag.models.encoders.shared_encoder import SharedEncoder
from rag.settings import EncoderSettings

WORDS = ["which", "papers", "prune", "heads", "quantize,", "caches?", "–", "模型压缩", "«quotes»", "8.5×"]
texts = st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join)


class Counting:
    """Vectors by hash; ``passes`` holds what each pass was given. A text "bad" fails its pass."""

    name, dimensions = "counting", 4

    def __init__(self):
        self.passes = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def encode_queries(self, queries):
        self.passes.append(list(queries))
        await self.gate.wait()
        if "bad" in queries:
            raise ModelUnavailable("bad")
        return np.array([vector(text) for text in queries], np.float32).reshape(-1, 4)

    encode_passages = encode_queries

    async def encode_spans(self, given, spans):
        return await self.encode_queries(given), [np.zeros((len(each), 4), np.float32) for each in spans]


def vector(text):
    return np.random.default_rng(zlib.crc32(text.encode())).standard_normal(4).astype(np.float32)


@pytest.fixture
def counting():
    return Counting()


@pytest.fixture(scope="module")
def shipped():
    return shipped_encoder("", EncoderSettings())


@settings(max_examples=25)
@given(st.lists(st.lists(texts, max_size=4), min_size=1, max_size=6))
def test_the_shipped_encoder_gives_bit_for_bit_the_same_shared_or_alone(shipped, requests):
    async def scenario():
        shared = SharedEncoder(shipped)
        for _ in range(2):  # encoded together, then remembered
            found = await asyncio.gather(*map(shared.encode_queries, requests))
            for request, together in zip(requests, found, strict=True):
                assert together.shape == (len(request), shipped.dimensions)
                assert together.dtype == np.float32
                for text, row in zip(request, together, strict=True):
                    assert np.array_equal(row, (await shipped.encode_queries([text]))[0])

    asyncio.run(scenario())


async def test_what_waits_goes_through_the_model_in_one_pass(counting):
    shared = SharedEncoder(counting)
    counting.gate.clear()
    first = await started(shared, ["one", "more 0"], ["one", "more 1"])
    late = await started(shared, ["late", "one"])
    counting.gate.set()
    await asyncio.gather(*first, *late)
    assert counting.passes == [["one", "more 0", "more 1"], ["late"]]


async def started(shared, *requests):
    """Requests that wait for their pass, or run in it."""
    tasks = [asyncio.create_task(shared.encode_queries(request)) for request in requests]
    for _ in range(5):
        await asyncio.sleep(0)
    return tasks


async def test_a_text_is_encoded_once_as_query_and_once_as_passage(counting):
    shared = SharedEncoder(counting)
    for _ in range(3):
        await shared.encode_queries(["a", "b"])
        await shared.encode_passages(["a"])
    assert counting.passes == [["a", "b"], ["a"]]


async def test_a_pass_takes_no_more_requests_than_it_should(counting, monkeypatch):
    monkeypatch.setattr(shared_encoder, "TEXTS_AT_ONCE", 4)
    shared = SharedEncoder(counting)
    requests = [[f"{number} {place}" for place in range(3)] for number in range(4)]
    await asyncio.gather(*map(shared.encode_passages, requests))
    assert [len(each) for each in counting.passes] == [6, 6]


async def test_the_fault_of_one_question_is_not_that_of_another(counting):
    shared = SharedEncoder(counting)
    requests = [["good"], ["bad", "also good"], ["fine"]]
    found = await asyncio.gather(*map(shared.encode_queries, requests), return_exceptions=True)
    assert np.array_equal(found[0][0], vector("good"))
    assert isinstance(found[1], ModelUnavailable)
    assert np.array_equal(found[2][0], vector("fine"))
    assert np.array_equal((await shared.encode_queries(["also good"]))[0], vector("also good"))


async def test_an_encoder_that_gives_too_few_vectors_leaves_nobody_waiting(counting, monkeypatch):
    async def none(_queries):
        return np.zeros((0, 4), np.float32)

    monkeypatch.setattr(counting, "encode_queries", none)
    with pytest.raises(ValueError, match="shorter"):
        await asyncio.wait_for(SharedEncoder(counting).encode_queries(["a"]), 5)


async def test_a_question_that_is_given_up_is_not_encoded_and_holds_up_nobody(counting):
    shared = SharedEncoder(counting)
    counting.gate.clear()
    [first] = await started(shared, ["first"])
    gone, stays = await started(shared, ["gone"], ["stays"])
    gone.cancel()
    first.cancel()
    counting.gate.set()
    assert np.array_equal((await stays)[0], vector("stays"))
    assert counting.passes == [["first"], ["stays"]]


async def test_what_is_remembered_is_bounded_and_cannot_be_changed_from_outside(counting, monkeypatch):
    monkeypatch.setattr(shared_encoder, "MOST_QUERIES", 3)
    shared = SharedEncoder(counting)
    for text in ("a", "b", "a", "c", "a", "d", "a", "x" * 1001):
        await shared.encode_queries([text])
    assert list(shared._queries._known) == ["c", "d", "a"]
    row = (await shared.encode_queries(["a"]))[0]
    row[:] = 0
    assert np.array_equal((await shared.encode_queries(["a"]))[0], vector("a"))
    assert all(kept.base is None for kept in shared._queries._known.values())


async def test_one_that_was_cut_off_with_its_event_loop_serves_the_next(counting):
    shared = SharedEncoder(counting)

    async def cut_off():
        task = asyncio.create_task(shared.encode_queries(["a", "b"]))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        task.cancel()

    await asyncio.to_thread(asyncio.run, cut_off())
    assert (await shared.encode_queries(["a"])).shape == (1, 4)
