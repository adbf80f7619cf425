"""A conversation with the assistant: what it keeps to the table, and when it looks elsewhere."""

import re
from pathlib import Path

import pytest
from collection import FERRY, LANTERN, open_small, quoted
from written_questions import written

from rag.conversation.standalone import EMPTY
from rag.question import understanding, vocabulary

ROOT = Path(__file__).parents[2]
CACHES = "Which papers do cache compression?"


async def talk(*questions, assistant=None):
    """The answers to these questions, each asked with what was said before it."""
    assistant = assistant or await open_small()
    history, answers = EMPTY, []
    for question in questions:
        answers.append(await assistant.ask(question, history=history))
        history = assistant.remember(history, answers[-1])
    return answers


def cited(answer):
    return [each.paper_id for said in answer.statements for each in said.citations]


@pytest.fixture
def read(monkeypatch):
    """The texts that were understood, in order."""
    texts, understand = [], understanding.understand

    def noted(text, catalogue=None):
        texts.append(text)
        return understand(text, catalogue)

    monkeypatch.setattr(vocabulary, "understand", noted)
    return texts


@written("parses")
async def test_a_question_is_understood_once_and_again_for_each_question_made_of_it(read, text, expected):
    assistant, history = await open_small(), EMPTY
    for question in text.split(" / "):
        read.clear()
        history = assistant.remember(history, await assistant.ask(question, history=history))
    assert len(read) == expected, read


def test_only_the_vocabulary_of_a_collection_understands_questions_in_the_product():
    users = [
        file.name
        for house in ("rag", "ui", "ingest", "evals")
        for file in (ROOT / house).rglob("*.py")
        if re.search(r"import\b.*\bunderstand\b", file.read_text("utf-8"))
    ]
    assert users == ["vocabulary.py"]


async def test_which_of_them_is_answered_from_the_papers_on_the_table():
    _, answer = await talk(CACHES, "Which of them merges values of layers?")
    papers = ("Ferry, Lantern", "Lantern, Ferry")
    assert answer.asked in {f"Which of {names} merges values of layers?" for names in papers}
    assert answer.question == "Which of them merges values of layers?"
    assert cited(answer) == ["ferry"]
    assert (answer.judged, answer.searched) == (2, 2)


async def test_the_other_one_is_the_paper_that_was_not_chosen():
    *_, answer = await talk(
        CACHES, "Which of them merges values of layers?", "By how much does the other one shrink the cache?"
    )
    assert answer.asked == "By how much does Lantern shrink the cache?"
    assert [said.text for said in answer.statements] == [quoted(LANTERN, 2)]


async def test_the_same_question_can_be_asked_of_another_paper():
    *_, answer = await talk(
        "By how much does FIRST accelerate reranking?", "What accuracy does it reach?", "and Sifter?"
    )
    assert answer.asked == "What accuracy does Sifter reach?"
    assert "91.3%" in answer.statements[0].text


async def test_what_a_paper_does_not_say_is_not_taken_from_another():
    *_, answer = await talk("By how much does FIRST accelerate reranking?", "What accuracy does it reach?")
    assert answer.asked == "What accuracy does FIRST reach?"
    assert answer.abstained
    assert "FIRST" in answer.note
    assert answer.note.endswith("Searched 1 abstract.")


async def test_where_the_table_says_nothing_the_collection_is_asked_and_the_answer_says_so():
    *_, answer = await talk(CACHES, "Which of them rerank passages with a single token?")
    assert cited(answer) == ["first"]
    assert answer.asked == ""
    assert answer.note.startswith("Nothing on this in the 2 papers spoken of")


async def test_a_new_topic_is_answered_as_if_nothing_had_been_said():
    assistant = await open_small()
    *_, later = await talk(CACHES, "What accuracy does Sifter reach?", assistant=assistant)
    [alone] = await talk("What accuracy does Sifter reach?", assistant=assistant)
    assert (later.statements, later.note, later.asked) == (alone.statements, alone.note, "")
    assert later.receipt["id"] == alone.receipt["id"]


async def test_a_paper_that_the_search_did_not_find_is_still_read():
    *_, answer = await talk(CACHES, "Who won the 2022 World Cup?", "compare them")
    assert answer.kind == "compare"
    assert set(cited(answer)) == {"ferry", "lantern"}


async def test_why_quotes_another_sentence_of_the_same_paper():
    *_, before, answer = await talk("What accuracy does Sifter reach?", "why?")
    assert set(cited(answer)) == {"sifter"}
    assert not {said.text for said in answer.statements} & {said.text for said in before.statements}


async def test_asking_for_more_than_all_says_that_those_were_all():
    _, answer = await talk(CACHES, "any others?")
    assert set(cited(answer)).isdisjoint({"ferry", "lantern"})
    assert answer.note.startswith("Those were all" if answer.abstained else "These come next")


async def test_one_question_of_several_papers_is_answered_for_each():
    _, answer = await talk(CACHES, "What do they propose?")
    assert answer.asked.endswith(": what do they propose?")
    assert {said.text for said in answer.statements} == {quoted(FERRY, 1), quoted(LANTERN, 1)}


async def test_the_receipt_names_no_paper_outside_the_table():
    _, answer = await talk(CACHES, "Which of them merges values of layers?")
    assert {paper_id for paper_id, _ in answer.receipt["candidates"]} == {"ferry", "lantern"}
