"""The statistics err as seldom as they say: `python -m evals.gate.simulations` with few draws."""

import numpy as np
import pytest

from evals.gate.simulations import (
    CHECKS,
    LIVELY,
    QUIET,
    SimulationCheck,
    covers_loss,
    mean_score,
    pair,
    passes,
    share_of,
)

ERRORS = 3
"""Standard errors that chance may take a share beyond its bar: 1 in 700 for a share at the bar."""


@pytest.mark.parametrize("check", [pytest.param(each, id=each.name) for each in CHECKS])
def test_the_bar_is_met(check):
    share = share_of(check, 60)
    assert check.met(share, 60, ERRORS), f"{share:.1%} in 60 draws, bar {check.least} to {check.most}"


def test_sign_flips_around_the_margin_would_not_meet_the_bar():
    check = SimulationCheck("36 cases", passes("binary", 36, bounds=None), most=0.05)
    assert not check.met(share_of(check, 400), 400, ERRORS)


def test_the_bootstrap_would_not_meet_the_bar():
    """Of 36 cases that lose three points between them, none may fail: it then knows of no failures."""
    check = SimulationCheck("36 cases", covers_loss("graded", 36, 0.03, bounds=None), least=0.935)
    assert not check.met(share_of(check, 100), 100, ERRORS)


@pytest.mark.parametrize(
    ("share", "errors", "met"), [(0.05, 0, True), (0.051, 0, False), (0.07, 3, True), (0.071, 3, False)]
)
def test_a_share_is_within_its_bar_or_a_few_standard_errors_of_it(share, errors, met):
    assert SimulationCheck("", lambda rng: True, most=0.05).met(share, 1_000, errors) is met


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
