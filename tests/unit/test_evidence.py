"""What the readers are handed about each paper."""

import pytest
from collection import LANTERN, SIFTER, candidate_of, quoted, terms_of
from hypothesis import strategies as st

from rag.retrieval.candidates import coverage, short_name
from rag.types import Paper

LONG = Paper("long", "On Length", " ".join(f"Sentence {n} is about cache number {n}." for n in range(30)))


def test_coverage_is_the_share_of_the_rare_words_that_are_there():
    idf = {1: 3.0, 2: 1.0}
    assert coverage(idf, frozenset({1, 7})) == 0.75
    assert coverage(idf, frozenset({1, 2})) == 1
    assert coverage(idf, frozenset()) == coverage({}, frozenset({1})) == 0


TERMS = st.frozensets(st.integers(0, 9))


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Quest: Query-Aware Sparsity", "Quest"),
        ("Doing More with Less -- Routing Strategies", "Doing More with Less"),
        ("A Long Head That Is No Name: and the Rest", ""),
        ("A Field Study of Survey Respondents", ""),
        ("", ""),
    ],
)
def test_a_title_may_give_its_method_a_name(title, name):
    assert short_name(title) == name


async def test_sentences_keep_their_place_and_their_vector_over_all_passages():
    found = await candidate_of(LONG, "cache number 7", max_tokens=32)
    assert len({sentence.passage_id for sentence in found.sentences}) > 3
    assert [s.text for s in found.sentences] == [
        f"Sentence {n} is about cache number {n}." for n in range(30)
    ]
    assert all(LONG.abstract[s.span.start : s.span.end] == s.text for s in found.sentences)
    assert found.vectors.shape == (30, 256)
    assert max(found.sentences, key=lambda sentence: sentence.cosine) == found.sentences[7]


@pytest.mark.parametrize("place", [0, 10, 20])
async def test_a_paper_of_many_passages_counts_by_its_best_one(place):
    sentences = ["Rivers meander slowly through green meadows.", "It is the sun that dries all of them."] * 10
    sentences.insert(place, "Cache compression, cache compression and cache compression again.")
    paper = Paper("rivers", "On Rivers", " ".join(sentences))
    split, whole = [await candidate_of(paper, max_tokens=tokens) for tokens in (32, 512)]
    assert split.dense > 1.5 * whole.dense
    assert split.bm25 > whole.bm25 > 0


async def test_sentences_about_the_papers_own_work_are_told_from_its_background():
    lantern = await candidate_of(LANTERN)
    assert [sentence.own for sentence in lantern.sentences] == [False, True, True]  # "we", and its own name


async def test_terms_are_stems_of_the_title_and_of_each_sentence():
    sifter = await candidate_of(SIFTER)
    assert sifter.title_terms == terms_of(SIFTER.title)
    assert sifter.sentences[2].text == quoted(SIFTER, 2)
    assert terms_of("reached accuracies") & sifter.sentences[2].terms == terms_of("reaches accuracy")
