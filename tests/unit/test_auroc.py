"""AUROC and balanced accuracy against scikit-learn; intervals and tests that keep clusters together."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import balanced_accuracy_score, roc_auc_score

from evals.stats.auroc import auroc, auroc_p, balanced_accuracy, interval


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=2, max_size=60))
def test_auroc_is_that_of_scikit_learn(rows):
    scores, positive = np.array([row[0] for row in rows], float), np.array([row[1] for row in rows])
    if positive.all() or not positive.any():
        return
    assert auroc(scores, positive) == pytest.approx(roc_auc_score(positive, scores))


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=60))
@pytest.mark.filterwarnings("ignore:y_pred contains classes not in y_true")
@pytest.mark.filterwarnings("ignore:A single label was found")
def test_balanced_accuracy_is_that_of_scikit_learn(rows):
    guesses, labels = (np.array(column) for column in zip(*rows, strict=True))
    assert balanced_accuracy(guesses, labels) == pytest.approx(balanced_accuracy_score(labels, guesses))


def test_the_interval_is_wider_where_pairs_come_in_clusters():
    values = np.repeat(np.random.default_rng(0).normal(size=40), 10)
    alone, together = np.arange(400), np.repeat(np.arange(40), 10)
    widths = [np.ptp(interval(lambda at: float(values[at].mean()), each)) for each in (alone, together)]
    assert widths[1] > 2 * widths[0]


def test_p_is_small_for_a_judge_that_is_right_beside_one_that_guesses():
    rng = np.random.default_rng(0)
    positive = rng.integers(2, size=300).astype(bool)
    right, guess = positive + rng.normal(size=300) * 0.5, rng.normal(size=300)
    assert auroc_p(right, guess, positive, np.arange(300)) < 0.01
    assert auroc_p(right, 10 * right + 3, positive, np.arange(300)) == 1.0
