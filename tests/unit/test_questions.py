"""Question files with gold."""

import json

import pytest

from evals.questions import CASES, Case, read_cases
from ingest.sample_collection import SAMPLE_FILE
from ingest.sources import read_source
from rag.errors import MalformedRecord, SourceUnavailable
from rag.types import Paper

LINE = {"id": "c1", "kind": "set", "question": "which papers do routing?"}


def lines(tmp_path, *records):
    file = tmp_path / "cases.jsonl"
    text = [record if isinstance(record, str) else json.dumps(record) for record in records]
    file.write_text("\n".join(text) + "\n", "utf-8")
    return file


def test_cases_come_with_their_gold_in_the_order_of_the_file(tmp_path):
    fact = {"id": "c2", "kind": "fact", "question": "How many?", "relevant": ["T"], "facts": ["3"]}
    none = {"id": "c3", "kind": "unanswerable", "question": "Who won?", "why": "off topic"}
    cases = read_cases(lines(tmp_path, LINE | {"relevant": ["A"], "partial": ["B"]}, "", fact, none))
    assert cases == [
        Case("c1", "set", "which papers do routing?", ("A",), ("B",)),
        Case("c2", "fact", "How many?", ("T",), facts=("3",)),
        Case("c3", "unanswerable", "Who won?", why="off topic"),
    ]
    assert [case.answerable for case in cases] == [True, True, False]


def test_conversations_are_left_to_those_who_can_hold_one(tmp_path):
    talk = {"id": "c2", "kind": "conversation", "turns": ["which papers?", "and the other?"]}
    assert [case.case_id for case in read_cases(lines(tmp_path, talk, LINE))] == ["c1"]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("{", "not a case"),
        ("[]", "not a case"),
        ('{"id": "c1", "kind": "set"}', "question"),
        (json.dumps(LINE | {"kind": "essay"}), "'essay', expected one of set, fact"),
        (json.dumps(LINE | {"relevant": 3}), "not a case"),
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
