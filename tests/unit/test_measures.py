"""Measures of rankings and answer sets."""

import math

import ir_measures
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.retrieval.measures import (
    RUN_MEASURES,
    calibration_error,
    mean,
    measure_ranking,
    ndcg,
    reliability,
    set_f1,
)

QRELS = st.dictionaries(st.sampled_from("abcdefghijklmno"), st.integers(0, 3), max_size=15)
RUNS = st.lists(st.sampled_from("abcdefghijklmnopqrst"), unique=True, min_size=1)


@settings(max_examples=40)
@given(RUNS, QRELS)
def test_ndcg_is_that_of_ir_measures(run, qrels):
    scores = {paper: float(-place) for place, paper in enumerate(run)}
    theirs = ir_measures.calc_aggregate([ir_measures.nDCG @ 10], {"q": qrels}, {"q": scores})
    expected = theirs[ir_measures.nDCG @ 10] if qrels else 0.0
    assert ndcg(run, qrels, 10) == pytest.approx(expected, abs=1e-9)


def some_relevant(qrels):
    return any(grade > 0 for grade in qrels.values())


PAPERS = [f"p{number:03}" for number in range(150)]
JUDGED = st.dictionaries(st.sampled_from(PAPERS), st.integers(-1, 3), min_size=1, max_size=60).filter(
    some_relevant
)
RANKINGS = st.builds(lambda papers, count: papers[:count], st.permutations(PAPERS), st.integers(1, 150))


@settings(max_examples=60)
@given(RANKINGS, JUDGED)
def test_every_measure_is_that_of_ir_measures(ranking, qrels):
    names = [ir_measures.parse_measure(name) for name in RUN_MEASURES]
    scores = {paper: float(-place) for place, paper in enumerate(ranking)}
    theirs = ir_measures.calc_aggregate(names, {"q": qrels}, {"q": scores})
    expected = {name: theirs[measure] for name, measure in zip(RUN_MEASURES, names, strict=True)}
    assert measure_ranking(ranking, qrels) == pytest.approx(expected, abs=1e-9)


def test_an_empty_ranking_scores_nothing():
    """ir_measures divides by zero here."""
    assert set(measure_ranking([], {"a": 1}).values()) == {0.0}


def test_ndcg_by_hand():
    grades = {"a": 2, "b": 1}
    assert ndcg(["a", "b"], grades, 10) == 1
    assert ndcg(["x", "a"], grades, 10) == pytest.approx((2 / math.log2(3)) / (2 + 1 / math.log2(3)))
    assert ndcg(["x", "a"], grades, 1) == 0
    assert ndcg(["x"], {"a": 0}, 10) == 0


def test_f1_by_hand():
    assert set_f1("ab", "ab") == 1
    assert set_f1("abc", "ad") == pytest.approx(2 * 1 / (3 + 2))
    assert set_f1("bc", "a") == set_f1("", "a") == set_f1("a", "") == 0


def test_ignored_items_are_neither_right_nor_wrong():
    assert set_f1("abx", "ab", ignored="x") == set_f1("ab", "ab", ignored="x") == 1
    assert set_f1("x", "ab", ignored="x") == 0


@settings(max_examples=40)
@given(st.sets(st.integers(0, 9)), st.sets(st.integers(0, 9)))
def test_f1_is_the_harmonic_mean_of_precision_and_recall(found, relevant):
    right = len(found & relevant)
    expected = 0.0
    if right:
        precision, recall = right / len(found), right / len(relevant)
        expected = 2 * precision * recall / (precision + recall)
    assert set_f1(found, relevant) == pytest.approx(expected)


def test_the_mean_of_nothing_is_no_score():
    assert mean([1, 2]) == 1.5
    assert math.isnan(mean([]))


def test_calibration_error_by_hand():
    assert calibration_error([0.25, 0.25, 0.25, 0.25], [1, 0, 0, 0]) == 0
    assert calibration_error([0.9, 0.9, 0.1], [0, 1, 0]) == pytest.approx((2 * 0.4 + 0.1) / 3)
    assert reliability([1.0, 0.97, 0.0], [1, 0, 0]) == [(1, 0.0, 0.0), (2, pytest.approx(0.985), 0.5)]
    assert math.isnan(calibration_error([], []))
