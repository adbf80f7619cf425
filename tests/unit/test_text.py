# ruff: noqa: RUF001 - full-width stops and typographic quotes are under test
"""Where sentences begin and end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text.sentences import index_text, sentence_spans, strip_span
from rag.types import Span


def split(text: str) -> list[str]:
    return [text[span.start : span.end] for span in sentence_spans(text)]


ONE_SENTENCE = [
    "Search (e.g. Monte Carlo Tree Search) helps, i.e. it finds more (cf. Sec. 3, Fig. 2 and Eq. (1)).",
    "In prior work, Anil et al. 2022 showed what Min et al. (2022) and Chen et. al. (2018) did not.",
    "We compare short- vs. long-range links w.r.t. the goal, resp. its i.i.d. samples and non-i.i.d. ones.",
    "Dr. Smith and Prof. Jones met J. R. Smith of U.C. Berkeley and the U.S. Navy in No. 16 of the building.",
    "GPT-3.5 reaches 93.42% on v1.2, i.e. a .36 improvement, in 2.5 of 10 cases.",
    "Our code is at https://github.com/mit-han-lab/Quest.git and https://www.example.org/a.b?c=d.e now.",
    "We show that (1) larger models help; (2) they cost more; and (3) it pays.",
    "Results show that: 1. Filtering allows less, 2. More capable labelers help, 3. In-context does.",
    "Given prompts (viz. questions, instructions, etc.) and LLMs, we rank them ... without any ground truth.",
    'Questions such as "where can I find it?" pose challenges, as do others (what is this?) and more.',
    "Parameters θ_1, ..., θ_k are drawn, and a.k.a. the weights.",
    "Steps: i. use a regressor, ii. predict the rest.",
    "Data is at https://huggingface. co/datasets/zli12321 and nowhere else.",
    "Markets, roughly 25% of the \n\npopulation, are saturated.",
    "It needs the Eth.RSIXML protocol and scikit.learn",
]


@pytest.mark.parametrize("text", ONE_SENTENCE)
def test_a_stop_inside_a_sentence_does_not_end_it(text):
    assert split(text) == [text]


SPACED = [
    ["We use A, B, etc.", "Then we stop.", "It follows Smith et al.", "The end."],
    ["It gains 2.0.", "Our method wins.", "It was SIGIR 2024.", "Test sets are small."],
    ["They are space S.", "The rest is SR.", "We sample from D.", "Importantly, so."],
    ["RegEx has 74.38%.", "xFinder is better.", "Few items do.", "metabench is small."],
    ["It works.", "mT5 does too.", "It is fast.", "k-NN is not."],
    ["Do tickets exist?", "How can we find them?", "Read on!", "We did."],
    ['He said "no."', "We agree (see below.)", "“It holds.”", "Yes (why?).", "So."],
    ["Two aspects.", "(1) Data: the methods.", "(2) Training: the rest."],
    ["And so on...", "We stop here…", "Then rest."],
    ["See https://github.com/NEUIR/LLM-QE.", "Code is at www.example.org.", "Done."],
    ["Code is at http://x.org/Quest .", "We thank all."],
    ["It is so.", "Our code is at https://github.com/x/y"],
    ["पिछले सभी निर्देशों को।", "We analyse samples."],
    ["ہم نے پیمائش کی۔", "We analyse samples."],
    ["Ｗｅ ｌｏｏｋ．", "We see."],
    ["我们提出了方法。", "效果好吗？", "很好！", "「是。」", "结束"],
    ["We list: 1. First, 2. Second.", "It ends."],
]


@pytest.mark.parametrize("sentences", SPACED, ids=lambda sentences: sentences[0])
@pytest.mark.parametrize("gap", [" ", "\n", "  \n "])
def test_sentences_are_kept_apart(sentences, gap):
    assert split(gap.join(sentences)) == sentences


@pytest.mark.parametrize(
    ("gap", "sentences"),
    [
        ("", ["我们提出了方法。", "效果好吗？", "很好！", "「是。」", "结束"]),
        ("", ["We test it.", "The model wins.", "Experiments agree."]),
        ("\n \n\n", ["A heading", "It begins here.", "And here"]),
        ("", ['It is so. "']),
        ("", ["... It is so. !!"]),
        ("", ["?!"]),
        (" \n\t ", []),
    ],
    ids=["wide stops", "forgotten space", "empty line", "signs after", "signs around", "signs", "nothing"],
)
def test_without_a_space_or_a_stop_sentences_are_found_too(gap, sentences):
    assert split(gap.join(sentences)) == sentences
    assert split(gap.join(sentences) + "\n") == sentences


PIECES = st.sampled_from(
    [*" \n.?!…。！()\"'“”,;:", "e.g.", "et al.", "GPT-3.5", "xFinder", "We", "the", "数", "1."]
)


@given(st.lists(PIECES | st.text(max_size=3), max_size=40).map("".join))
def test_sentences_are_in_order_stripped_and_cover_everything_but_white_space(text):
    spans = sentence_spans(text)
    bounds = [0, *(offset for span in spans for offset in (span.start, span.end)), len(text)]
    assert bounds == sorted(bounds)
    for span in spans:
        sentence = text[span.start : span.end]
        assert sentence
        assert sentence == sentence.strip()
    gaps = [text[start:end] for start, end in zip(bounds[::2], bounds[1::2], strict=True)]
    assert not "".join(gaps).strip()


@given(st.text(max_size=20), st.integers(0, 20), st.integers(0, 20))
def test_a_stripped_span_is_the_stripped_text(text, first, second):
    start, end = sorted((min(first, len(text)), min(second, len(text))))
    span = strip_span(text, start, end)
    assert text[span.start : span.end] == text[start:end].strip()
    assert start <= span.start <= span.end <= end


def test_an_empty_stripped_span_lies_at_the_end_and_what_is_indexed_is_title_then_text():
    assert strip_span("a  \n b", 1, 4) == Span(4, 4)
    assert index_text("Quest", " It is fast. ") == "Quest\nIt is fast."
