"""Measures of rankings and answer sets."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.retrieval.measures import (
    calibration_error,
    mean,
    measure_ranking,
    reliability,
    set_f1,
)


def test_an_empty_ranking_scores_nothing():
    """ir_measures divides by zero here."""
    assert set(measure_ranking([], {"a": 1}).values()) == {0.0}


def ndcg(ranking, qrels):
    return measure_ranking(ranking, qrels, ["nDCG@10"])["nDCG@10"]


def test_ndcg_by_hand():
    grades = {"a": 2, "b": 1, "worse than nothing": -1}
    assert ndcg(["a", "b"], grades) == 1
    assert ndcg(["x", "a"], grades) == pytest.approx((2 / math.log2(3)) / (2 + 1 / math.log2(3)))
    assert ndcg(["x"], {"a": 0}) == 0


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
