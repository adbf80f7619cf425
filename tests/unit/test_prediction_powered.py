"""Means set right by human labels."""

import numpy as np
import pytest

from evals.prediction_powered import prediction_powered_mean
from evals.stats import SHARE, interval


def judged(rng, labels, wrong):
    return np.where(rng.random(len(labels)) < wrong, 1 - labels, labels)


@pytest.fixture
def world():
    """People's labels of 1,000 items, of which 100 are known, and a judge that errs on a tenth."""
    rng = np.random.default_rng(0)
    labels = (rng.random(1_000) < 0.7).astype(float)
    return labels, judged(rng, labels, 0.1)


def test_a_good_judge_makes_the_interval_narrower_than_the_labels_alone(world):
    labels, judge = world
    found = prediction_powered_mean(labels[:100], judge[:100], judge[100:])
    low, high = interval(list(labels[:100]), bounds=SHARE)
    assert found.high - found.low < 0.85 * (high - low)
    assert found.low <= labels.mean() <= found.high


def test_a_lenient_judge_is_set_right(world):
    labels, judge = world
    lenient = np.where(judge == 0, 0.6, 1.0)
    found = prediction_powered_mean(labels[:100], lenient[:100], lenient[100:])
    assert abs(found.mean - labels.mean()) < 0.07
    assert lenient.mean() > labels.mean() + 0.1


def test_a_judge_that_says_the_same_of_everything_counts_nothing(world):
    labels, _ = world
    found = prediction_powered_mean(labels[:100], [1.0] * 100, [1.0] * 900)
    assert found.mean == pytest.approx(labels[:100].mean())
    assert (found.low, found.high) == pytest.approx(interval(list(labels[:100]), bounds=SHARE))


def test_a_judge_that_is_always_wrong_counts_nothing(world):
    labels, _ = world
    found = prediction_powered_mean(labels[:100], 1 - labels[:100], 1 - labels[100:])
    assert found.mean == pytest.approx(labels[:100].mean())


def test_a_perfect_judge_leaves_its_own_mean(world):
    labels, _ = world
    found = prediction_powered_mean(labels[:100], labels[:100], labels[100:])
    assert found.mean == pytest.approx(labels[100:].mean(), abs=0.02)
    assert found.high - found.low > 0.05, "a hundred agreements do not show that it never errs"


def test_no_label_decides_how_much_the_judge_counts_on_itself():
    """One label that the judge alone gets right: in its own fold the judge counts nothing."""
    labels, judge = [1.0] + [0.0] * 9, [1.0] + [0.5] * 9
    found = prediction_powered_mean(labels, judge, [0.5] * 50)
    everything = np.cov(labels, judge)[0, 1]
    assert everything > 0
    assert found.mean < 0.1 + 0.05


@pytest.mark.parametrize(
    ("human", "same", "rest"),
    [([1.0] * 9, [1.0] * 9, [1.0]), ([1.0] * 10, [1.0] * 9, [1.0]), ([1.0] * 10, [1.0] * 10, [])],
)
def test_too_few_labels_are_refused(human, same, rest):
    with pytest.raises(ValueError, match="expected 10 or more"):
        prediction_powered_mean(human, same, rest)


@pytest.mark.parametrize("strange", [float("nan"), 4.0, -0.1])
def test_what_is_no_share_is_refused(strange):
    with pytest.raises(ValueError, match="beyond"):
        prediction_powered_mean([1.0] * 10, [1.0] * 9 + [strange], [1.0])
