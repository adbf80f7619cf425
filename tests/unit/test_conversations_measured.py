"""Conversations are measured turn by turn."""

import json

import pytest

from evals.conversations import Held, read_conversations
from evals.questions import Case
from rag.errors import MalformedRecord
from rag.types import Answer, Citation, Span, Statement


def held(titles, relevant=(), facts=(), text="It is 2.23x faster."):
    said = tuple(
        Statement(text, "supported", (Citation(title, title, f"{title}#0", text, Span(0, len(text))),))
        for title in titles
    )
    answer = Answer("q", "fact", abstained=not said, statements=said)
    return Held(Case("c1#1", "conversation", "q", tuple(relevant), facts=tuple(facts)), answer)


def test_a_turn_is_right_with_every_relevant_paper_one_of_them_first_and_every_fact():
    assert held(["A", "B"], ["B", "A"], ["2.23"]).right
    assert not held(["A"], ["A", "B"]).right
    assert not held(["C", "A"], ["A"]).right
    assert not held(["A"], ["A"], ["7.03"]).right


def test_a_turn_without_relevant_papers_is_right_where_it_abstains():
    assert held([]).right
    assert not held(["A"]).right


def test_conversations_are_read_with_their_turns_and_other_cases_left_out(tmp_path):
    file = tmp_path / "cases.jsonl"
    talk = {
        "id": "c1",
        "kind": "conversation",
        "turns": ["First?", {"question": "Second?", "relevant": ["T"]}],
    }
    file.write_text(json.dumps({"id": "c2", "kind": "set", "question": "Q"}) + "\n" + json.dumps(talk) + "\n")
    [[first, second]] = read_conversations(file)
    assert (first.case_id, first.question) == ("c1#1", "First?")
    assert second.relevant == ("T",)


@pytest.mark.parametrize("turns", [None, [], "First?", [3], [{"q": "First?"}]])
def test_a_conversation_without_questions_is_named(tmp_path, turns):
    file = tmp_path / "cases.jsonl"
    file.write_text(json.dumps({"id": "c1", "kind": "conversation", "turns": turns}))
    with pytest.raises(MalformedRecord, match=r"cases.jsonl line 1: turn"):
        read_conversations(file)
