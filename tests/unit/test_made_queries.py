"""Queries made from abstracts: the part that was asked must not stand in what is searched."""

import random

import pytest

from models.ranking.made_queries import MAKERS, make_queries, searched
from rag.text.sentences import sentence_spans
from rag.types import Paper

PAPER = Paper(
    "p1",
    "Sparse Caches for Long Prompts in Decoding",
    "Long prompts are slow to decode on small machines. In this paper, we propose a new algorithm for "
    "query-aware cache selection, called QuickKV. It reads one page in ten of the cache. "
    "Experiments show it is twice as fast.",
)


def made(kind, paper=PAPER):
    return MAKERS[kind](paper, sentence_spans(paper.abstract), random.Random(1))


@pytest.mark.parametrize(("kind", "place"), [("first", 0), ("last", -1)])
def test_a_sentence_that_is_asked_is_taken_out_of_the_abstract(kind, place):
    query, rest = made(kind)
    span = sentence_spans(PAPER.abstract)[place]
    assert query == PAPER.abstract[span.start : span.end]
    assert query not in rest.abstract
    assert len(sentence_spans(rest.abstract)) == len(sentence_spans(PAPER.abstract)) - 1


def test_a_title_that_is_asked_is_taken_off_the_paper():
    query, rest = made("title")
    assert (query, rest.title, rest.abstract) == (PAPER.title, "", PAPER.abstract)


def test_a_topic_is_what_the_authors_say_they_did_in_a_frame_and_without_names():
    query, rest = made("topic")
    assert "algorithm for query-aware cache selection" in query
    assert "QuickKV" not in query
    assert "propose" not in rest.abstract


def test_a_short_abstract_gives_no_query():
    assert list(make_queries([Paper("p2", "Bees", "Bees dance. They point.")], 0)) == []


def test_the_same_seed_makes_the_same_queries_one_a_paper():
    papers = [PAPER, Paper("p3", PAPER.title, PAPER.abstract)]
    first, second = list(make_queries(papers, 5)), list(make_queries(papers, 5))
    assert first == second
    assert [query.paper.paper_id for query in first] == ["p1", "p3"]
    assert all(searched(query) for query in first)
