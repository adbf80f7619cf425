"""Abstracts into passages."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.chunk import chunk
from rag.text.sentences import sentence_spans
from rag.text.tokens import token_counter
from rag.types import Paper, Passage


def words(text: str) -> int:
    return len(text.split())


def passages(abstract: str, max_tokens: int, count=words) -> list[Passage]:
    return chunk(Paper("p", "Title", abstract), max_tokens, count)


def texts(found: list[Passage]) -> list[str]:
    return [passage.text for passage in found]


def sizes(found: list[Passage]) -> list[int]:
    return [words(passage.text) for passage in found]


def sentences(*lengths: int) -> str:
    """An abstract of sentences of so many words."""
    return " ".join("So " + "very " * (length - 2) + "good." for length in lengths)


def test_an_abstract_within_the_budget_is_one_passage():
    (passage,) = passages("  It rains. We go out.\n", 5)
    assert passage.text == "  It rains. We go out.\n"
    assert [(span.start, span.end) for span in passage.sentences] == [(2, 11), (12, 22)]
    assert passage.passage_id == "p#0"


@pytest.mark.parametrize(
    ("lengths", "budget", "expected"),
    [
        ([30] * 10, 256, [150, 150]),
        ([30] * 9, 256, [150, 120]),
        ([100, 100, 100], 256, [200, 100]),
        ([10] * 8, 30, [30, 30, 20]),
        ([20, 5, 5, 20], 40, [25, 25]),
        ([50, 50, 3], 50, [50, 50, 3]),
    ],
)
def test_passages_are_few_and_about_equally_long(lengths, budget, expected):
    assert sizes(passages(sentences(*lengths), budget)) == expected


def test_a_sentence_over_the_budget_is_cut_at_white_space_and_its_pieces_count_as_sentences():
    found = passages("Short one. " + "".join(f"v{n:03} " for n in range(30)) + "long. So short.", 10)
    assert sizes(found) == [9, 8, 8, 10]
    text = found[0].paper.abstract
    pieces = [span for passage in found for span in passage.sentences]
    assert [words(text[span.start : span.end]) for span in pieces] == [2, 7, 8, 8, 8, 2]
    assert all(text[span.end : span.end + 1] in {" ", ""} for span in pieces)


def test_text_without_any_white_space_is_cut_between_characters():
    found = texts(passages("数" * 1000, 100, len))
    assert "".join(found) == "数" * 1000
    assert {len(text) for text in found} == {62, 63}


def test_white_space_longer_than_the_budget_makes_no_passage_of_its_own():
    found = texts(passages("One." + " " * 500 + "Two." + "\n" * 500 + "three", 10, len))
    assert found == ["One." + " " * 500, "Two." + "\n" * 500, "three"]


def test_the_budget_holds_also_where_tokens_do_not_add_up():
    found = passages(sentences(*[4] * 9), 60, lambda text: words(text) ** 2)
    assert all(words(passage.text) ** 2 <= 60 for passage in found)


CL100K = token_counter("cl100k_base")
TEXTS = st.lists(
    st.sampled_from(
        ["We cut. ", "It is so! ", "数学。", "e.g. ", "\n\n", " ", "GPT-3.5 ", "supercalifragilistic"]
    )
    | st.text(max_size=30),
    max_size=60,
)


@settings(deadline=None)
@given(
    TEXTS.map("".join).filter(str.strip), st.sampled_from([(CL100K, 32), (words, 3), (len, 7), (words, 40)])
)
def test_passages_rebuild_the_abstract_within_the_budget(abstract, measure):
    count, budget = measure
    found = passages(abstract, budget, count)
    assert "".join(texts(found)) == abstract
    assert [passage.ordinal for passage in found] == list(range(len(found)))
    for passage in found:
        assert passage.text == abstract[passage.span.start : passage.span.end]
        assert count(passage.text.strip()) <= budget or len(passage.text.strip()) == 1
        assert passage.sentences
        for span in passage.sentences:
            sentence = abstract[span.start : span.end]
            assert passage.span.start <= span.start < span.end <= passage.span.end
            assert sentence == sentence.strip() != ""
    pieces = [span for passage in found for span in passage.sentences]
    assert pieces == sorted(pieces)
    if all(count(abstract[span.start : span.end]) <= budget for span in sentence_spans(abstract)):
        assert set(pieces) <= set(sentence_spans(abstract))  # pleas and strangers are no sentences of it
