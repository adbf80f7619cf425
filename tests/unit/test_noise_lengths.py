"""Judges that go by length, and the table of everything."""

import re

import numpy as np
import pytest
from rich.console import Console
from scipy import stats
from scipy.optimize import minimize

from evals.noise.lengths import RIDGE, length_controlled, length_slope
from evals.noise.report import noise_report
from evals.noise.rows import LabelRow, OptionRow, PairRow, ScoreRow

IN_ORDER, SWAPPED = False, True
PEOPLE = {"ann", "bo", "cy"}


def scored(slope, count=60, noise=0.05, seed=0):
    rng = np.random.default_rng(seed)
    lengths = rng.integers(40, 240, count)
    return [
        ScoreRow(f"q{place}", float(0.5 + slope * length / 100 + rng.normal(0, noise)), int(length), "judge")
        for place, length in enumerate(lengths)
    ]


def test_the_slope_is_that_of_least_squares_per_hundred_words():
    rows = scored(0.1)
    expected = stats.linregress([row.length / 100 for row in rows], [row.score for row in rows])
    found = length_slope(rows)
    assert found.mean == pytest.approx(expected.slope)
    assert found.low < 0.1 < found.high
    half = stats.t.ppf(0.975, 58) * expected.stderr
    assert found.high - found.mean == pytest.approx(half, rel=0.25)


def test_asks_of_one_question_do_not_make_the_slope_surer():
    rows = scored(0.1)
    once, often = length_slope(rows), length_slope(rows * 4)
    assert (often.mean, often.low, often.high) == pytest.approx((once.mean, once.low, once.high))


def test_a_slope_takes_lengths_that_differ_and_questions_enough():
    with pytest.raises(ValueError, match="equally long"):
        length_slope([ScoreRow(f"q{place}", 0.5, 100) for place in range(20)])
    with pytest.raises(ValueError, match="9 questions"):
        length_slope(scored(0.1)[:9])
    with pytest.raises(ValueError, match="0 questions"):
        length_slope([ScoreRow(f"q{place}", None, place) for place in range(20)])


def compared(better, per_word, count=200, longer=0, seed=0):
    """Pairs of which the first is better by so many log-odds, and longer by so many words on average."""
    rng = np.random.default_rng(seed)
    rows = []
    for place in range(count):
        difference = int(rng.normal(longer, 60))
        wins = rng.random() < 1 / (1 + np.exp(-better - per_word * difference))
        rows += [
            PairRow(str(place), IN_ORDER, "first" if wins else "second", difference),
            PairRow(str(place), SWAPPED, "second" if wins else "first", difference),
        ]
    return rows


def test_a_preference_that_is_all_length_is_even_at_equal_length():
    found = length_controlled(compared(better=0.0, per_word=0.03, longer=60))
    assert found.raw > 0.7
    assert found.controlled.low < 0.5 < found.controlled.high
    assert found.weight.low > 0


def test_a_preference_that_is_not_of_length_stays():
    found = length_controlled(compared(better=1.0, per_word=0.0, longer=60, count=1_000))
    assert found.controlled.mean == pytest.approx(1 / (1 + np.exp(-1)), abs=0.08)
    assert found.weight.low < 0 < found.weight.high


def test_weights_are_the_maximum_of_the_penalised_likelihood():
    rows = compared(better=0.4, per_word=0.01)
    differences = np.array([row.length_difference for row in rows[::2]], float)
    wins = np.array([row.choice == "first" for row in rows[::2]], float)
    x = np.tanh(differences / differences.std())

    def loss(weights):
        logits = weights[0] + weights[1] * x
        fit = np.logaddexp(0, logits).sum() - wins @ logits
        return fit + (RIDGE / 10 * weights[0] ** 2 + RIDGE * weights[1] ** 2) / 2

    expected = minimize(loss, [0.0, 0.0]).x
    found = length_controlled(rows)
    assert found.weight.mean == pytest.approx(expected[1], abs=1e-3)
    assert found.controlled.mean == pytest.approx(1 / (1 + np.exp(-expected[0])), abs=1e-3)


def test_length_that_decides_everything_has_an_answer():
    rows = [
        PairRow(str(n), IN_ORDER, "first" if n % 2 else "second", 50 if n % 2 else -50) for n in range(40)
    ]
    found = length_controlled(rows)
    assert found.controlled.mean == pytest.approx(0.5, abs=0.01)
    assert np.isfinite(found.weight.high)


def test_orders_of_a_pair_count_as_one_preference():
    rows = [
        row
        for n in range(20)
        for row in (PairRow(str(n), IN_ORDER, "first", n), PairRow(str(n), SWAPPED, "first", n))
    ]
    found = length_controlled(rows)
    assert (found.raw, found.pairs) == (0.5, 20)


def test_pairs_without_a_choice_or_with_one_difference_are_refused():
    with pytest.raises(ValueError, match="0 pairs"):
        length_controlled([PairRow(str(place), IN_ORDER, None, place) for place in range(20)])
    with pytest.raises(ValueError, match="differ in length by the same"):
        length_controlled([PairRow(str(place), IN_ORDER, "first", 7) for place in range(20)])


def printed(*args, **kwargs):
    console = Console(width=160, record=True, file=open("/dev/null", "w"))  # noqa: PTH123, SIM115
    console.print(noise_report(*args, **kwargs))
    return console.export_text()


def test_what_lacks_rows_is_not_run_and_says_why():
    text = printed([ScoreRow("q0", None, 10, "a")])
    assert text.count("not run") == 7
    assert "0 of 1 asks scored" in text
    assert "labels of 0 people, 3 or more are needed" in text


def test_the_table_has_every_analysis_that_there_are_rows_for():
    rng = np.random.default_rng(0)
    scores = [
        ScoreRow(f"q{q}", float(rng.random()), int(rng.integers(20, 90)), "openai/gpt-4o", r, p, o)
        for q in range(12)
        for p in range(2)
        for o in range(2)
        for r in range(2)
    ]
    options = [OptionRow(str(q), shown, (-0.1, -2.0)) for q in range(4) for shown in ((0, 1), (1, 0))]
    names = ("ann", "bo", "cy", "openai/gpt-4o", "cosine")
    labels = [
        LabelRow(str(item), name, "supported" if rng.random() < 0.7 else "contradicted")
        for name in names
        for item in range(40 if name in PEOPLE else 160)
    ]
    text = printed(
        scores,
        pairs=compared(0.5, 0.01, count=20),
        options=options,
        labels=labels,
        people=PEOPLE,
        writer="azure/gpt-4o-mini",
    )
    assert "repetition stability" in text
    assert text.count("not run") == 1, text
    for said in ("variance: order", "of one family (GPT)", "position consistency", "prior of option ids"):
        assert said in text
    assert text.count("alternative annotator test") == text.count("as people would say") == 2


def test_a_judge_is_not_read_as_markup():
    assert "[red]judge[/red]" in printed([ScoreRow("q0", 1.0, 10, "[red]judge[/red]")])


def test_a_lenient_judge_is_set_right_by_what_people_said():
    rng = np.random.default_rng(0)
    truth = rng.random(400) < 0.6
    said = ["supported" if each else "contradicted" for each in truth]
    labels = [LabelRow(str(item), "ann", label) for item, label in enumerate(said[:100])]
    lenient = ["supported" if each or rng.random() < 0.5 else "contradicted" for each in truth]
    labels += [LabelRow(str(item), "judge", label) for item, label in enumerate(lenient)]
    text = printed([], labels=labels, people={"ann"})
    mean, alone = re.search(
        r"as people would say\s*│ (\d\.\d+) .* by the judge alone (\d\.\d+)", text
    ).groups()
    assert float(alone) > 0.75
    assert float(mean) == pytest.approx(truth.mean(), abs=0.07)
