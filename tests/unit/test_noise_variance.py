"""What moves a judge's score, told apart."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.noise import variance
from evals.noise.rows import ScoreRow
from evals.noise.variance import components


def made(questions, paraphrases=1, orders=1, repeats=1, *, sd=(0.2, 0.0, 0.0, 0.1), seed=0):
    """Scores from a question's, a wording's, an order's and chance's own effect; without bounds."""
    rng = np.random.default_rng(seed)
    effects = [
        rng.normal(0, each, count) for each, count in zip(sd, (questions, paraphrases, orders), strict=False)
    ]
    return [
        ScoreRow(
            f"q{q}", effects[0][q] + effects[1][p] + effects[2][o] + rng.normal(0, sd[3]), 100, "", r, p, o
        )
        for q in range(questions)
        for p in range(paraphrases)
        for o in range(orders)
        for r in range(repeats)
    ]


def by_name(rows):
    return {each.name: each for each in components(rows)}


def test_of_repeats_alone_it_is_the_analysis_of_variance():
    rows = made(12, repeats=4)
    table = np.array([row.score for row in rows]).reshape(12, 4)
    within = table.var(axis=1, ddof=1).mean()
    between = table.mean(axis=1).var(ddof=1) - within / 4
    found = by_name(rows)
    assert found["repeat"].variance == pytest.approx(within)
    assert found["question"].variance == pytest.approx(between)
    assert found["question"].share + found["repeat"].share == pytest.approx(1)


def test_of_two_crossed_factors_without_repeats_it_is_the_two_way_analysis():
    """Wording's mean square holds its interplay with the question, which Koch's differences leave in it."""
    rows = made(10, paraphrases=3, sd=(0.2, 0.1, 0.0, 0.1))
    table = np.array([row.score for row in rows]).reshape(10, 3)
    columns = table.var(axis=1, ddof=1).mean()
    assert by_name(rows).keys() == {"question", "paraphrase"}
    assert by_name(rows)["paraphrase"].variance == pytest.approx(columns)


def test_each_thing_gets_back_the_variance_it_was_made_with(monkeypatch):
    monkeypatch.setattr(variance, "DRAWS", 2)
    sd = (0.2, 0.15, 0.1, 0.05)
    runs = [by_name(made(25, 4, 4, 2, sd=sd, seed=seed)) for seed in range(100)]
    for name, expected in zip(("question", "paraphrase", "order", "repeat"), sd, strict=True):
        values = [found[name].variance for found in runs]
        assert np.mean(values) == pytest.approx(expected**2, rel=0.25)


def test_scores_that_are_missing_do_not_bend_the_estimate(monkeypatch):
    monkeypatch.setattr(variance, "DRAWS", 2)
    rng = np.random.default_rng(0)
    runs = []
    for seed in range(40):
        rows = made(25, 3, 2, 2, sd=(0.2, 0.15, 0.0, 0.1), seed=seed)
        runs.append(
            [
                by_name([row for row in rows if rng.random() < 0.7])[name].variance
                for name in ("question", "repeat")
            ]
        )
    assert np.mean(runs, axis=0) == pytest.approx([0.04, 0.01], rel=0.15)


def test_a_row_without_a_score_is_left_out_not_counted_as_nothing():
    rows = made(8, repeats=3)
    unscored = [ScoreRow("q0", None, 100, "", 9), ScoreRow("new", None, 100)]
    assert components([*rows, *unscored]) == components(rows)


def test_what_was_not_varied_is_not_told():
    assert by_name(made(6, repeats=2)).keys() == {"question", "repeat"}
    assert by_name(made(6)).keys() == {"question"}


def test_a_negative_estimate_is_zero_and_says_so():
    """Every repeat of a question differs and the questions' means do not."""
    rows = [ScoreRow(f"q{q}", float(r), 1, "", r) for q in range(5) for r in range(2)]
    found = by_name(rows)
    assert (found["question"].variance, found["question"].truncated) == (0.0, True)
    assert (found["repeat"].variance, found["repeat"].share) == (0.5, 1.0)


def test_equal_scores_vary_with_nothing():
    rows = [ScoreRow(f"q{q}", 1.0, 1, "", r) for q in range(5) for r in range(2)]
    assert all(each.variance == each.low == each.high == each.share == 0 for each in components(rows))


def test_intervals_have_the_truth_about_as_often_as_they_say():
    hits = 0
    for seed in range(40):
        each = by_name(made(30, repeats=3, seed=seed))["repeat"]
        hits += each.low <= 0.01 <= each.high
    assert hits >= 32


@settings(max_examples=20)
@given(st.floats(-3, 3), st.floats(0.1, 3))
def test_moving_and_stretching_scores_stretches_variances(shift, factor):
    rows = made(6, 2, 2, 2)
    moved = [
        ScoreRow(row.question, factor * row.score + shift, 1, "", row.repeat, row.paraphrase, row.order)
        for row in rows
    ]
    for before, after in zip(components(rows), components(moved), strict=True):
        assert after.variance == pytest.approx(factor**2 * before.variance, abs=1e-9)


@pytest.mark.parametrize(
    "rows", [[], [ScoreRow("a", 1.0), ScoreRow("a", 0.0, repeat=1)], [ScoreRow("a", None)] * 3]
)
def test_fewer_than_two_questions_have_no_variance(rows):
    with pytest.raises(ValueError, match="two or more"):
        components(rows)


def test_judges_are_not_mixed():
    with pytest.raises(ValueError, match="one judge"):
        components([ScoreRow("a", 1.0, judge="x"), ScoreRow("b", 1.0, judge="y")])
