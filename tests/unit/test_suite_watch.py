"""A run that stops as soon as it is known whether it may follow its baseline."""

import asyncio

import pytest
from cli_driver import assert_one_line
from small_suite import open_at, suite_file

from evals.cases.questions import CaseRecord
from evals.cases.suites import Suite
from evals.command_line import SuiteError
from evals.gate.early_stopping import NOT_ASKED, EarlyStopping
from evals.records import Head, Result, Run, Score
from evals.suite.answering import Limits, run_items
from evals.suite.run_files import read_run

DIGEST = "0" * 64
HEAD = Head(suite="many", cases=DIGEST, collection=DIGEST, prompts=DIGEST, settings=DIGEST)
COUNT = 250
MANY = Suite(
    "many",
    tuple(
        CaseRecord(id=f"f{n}", kind="fact", question=f"Question {n}?", relevant=("A paper",), facts=("1",))
        for n in range(COUNT)
    ),
)


class Scripted:
    """Gives each case a fact match, and remembers whom it was asked about."""

    def __init__(self, value=lambda case_id: 1.0, wait=lambda case_id: 0.0) -> None:
        self.asked = []
        self._value = value
        self._wait = wait

    async def results(self, item):
        self.asked += [case.case_id for case in item]
        await asyncio.sleep(self._wait(item[0].case_id))
        return [result(case.case_id, self._value(case.case_id)) for case in item], 0.01


def result(case_id, value):
    score = Score(measure="fact match", value=value)
    return Result(case_id=case_id, cluster=case_id, kind="fact", question="?", scores=(score,))


BASELINE = Run(head=HEAD, results=tuple(result(f"f{n}", 1.0) for n in range(COUNT)))


class Journal:
    """Keeps results in memory."""

    def __init__(self) -> None:
        self.results = []

    def done(self, case_ids):
        return None

    def add(self, results):
        self.results += results

    def finish(self, case_ids):
        return Run(head=HEAD, results=tuple(self.results))

    def close(self):
        pass


async def watched(inner, concurrency=1, count=COUNT):
    watching = EarlyStopping(HEAD, inner, BASELINE)
    run = await run_items(MANY.items[:count], watching, Journal(), Limits(concurrency))
    return watching, run


async def test_a_large_loss_stops_the_run_and_nothing_more_is_asked():
    inner = Scripted(lambda case_id: float(int(case_id[1:]) % 3 > 0))
    watching, run = await watched(inner)
    assert watching.verdict == "regression"
    assert watching.asked == len(inner.asked) < 60
    assert watching.all == COUNT
    left = [each for each in run.results if each.failed]
    assert {each.failed for each in left} == {NOT_ASKED}
    assert len(left) == COUNT - len(inner.asked)


async def test_no_loss_is_fine_before_all_are_asked():
    watching, _ = await watched(Scripted())
    assert watching.verdict == "fine"
    assert 20 < watching.asked < 120


async def test_too_few_cases_are_all_asked_and_tell_nothing():
    watching, run = await watched(Scripted(lambda case_id: float(case_id != "f7")), count=25)
    assert watching.verdict == "inconclusive"
    assert watching.asked == watching.all == 25
    assert not any(each.failed for each in run.results)


async def test_what_is_known_does_not_depend_on_who_is_quick():
    """Failing cases are slow; looked at as they end, the first ones would all be right."""
    value = lambda case_id: float(int(case_id[1:]) % 4 > 0)  # noqa: E731
    slow = Scripted(value, lambda case_id: 0.002 if value(case_id) == 0 else 0.0)
    one, _ = await watched(Scripted(value))
    other, _ = await watched(slow, concurrency=8)
    assert other.stops == one.stops


async def test_cases_without_a_score_are_not_looked_at():
    class Silent(Scripted):
        async def results(self, item):
            return [Result(case_id=item[0].case_id, cluster="", kind="fact", question="?")], 0.0

    watching, _ = await watched(Silent())
    assert watching.stops["fact match"].n == 0
    assert watching.verdict == "inconclusive"


def test_a_baseline_of_other_cases_is_refused():
    other = Run(head=HEAD.model_copy(update={"cases": "1" * 64}), results=BASELINE.results)
    with pytest.raises(SuiteError, match="not comparable"):
        EarlyStopping(HEAD, Scripted(), other)


def test_a_baseline_without_anything_to_watch_is_refused():
    latency = Score(measure="latency", value=3.0)
    only = Run(head=HEAD, results=(result("f0", 1.0).model_copy(update={"scores": (latency,)}),))
    with pytest.raises(SuiteError, match="no measure to watch"):
        EarlyStopping(HEAD, Scripted(), only)


@pytest.fixture
def system(monkeypatch, tmp_path):
    """The small collection, which `pincite eval run` opens."""

    async def opened(settings, model=None):
        return await open_at(tmp_path)

    async def ensured(settings, on_progress=None):
        return None

    monkeypatch.setattr("evals.suite.execution.open_assistant", opened)
    monkeypatch.setattr("evals.suite.execution.ensure_sample", ensured)


def test_a_few_cases_are_asked_in_random_order_and_tell_nothing(run, system, tmp_path):
    suite, before, after = suite_file(tmp_path), tmp_path / "before.jsonl", tmp_path / "after.jsonl"
    assert run("eval", "run", "--suite", str(suite), "--out", str(before)).code == 0
    options = ("--suite", str(suite), "--baseline", str(before), "--out", str(after))
    done = run("eval", "watch", *options)
    assert done.code == 2
    assert "watch: inconclusive, 13 of 13 items asked" in done.out
    assert "fact match: inconclusive after 6" in done.out
    asked = [each.case_id for each in read_run(after).results]
    assert asked != sorted(asked, key=[each.case_id for each in read_run(before).results].index)
    again = run("eval", "watch", *options)
    assert_one_line(again, 4, "is there already")


def test_the_order_is_of_the_seed():
    from evals.suite.execution import RunOptions

    orders = [RunOptions("", "", seed=seed, shuffled=True).items(MANY) for seed in (1, 1, 2)]
    assert orders[0] == orders[1] != orders[2]
    assert sorted(orders[0], key=str) == sorted(MANY.items, key=str)
    assert RunOptions("", "").items(MANY) == MANY.items
