"""Vectors kept on disk between runs."""

import asyncio

import numpy as np
import pytest
from fakes import HashEncoder

from evals.retrieval import encoding_cache
from evals.retrieval.encoding_cache import CachedEncoder
from rag.errors import ModelUnavailable, StoreUnavailable
from rag.types import Span

TEXTS = ["Caches grow.", "We prune caches. Pages go.", "Judges judge."]
SPANS = [[Span(0, 12)], [Span(0, 16), Span(17, 26)], []]


@pytest.fixture
def inner():
    return HashEncoder()


@pytest.fixture
def cached(inner, tmp_path):
    made = CachedEncoder(inner, tmp_path / "deeper" / "vectors.sqlite")
    yield made
    made.close()


async def test_a_text_is_encoded_once_and_has_the_same_vector_ever_after(inner, cached, tmp_path):
    first = await cached.encode_passages(TEXTS)
    assert inner.texts == 3
    assert np.array_equal(await cached.encode_passages(TEXTS[::-1]), first[::-1])
    cached.close()
    again = CachedEncoder(inner, tmp_path / "deeper" / "vectors.sqlite")
    assert np.array_equal(await again.encode_passages(TEXTS), first)
    again.close()
    assert inner.texts == 3


async def test_vectors_are_unit_and_those_of_the_inner_encoder_to_half_precision(inner, cached):
    vectors = await cached.encode_passages(TEXTS)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    assert np.allclose(vectors, await inner.encode_passages(TEXTS), atol=1e-3)


async def test_sentences_are_encoded_once_and_their_text_with_them(inner, cached):
    whole, parts = await cached.encode_spans(TEXTS, SPANS)
    assert [each.shape for each in parts] == [(1, 64), (2, 64), (0, 64)]
    encoded = inner.texts
    again = await cached.encode_spans(TEXTS, SPANS)
    assert np.array_equal(again[0], whole)
    assert all(map(np.array_equal, again[1], parts))
    assert np.array_equal(await cached.encode_passages(TEXTS), whole)
    assert inner.texts == encoded
    theirs = await inner.encode_spans(TEXTS, SPANS)
    assert np.allclose(parts[1], theirs[1][1], atol=1e-3)


async def test_other_spans_of_the_same_text_are_other_vectors(cached):
    _, parts = await cached.encode_spans(TEXTS[1:2], SPANS[1:2])
    _, others = await cached.encode_spans(TEXTS[1:2], [[Span(0, 8)]])
    assert others[0].shape == (1, 64)
    assert not np.allclose(others[0], parts[0][:1], atol=0.01)


async def test_another_encoder_does_not_find_them(inner, cached, tmp_path):
    await cached.encode_passages(TEXTS)
    other = HashEncoder()
    other.name = "another"
    beside = CachedEncoder(other, tmp_path / "deeper" / "vectors.sqlite")
    await beside.encode_passages(TEXTS)
    beside.close()
    assert other.texts == 3


async def test_queries_are_encoded_every_time(inner, cached):
    for _ in range(2):
        assert np.array_equal(await cached.encode_queries(TEXTS), inner._encode(TEXTS))
    assert inner.texts == 12


async def test_nothing_to_encode_gives_no_vectors(cached):
    assert (await cached.encode_passages([])).shape == (0, 64)
    whole, parts = await cached.encode_spans([], [])
    assert whole.shape == (0, 64)
    assert parts == []


async def test_what_was_encoded_before_a_failure_is_kept(inner, tmp_path, monkeypatch):
    monkeypatch.setattr(encoding_cache, "BLOCK", 2)
    told = []
    cached = CachedEncoder(inner, tmp_path / "v.sqlite", lambda done, total: told.append((done, total)))
    encode = inner.encode_passages

    async def fail_on_the_last(texts):
        if "Judges judge." in texts:
            raise ModelUnavailable("gone")
        return await encode(texts)

    monkeypatch.setattr(inner, "encode_passages", fail_on_the_last)
    with pytest.raises(ModelUnavailable):
        await cached.encode_passages(TEXTS)
    monkeypatch.setattr(inner, "encode_passages", encode)
    await cached.encode_passages(TEXTS)
    cached.close()
    assert inner.texts == 3
    assert told == [(2, 3), (1, 1)]


async def test_many_may_encode_at_once(inner, cached):
    texts = [[f"text {number} {part}" for part in range(20)] for number in range(20)]
    vectors = await asyncio.gather(*map(cached.encode_passages, texts))
    assert np.array_equal(await cached.encode_passages(texts[7]), vectors[7])
    assert inner.texts == 400


def test_a_file_that_is_no_cache_is_named(inner, tmp_path):
    (tmp_path / "v.sqlite").write_text("not a database, but long enough to be read as one" * 100)
    with pytest.raises(StoreUnavailable, match="v.sqlite.*delete it"):
        CachedEncoder(inner, tmp_path / "v.sqlite")
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnavailable):
        CachedEncoder(inner, tmp_path / "file" / "v.sqlite")
