"""Question files with gold."""

import json

import pytest

from evals.cases.questions import (
    CASES,
    Case,
    CaseRecord,
    asked,
    digest,
    read_cases,
    read_records,
    written,
)
from ingest.sample_collection import SAMPLE_FILE
from ingest.sources import read_source
from rag.errors import MalformedRecord, SourceUnavailable
from rag.types import Paper

LINE = {"id": "c1", "kind": "set", "question": "which papers do routing?", "relevant": ["A"]}


def lines(tmp_path, *records):
    file = tmp_path / "cases.jsonl"
    text = [record if isinstance(record, str) else json.dumps(record) for record in records]
    file.write_text("\n".join(text) + "\n", "utf-8")
    return file


def test_cases_come_with_their_gold_in_the_order_of_the_file(tmp_path):
    fact = {"id": "c2", "kind": "fact", "question": "How many?", "relevant": ["T"], "facts": ["3"]}
    none = {"id": "c3", "kind": "unanswerable", "question": "Who won?", "why": "off topic"}
    cases = read_cases(lines(tmp_path, LINE | {"partial": ["B"]}, "", fact, none))
    assert cases == [
        Case("c1", "set", "which papers do routing?", ("A",), ("B",)),
        Case("c2", "fact", "How many?", ("T",), facts=("3",)),
        Case("c3", "unanswerable", "Who won?", why="off topic"),
    ]
    assert [case.answerable for case in cases] == [True, True, False]


TALK = {
    "id": "c2",
    "kind": "conversation",
    "turns": ["which papers?", {"question": "and the other?", "relevant": ["T"]}],
}


def test_conversations_are_left_to_those_who_can_hold_one(tmp_path):
    assert [case.case_id for case in read_cases(lines(tmp_path, TALK, LINE))] == ["c1"]


def test_a_conversation_is_a_case_for_each_turn(tmp_path):
    first, second = read_records(lines(tmp_path, TALK))[0].cases()
    assert (first.case_id, first.question, first.answerable) == ("c2#1", "which papers?", False)
    assert (second.relevant, second.answerable) == (("T",), True)


@pytest.mark.parametrize("turns", [None, [], "First?", [3], [{"q": "First?"}], [""]])
def test_a_conversation_without_questions_is_named(tmp_path, turns):
    with pytest.raises(MalformedRecord, match=r"cases.jsonl line 1: .*turns"):
        read_records(lines(tmp_path, TALK | {"turns": turns}))


def test_a_case_that_a_person_rejected_is_not_asked(tmp_path):
    file = lines(tmp_path, LINE | {"made": "by rule", "reviewed": "rejected"}, LINE | {"id": "c3"})
    assert [case.case_id for case in read_cases(file)] == ["c3"]
    assert len(read_records(file)) == 2


def test_what_is_written_is_read_back(tmp_path):
    records = read_records(CASES / "dev.jsonl")
    file = tmp_path / "again.jsonl"
    file.write_text(written(records), "utf-8")
    assert read_records(file) == records


def test_the_digest_is_of_what_is_asked_and_expected_and_of_nothing_else():
    record = CaseRecord(**LINE)
    reviewed = record.model_copy(update={"made": "by rule", "reviewed": "accepted"})
    assert digest([record]) == digest([reviewed])
    for change in ({"question": "which?"}, {"relevant": ("B",)}, {"partial": ("B",)}, {"facts": ("3",)}):
        assert digest([record]) != digest([record.model_copy(update=change)])


def test_the_digest_of_the_dev_cases_is_the_same_on_every_machine():
    found = digest(asked(read_records(CASES / "dev.jsonl")))
    assert found == "e772d31260fd9d22fee633b4b6e6356b6806b3b9158b3666f394a203f1066fa1"


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("{", "no case"),
        ("[]", "no case"),
        ('{"id": "c1", "kind": "set"}', "question"),
        (json.dumps(LINE | {"kind": "essay"}), "kind = 'essay': Input should be 'set', 'fact'"),
        (json.dumps(LINE | {"relevant": 3}), "relevant = 3"),
        (json.dumps(LINE | {"id": "c2", "relevant": []}), "relevant: expected the title"),
        (json.dumps(LINE | {"id": "c2", "kind": "unanswerable"}), "expected none, since it is unanswerable"),
        (json.dumps(LINE | {"id": "c2", "answer": "3"}), "answer = '3': Extra inputs"),
        (json.dumps(LINE | {"id": "c2", "schema_version": 2}), "schema_version = 2"),
        (json.dumps(LINE), "id 'c1' is that of line 1"),
    ],
)
def test_a_line_that_is_no_case_is_named_by_file_and_number(tmp_path, line, found):
    with pytest.raises(MalformedRecord, match=r"cases\.jsonl line 3: .*" + found):
        read_cases(lines(tmp_path, LINE, "", line))


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    for name in ("missing", "binary", "."):
        with pytest.raises(SourceUnavailable, match="cannot be read"):
            read_cases(tmp_path / name)


@pytest.fixture(scope="module")
def papers():
    """The sample collection by title."""
    return {paper.title: paper for paper in read_source(SAMPLE_FILE).records if isinstance(paper, Paper)}


@pytest.mark.parametrize("name", ["dev", "calibration"])
def test_the_gold_of_the_shipped_cases_is_in_the_sample_collection(papers, name):
    cases = read_cases(CASES / f"{name}.jsonl")
    assert len({case.case_id for case in cases}) == len(cases)
    for case in cases:
        assert papers.keys() >= {*case.relevant, *case.partial}, case.case_id
        assert not set(case.relevant) & set(case.partial), case.case_id
        stated = " ".join(papers[title].abstract for title in case.relevant)
        assert all(fact in stated for fact in case.facts), case.case_id
        assert bool(case.why) != bool(case.relevant), case.case_id


def test_nothing_is_fitted_on_a_question_that_is_measured():
    asked = [{case.question for case in read_cases(CASES / f"{n}.jsonl")} for n in ("dev", "calibration")]
    assert not asked[0] & asked[1]
