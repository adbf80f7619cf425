# ruff: noqa: RUF001 - questions in other scripts are under test
"""What a question is taken to ask for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from written_questions import written

from rag.errors import QuestionError
from rag.question.clauses import sides
from rag.question.intent import MOST_NAMES, wants_number
from rag.question.understanding import MAX_CHARACTERS, MOST_CLAUSES, understand


@written("sets")
def test_a_question_for_papers_is_searched_without_its_frame(text, expected):
    asked = understand(text)
    assert (asked.kind, asked.topic, len(asked.clauses)) == ("set", expected, 1)


@written("facts")
def test_a_question_for_a_fact_is_searched_without_its_question_words(text, expected):
    asked = understand(text)
    assert (asked.kind, asked.topic) == ("fact", expected)


@written("compared")
def test_two_names_set_against_each_other_are_compared(text):
    asked = understand(text)
    assert (asked.kind, asked.names) == ("compare", ("Lantern", "Ferry"))


@written("sides")
def test_two_descriptions_are_found_where_a_question_sets_them_side_by_side(text, expected):
    assert sides(text) == tuple(expected)


@written("small_talk")
def test_what_is_said_to_the_assistant_is_not_a_question_to_a_collection(text):
    asked = understand(text)
    assert (asked.kind, asked.record_field) == ("other", None)


@written("courtesy")
def test_courtesy_does_not_hide_a_question(text, expected):
    assert understand(text).kind == expected


@written("record_fields")
def test_a_bibliographic_field_is_told_from_a_topic_that_sounds_like_one(text, expected):
    assert (understand(text).record_field or "") == expected


@written("leaning")
def test_a_question_that_needs_the_one_before_is_a_follow_up(text):
    assert understand(text).follow_up


@written("standing")
def test_a_question_that_names_what_it_is_about_stands_on_its_own(text):
    assert not understand(text).follow_up


@written("numbers")
def test_it_is_known_whether_a_number_is_asked_for(text, expected):
    assert wants_number(text) is expected


@written("clauses")
def test_a_question_of_two_parts_is_split_where_the_second_begins(text, expected):
    assert understand(text).clauses == tuple(expected)


def test_names_are_words_with_a_capital_in_their_order_and_once():
    asked = understand("Does LLM-QE beat xFinder's RegEx (FLM-101B), and why does “Quest” beat LLM-QE?")
    assert asked.names == ("LLM-QE", "xFinder", "RegEx", "FLM-101B", "Quest")


@written("nameless")
def test_words_that_open_questions_and_words_of_the_craft_are_no_names(text):
    assert understand(text).names == ()


@pytest.mark.parametrize("text", ["", " \n\t", "?!", "… — ¿?", "\x00\x07", "\u200b"])
def test_a_question_without_words_is_refused_with_a_remedy(text):
    with pytest.raises(QuestionError, match="empty.*ask something"):
        understand(text)


def test_a_question_as_long_as_a_book_is_refused_with_its_length():
    with pytest.raises(QuestionError, match=r"102,400 characters: at most 10,000"):
        understand("a" * 102_400)
    assert understand("a" * MAX_CHARACTERS).kind == "set"


def test_control_characters_and_runs_of_space_become_one_space():
    asked = understand("  which\x1b[31m\tpapers\r\n do \x00 routing\u200b?\ud800 ")
    assert asked.text == "which [31m papers do routing ?"
    assert understand("which\x00papers\n\n do\trouting ?").topic == "routing"


@pytest.mark.parametrize(
    "text",
    [
        "哪些论文研究缓存压缩？",
        "Какие статьи о сжатии кэша?",
        "ما هي الأوراق حول الضغط؟",
        "Qu'est-ce que Lantern ?",
    ],
)
def test_a_question_in_another_script_is_searched_as_it_is(text):
    assert understand(text).topic == text.rstrip("? ")


def test_a_text_somebody_pasted_is_read_up_to_a_bound():
    words = " ".join(f"Name{number}" for number in range(900))
    assert len(understand(f"what is {words}").names) == MOST_NAMES
    assert len(understand("how is it" + " and how is it" * 600).clauses) == MOST_CLAUSES


WORDS = ["which papers", "how many", "what is", "and how", "papers", "any", "vs", "Quest", "论文"]
PIECES = st.sampled_from([*"?!.,: \n\x00\ud800", *WORDS])


@given(st.lists(PIECES | st.text(max_size=4), max_size=30).map(" ".join) | st.text())
def test_any_text_is_read_or_refused_and_there_is_always_something_to_search_for(text):
    try:
        asked = understand(text)
    except QuestionError:
        assert not any(char.isalnum() for char in text)
        return
    assert asked.topic
    assert asked.clauses
    assert all(asked.clauses)
    assert asked.text.isprintable()
    assert asked == understand(asked.text)
