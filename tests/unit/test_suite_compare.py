"""Comparisons: only what both runs scored, oriented by the measure, and gaps that stay gaps."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from evals.catalogue import BY_NAME
from evals.command_line import SuiteError
from evals.gate.comparison import MeasureVerdict, compare, paired
from evals.gate.summary import summaries, tally
from evals.records import Head, Result, Run, Score, Status
from evals.suite.run_files import read_run, write_run

HEAD = Head(suite="s", cases="0" * 64, collection="1" * 64, prompts="2" * 64, settings="3" * 64)


def result(number, measure="fact match", value=1.0, status=Status.SCORED, failed=""):
    scores = () if failed else (Score(measure=measure, value=value, status=status),)
    name = f"c{number}"
    return Result(case_id=name, cluster=name, kind="fact", question="q?", scores=scores, failed=failed)


def run_of(values, measure="fact match", **head):
    results = tuple(
        result(number, measure, value, Status.SCORED if value is not None else Status.UNSCORED_MODEL)
        for number, value in enumerate(values)
    )
    return Run(head=HEAD.model_copy(update=head), results=results)


def only(comparison, measure="fact match"):
    return next(each for each in comparison.measures if each.measure == measure)


def test_only_cases_that_both_runs_scored_are_paired():
    a, b = run_of([1, 0, None, 1]), run_of([0, None, 1, 1])
    pairs = paired(BY_NAME["fact match"], a, b)
    assert (pairs.ours, pairs.theirs, pairs.clusters) == ((1, 1), (0, 1), ("c0", "c3"))


def test_less_is_better_where_the_measure_says_so():
    slow, fast = run_of([900.0] * 12, "latency"), run_of([100.0] * 12, "latency")
    faster, slower = only(compare(slow, fast), "latency"), only(compare(fast, slow), "latency")
    assert (faster.difference, faster.verdict) == (-800.0, MeasureVerdict.BETTER)
    assert (slower.difference, slower.verdict) == (800.0, MeasureVerdict.WORSE)
    assert not slower.gates
    assert faster.low <= faster.difference <= faster.high


def test_more_is_better_elsewhere_and_the_interval_holds_the_difference():
    found = only(compare(run_of([1.0] * 20), run_of([1.0] * 10 + [0.0] * 10)))
    assert (found.a, found.b, found.difference, found.n) == (1.0, 0.5, -0.5, 20)
    assert found.verdict is MeasureVerdict.WORSE
    assert found.low < -0.5 < found.high < 0
    assert found.mde > 0


@pytest.mark.parametrize("gaps", [1, 20])
def test_gaps_are_counted_and_nothing_is_concluded_from_too_many(gaps):
    found = only(compare(run_of([1.0] * 20), run_of([None] * gaps + [1.0] * (20 - gaps))))
    assert found.coverage_b == 1 - gaps / 20
    assert found.verdict is MeasureVerdict.NOT_COMPARED
    assert found.why == f"{gaps} of 20 cases of the second run have no value"


def test_the_bounds_say_what_gaps_could_make_of_the_mean():
    [found] = summaries(run_of([1.0, 0.0, None, None]))
    assert (found.mean, found.scored, found.gaps, found.coverage) == (0.5, 2, 2, 0.5)
    assert (found.least, found.most) == (0.25, 0.75)
    [whole] = summaries(run_of([1.0, 0.0]))
    assert (whole.least, whole.most) == (None, None)


def test_a_failed_case_is_a_gap_of_every_measure_its_kind_always_has():
    failed = Run(head=HEAD, results=(result(0), result(1, failed="broken")))
    assert tally(BY_NAME["fact match"], failed).gaps == 1
    assert tally(BY_NAME["citation recall"], failed).gaps == 1
    assert tally(BY_NAME["nDCG@10"], failed).gaps == 0
    assert tally(BY_NAME["abstention precision"], failed).gaps == 0
    assert tally(BY_NAME["faithfulness"], failed).gaps == 0
    judged = failed.model_copy(update={"head": HEAD.model_copy(update={"judge": "j@0"})})
    assert tally(BY_NAME["faithfulness"], judged).gaps == 1


def test_flips_come_with_the_greatest_loss_first_and_the_answers_of_both():
    a, b = run_of([1.0, 1.0, 0.0, 0.5], "citation recall"), run_of([0.5, 0.0, 1.0, 0.5], "citation recall")
    flips = compare(a, b).flips
    assert [(each.case_id, each.a, each.b) for each in flips] == [
        ("c1", 1.0, 0.0),
        ("c0", 1.0, 0.5),
        ("c2", 0.0, 1.0),
    ]


def test_settings_that_differ_are_named_by_their_place():
    before, after = {"retrieval": {"depth": 200}}, {"retrieval": {"depth": 7}}
    a, b = run_of([1.0], configuration=before), run_of([1.0], configuration=after, seed=3)
    assert compare(a, b).changed == (("configuration.retrieval.depth", "200", "7"), ("seed", "0", "3"))


def test_prompts_may_differ_where_one_of_the_runs_used_none():
    a, b = run_of([1.0]), run_of([1.0], prompts="4" * 64, writer="m")
    assert compare(a, b).measures
    with pytest.raises(SuiteError, match="prompts differ"):
        compare(b, run_of([1.0], prompts="5" * 64, writer="m"))
    assert compare(b, run_of([1.0], prompts="5" * 64, writer="m"), ["prompts"]).allowed == ("prompts",)


def test_with_other_cases_allowed_those_in_common_that_are_asked_alike_are_compared():
    a, b = run_of([1.0] * 6, cases="6" * 64), run_of([1.0] * 4)
    other = b.results[0].model_copy(update={"question": "another?"})
    b = b.model_copy(update={"results": (other, *b.results[1:])})
    assert only(compare(a, b, ["cases"])).n == 3


VALUES = st.none() | st.floats(0, 1)


@given(st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=12))
def test_whatever_was_scored_figures_and_verdicts_hold_together(pairs):
    a, b = run_of([one for one, _ in pairs]), run_of([two for _, two in pairs])
    found = only(compare(a, b))
    both = [(one, two) for one, two in pairs if one is not None and two is not None]
    assert 0 <= found.coverage_a <= 1
    assert 0 <= found.coverage_b <= 1
    if found.difference is None:
        assert found.verdict in (MeasureVerdict.NOT_COMPARED, MeasureVerdict.INCONCLUSIVE)
        assert found.why
        return
    assert found.n == len(both)
    assert found.difference == pytest.approx(sum(two - one for one, two in both) / len(both))
    assert -1 <= found.low <= found.high <= 1
    assert found.verdict is not MeasureVerdict.WORSE or found.difference < 0
    assert found.verdict is not MeasureVerdict.BETTER or found.difference > 0


@given(st.lists(VALUES, max_size=6), st.text(max_size=20))
@example([1.0], "a\u2028b\x85c\nd")
def test_a_run_is_read_back_as_it_was_written(tmp_path_factory, values, text):
    run = run_of(values)
    run = run.model_copy(
        update={"results": tuple(each.model_copy(update={"question": text}) for each in run.results)}
    )
    file = tmp_path_factory.mktemp("run") / "run.jsonl"
    write_run(file, run)
    assert read_run(file) == run
