# ruff: noqa: RUF001 - questions in other scripts are under test
"""What a question is taken to ask for."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import QuestionError
from rag.question.intent import MOST_NAMES, wants_number
from rag.question.understanding import MAX_CHARACTERS, MOST_CLAUSES, understand

SETS = {
    "Which papers prune the attention cache?": "prune the attention cache",
    "what papers are there on tokenizer training?": "tokenizer training",
    "Which papers are about speculative decoding?": "speculative decoding",
    "which of the papers use human raters?": "use human raters",
    "What other papers deal with routing?": "routing",
    "Which works in this collection talk about privacy?": "privacy",
    "papers on model merging": "model merging",
    "Papers that distil large rankers": "distil large rankers",
    "List all papers about watermarking": "watermarking",
    "Please show me every paper on code generation": "code generation",
    "Can you find papers about proteins?": "proteins",
    "give me all the work on long contexts": "long contexts",
    "Are there any papers on sarcasm detection?": "sarcasm detection",
    "Is there a paper about chess?": "chess",
    "Do you have papers on routing?": "routing",
    "Do any of the papers study bias?": "study bias",
    "I'm looking for papers on dialogue": "dialogue",
    "I want papers about cache compression": "cache compression",
    "Tell me which papers study hallucination": "study hallucination",
    "which paper introduces EssayNet?": "introduces EssayNet",
    "tool use, any papers?": "tool use",
    "speculative decoding papers": "speculative decoding",
    "speculative decoding": "speculative decoding",
    "Which benchmarks test arithmetic?": "Which benchmarks test arithmetic",
    "list datasets of spoken dialogues": "datasets of spoken dialogues",
    "papers by which authors study style?": "which authors study style",
}
FACTS = {
    "How many nurses took part in the study?": "nurses took part in the study",
    "What is Lantern?": "Lantern",
    "what's Lantern?": "Lantern",
    "Who’s behind Ferry?": "behind Ferry",
    "How does FIRST rerank passages?": "FIRST rerank passages",
    "Why do rerankers prefer early passages?": "rerankers prefer early passages",
    "By how much does Lantern shrink the cache?": "Lantern shrink the cache",
    "Is Sifter better than RegEx?": "Sifter better than RegEx",
    "the accuracy of Sifter?": "the accuracy of Sifter",
    "Lantern: how much smaller is the cache?": "Lantern: smaller the cache",
    "Explain attention sinks": "Explain attention sinks",
    "What datasets does Ferry use?": "datasets Ferry use",
    "What?": "What",
}


@pytest.mark.parametrize(("question", "topic"), SETS.items())
def test_a_question_for_papers_is_searched_without_its_frame(question, topic):
    asked = understand(question)
    assert (asked.kind, asked.topic) == ("set", topic)
    assert len(asked.clauses) == 1


@pytest.mark.parametrize(("question", "topic"), FACTS.items())
def test_a_question_for_a_fact_is_searched_without_its_question_words(question, topic):
    asked = understand(question)
    assert (asked.kind, asked.topic) == ("fact", topic)


@pytest.mark.parametrize(
    "question",
    [
        "Compare Lantern with Ferry",
        "How do Lantern and Ferry differ?",
        "What is the difference between Lantern and Ferry?",
        "Lantern vs. Ferry",
        "Lantern versus Ferry on long prompts",
        "What does each of them, Lantern and Ferry, cost?",
    ],
)
def test_two_names_set_against_each_other_are_compared(question):
    asked = understand(question)
    assert (asked.kind, asked.names) == ("compare", ("Lantern", "Ferry"))


@pytest.mark.parametrize("text", ["hello", "Thanks!", "Good morning, pincite", "I like trains", "ok"])
def test_small_talk_is_not_a_question_to_a_collection(text):
    assert understand(text).kind == "other"


RECORDS = {
    "Who wrote Lantern?": "authors",
    "Who are the authors of Ferry?": "authors",
    "Which university developed FIRST?": "authors",
    "What year was Lantern released?": "year",
    "When was the Ferry paper published?": "year",
    "At what conference was Sifter presented?": "venue",
    "Where was FIRST published?": "venue",
    "How many citations does Lantern have?": "citation count",
    "How often has Ferry been cited?": "citation count",
    "Which paper is cited most?": "citation count",
    "the DOI of Lantern": "identifier",
    "authors of the Lantern paper": "authors",
    "What is the arXiv number of Ferry?": "identifier",
}


@pytest.mark.parametrize(("question", "field"), RECORDS.items())
def test_a_bibliographic_field_is_noticed(question, field):
    assert understand(question).record_field == field


@pytest.mark.parametrize(
    "question",
    [
        "Which papers study the authors of poems?",
        "papers by which authors study style?",
        "When was the cache compressed?",
        "Where does attention sink?",
        "Who benefits from routing?",
        "How many nurses took part?",
    ],
)
def test_a_topic_that_sounds_like_a_field_is_none(question):
    assert understand(question).record_field is None


def test_a_question_of_two_parts_is_split_where_the_second_begins():
    assert understand("What accuracy does Sifter reach, and what does RegEx reach?").clauses == (
        "What accuracy does Sifter reach",
        "what does RegEx reach",
    )
    assert understand("How fast is Ferry and on which benchmarks was it tested?").clauses == (
        "How fast is Ferry",
        "on which benchmarks was it tested",
    )


def test_and_within_a_part_does_not_split_it():
    assert len(understand("How large are the keys and values of the cache?").clauses) == 1


def test_names_are_words_with_a_capital_in_their_order_and_once():
    asked = understand("Does LLM-QE beat xFinder's RegEx (FLM-101B), and why does “Quest” beat LLM-QE?")
    assert asked.names == ("LLM-QE", "xFinder", "RegEx", "FLM-101B", "Quest")


@pytest.mark.parametrize(
    "question", ["Can you explain it?", "Please define LLM", "Any GPU benchmarks?", "What is ai?"]
)
def test_words_that_open_questions_and_words_of_the_craft_are_no_names(question):
    assert understand(question).names == ()


@pytest.mark.parametrize(
    ("clause", "wanted"),
    [
        ("How many layers are merged", True),
        ("By how much is it faster", True),
        ("What accuracy does it reach", True),
        ("what is the speedup", True),
        ("How does it rerank", False),
        ("Who is it for", False),
    ],
)
def test_it_is_known_whether_a_number_is_asked_for(clause, wanted):
    assert wants_number(clause) is wanted


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


@pytest.mark.parametrize("piece", ["how many ", "when was ", "all of the ", "which papers ", ": how "])
def test_a_hostile_question_is_read_in_a_blink(piece):
    started = time.process_time()
    understand("what " + (piece * MAX_CHARACTERS)[: MAX_CHARACTERS - 5])
    assert time.process_time() - started < 1


PIECES = st.sampled_from(
    [
        *"?!.,: \n\x00\ud800",
        "which papers",
        "how many",
        "what is",
        "and how",
        "papers",
        "any",
        "vs",
        "Quest",
        "论文",
    ]
)


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
