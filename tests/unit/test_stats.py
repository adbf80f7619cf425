"""Intervals and tests over per-query scores."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.flips import EXACT_CLUSTERS
from evals.stats import bootstrap_interval, holm, paired_p

SCORES = st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]), min_size=1, max_size=7)


def test_the_interval_of_equal_scores_is_that_score():
    assert bootstrap_interval([0.5] * 20) == (0.5, 0.5)


def test_the_interval_is_about_two_standard_errors_to_either_side():
    scores = np.random.default_rng(1).normal(0.5, 0.2, 400)
    low, high = bootstrap_interval(scores)
    error = scores.std() / 20
    assert low == pytest.approx(scores.mean() - 1.96 * error, abs=error / 5)
    assert high == pytest.approx(scores.mean() + 1.96 * error, abs=error / 5)


@settings(max_examples=10)
@given(SCORES)
def test_a_wider_level_gives_a_wider_interval_that_stays_among_the_scores(scores):
    narrow, wide = bootstrap_interval(scores, 0.5), bootstrap_interval(scores, 0.99)
    assert min(scores) <= wide[0] <= narrow[0] <= narrow[1] <= wide[1] <= max(scores)


def test_the_interval_is_the_same_each_time():
    scores = [0.1, 0.9, 0.4, 0.4, 1.0]
    assert bootstrap_interval(scores) == bootstrap_interval(scores)


def test_an_interval_of_no_scores_is_refused():
    with pytest.raises(ValueError, match="no scores"):
        bootstrap_interval([])


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=7))
def test_few_queries_are_tested_exactly(pairs):
    gains = [ours - theirs for ours, theirs in pairs]
    flips = itertools.product((-1, 1), repeat=len(gains))
    sums = [abs(sum(sign * gain for sign, gain in zip(signs, gains, strict=True))) for signs in flips]
    expected = sum(each >= abs(sum(gains)) for each in sums) / len(sums)
    ours, theirs = zip(*pairs, strict=True)
    assert paired_p(ours, theirs) == pytest.approx(expected)


def test_six_gains_of_six_have_the_p_of_the_sign_test():
    assert paired_p([1] * 6, [0] * 6) == pytest.approx(2 / 2**6)


def test_many_queries_are_sampled_to_about_the_exact_p():
    gains = [1.0] * 10 + [-1.0] * 3
    count = EXACT_CLUSTERS + 1
    assert len(gains) == count
    exact = np.mean(
        [
            abs(sum(s * g for s, g in zip(signs, gains, strict=True))) >= 7
            for signs in itertools.product((-1, 1), repeat=count)
        ]
    )
    assert paired_p(gains, [0.0] * count) == pytest.approx(exact, abs=0.01)


@pytest.mark.parametrize("count", [5, 50])
def test_equal_systems_do_not_differ(count):
    scores = list(np.random.default_rng(0).random(count))
    assert paired_p(scores, scores) == 1
    assert paired_p(scores, scores[::-1]) == paired_p(scores[::-1], scores)


def test_a_sampled_p_is_never_zero():
    assert 0 < paired_p([1.0] * 100, [0.0] * 100) < 0.001


@pytest.mark.parametrize(("ours", "theirs"), [([1, 0], [1]), ([], [])])
def test_scores_that_are_not_of_the_same_queries_are_refused(ours, theirs):
    with pytest.raises(ValueError, match="same queries"):
        paired_p(ours, theirs)


def test_holm_by_hand():
    adjusted = holm({"a": 0.04, "b": 0.01, "c": 0.03})
    assert list(adjusted) == ["a", "b", "c"]
    assert adjusted == pytest.approx({"b": 0.03, "c": 0.06, "a": 0.06})
    assert holm({"a": 0.9, "b": 0.8}) == {"a": 1.0, "b": 1.0}
    assert holm({}) == {}


@given(st.dictionaries(st.text(max_size=3), st.floats(0, 1), max_size=6))
def test_holm_never_lowers_a_p_nor_changes_their_order(p_values):
    adjusted = holm(p_values)
    assert all(p_values[name] <= adjusted[name] <= 1 for name in p_values)
    by_p = sorted(p_values, key=p_values.__getitem__)
    assert all(adjusted[a] <= adjusted[b] for a, b in itertools.pairwise(by_p))
