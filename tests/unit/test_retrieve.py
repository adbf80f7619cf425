"""The first stage: what is found, in which order, what a term is worth, and rankings merged by rank alone."""

import math
from collections import Counter

import pytest
from collection import FERRY, LANTERN, SMALL, evidence_for, open_small, store_of
from fakes import HashEncoder
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.models.encoders.bm25 import Bm25Encoder
from rag.retrieval import hybrid
from rag.retrieval.hybrid import Retriever, reciprocal_rank_fusion
from rag.text.sentences import index_text
from rag.types import Hit


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


async def test_no_more_papers_than_the_depth_are_returned():
    evidence = await retriever(await store_of()).retrieve("cache compression", 2)
    assert {item.paper.paper_id for item in evidence.candidates} == {"ferry", "lantern"}
    assert evidence.searched == len(SMALL)


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


async def test_the_papers_most_like_one_come_first_and_it_is_not_among_them():
    assistant = await open_small()
    found = await assistant.similar("lantern", top_k=10)
    assert found[0].paper_id == "ferry"
    assert found[0].title == FERRY.title
    assert {paper.paper_id for paper in found} == {paper.paper_id for paper in SMALL} - {LANTERN.paper_id}
    scores = [paper.score for paper in found]
    assert scores == sorted(scores, reverse=True)
    assert await assistant.similar("lantern", top_k=2) == found[:2]
    assert await assistant.similar("no such") == []


def ranking(*passages: str, scale: float = 1.0) -> list[Hit]:
    return [
        Hit(passage, passage.partition("#")[0], scale / place) for place, passage in enumerate(passages, 1)
    ]


def test_scores_are_sums_of_reciprocal_ranks():
    dense, sparse = ranking("a#0", "b#0", "c#0"), ranking("b#0", "d#1")
    fused = reciprocal_rank_fusion([dense, sparse], 60)
    assert [hit.passage_id for hit in fused] == ["b#0", "a#0", "d#1", "c#0"]
    assert [hit.score for hit in fused] == pytest.approx([1 / 62 + 1 / 61, 1 / 61, 1 / 62, 1 / 63])
    assert [hit.paper_id for hit in fused] == ["b", "a", "d", "c"]


def test_a_small_rank_constant_favours_the_first_place():
    rankings = [ranking("a#0", "b#0"), ranking("c#0", "b#0", "d#0", "a#0")]
    winners = [reciprocal_rank_fusion(rankings, constant)[0].passage_id for constant in (1, 60)]
    assert winners == ["a#0", "b#0"]


@pytest.mark.parametrize("names", ["ab", "ba"])
def test_a_tie_over_three_rankings_does_not_hang_on_rounding(names):
    one, other = (f"{name}#0" for name in names)
    rankings = [
        ranking(one, *"cdefg", other),
        ranking(other, one),
        ranking(*"h", other, *"ijkl", one),
    ]
    assert [hit.passage_id for hit in reciprocal_rank_fusion(rankings, 60)][:2] == ["a#0", "b#0"]


RANKINGS = st.lists(st.lists(st.sampled_from("abcdefgh"), unique=True), max_size=4)


@settings(max_examples=40)
@given(RANKINGS, st.floats(1e-6, 1e6), st.integers(1, 100))
def test_scaling_the_scores_of_a_ranking_changes_nothing(orders, scale, constant):
    plain = [ranking(*order) for order in orders]
    scaled = [ranking(*order, scale=scale) for order in orders]
    assert reciprocal_rank_fusion(scaled, constant) == reciprocal_rank_fusion(plain, constant)


@settings(max_examples=40)
@given(RANKINGS, st.randoms())
def test_the_order_in_which_rankings_come_changes_nothing(orders, random):
    rankings = [ranking(*order) for order in orders]
    shuffled = random.sample(rankings, len(rankings))
    assert reciprocal_rank_fusion(shuffled, 60) == reciprocal_rank_fusion(rankings, 60)
