"""The statistics err as seldom as they say: `python -m evals.stats.simulations` with few draws."""

import numpy as np
import pytest

from evals.stats import simulated_checks as checks
from evals.stats.simulated_checks import Check
from evals.stats.simulated_runs import LIVELY, QUIET, mean_score, pair
from evals.stats.simulations import CHECKS, SMALL_TO_LARGE, Count, counted

ERRORS = 3
"""Standard errors that chance may take a share beyond its bar: 1 in 700 for a share at the bar."""

BARRED = [
    pytest.param(check, id=f"{group}: {check.name}")
    for group, each in CHECKS.items()
    for check in each
    if check.bar
]


@pytest.mark.parametrize("check", BARRED)
def test_the_bar_is_met(check):
    count = counted(check, 60)
    assert count.within(ERRORS), f"{count.share:.1%} in {count.draws} draws, bar {check.bar}"


def test_a_gate_on_means_alone_would_not_meet_the_bar():
    rule = checks.alarm(QUIET, {}, SMALL_TO_LARGE, checks.lower)
    assert not counted(Check("any mean down by 0.01", rule, most=0.05), 60).within(ERRORS)


def test_sign_flips_around_the_margin_would_not_meet_the_bar():
    check = Check("36 cases", checks.passes("binary", 36, bounds=None), most=0.05)
    assert not counted(check, 400).within(ERRORS)


def test_the_bootstrap_would_not_meet_the_bar():
    """Of 36 cases that lose three points between them, none may fail: it then knows of no failures."""
    check = Check("36 cases", checks.covers_loss("graded", 36, 0.03, bounds=None), least=0.935)
    assert not counted(check, 100).within(ERRORS)


@pytest.mark.parametrize(
    ("times", "draws", "errors", "within"),
    [(50, 1_000, 0, True), (51, 1_000, 0, False), (70, 1_000, 3, True), (71, 1_000, 3, False)],
)
def test_a_share_is_within_its_bar_or_a_few_standard_errors_of_it(times, draws, errors, within):
    check = Check("", lambda rng: True, most=0.05)
    assert Count(check, times, draws).within(errors) is within


def test_counting_is_the_same_each_time():
    check = Check("coin", lambda rng: rng.random() < 0.5)
    assert counted(check, 50) == counted(check, 50)
    assert 10 < counted(check, 50).times < 40


@pytest.mark.parametrize("kind", ["binary", "fraction", "graded"])
@pytest.mark.parametrize("turns", [1, 3])
def test_made_runs_differ_by_the_loss_that_was_planted(kind, turns):
    runs = pair(np.random.default_rng(0), kind, 60_000, loss=0.08, unsure=LIVELY, turns=turns)
    assert runs.old.mean() == pytest.approx(mean_score(kind, LIVELY), abs=0.01)
    assert runs.new.mean() - runs.old.mean() == pytest.approx(-0.08, abs=0.01)
    assert set(np.bincount(runs.clusters)) == {turns}
    assert 0 <= min(runs.old.min(), runs.new.min()) <= max(runs.old.max(), runs.new.max()) <= 1


def test_made_runs_flip_as_often_as_they_say():
    runs = pair(np.random.default_rng(0), "binary", 60_000, unsure=QUIET)
    assert np.mean(np.array(runs.differences) < 0) == pytest.approx(0.01, abs=0.002)


def test_turns_of_a_conversation_fail_alike():
    runs = pair(np.random.default_rng(0), "binary", 30_000, loss=0.08, unsure=LIVELY, turns=3)
    sums = np.array(runs.differences).reshape(-1, 3).sum(axis=1)
    assert sums.var() > 1.8 * 3 * np.var(runs.differences)
