"""How near a rewritten query has to stay is measured on pairs of questions, each counted once."""

import numpy as np
import pytest

from evals.questions import Case
from evals.rewriting import MOST_STRANGERS, STEPS, least_cosine, same_need, share, strangers

CASES = [
    Case("a", "set", "Which papers do cache compression?", ("Lantern", "Ferry"), ("Sifter",)),
    Case("b", "set", "papers on cache compression", ("Lantern", "Ferry")),
    Case("c", "set", "Which papers shrink caches?", ("Lantern", "Ferry", "Quest")),
    Case("d", "set", "Which papers extract answers?", ("Sifter",)),
    Case("e", "set", "Which papers rerank?", ("FIRST",)),
]


def pairs(marks):
    return {f"{CASES[one].case_id}{CASES[other].case_id}" for one, other in np.argwhere(np.triu(marks))}


def test_questions_on_different_things_share_no_paper_not_even_a_partial_one():
    assert pairs(strangers(CASES)) == {"ae", "bd", "be", "cd", "ce", "de"}


def test_questions_for_the_same_papers_count_only_in_other_words():
    assert pairs(same_need(CASES)) == {"ac", "bc"}


def test_a_share_is_of_the_pairs_that_count_and_lies_in_its_interval():
    counted = strangers(CASES)
    near = np.zeros_like(counted, bool)
    near[0, 4] = near[4, 0] = near[0, 1] = near[1, 0] = True  # the second pair does not count
    found = share(near, counted)
    assert found.value == pytest.approx(1 / 6)
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert str(found).startswith("16.7% (")
    assert share(near, counted) == found


def test_a_share_of_no_pairs_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        share(np.ones((2, 2), bool), np.zeros((2, 2)))


def test_the_bound_is_the_first_step_that_few_enough_strangers_reach():
    counted = 1 - np.eye(40)
    cosines = np.full((40, 40), 0.2)
    few = int(MOST_STRANGERS * counted.sum() / 2)
    places = np.argwhere(np.triu(counted))
    for one, other in places[:few]:
        cosines[one, other] = cosines[other, one] = 0.99
    assert least_cosine(cosines, counted) == STEPS[0]
    one, other = places[few]
    cosines[one, other] = cosines[other, one] = 0.42
    assert least_cosine(cosines, counted) == 0.45
    with pytest.raises(ValueError, match="nearer than"):
        least_cosine(np.ones((40, 40)), counted)
