"""The first stage: what is found, in which order, and what a term is worth."""

import math
from collections import Counter

import pytest
from collection import SMALL, evidence_for, store_of
from fakes import HashEncoder

from rag.models.encoders.bm25 import Bm25Encoder
from rag.retrieval import hybrid
from rag.retrieval.hybrid import Retriever
from rag.text.sentences import index_text
from rag.types import Paper


def retriever(store):
    return Retriever(store, HashEncoder(256), Bm25Encoder(), 60)


async def test_the_idf_of_every_term_is_that_of_its_document_frequency():
    store, terms = await store_of(), Bm25Encoder()
    texts = [index_text(paper.title, paper.abstract) for paper in SMALL]
    frequencies = Counter(term for text in texts for term in terms.encode_query(text).indices)
    assert {1, 2} <= set(frequencies.values())
    idf = await retriever(store).idf(tuple(frequencies))
    assert idf == pytest.approx(
        {term: math.log(1 + (len(SMALL) - df + 0.5) / (df + 0.5)) for term, df in frequencies.items()},
        rel=1e-6,
    )


async def test_a_term_that_no_passage_holds_is_worth_most():
    store = await store_of()
    (unseen,), (rare,) = (Bm25Encoder().encode_query(word).indices for word in ("zeppelin", "nurses"))
    idf = await retriever(store).idf((unseen, rare))
    assert idf[unseen] == pytest.approx(math.log(1 + (len(SMALL) + 0.5) / 0.5))
    assert idf[unseen] > idf[rare]


async def test_candidates_come_best_first_with_what_was_searched():
    evidence = await evidence_for("cache compression by merging")
    assert evidence.candidates[0].paper.paper_id == "ferry"
    assert evidence.query == "cache compression by merging"
    assert evidence.searched == len(SMALL)
    assert set(evidence.idf) == set(Bm25Encoder().encode_query(evidence.query).indices)


async def test_a_paper_of_many_passages_is_one_candidate_with_its_whole_abstract():
    two = "We measure every cache with great care and report it here. Nobody else was in the room with us. "
    long = Paper("long", "On Caches", two * 10)
    evidence = await evidence_for("cache", [long, *SMALL], max_tokens=32)
    found = [item for item in evidence.candidates if item.paper.paper_id == "long"]
    assert len(found) == 1
    assert len(found[0].sentences) == 20
    assert found[0].paper.abstract == long.abstract


async def test_no_more_papers_than_the_depth_are_returned():
    evidence = await retriever(await store_of()).retrieve("cache compression", 2)
    assert {item.paper.paper_id for item in evidence.candidates} == {"ferry", "lantern"}
    assert evidence.searched == len(SMALL)


async def test_a_query_of_stop_words_is_searched_by_its_vectors():
    evidence = await evidence_for("which of the")
    assert evidence.idf == {}
    assert len(evidence.candidates) == len(SMALL)


async def test_an_empty_collection_gives_no_candidates():
    evidence = await evidence_for("cache", [])
    assert (evidence.candidates, evidence.searched) == ((), 0)


@pytest.mark.parametrize(
    ("depth", "limit", "searched"),
    [(2, 5_000, True), (2, len(SMALL) - 1, False), (len(SMALL), 5_000, False)],
    ids=["small", "large", "nothing left to find"],
)
async def test_sentences_are_searched_where_it_is_cheap_and_can_find_more(
    monkeypatch, depth, limit, searched
):
    store = await store_of()
    asked = []

    async def search_sentences(vector, depth, filters):
        asked.append(depth)
        return []

    monkeypatch.setattr(store, "search_sentences", search_sentences)
    monkeypatch.setattr(hybrid, "SENTENCE_SEARCH_LIMIT", limit)
    found = await retriever(store).retrieve("cache compression", depth)
    assert asked == [depth] * searched
    assert {"lantern", "ferry"} <= {item.paper.paper_id for item in found.candidates}
