"""Runs: each case is asked once, whatever happens; what fails is recorded, asked again, and never scored."""

import asyncio
import json

import pytest
from collection import GRADES, SIFTER, open_small
from fakes import ScriptedModel
from small_suite import CASES, RECORDS, SMALL_SUITE, CountingEncoder, open_at, run_small

from evals.cases.suites import Suite
from evals.command_line import SuiteError
from evals.records import Result
from evals.suite.answering import Limits, run_items
from evals.suite.execution import run_assistant
from evals.suite.run_files import Journal, read_run
from evals.suite.run_options import RunOptions, SeededModel
from rag.errors import ModelRateLimited, ModelUnavailable, StoreUnavailable
from rag.models.encoders.bm25 import Bm25Encoder
from rag.models.language_model import Message, Request
from rag.settings import ModelSettings
from rag.text.tokens import token_counter
from rag.verification.claim_verifier import ClaimVerifier
from rag.writing.writer import Writer

ANSWERED = [record for record in RECORDS if record.kind == "fact"][:2]


def writer(model):
    return Writer(
        model, ClaimVerifier(Bm25Encoder()), token_counter("cl100k_base"), ModelSettings(name="scripted")
    )


def copied(request):
    """What a small honest model writes: the first sentence it is shown, with a quote."""
    evidence = json.loads(request.messages[-1].content.split("\n")[1])
    quote = evidence["abstract"].split(". ")[1].rstrip(".") + "."
    cited = [{"number": evidence["number"], "quote": quote}]
    return json.dumps({"statements": [{"text": quote, "citations": cited}]})


async def test_every_case_is_answered_scored_and_on_file_in_order(tmp_path):
    run = await run_small(tmp_path, tmp_path / "run.jsonl")
    assert len(run.results) == CASES
    assert [each.case_id for each in run.results][-2:] == ["t1#1", "t1#2"]
    assert not any(each.failed for each in run.results)
    for name in ("fact match", "abstained rightly", "turns right", "citation precision", "quotes verbatim"):
        assert set(run.values(name).values()) == {1.0}, name
    assert read_run(tmp_path / "run.jsonl") == run


async def test_a_second_run_asks_nothing_that_the_first_asked(tmp_path):
    first, second = CountingEncoder(), CountingEncoder()
    one = await run_small(tmp_path, tmp_path / "one.jsonl", encoder=first)
    two = await run_small(tmp_path, tmp_path / "two.jsonl", encoder=second)
    assert first.calls > len(RECORDS)
    assert second.calls == 0
    assert one == two


async def test_a_model_is_not_asked_again_either(tmp_path):
    suite = Suite("facts", tuple(ANSWERED))
    models = [ScriptedModel(copied), ScriptedModel([])]
    for number, model in enumerate(models):
        run = await run_small(tmp_path, tmp_path / f"{number}.jsonl", suite, writer=writer(model))
        assert run.head.writer == "scripted"
        assert [result.tokens > 0 for result in run.results] == [True, True]
    assert [len(model.requests) for model in models] == [2, 0]


async def test_another_setting_asks_anew(tmp_path):
    await run_small(tmp_path, tmp_path / "one.jsonl")
    encoder = CountingEncoder()
    settings = (await open_small()).parts.settings
    other = settings.model_copy(
        update={"home": tmp_path, "retrieval": settings.retrieval.model_copy(update={"favour": "recall"})}
    )
    assistant = await open_small(encoder=encoder, settings=other)
    run = await run_assistant(assistant, SMALL_SUITE, RunOptions("small", tmp_path / "two.jsonl"))
    assert encoder.calls > len(RECORDS)
    assert run.head.settings != read_run(tmp_path / "one.jsonl").head.settings


async def test_a_model_that_fails_is_recorded_as_failed_with_no_score_and_asked_again(tmp_path):
    """The answer would be the extractive reader's: to score it as the model's would be wrong."""
    suite = Suite("facts", tuple(ANSWERED))
    out = tmp_path / "run.jsonl"
    once = ScriptedModel([ModelRateLimited("slow down"), copied(_request_for_sifter())])
    run = await run_small(tmp_path, out, suite, writer=writer(once))
    assert [bool(each.failed) for each in run.results] == [True, False]
    assert "slow down" in run.results[0].failed
    assert run.results[0].scores == ()
    again = ScriptedModel(copied)
    run = await run_small(tmp_path, out, suite, writer=writer(again))
    assert not any(each.failed for each in run.results)
    assert len(again.requests) == 1


def _request_for_sifter():
    shown = json.dumps({"number": 1, "title": SIFTER.title, "abstract": SIFTER.abstract})
    return Request((Message("user", f"Evidence:\n{shown}"),), "write/1")


class Breaking:
    """An assistant's part of a run, whose store breaks at one question."""

    def __init__(self, fail_at, error):
        self.asked = []
        self.fail_at, self.error = fail_at, error

    async def results(self, item):
        self.asked.append(item[0].case_id)
        await asyncio.sleep(0)
        if item[0].case_id == self.fail_at:
            raise self.error
        return [_result(case) for case in item], 1.0


def _result(case):
    return Result(case_id=case.case_id, cluster=case.case_id, kind=case.kind, question=case.question)


@pytest.fixture
async def head(tmp_path):
    return (await run_small(tmp_path / "home", tmp_path / "head.jsonl")).head


async def test_a_run_that_is_interrupted_goes_on_after_the_last_whole_line(tmp_path, head):
    out = tmp_path / "run.jsonl"
    broken = Breaking("f3", RuntimeError("killed"))
    with pytest.raises(ExceptionGroup):
        await run_items(SMALL_SUITE.items, broken, Journal(out, head), Limits())
    with out.open("a") as file:
        file.write('{"case_id": "f3", "clu')  # as a killed process leaves it
    going_on = Breaking("", None)
    run = await run_items(SMALL_SUITE.items, going_on, Journal(out, head), Limits())
    finished = broken.asked[: broken.asked.index("f3")]
    assert len(finished) == 4
    assert not set(finished) & set(going_on.asked)
    assert len(run.results) == CASES


async def test_a_conversation_of_which_only_a_part_was_written_is_held_again(tmp_path, head):
    out = tmp_path / "run.jsonl"
    talk = [record for record in RECORDS if record.turns]
    [[first, second]] = Suite("talk", tuple(talk)).items
    journal = Journal(out, head)
    journal.add([_result(first)])
    journal.close()
    assert Journal(out, head).done([first.case_id, second.case_id]) is None


async def test_a_file_that_holds_another_run_is_left_alone(tmp_path, head):
    out = tmp_path / "run.jsonl"
    Journal(out, head).close()
    before = out.read_bytes()
    other = head.model_copy(update={"seed": 1, "judge": "lexical@0"})
    with pytest.raises(SuiteError, match=r"is another run: judge, seed differ; name another file"):
        Journal(out, other)
    out.write_text("my notes\n")
    with pytest.raises(SuiteError, match="line 1: no part of a run"):
        Journal(out, head)
    assert out.read_text() == "my notes\n"
    assert before


async def test_nothing_is_begun_once_the_budget_is_used_up(tmp_path, head):
    out = tmp_path / "run.jsonl"
    asking = Breaking("", None)
    run = await run_items(SMALL_SUITE.items, asking, Journal(out, head), Limits(budget_usd=3.0))
    assert len(asking.asked) == 3
    left = [each for each in run.results if each.failed]
    assert len(left) == CASES - 3
    assert {each.failed for each in left} == {"the budget of $3 is used up: raise --budget-usd and run again"}
    more = Breaking("", None)
    run = await run_items(SMALL_SUITE.items, more, Journal(out, head), Limits())
    assert len(more.asked) == len(RECORDS) - 3
    assert not any(each.failed for each in run.results)


async def test_never_more_items_at_once_than_allowed(tmp_path, head):
    running, most = 0, 0

    class Slow(Breaking):
        async def results(self, item):
            nonlocal running, most
            running += 1
            most = max(most, running)
            await asyncio.sleep(0.001)
            running -= 1
            return await super().results(item)

    await run_items(SMALL_SUITE.items, Slow("", None), Journal(tmp_path / "r", head), Limits(concurrency=3))
    assert most == 3


async def test_a_turn_that_fails_fails_those_after_it_and_no_other_case(tmp_path, monkeypatch):
    assistant = await open_at(tmp_path)
    ask = type(assistant).ask

    async def failing(self, question, on_statement=None, history=None):
        if history:
            raise StoreUnavailable("the disk is gone")
        return await ask(self, question, on_statement, history)

    monkeypatch.setattr(type(assistant), "ask", failing)
    third = RECORDS[-1].turns[1].model_copy(update={"question": "And the other?"})
    talk = RECORDS[-1].model_copy(update={"turns": (*RECORDS[-1].turns, third)})
    run = await run_assistant(assistant, Suite("s", (*RECORDS[:-1], talk)), RunOptions("s", tmp_path / "r"))
    assert {each.case_id: each.failed for each in run.results if each.failed} == {
        "t1#2": "StoreUnavailable: the disk is gone",
        "t1#3": "a turn before it failed",
    }


async def test_a_bug_that_one_case_meets_does_not_cost_the_others(tmp_path, monkeypatch):
    assistant = await open_at(tmp_path)
    ask = type(assistant).ask

    async def buggy(self, question, on_statement=None, history=None):
        if "Sifter" in question:
            raise KeyError("oops")
        return await ask(self, question, on_statement, history)

    monkeypatch.setattr(type(assistant), "ask", buggy)
    run = await run_assistant(assistant, SMALL_SUITE, RunOptions("s", tmp_path / "r"))
    assert [each.failed for each in run.results if each.failed] == ["KeyError: 'oops'"] * 2


async def test_a_collection_without_any_of_the_expected_papers_is_refused(tmp_path):
    assistant = await open_small([GRADES])
    suite = Suite("s", RECORDS[:2])
    with pytest.raises(SuiteError, match=r"has none of the 3 papers that suite 's' expects"):
        await run_assistant(assistant, suite, RunOptions("s", tmp_path / "r"))


async def test_the_seed_reaches_the_model_and_the_key_of_what_is_kept(tmp_path):
    suite = Suite("facts", tuple(ANSWERED[:1]))
    seeds = []
    for seed in (0, 7):
        model = ScriptedModel(copied)
        parts = {"writer": writer(SeededModel(model, seed))}
        await run_small(
            tmp_path, tmp_path / f"{seed}", suite, wanted=RunOptions("s", tmp_path, seed=seed), **parts
        )
        seeds += [request.seed for request in model.requests]
    assert seeds == [0, 7]


async def test_a_model_that_cannot_be_reached_leaves_nothing_that_looks_like_an_answer(tmp_path):
    model = ScriptedModel([ModelUnavailable("no connection")] * len(RECORDS) * 2)
    run = await run_small(tmp_path, tmp_path / "r", writer=writer(model))
    asked = [each for each in run.results if each.failed]
    assert asked
    assert all("no connection" in each.failed or "before it" in each.failed for each in asked)
    assert all(not each.scores for each in asked)
