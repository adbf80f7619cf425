"""Every candidate judged: the answer set, and what only touches the topic."""

import asyncio
from functools import cache

import pytest
from collection import FERRY, LANTERN, SMALL, evidence_for, quoted
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.question.understanding import understand
from rag.selection.screening import MOST_TOUCHING, cut, screen
from rag.selection.selection import Selection
from rag.types import Paper

ASKED = understand("cache compression")
PROBABILITIES = st.lists(st.floats(0, 1), min_size=len(SMALL), max_size=len(SMALL))


@cache
def evidence():
    return asyncio.run(evidence_for("cache compression"))


def selected(probabilities):
    return Selection(ASKED, evidence(), probabilities)


def judged(threshold, default=0.0, **probabilities):
    found = [probabilities.get(item.paper.paper_id, default) for item in evidence().candidates]
    return screen(selected(found), threshold)


def ids(papers):
    return [paper.paper_id for paper in papers]


def test_papers_from_the_threshold_on_are_the_answer_set_best_first():
    found = judged(0.5, ferry=0.9, lantern=0.6, study=0.5, sifter=0.49)
    assert ids(found.papers) == ["ferry", "lantern", "study"]
    assert [paper.probability for paper in found.papers] == [0.9, 0.6, 0.5]


def test_each_paper_gets_one_statement_that_names_it_and_quotes_it():
    found = judged(0.5, ferry=0.9, lantern=0.6)
    assert [statement.text for statement in found.statements] == [
        f"{FERRY.title} — “{quoted(FERRY, 1)}”",
        f"{LANTERN.title} — “{quoted(LANTERN, 1)}”",
    ]
    assert [statement.citations[0].paper_id for statement in found.statements] == ["ferry", "lantern"]


def test_a_paper_below_the_threshold_that_speaks_of_the_topic_touches_it():
    found = judged(0.5, ferry=0.9, lantern=0.3, study=0.3)
    assert [each.citations[0].paper_id for each in found.partial] == ["lantern"]


def test_an_answer_set_opens_only_where_its_best_paper_is_probable_enough():
    probabilities = [0.6 if item.paper.paper_id == "ferry" else 0.4 for item in evidence().candidates]
    assert len(screen(selected(probabilities), 0.3, 0.6).papers) == len(probabilities)
    assert screen(selected(probabilities), 0.3, 0.61).papers == ()


def test_no_more_than_a_handful_touch_a_topic():
    papers = [Paper(f"p{n}", f"Cache {n}", "We study cache compression.") for n in range(20)]
    found = asyncio.run(evidence_for("cache compression", papers))
    found = screen(Selection(ASKED, found, [0.9, *([0.4] * 19)]), 0.5)
    assert len(found.partial) == MOST_TOUCHING


@settings(max_examples=40)
@given(PROBABILITIES, st.floats(0.01, 1))
def test_no_paper_is_both_in_the_answer_set_and_touching_it(probabilities, threshold):
    found = screen(selected(probabilities), threshold)
    touching = {each.citations[0].paper_id for each in found.partial}
    assert not touching & set(ids(found.papers))
    assert [paper.probability for paper in found.papers] == sorted(
        (p for p in probabilities if p >= threshold), reverse=True
    )


@pytest.mark.parametrize("threshold", [0.05, 0.34, 0.5, 0.9])
def test_the_operating_points_lie_on_either_side_of_balance(threshold):
    assert (
        0
        < cut(threshold, "recall")
        < cut(threshold, "balanced")
        == threshold
        <= cut(threshold, "precision")
        < 1
    )
