"""Batches: no id is lost, no line is written twice, and an interrupted run goes on."""

import io
import json
import sys
from types import SimpleNamespace

import pytest
from cli_driver import assert_one_line
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import StoreUnavailable
from ui.cli.batch import parse

THREE = [{"id": f"d{number}", "question": f"Question {number}?"} for number in range(3)]


@pytest.fixture
def batch(run, tmp_path):
    """Runs `ask --batch` on these lines (objects or bytes); the outcome, and OUT.jsonl or None."""

    def ask(lines, *arguments):
        source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
        source.write_bytes(b"".join(_bytes(line) + b"\n" for line in lines))
        outcome = run("ask", "--batch", str(source), "--out", str(out), *arguments)
        return outcome, [json.loads(line) for line in out.read_text().splitlines()] if out.exists() else None

    return ask


def _bytes(line):
    return line if isinstance(line, bytes) else json.dumps(line).encode()


def parts(folder):
    return list(folder.glob("out.jsonl.*.part"))


def test_every_question_gets_its_answer_in_order_and_nothing_else_is_left(batch, assistant, tmp_path):
    outcome, answers = batch(THREE)
    assert outcome.code == 0
    assert outcome.out == ""
    assert [(a["id"], a["question"]) for a in answers] == [(q["id"], q["question"]) for q in THREE]
    assert (assistant.opened, assistant.closed) == (1, 1)
    assert parts(tmp_path) == []


def test_a_conversation_gets_the_answers_of_its_turns_under_one_id(batch, assistant):
    talk = {
        "id": "c1",
        "kind": "conversation",
        "turns": [{"question": "Which papers?"}, "And the other one?"],
    }
    outcome, answers = batch([talk, THREE[0]])
    assert outcome.code == 0
    assert [line["id"] for line in answers] == ["c1", "d0"]
    assert [turn["id"] for turn in answers[0]["turns"]] == ["c1#1", "c1#2"]
    assert [turn["question"] for turn in answers[0]["turns"]] == ["Which papers?", "And the other one?"]


@pytest.mark.parametrize("turns", [[], "Which papers?", [3], [{"text": "Which papers?"}]])
def test_a_conversation_without_questions_is_left_out(batch, turns):
    outcome, answers = batch([{"id": "c1", "turns": turns}, THREE[0]])
    assert outcome.code == 1
    assert "'turns' is" in outcome.err
    assert [line["id"] for line in answers] == ["d0"]


def test_a_question_that_cannot_be_asked_keeps_its_id_and_says_why(batch, assistant):
    lines = [
        {"id": "a", "question": ""},
        {"id": "b", "question": "x" * 10_001},
        {"id": "c", "question": "why?\x00"},
    ]
    outcome, answers = batch(lines)
    assert outcome.code == 0
    assert [(a["id"], a["abstained"]) for a in answers] == [("a", True), ("b", True), ("c", False)]
    assert "empty" in answers[0]["note"]
    assert "10,001" in answers[1]["note"]
    assert [a["question"] for a in answers] == [line["question"] for line in lines]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[1]", "found list"),
        (b'{"id": "x"}', "'question' is None"),
        (b'{"id": 7, "question": "why?"}', "'id' is 7"),
        (b'{"id": "d0", "question": "again?"}', "'d0' is that of line 1"),
        (b'{"id": "x", "question": "caf\xe9?"}', "byte 0xe9 at column"),
        (b'\x1b[2J{"id": "' + b"x" * 1000, "not JSON"),
    ],
)
def test_a_line_that_cannot_be_used_is_reported_and_the_others_are_answered(batch, assistant, line, reason):
    outcome, answers = batch([THREE[0], line, THREE[1]])
    assert outcome.code == 1
    complaint, progress = outcome.err.splitlines()
    assert complaint.startswith("pincite: line 2 of the batch is left out: ")
    assert reason in complaint
    assert len(complaint) < 200
    assert progress == "Working through the batch …"
    assert [a["id"] for a in answers] == ["d0", "d1"]


def test_blank_lines_and_a_byte_order_mark_are_no_fault(batch, assistant):
    outcome, answers = batch([b"\xef\xbb\xbf" + _bytes(THREE[0]), b"", b"  \r", _bytes(THREE[1]) + b"\r"])
    assert outcome.code == 0
    assert [a["id"] for a in answers] == ["d0", "d1"]


@pytest.mark.parametrize("fault", [KeyboardInterrupt(), StoreUnavailable("the disk is gone")])
def test_an_interrupted_batch_writes_no_output_and_goes_on_where_it_stopped(
    batch, assistant, tmp_path, fault
):
    assistant.fault, assistant.fault_at = fault, 2
    outcome, answers = batch(THREE)
    assert outcome.code in {130, 3}
    assert answers is None
    [part] = parts(tmp_path)
    assert part.read_bytes().count(b"\n") == 2
    part.write_bytes(part.read_bytes()[:-5])  # a kill can cut a line short: it is done again
    assistant.fault, assistant.asked = None, []
    outcome, answers = batch(THREE)
    assert outcome.code == 0
    assert assistant.asked == ["Question 1?", "Question 2?"]
    assert [a["id"] for a in answers] == ["d0", "d1", "d2"]


def test_an_interrupted_batch_is_not_continued_with_other_questions_or_settings(batch, assistant):
    assistant.fault, assistant.fault_at = KeyboardInterrupt(), 2
    batch(THREE)
    assistant.fault, assistant.asked = None, []
    batch(THREE, "--collection", "other")
    assert len(assistant.asked) == 3
    batch([*THREE, {"id": "new", "question": "And this?"}])
    assert len(assistant.asked) == 7


def test_an_old_output_stays_until_the_new_one_is_whole(batch, assistant, tmp_path):
    (tmp_path / "out.jsonl").write_text('"old"\n')
    assistant.fault, assistant.fault_at = KeyboardInterrupt(), 1
    assert batch(THREE)[1] == ["old"]
    assistant.fault = None
    assert [a["id"] for a in batch(THREE)[1]] == ["d0", "d1", "d2"]


def test_a_dash_stands_for_standard_input_and_output(run, assistant, monkeypatch):
    lines = b'{"id": "q1", "query": "caches"}\n{"id": "q2", "query": ""}\n'
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(lines)))
    outcome = run("search", "--batch", "-", "--out", "-", "--top-k", "1")
    first, second = map(json.loads, outcome.out.splitlines())
    assert first == {"id": "q1", "hits": [{"paper_id": "p1", "title": "Quest", "score": 0.5}]}
    assert (second["id"], second["hits"]) == ("q2", [])
    assert "empty" in second["note"]


def test_a_batch_that_cannot_be_read_or_written_is_refused_before_anything_is_opened(
    run, assistant, tmp_path
):
    good, empty = tmp_path / "good.jsonl", tmp_path / "empty.jsonl"
    good.write_bytes(_bytes(THREE[0]))
    empty.write_text("\n\n")
    out = str(tmp_path / "out.jsonl")
    for source, target, words in (
        (tmp_path / "none.jsonl", out, ("none.jsonl", "No such file")),
        (tmp_path, out, ("directory",)),
        (empty, out, ("empty.jsonl", "is empty")),
        (good, str(tmp_path), ("not a file",)),
        (good, str(tmp_path / "no" / "out.jsonl"), ("cannot write",)),
    ):
        assert_one_line(run("ask", "--batch", str(source), "--out", target), 2, *words)
    assert assistant.opened == 0


@given(st.lists(st.binary(max_size=60)))
def test_every_line_that_is_not_blank_is_either_used_or_reported(raw_lines):
    content = b"\n".join(raw_lines)
    lines, bad = parse(content, "question")
    written = [
        n for n, raw in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1) if raw.strip()
    ]
    assert sorted([line.number for line in lines] + [number for number, _ in bad]) == written


@given(st.dictionaries(st.text(), st.text(), max_size=5))
def test_any_id_and_any_question_are_read_back_as_they_were_written(questions):
    content = b"".join(_bytes({"id": key, "question": text}) + b"\n" for key, text in questions.items())
    lines, bad = parse(content, "question")
    assert bad == []
    assert {line.line_id: line.text for line in lines} == questions
