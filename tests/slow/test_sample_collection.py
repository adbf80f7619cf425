"""The sample collection as a user has it: the real encoder, the real store, the shipped models."""

import asyncio
from typing import NamedTuple

import pytest

from evals.cases.suites import load_suite
from evals.records import Run
from evals.retrieval.measures import mean
from evals.suite.execution import run_assistant
from evals.suite.run_options import RunOptions
from ingest.sample_collection import ensure_sample
from rag.build import load_settings, open_assistant

pytestmark = pytest.mark.slow


class Measured(NamedTuple):
    """For each title the title that ranks first when it is searched for, and the run of the dev cases."""

    first: dict[str, str]
    run: Run

    def values(self, measure: str) -> list[float]:
        return list(self.run.values(measure).values())


async def measure(home) -> Measured:
    settings = load_settings(home=home, collection="sample")
    await ensure_sample(settings)
    assistant = await open_assistant(settings)
    try:
        titles = [paper.title async for paper in assistant.papers()]
        first = {title: (await assistant.search(title, 1))[0].title for title in titles}
        wanted = RunOptions("dev", home / "dev.jsonl")
        return Measured(first, await run_assistant(assistant, load_suite("dev"), wanted))
    finally:
        await assistant.close()


@pytest.fixture(scope="module")
def measured(tmp_path_factory) -> Measured:
    return asyncio.run(measure(tmp_path_factory.mktemp("home")))


def test_every_title_searched_for_itself_ranks_first(measured):
    assert len(measured.first) == 231
    assert [title for title, found in measured.first.items() if found != title] == []


def test_every_quote_is_verbatim(measured):
    quoted = [result.score("quotes verbatim") for result in measured.run.results]
    assert sum(score.of for score in quoted) > 100
    assert {score.value for score in quoted} <= {1.0, None}


def test_every_fact_question_is_answered_with_all_its_facts(measured):
    assert measured.values("fact match") == [1.0] * 8


def test_it_abstains_exactly_where_there_is_no_answer(measured):
    assert len(measured.values("abstention recall")) == 4
    assert set(measured.values("abstained rightly")) == {1.0}


def test_set_questions_are_ranked_and_cut_well_enough(measured):
    assert len(measured.values("nDCG@10")) >= 10
    assert mean(measured.values("nDCG@10")) >= 0.82
    assert mean(measured.values("set F1")) >= 0.65


def test_every_dev_case_is_covered_turns_of_conversations_one_by_one(measured):
    assert len(measured.run.results) == 38
    assert len({result.cluster for result in measured.run.results}) == 36
    assert not [result.failed for result in measured.run.results if result.failed]
