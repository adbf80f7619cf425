"""Intervals and tests over per-query scores."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.stats.bounded import DIFFERENCE, SHARE
from evals.stats.inference import (
    holm,
    inferiority,
    interval,
    mcnemar_p,
    non_inferiority,
    paired_p,
)
from evals.stats.resampling import EXACT_CLUSTERS, bootstrap_interval

SCORES = st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]), min_size=1, max_size=7)
DIFFERENCES = st.lists(st.sampled_from([-1.0, -0.5, 0.0, 0.0, 0.25, 1.0]), min_size=1, max_size=20)


def test_the_interval_of_equal_scores_is_that_score():
    assert bootstrap_interval([0.5] * 20) == (0.5, 0.5)


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


def test_cases_of_a_cluster_flip_together():
    ours, theirs = [1.0] * 8, [0.0] * 8
    assert paired_p(ours, theirs) == 2 / 2**8
    assert paired_p(ours, theirs, clusters=[0, 0, 1, 1, 2, 2, 3, 3]) == 2 / 2**4


@pytest.mark.parametrize("count", [5, 30])
def test_a_loss_counts_ties_half(count):
    losses = [-1.0] * count + [0.0] * 20
    exact = 0.5**count
    assert inferiority(losses) == pytest.approx(exact / 2, abs=2e-4)
    assert inferiority([0.0] * count) == 0.5


@pytest.mark.parametrize("margin", [0.05, 0.2])
@settings(max_examples=20)
@given(DIFFERENCES)
def test_a_loss_is_either_below_the_margin_or_above(margin, differences):
    below, above = non_inferiority(differences, margin), inferiority(differences, margin)
    assert below + above == pytest.approx(1)
    assert 0 <= below <= 1


def test_no_loss_in_few_cases_is_no_proof_of_no_loss():
    """In 36 cases of which each fails with 5 %, none fails with 16 %."""
    assert non_inferiority([0.0] * 36, 0.05) > 0.05
    assert non_inferiority([0.0] * 100, 0.05) < 0.05


def test_a_margin_in_milliseconds_has_no_bounds():
    slower = list(np.random.default_rng(0).normal(20, 60, 40))
    assert non_inferiority([-each for each in slower], 250, bounds=None) < 0.001
    assert non_inferiority([-each for each in slower], 10, bounds=None) > 0.3
    with pytest.raises(ValueError, match="bounds"):
        non_inferiority(slower, 250)


def test_a_negative_margin_is_refused():
    with pytest.raises(ValueError, match="margin -0.1"):
        non_inferiority([0.0], -0.1)
    with pytest.raises(ValueError, match="margin -0.1"):
        inferiority([0.0], -0.1)


@pytest.mark.parametrize("method", [interval, lambda values: non_inferiority(values, 0.1), inferiority])
@pytest.mark.parametrize("values", [[], [0.5, float("nan")], [float("inf")]])
def test_nothing_is_said_of_no_values_or_of_what_is_no_number(method, values):
    with pytest.raises(ValueError, match="value"):
        method(values)


def test_clusters_have_to_be_one_for_each_value():
    with pytest.raises(ValueError, match="2 clusters for 3 values"):
        interval([0.1, 0.2, 0.3], clusters=["a", "b"])


@settings(max_examples=20)
@given(DIFFERENCES, st.sampled_from([None, DIFFERENCE]))
def test_an_interval_has_the_mean_and_widens_with_its_level(values, bounds):
    mean = sum(values) / len(values)
    narrow, wide = (interval(values, level=level, bounds=bounds) for level in (0.5, 0.99))
    if bounds:
        assert wide[0] <= narrow[0] <= mean <= narrow[1] <= wide[1]
    assert min(values) - 1e-9 <= interval(values)[0] <= interval(values)[1] <= max(values) + 1e-9


@settings(max_examples=20)
@given(st.lists(st.sampled_from([0.0, 0.2, 1.0]), min_size=1, max_size=20))
def test_the_interval_of_bounded_scores_stays_within_the_bounds_and_is_never_a_point(scores):
    low, high = interval(scores, bounds=SHARE)
    assert 0 <= low < high <= 1


def test_values_that_come_in_copies_are_no_more_sure():
    values = list(np.random.default_rng(0).random(30))
    clusters = [place for place in range(30) for _ in range(4)]
    copies = [value for value in values for _ in range(4)]
    for bounds in (None, SHARE):
        assert interval(copies, clusters, bounds=bounds) == pytest.approx(
            interval(values, bounds=bounds), abs=0.01
        )
        alone = interval(copies, bounds=bounds)
        assert alone[1] - alone[0] < 0.6 * (interval(values)[1] - interval(values)[0])


def test_mcnemar_is_the_sign_flip_test_of_binary_scores():
    assert mcnemar_p(7, 2) == pytest.approx(
        paired_p([1] * 7 + [0] * 2 + [1] * 9, [0] * 7 + [1] * 2 + [1] * 9)
    )


def test_negative_counts_are_refused():
    with pytest.raises(ValueError, match="-1"):
        mcnemar_p(-1, 3)
