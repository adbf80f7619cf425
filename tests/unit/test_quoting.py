"""Quotes are located whatever was done to their signs, and never where a word or number differs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text.quoting import locate, touched
from rag.types import Span

ABSTRACT = (
    "We show that Quest can achieve up to 2.23$\\times$ self-attention speedup, which reduces inference "
    "latency by 7.03x. It isn\u2019t lossy: “accuracy” stays at 93.42 % of the \ufb01ne-tuned model\u2014on "
    "1,000 questions. No further training is required."
)


def quoted(quote):
    return [ABSTRACT[span.start : span.end] for span in locate(quote, ABSTRACT)]


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        ("reduces inference latency", ["reduces inference latency"]),
        ("Reduces  inference\nlatency", ["reduces inference latency"]),
        ("up to 2.23x self-attention speedup", ["up to 2.23$\\times$ self-attention speedup"]),
        ("up to 2.23 × self\u2011attention speedup", ["up to 2.23$\\times$ self-attention speedup"]),
        ("latency by 7.03 times", ["latency by 7.03x."]),
        ("It isn't lossy", ["It isn\u2019t lossy"]),
        ('"accuracy" stays at 93.42%', ["accuracy” stays at 93.42 %"]),
        ("the fine-tuned model - on 1000 questions.", ["the \ufb01ne-tuned model\u2014on 1,000 questions."]),
        ("Quest can achieve … latency by 7.03x", ["Quest can achieve", "latency by 7.03x."]),
        ("Quest can achieve [...] by 7.03x.", ["Quest can achieve", "by 7.03x."]),
        ("“No further training is required.”", ["No further training is required."]),
    ],
)
def test_signs_and_spaces_do_not_hide_a_quote(quote, found):
    assert quoted(quote) == found


@pytest.mark.parametrize(
    "quote",
    [
        "up to 2.24x self-attention speedup",
        "reduces training latency",
        "Further work is required",
        "It is lossy",
        "latency by 7.03x … Quest can achieve",
        "self-attention slowdown",
        "…",
        "",
        "“”",
    ],
)
def test_what_differs_in_a_word_a_number_or_a_negation_is_not_located(quote):
    assert quoted(quote) == []


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=80), st.integers(0, 80), st.integers(0, 80))
def test_spans_of_any_stretch_of_whole_words_lie_inside(text, first, last):
    spans = locate(" ".join(text.split()[first:last]), text)
    assert all(0 <= span.start < span.end <= len(text) for span in spans)


def test_sentences_are_touched_where_a_span_reaches_into_them():
    sentences = [Span(0, 10), Span(11, 20), Span(21, 30)]
    assert touched([Span(5, 12)], sentences) == [0, 1]
    assert touched([Span(20, 21)], sentences) == []
