"""The smallest loss a comparison could have seen."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.stats.clusters import minimum_detectable_effect
from evals.stats.inference import inferiority

DIFFERENCES = st.lists(st.sampled_from([-1.0, -0.5, 0.0, 0.0, 0.25, 1.0]), min_size=2, max_size=40)


def test_of_alike_losses_it_is_the_textbooks():
    """Two-sample tables have 2.486 standard errors for one-sided 5 % and 80 %."""
    differences = np.random.default_rng(0).normal(0, 0.2, 400)
    error = differences.std(ddof=1) / 20
    found = minimum_detectable_effect(list(differences), whole=0.0)
    assert found == pytest.approx(2.4865 * error, rel=0.01)


def test_identical_runs_do_not_detect_everything():
    """Five failures of a hundred are significant; that there are five or more in 80 % takes 6.7 expected."""
    assert 0.05 < minimum_detectable_effect([0.0] * 100) < 0.07


@settings(max_examples=30)
@given(DIFFERENCES)
def test_more_cases_see_more(differences):
    one, four = minimum_detectable_effect(differences), minimum_detectable_effect(differences * 4)
    assert four < one


@settings(max_examples=30)
@given(DIFFERENCES)
def test_asking_for_more_power_or_fewer_false_alarms_sees_less(differences):
    usual = minimum_detectable_effect(differences)
    assert minimum_detectable_effect(differences, alpha=0.01) > usual
    assert minimum_detectable_effect(differences, power=0.95) > usual


def test_turns_that_agree_see_as_much_as_their_conversations():
    noise = list(np.random.default_rng(0).normal(0, 0.3, 50))
    turns = [each for each in noise for _ in range(3)]
    clusters = [place for place in range(50) for _ in range(3)]
    alone = minimum_detectable_effect(noise, whole=0.0)
    assert minimum_detectable_effect(turns, clusters, whole=0.0) == pytest.approx(alone, rel=0.01)
    assert minimum_detectable_effect(turns, whole=0.0) < 0.7 * alone


def test_a_loss_of_that_size_is_found_in_about_four_of_five_comparisons():
    rng = np.random.default_rng(0)
    count, draws = 100, 400
    noise = rng.choice([-1.0, 0.0, 1.0], p=[0.03, 0.94, 0.03], size=(draws, count))
    size = float(np.mean([minimum_detectable_effect(list(each)) for each in noise]))
    failing = rng.random((draws, count)) < size
    found = np.mean([inferiority(list(each)) <= 0.05 for each in np.where(failing, -1.0, noise)])
    assert 0.72 < found < 0.9


@pytest.mark.parametrize(("alpha", "power"), [(0.0, 0.8), (0.7, 0.8), (0.05, 0.3), (0.05, 1.0)])
def test_an_impossible_test_is_refused(alpha, power):
    with pytest.raises(ValueError, match="alpha"):
        minimum_detectable_effect([0.0], alpha=alpha, power=power)
