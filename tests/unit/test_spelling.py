"""Slips of the pen are mended; words that are right, and names, are left alone."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from written_questions import written

from rag.question.spelling import FEWEST_LETTERS, Speller, distance, mend

HELD = {"attention": 40, "benchmark": 30, "cache": 12, "clause": 5, "compression": 20, "confidence": 9}
HELD |= {"hallucination": 14, "label": 6, "model": 200, "mosel": 1, "prompt": 60, "pruning": 15}
HELD |= {"relation": 8, "retrieval": 50, "translate": 4, "whether": 30}
SPELLER = Speller(HELD)
LETTERS = st.text(string.ascii_lowercase, min_size=1, max_size=9)


@written("slips")
def test_a_slip_is_mended_to_the_word_that_was_meant(text, expected):
    assert SPELLER.mended(text) == expected


FORMS = "caches prompts prompting compressed labelled models"
OTHERS = "claude conference regulation weather horses mosal cachw zodel"


@pytest.mark.parametrize("word", [*HELD, *FORMS.split(), *OTHERS.split()])
def test_words_of_the_collection_and_their_forms_and_other_words_are_no_slips(word):
    assert SPELLER.mended(word) is None


@pytest.mark.parametrize(
    "text", ["Promt", "PromtBench", "promt2", "promt-tuning", "x-promt", "modl", "promt's", "PROMT", "prómt"]
)
def test_names_short_words_and_parts_of_words_are_not_touched(text):
    assert SPELLER.corrections(text) == ()


def test_a_word_in_one_paper_only_may_be_a_slip_itself_and_nothing_is_mended_to_it():
    assert Speller({"prompt": 1}).mended("promt") is None
    assert Speller({"prompt": 2}).mended("promt") == "prompt"


def test_of_words_equally_near_the_one_in_most_papers_is_meant():
    assert Speller({"latent": 3, "patent": 7, "latext": 9}).mended("latet") == "latext"


def test_corrections_come_once_each_in_their_order_and_are_put_in_the_text():
    text = "promt compresion, promt and Promt (promt-free)"
    found = SPELLER.corrections(text)
    assert found == (("promt", "prompt"), ("compresion", "compression"))
    assert mend(text, found) == "prompt compression, prompt and Promt (promt-free)"


@given(st.text(max_size=60))
def test_mended_text_needs_no_mending_and_a_text_without_slips_stays(text):
    found = SPELLER.corrections(text)
    assert SPELLER.corrections(mend(text, found)) == ()
    assert (mend(text, found) == text) == (not found)


def plain_distance(one, other):
    """The definition, without bounds."""
    if not one or not other:
        return len(one) + len(other)
    best = min(
        plain_distance(one[1:], other) + 1,
        plain_distance(one, other[1:]) + 1,
        plain_distance(one[1:], other[1:]) + (one[0] != other[0]),
    )
    if len(one) > 1 and len(other) > 1 and one[0] == other[1] and one[1] == other[0]:
        best = min(best, plain_distance(one[2:], other[2:]) + 1)
    return best


@given(st.text("ab", max_size=5), st.text("ab", max_size=5))
def test_the_distance_is_that_of_optimal_string_alignment(one, other):
    for most in (0, 1, 2, 9):
        assert distance(one, other, most) == min(plain_distance(one, other), most + 1)


@given(LETTERS)
def test_what_is_mended_is_a_word_of_the_collection_that_starts_the_same(word):
    right = SPELLER.mended(word)
    assert right is None or (right in HELD and right[0] == word[0] and len(word) >= FEWEST_LETTERS)
