"""Judges that choose: places, option ids, and people they might stand in for."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from evals.noise.alt_test import ALPHA, AltTest, alt_test
from evals.noise.options import debiased, id_prior, selection
from evals.noise.positions import positions
from evals.noise.rows import LabelRow, OptionRow, PairRow

CHOICES = st.sampled_from(["first", "second", "tie"])

IN_ORDER, SWAPPED = False, True


def both(pair, choice, swapped_choice, repeat=0):
    return [PairRow(pair, IN_ORDER, choice, 0, repeat), PairRow(pair, SWAPPED, swapped_choice, 0, repeat)]


@pytest.mark.parametrize(
    ("choices", "consistency", "fairness"),
    [
        (("first", "second"), 1, 0),
        (("second", "first"), 1, 0),
        (("tie", "tie"), 1, 0),
        (("first", "first"), 0, -1),
        (("tie", "first"), 0, -1),
        (("second", "second"), 0, 1),
        (("second", "tie"), 0, 1),
    ],
)
def test_two_choices_are_one_answer_or_favour_a_place(choices, consistency, fairness):
    found = positions(both("a", *choices))
    assert (found.consistency.mean, found.fairness.mean) == (consistency, fairness)


def test_fairness_is_the_papers_formula():
    """Counts weighted by their share of the inconsistent, scaled by the most there can be (Shi et al.)."""
    first, second, consistent = 7, 3, 10
    rows = [row for number in range(first) for row in both(f"a{number}", "first", "first")]
    rows += [row for number in range(second) for row in both(f"b{number}", "second", "second")]
    rows += [row for number in range(consistent) for row in both(f"c{number}", "first", "second")]
    raw = second * second / 10 - first * first / 10
    found = positions(rows)
    assert found.fairness.mean == pytest.approx((raw + 20) / 40 * 2 - 1)
    assert found.consistency.mean == 0.5
    assert found.consistency.low < 0.35
    assert found.fairness.low < found.fairness.mean < found.fairness.high


@settings(max_examples=20)
@given(st.lists(st.tuples(CHOICES, CHOICES), min_size=1, max_size=8))
def test_calling_the_places_the_other_way_round_turns_fairness(choices):
    turned = {"first": "second", "second": "first", "tie": "tie"}
    rows = [row for number, each in enumerate(choices) for row in both(str(number), *each)]
    other = [PairRow(row.pair, row.swapped, turned[row.choice]) for row in rows]
    assert positions(other).fairness.mean == pytest.approx(-positions(rows).fairness.mean)
    assert positions(other).consistency == positions(rows).consistency


def test_a_pair_without_a_choice_is_counted_and_left_out():
    found = positions(
        [*both("a", "first", "second"), *both("b", "first", None), PairRow("c", IN_ORDER, "tie")]
    )
    assert (found.pairs, found.unscored, found.consistency.mean) == (1, 2, 1)


def test_stability_is_the_share_that_says_the_commonest():
    rows = [
        PairRow("a", IN_ORDER, choice, 0, repeat) for repeat, choice in enumerate(["first", "first", "tie"])
    ]
    rows += both("a", "first", "second", repeat=9)
    found = positions(rows)
    assert found.stability is not None
    assert found.stability.mean == 3 / 4
    assert positions(both("a", "first", "second")).stability is None


def test_comparisons_in_one_order_alone_show_no_bias():
    with pytest.raises(ValueError, match="both orders"):
        positions([PairRow("a", IN_ORDER, "first")])


PRIOR = np.array([0.5, 0.3, 0.2])


def cyclic(question, liked, prior=PRIOR):
    """A judge that multiplies its prior for the id with what it thinks of the option."""
    orders = [tuple((place + shift) % 3 for place in range(3)) for shift in range(3)]
    return [
        OptionRow(question, shown, tuple(np.log(prior * np.array([liked[each] for each in shown]))))
        for shown in orders
    ]


def test_the_prior_is_found_whatever_the_options_are():
    rows = cyclic("a", [0.2, 0.5, 0.3]) + cyclic("b", [0.9, 0.05, 0.05])
    assert id_prior(rows) == pytest.approx(PRIOR)


def test_without_the_prior_an_order_says_what_the_options_are_worth():
    liked = [0.2, 0.5, 0.3]
    for row in cyclic("a", liked):
        assert debiased(row, PRIOR) == pytest.approx(liked)


def test_taking_the_prior_out_makes_orders_agree():
    rng = np.random.default_rng(0)
    rows = [row for number in range(20) for row in cyclic(str(number), rng.dirichlet([4, 4, 4]))]
    found = selection(rows)
    assert found.after.mean == 1
    assert found.before.mean < 0.8
    assert (found.learned, found.tested) == (10, 10)
    assert found.prior == pytest.approx(PRIOR)


def test_orders_that_are_not_all_there_are_refused():
    with pytest.raises(ValueError, match="question 'a'"):
        id_prior(cyclic("a", [0.2, 0.5, 0.3])[:2])
    with pytest.raises(ValueError, match="numbers of options"):
        id_prior([OptionRow("a", (0, 1), (0.0, 0.0)), OptionRow("b", (0,), (0.0,))])
    with pytest.raises(ValueError, match="two or more"):
        selection(cyclic("a", [0.2, 0.5, 0.3]))


def labelled(accuracies, judge=0.9, items=60, seed=0):
    rng = np.random.default_rng(seed)
    truth = rng.integers(3, size=items)
    rows = []
    for name, accuracy in [*((f"p{place}", each) for place, each in enumerate(accuracies)), ("judge", judge)]:
        said = np.where(rng.random(items) < accuracy, truth, rng.integers(3, size=items))
        rows += [LabelRow(str(item), name, str(label)) for item, label in enumerate(said)]
    return rows


def test_a_judge_as_good_as_people_may_stand_in_for_them():
    found = alt_test(labelled([0.8, 0.8, 0.8]), "judge")
    assert isinstance(found, AltTest)
    assert found.passed
    assert found.winning_rate == 1
    assert found.advantage > 0.9


def test_a_judge_that_guesses_may_not():
    found = alt_test(labelled([0.95, 0.95, 0.95, 0.95], judge=0.0), "judge")
    assert isinstance(found, AltTest)
    assert not found.passed
    assert found.winning_rate == 0


def test_a_person_is_compared_on_agreement_with_the_others_by_a_paired_t_test():
    rows = labelled([0.7, 0.8, 0.9], judge=0.75)
    said = {
        name: [row.label for row in rows if row.annotator == name] for name in ("p0", "p1", "p2", "judge")
    }
    differences = []
    for person, one, other, judge in zip(said["p0"], said["p1"], said["p2"], said["judge"], strict=True):
        mine, judges = [one, other].count(person), [one, other].count(judge)
        differences.append((mine >= judges) - (judges >= mine))
    expected = stats.ttest_1samp(differences, 0.2, alternative="less").pvalue
    found = alt_test(rows, "judge")
    assert isinstance(found, AltTest)
    assert found.people["p0"] == pytest.approx(expected)


def test_people_are_many_enough_only_by_the_correction_of_benjamini_and_yekutieli():
    rows = labelled([0.9, 0.9, 0.9], judge=0.75, items=50, seed=3)
    found = alt_test(rows, "judge", epsilon=0.15)
    assert isinstance(found, AltTest)
    adjusted = stats.false_discovery_control(list(found.people.values()), method="by")
    assert found.winning_rate == np.mean(adjusted <= ALPHA)


def test_too_few_people_or_items_are_not_tested():
    assert alt_test(labelled([0.8, 0.8]), "judge") == "not run: labels of 2 people, 3 or more are needed"
    assert "20 items of 'p0'" in str(alt_test(labelled([0.8] * 3, items=20), "judge"))


def test_items_that_nobody_else_or_not_the_judge_labelled_do_not_count():
    rows = labelled([0.8, 0.8, 0.8])
    more = [LabelRow("alone", "p0", "1"), LabelRow("alone", "judge", "1")]
    more += [LabelRow("without", name, "1") for name in ("p0", "p1", "p2")]
    assert alt_test([*rows, *more], "judge") == alt_test(rows, "judge")
