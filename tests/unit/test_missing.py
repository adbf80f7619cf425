"""How many relevant papers a set answer lacks, checked against questions whose answer is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.selection import recall_estimate
from rag.selection.recall_estimate import RecallEstimate, below, missing

CHANCES = st.lists(st.floats(0, 1), max_size=12)


def outside(probabilities, unjudged=0):
    return missing(probabilities, [False] * len(probabilities), unjudged)


def simulated(questions, effect, seed):
    """Coverage and median width: 40 judged papers, those from 0.3 on answered, log-odds off by an effect."""
    random = np.random.default_rng(seed)
    centres, slopes = random.uniform(-1, 3, questions), random.uniform(0.1, 0.6, questions)
    logits = centres[:, None] - slopes[:, None] * np.arange(40)
    shown = 1 / (1 + np.exp(-logits))
    true = 1 / (1 + np.exp(-(logits + random.normal(0, effect, (questions, 1)))))
    relevant = random.random(true.shape) < true
    lacking = (relevant & (shown < 0.3)).sum(axis=1)
    found = [missing(row, row >= 0.3) for row in shown]
    covered = [each.low <= truth <= each.high for each, truth in zip(found, lacking, strict=True)]
    return np.mean(covered), np.median([each.high - each.low for each in found])


@pytest.mark.parametrize("effect", [0.0, 0.5])
def test_the_interval_holds_the_truth_nine_times_in_ten_even_where_the_probabilities_are_off(effect):
    covered, width = simulated(2_000, effect, seed=7)
    assert covered >= 0.9
    assert width <= 4


def test_the_interval_is_narrow_where_the_probabilities_are_extreme():
    found = outside([0.999, 0.998, *([0.0005] * 60)])
    assert (found.low, found.high) == (2, 2)
    assert outside([0.0001] * 200) == RecallEstimate(pytest.approx(0.02), 0, 0)


def test_without_a_shift_the_count_is_poisson_binomial(monkeypatch):
    monkeypatch.setattr(recall_estimate, "SHIFT", 1e-9)
    counts = recall_estimate._distribution(np.array([0.2, 0.5, 0.9]), 0.0)
    exact = [0.8 * 0.5 * 0.1, 0.2 * 0.5 * 0.1 + 0.8 * 0.5 * 0.1 + 0.8 * 0.5 * 0.9]
    assert counts[:2] == pytest.approx(exact)
    assert counts[3] == pytest.approx(0.2 * 0.5 * 0.9)


@given(CHANCES)
def test_the_expected_number_is_the_sum_and_lies_near_the_interval(probabilities):
    found = outside(probabilities)
    assert found.expected == pytest.approx(sum(probabilities))
    assert 0 <= found.low <= found.high <= len(probabilities)
    assert found.low - 1 < found.expected < found.high + 1


@given(CHANCES, CHANCES)
def test_papers_in_the_answer_set_are_not_missing(inside, rest):
    both = missing([*inside, *rest], [True] * len(inside) + [False] * len(rest))
    assert both == outside(rest)


def test_unjudged_papers_add_less_than_if_each_were_as_probable_as_the_least_judged():
    falling = [0.9 / rank**2 for rank in range(1, 601)]
    rest = sum(0.9 / rank**2 for rank in range(601, 100_001))
    assert below(falling, 99_400) == pytest.approx(rest, rel=0.02)
    assert below([0.01] * 10, 50) == pytest.approx(0.5)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.integers(0, 10**7))
def test_the_tail_is_never_above_its_bound_nor_below_nothing(probabilities, unjudged):
    assert 0 <= below(probabilities, unjudged) <= unjudged * max(min(probabilities), 1e-12)


def test_unjudged_papers_widen_the_interval():
    falling = [0.9 / rank for rank in range(1, 101)]
    inside = [p >= 0.3 for p in falling]
    assert missing(falling, inside, 10_000).high > missing(falling, inside).high


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (RecallEstimate(0.02, 0, 0), "about 0 more expected"),
        (RecallEstimate(0.4, 0, 1), "about 0–1 more expected"),
        (RecallEstimate(3.1, 2, 5), "about 2–5 more expected"),
        (RecallEstimate(2.0, 2, 2), "about 2 more expected"),
        (RecallEstimate(1500.0, 1_400, 1_600), "about 1,400–1,600 more expected"),
    ],
)
def test_the_estimate_is_said_in_a_few_words(found, words):
    assert found.in_words == words
