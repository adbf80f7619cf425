"""The rule of the gate: a regression, fine, or not known."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from evals.catalogue import BY_NAME
from evals.gate.comparison import Pairs
from evals.gate.decision import Change, decide, decide_all, verdicts
from evals.stats.bounded import DIFFERENCE
from evals.stats.inference import inferiority, interval, non_inferiority, paired_p

DIFFERENCES = st.lists(st.sampled_from([-1.0, -0.5, 0.0, 0.0, 0.0, 0.25, 1.0]), min_size=1, max_size=30)
LOSSES = [-1.0] * 8 + [0.0] * 92
NOISE = [-1.0] * 2 + [1.0] * 2 + [0.0] * 96


@pytest.mark.parametrize("count", [1, 36, 200])
@pytest.mark.parametrize("margin", [0.0, 0.05])
def test_two_identical_runs_are_fine(count, margin):
    assert decide([0.0] * count, margin) == "fine"


def test_gains_alone_are_fine_even_without_a_margin():
    assert decide([1.0] + [0.0] * 35, 0.0) == "fine"


def test_eight_losses_in_a_hundred_are_a_regression():
    assert decide(LOSSES, 0.05) == "regression"


def test_one_loss_in_thirty_six_tells_nothing():
    assert decide([-1.0] + [0.0] * 35, 0.05) == "inconclusive"


def test_a_loss_that_is_surely_within_the_margin_is_fine():
    """Ten losses and no gain are no chance, but with 1,000 cases they are surely below five points."""
    differences = [-1.0] * 10 + [0.0] * 990
    assert inferiority(differences) < 0.001
    assert decide(differences, 0.05) == "fine"
    assert decide(differences, 0.01) == "regression"


def test_without_a_margin_a_single_loss_is_not_fine():
    assert decide([-0.25] + [0.0] * 199, 0.0) == "inconclusive"


def test_losses_of_one_conversation_are_one_loss():
    turns = [-1.0] * 8 + [0.0] * 92
    assert decide(turns, 0.05, clusters=[0] * 8 + list(range(1, 93))) == "inconclusive"


def test_measures_decided_together_pay_for_each_other():
    loss = Change([-1.0] * 5 + [0.0] * 31, 0.05)
    noisy = Change(NOISE + NOISE, 0.001)
    assert verdicts({"facts": loss})["facts"].verdict == "regression"
    assert verdicts({"facts": loss} | dict.fromkeys("abcd", noisy))["facts"].verdict == "inconclusive"


def test_measures_that_did_not_move_cost_the_others_nothing():
    loss = Change([-1.0] * 5 + [0.0] * 31, 0.05)
    still = {f"still {number}": Change([0.0] * 36, 0.05) for number in range(9)}
    assert verdicts({"facts": loss, **still})["facts"].verdict == "regression"


@settings(max_examples=30)
@given(st.dictionaries(st.sampled_from("abcd"), DIFFERENCES, min_size=1))
def test_adjusting_only_ever_makes_a_regression_harder(samples):
    changes = {name: Change(differences, 0.05) for name, differences in samples.items()}
    found = verdicts(changes)
    for name, tested in found.items():
        assert tested.p_loss <= tested.p_loss_adjusted <= 1
        if tested.verdict == "regression":
            assert verdicts({name: changes[name]})[name].verdict == "regression"


def test_a_decision_says_what_it_rests_on():
    found = decide_all(
        {"facts": Change(LOSSES, 0.05), "time": Change([-40.0, 15.0, 8.0], 250.0, bounds=None)}
    )
    facts = found["facts"]
    assert facts.difference == pytest.approx(-0.08)
    assert (facts.low, facts.high) == interval(LOSSES, bounds=DIFFERENCE)
    assert facts.p_margin == non_inferiority(LOSSES, 0.05)
    assert facts.p_loss == inferiority(LOSSES)
    assert facts.count == 100
    assert 0.05 < facts.detectable < 0.15
    assert found["time"].detectable > 10


def test_a_difference_that_no_share_has_is_refused():
    with pytest.raises(ValueError, match="beyond"):
        decide([-40.0, 3.0], 0.05)


@pytest.mark.parametrize(("lost", "gained"), [(3, 1), (20, 8)])
def test_right_and_wrong_are_tested_exactly_however_many_differ(lost, gained):
    before = [1.0] * lost + [0.0] * gained + [1.0] * 40
    after = [0.0] * lost + [1.0] * gained + [1.0] * 40
    cases = tuple(map(str, range(len(before))))
    pairs = Pairs(BY_NAME["fact match"], tuple(before), tuple(after), cases)
    assert pairs.p() == pytest.approx(binomtest(lost, lost + gained).pvalue)
    assert pairs.p() == pytest.approx(paired_p(after, before), abs=0.01)


def test_turns_of_a_conversation_are_not_tested_one_by_one():
    pairs = Pairs(BY_NAME["turns right"], (1.0,) * 6, (0.0,) * 6, ("a",) * 3 + ("b",) * 3)
    assert pairs.p() == 0.5
