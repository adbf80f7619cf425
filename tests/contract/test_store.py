"""What every store promises (rag.ports.Store), asked of each: embedded, stand-in, real server."""

import asyncio
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stores import (
    FINGERPRINT,
    WORDS,
    agree,
    best_sentences,
    bm25,
    cosines,
    library,
    passages_of,
    terms,
    vector,
)

from rag.errors import CollectionMismatch, StoreError, StoreUnavailable
from rag.types import Counts, IndexedPassage, Paper, SparseVector

pytestmark = pytest.mark.filterwarnings("ignore:Payload indexes have no effect:UserWarning")

QUERIES = [vector(f"query {number}") for number in range(12)]
TERMS = [terms(f"{first} {second}") for first, second in zip(WORDS, WORDS[3:], strict=False)]


def texts(items: list[IndexedPassage]) -> list[tuple[str, str]]:
    return [(item.passage.passage_id, item.passage.text) for item in items]


async def test_what_was_written_is_read_back_whole(store):
    paper = Paper(
        "a", "T", "", ("Ann", "Bo"), "ACL", 2024, "https://x.org/a", "raw", {"doi": [1, {"b": None}]}
    )
    written = passages_of(paper, ["One two. ", "Three. ", "Four five six. "])
    await store.upsert(written)
    read = await store.fetch(["a"])
    assert [item.passage for item in read] == [item.passage for item in written]
    for got, put in zip(read, written, strict=True):
        assert got.content_hash == put.content_hash
        assert np.allclose(got.dense, put.dense, atol=1e-6)
        assert np.allclose(got.sentence_vectors, put.sentence_vectors, atol=1e-3)
        assert dict(zip(got.sparse.indices, got.sparse.values, strict=True)) == pytest.approx(
            dict(zip(put.sparse.indices, put.sparse.values, strict=True))
        )
        assert got.dense.dtype == got.sentence_vectors.dtype == np.float32


async def test_writing_the_same_again_changes_nothing(store):
    await store.upsert(library(8))
    counts, hits = await store.counts(), await store.search_dense(QUERIES[0], 50)
    await store.upsert(library(8))
    assert await store.counts() == counts == Counts(8, len(library(8)))
    assert await store.search_dense(QUERIES[0], 50) == hits


async def test_a_changed_abstract_replaces_text_vectors_and_hash_and_leaves_no_old_passage(store):
    paper, other = Paper("a", "T", ""), passages_of(Paper("b", "T", ""), ["Left alone. "] * 5)
    old = passages_of(paper, ["One. ", "Two. ", "Three. ", "Four. ", "Five. "])
    new = passages_of(paper, ["New. ", "Longer. ", "Text. "])
    await store.upsert(old + other)
    await store.upsert(new)
    assert texts(await store.fetch(["a"])) == texts(new)
    assert await store.hashes(["a"]) == {"a": new[0].content_hash}
    assert await store.counts() == Counts(2, len(new + other))
    hits = await store.search_dense(new[1].dense, 50)
    assert hits[0].passage_id == "a#1"
    assert {hit.passage_id for hit in hits} == {item.passage.passage_id for item in new + other}


async def test_a_paper_given_in_part_is_refused(store):
    whole = passages_of(Paper("a", "T", ""), ["One. ", "Two. ", "Three. "], per_passage=1)
    with pytest.raises(ValueError, match="'a'"):
        await store.upsert(whole[1:])
    assert await store.counts() == Counts(0, 0)


async def test_hashes_are_given_for_stored_papers_only(store):
    stored = library(3)
    await store.upsert(stored)
    wanted = {item.passage.paper.paper_id: item.content_hash for item in stored}
    assert await store.hashes(["p2", "unknown", "p0"]) == {"p0": wanted["p0"], "p2": wanted["p2"]}
    assert await store.hashes([]) == {}


@pytest.mark.parametrize("depth", [1, 7, 1000])
async def test_rankings_are_those_of_brute_force(store, depth):
    stored = library()
    await store.upsert(stored)
    for query in QUERIES:
        assert agree(await store.search_dense(query, depth), cosines(stored, query), depth, 1e-5)
        assert agree(await store.search_sentences(query, depth), best_sentences(stored, query), depth, 2e-3)
    for query in TERMS:
        assert agree(await store.search_sparse(query, depth), bm25(stored, query), depth, 1e-4)


async def test_rankings_fall_and_ties_are_in_order_of_passage_id(store):
    twins = [passages_of(Paper(f"twin{n}", "T", ""), ["cache judge cache. "]) for n in (3, 1, 2, 0)]
    await store.upsert([item for twin in twins for item in twin] + library(5))
    rankings = [
        await store.search_dense(QUERIES[0], 50),
        await store.search_sentences(QUERIES[0], 50),
        await store.search_sparse(terms("judge"), 50),
    ]
    for hits in rankings:
        assert hits == sorted(hits, key=lambda hit: (-hit.score, hit.passage_id))
        twin_ids = [hit.paper_id for hit in hits if hit.paper_id.startswith("twin")]
        assert twin_ids == ["twin0", "twin1", "twin2", "twin3"]


async def test_a_query_without_known_terms_finds_nothing(store):
    await store.upsert(library(5))
    assert await store.search_sparse(SparseVector((), ()), 10) == []
    assert await store.search_sparse(terms("unheard-of"), 10) == []


async def test_an_empty_collection_answers_everything_with_nothing(store):
    assert await store.counts() == Counts(0, 0)
    assert await store.search_dense(QUERIES[0], 5) == await store.search_sentences(QUERIES[0], 5) == []
    assert await store.search_sparse(TERMS[0], 5) == await store.fetch(["p0"]) == []
    assert [paper async for paper in store.papers()] == []
    await store.upsert([])


async def test_papers_are_fetched_in_the_order_asked_and_unknown_ones_left_out(store):
    stored = library(6)
    await store.upsert(stored)
    read = await store.fetch(["p4", "unknown", "p0", "p4", "p2"])
    wanted = [item for name in ("p4", "p0", "p2") for item in stored if item.passage.paper.paper_id == name]
    assert texts(read) == texts(wanted)
    for item in read:
        passage = item.passage
        assert passage.paper.abstract[passage.span.start : passage.span.end] == passage.text
        assert passage.sentences == tuple(sorted(passage.sentences))


async def test_every_paper_is_listed_once_also_over_many_pages(store):
    stored = library(300)
    await store.upsert(stored)
    listed = [paper async for paper in store.papers()]
    assert {paper.paper_id: paper for paper in listed} == {
        item.passage.paper.paper_id: item.passage.paper for item in stored
    }
    assert len(listed) == (await store.counts()).papers == 300


ODD = "\0|<script>alert(1)</script>|'; DROP TABLE p; --|a\u0301\u202e\u200d|👩🏽‍🔬 مرحبا|${x}{{y}}|\r\n"
HOSTILE = st.text(max_size=40) | st.sampled_from(ODD.split("|"))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    paper_id=HOSTILE.filter(bool),
    title=HOSTILE,
    sentences=st.lists(HOSTILE, max_size=5),
    extra=st.dictionaries(HOSTILE, HOSTILE | st.integers() | st.none(), max_size=3),
)
async def test_any_text_survives_unchanged(store, paper_id, title, sentences, extra):
    paper = Paper(paper_id, title, "", (title,), title, None, title, title, extra)
    written = passages_of(paper, sentences)
    await store.upsert(written)
    assert [item.passage for item in await store.fetch([paper_id])] == [item.passage for item in written]


async def test_searches_beside_writes_see_whole_papers(store):
    versions = [
        passages_of(Paper("a", "T", ""), [f"Version {version} {n}. " for n in range(5 + version % 4)])
        for version in range(12)
    ]
    await store.upsert(library(20) + versions[0])

    async def write() -> None:
        for version in versions:
            await store.upsert(version)

    async def read() -> None:
        for _ in range(12):
            for item in await store.fetch(["a", "p3"]):
                span = item.passage.span
                assert item.passage.paper.abstract[span.start : span.end] == item.passage.text
            assert len(await store.search_dense(QUERIES[0], 5)) == 5
            assert len(await store.search_sentences(QUERIES[0], 5)) == 5

    await asyncio.gather(write(), read(), read())
    assert texts(await store.fetch(["a"])) == texts(versions[-1])


async def test_writers_of_one_paper_leave_one_version(store):
    versions = [
        passages_of(Paper("a", "T", ""), [f"{n} of {size}. " for n in range(size)]) for size in (9, 1, 5)
    ]
    await asyncio.gather(*(store.upsert(version) for version in versions))
    left = await store.fetch(["a"])
    assert texts(left) in [texts(version) for version in versions]
    assert (await store.counts()).passages == len(left)


async def test_a_collection_is_there_again_when_reopened(opener):
    first = await opener()
    await first.upsert(library(4))
    hits, counts = await first.search_dense(QUERIES[0], 9), await first.counts()
    await first.close()
    again = await opener(create=False)
    assert agree(await again.search_dense(QUERIES[0], 9), hits, 9, 1e-6)
    assert await again.counts() == counts
    assert again.fingerprint == FINGERPRINT
    await again.close()


async def test_closing_twice_is_fine_and_use_after_it_is_a_store_error(opener):
    store = await opener()
    await store.close()
    await store.close()
    for call in (store.counts(), store.upsert(library(1)), anext(store.papers())):
        with pytest.raises(StoreError, match="closed"):
            await call


async def test_a_missing_collection_is_named_with_those_that_exist_and_the_remedy(opener):
    await (await opener("here")).close()
    with pytest.raises(
        StoreUnavailable, match=re.compile(r"gone'.*here'.*pincite ingest PATH --collection ")
    ):
        await opener("gone", create=False)


@pytest.mark.parametrize("create", [True, False])
async def test_other_settings_are_a_mismatch_that_names_both_values_and_the_remedy(opener, create):
    await (await opener()).close()
    other = replace(FINGERPRINT, encoder="another", dimensions=8)
    with pytest.raises(CollectionMismatch) as caught:
        await opener(expected=other, create=create)
    message = str(caught.value)
    assert "encoder 'made-up' instead of 'another'" in message
    assert "dimensions 16 instead of 8" in message
    assert "chunker" not in message
    assert "pincite ingest PATH --collection NEW" in message
    await (await opener(create=False)).close()
