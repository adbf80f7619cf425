"""Stopping early."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.stats.sequential import watch


def test_nothing_is_asked_after_the_stop():
    asked = []

    def differences():
        for number in itertools.count():
            asked.append(number)
            yield -1.0

    stop = watch(differences(), 0.05)
    assert stop.decided == "regression"
    assert stop.n == len(asked) < 20
    assert stop.high < 0


def test_runs_without_a_difference_are_fine_after_some_cases():
    stop = watch(itertools.repeat(0.0), 0.05)
    assert stop.decided == "fine"
    assert 55 < stop.n < 100
    assert stop.low > -0.05


def test_few_cases_decide_nothing():
    stop = watch([0.0, -1.0, 1.0], 0.05)
    assert (stop.decided, stop.n) == ("inconclusive", 3)
    assert stop.low < 0 < stop.high


def test_no_cases_rule_nothing_out():
    stop = watch([], 0.05)
    assert (stop.low, stop.high, stop.n) == (-1.0, 1.0, 0)


def test_a_smaller_alpha_takes_longer():
    assert (
        watch(itertools.repeat(-0.5), 0.05, alpha=0.001).n > watch(itertools.repeat(-0.5), 0.05, alpha=0.05).n
    )


@settings(max_examples=20)
@given(st.lists(st.sampled_from([-1.0, -0.25, 0.0, 0.0, 0.5, 1.0]), max_size=40))
def test_ends_only_ever_move_inwards(differences):
    stops = [watch(differences[:count], 0.999) for count in range(len(differences) + 1)]
    lows, highs = [stop.low for stop in stops], [stop.high for stop in stops]
    assert lows == sorted(lows)
    assert highs == sorted(highs, reverse=True)


@settings(max_examples=20)
@given(st.lists(st.sampled_from([-1.0, -0.25, 0.0, 0.5, 1.0]), min_size=1, max_size=40))
def test_the_other_way_round_the_ends_are_the_other_way_round(differences):
    one, other = (watch([sign * each for each in differences], 0.999) for sign in (1, -1))
    if one.n == other.n:
        assert (one.low, one.high) == pytest.approx((-other.high, -other.low))


def test_the_mean_is_seldom_missed_however_long_one_looks():
    rng = np.random.default_rng(0)
    missed = 0
    for _ in range(200):
        stop = watch(rng.choice([-1.0, 0.0, 1.0], p=[0.05, 0.9, 0.05], size=150), 0.999)
        missed += not stop.low <= 0 <= stop.high
    assert missed <= 200 * 0.1


@pytest.mark.parametrize("margin", [0.0, 1.0, -0.1])
def test_a_margin_that_can_never_be_kept_is_refused(margin):
    with pytest.raises(ValueError, match="margin"):
        watch([0.0], margin)


def test_a_difference_that_no_share_has_is_refused():
    with pytest.raises(ValueError, match="250"):
        watch([250.0], 0.05)
