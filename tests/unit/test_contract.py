"""The JSON forms: exactly the agreed keys, one line each, and every offset still points at its quote."""

import json

from hypothesis import given
from hypothesis import strategies as st

from rag.forms import answer_form
from rag.types import Answer, Citation, ComparedPaper, Paper, RankedPaper, ScoredPaper, Span, Statement, Table
from ui.exports.contract import dumps, paper_form, run_form

ABSTRACT = "Quest is query-aware. It is 2.23x faster."
QUOTE = ABSTRACT[22:]
CITATION = Citation("p1", "Quest", "p1#0", QUOTE, Span(22, len(ABSTRACT)))
ANSWER = Answer(
    "how fast is Quest?",
    "fact",
    abstained=False,
    statements=(Statement(QUOTE, "supported", (CITATION,)),),
    papers=(ScoredPaper("p1", "Quest", 0.9),),
    judged=3,
    searched=231,
    receipt={"id": "3f9a", "timings_ms": {"total": 12.5}},
)


def test_an_answer_line_has_the_agreed_keys_in_the_agreed_order():
    form = answer_form(ANSWER, "d001")
    agreed = (
        "id question kind abstained statements papers receipt note partial nearest judged searched missing"
    )
    agreed += " filters corrections writer removed asked table rewritten"
    assert list(form) == agreed.split()
    assert form["id"] == "d001"
    assert form["statements"] == [
        {
            "text": QUOTE,
            "verdict": "supported",
            "citations": [
                {"paper_id": "p1", "title": "Quest", "quote": QUOTE, "start": 22, "end": len(ABSTRACT)}
            ],
        }
    ]
    assert form["papers"] == [{"paper_id": "p1", "title": "Quest", "probability": 0.9}]
    assert form["receipt"] == {"id": "3f9a", "timings_ms": {"total": 12.5}}


def test_an_answer_without_timings_still_has_the_key():
    assert answer_form(Answer("?", "other", abstained=True))["receipt"] == {"timings_ms": {}}


def test_a_run_line_keeps_the_order_of_the_ranking():
    form = run_form([RankedPaper("p2", "B", 0.5), RankedPaper("p1", "A", 0.25)], "q1")
    assert form == {
        "id": "q1",
        "hits": [
            {"paper_id": "p2", "title": "B", "score": 0.5},
            {"paper_id": "p1", "title": "A", "score": 0.25},
        ],
    }


def test_a_quote_is_found_at_its_offsets_in_the_abstract_of_the_listed_paper():
    paper = json.loads(dumps(paper_form(Paper("p1", "Quest", ABSTRACT, extra={"doi": "10.1/x"}))))
    citation = json.loads(dumps(answer_form(ANSWER)))["statements"][0]["citations"][0]
    assert paper["abstract"][citation["start"] : citation["end"]] == citation["quote"]
    assert paper["extra"] == {"doi": "10.1/x"}


@given(st.text(), st.text())
def test_any_text_survives_on_one_line_of_ascii(abstract, title):
    line = dumps(paper_form(Paper("p", title, abstract)))
    assert line.isascii()
    assert line.splitlines() == [line]
    assert json.loads(line)["abstract"] == abstract


def test_a_comparison_has_its_cells_row_by_row():
    cell = Statement(QUOTE, "supported", (CITATION,))
    papers = (ComparedPaper("Quest", "p1", "Quest"), ComparedPaper("Ferry", "p2", "Ferry"))
    table = Table(("speed",), papers, ((cell, None),))
    form = json.loads(
        dumps(answer_form(Answer("?", "compare", abstained=False, statements=(cell,), table=table)))
    )
    assert form["table"] == {
        "aspects": ["speed"],
        "papers": [
            {"name": "Quest", "paper_id": "p1", "title": "Quest"},
            {"name": "Ferry", "paper_id": "p2", "title": "Ferry"},
        ],
        "cells": [[form["statements"][0], None]],
    }
    assert answer_form(ANSWER)["table"] is None
