"""The sample collection as a user has it: the real encoder, the real store, the shipped models."""

import asyncio
from typing import NamedTuple

import pytest

from evals.answers import Outcome, run
from evals.measures import mean
from evals.questions import CASES, read_cases
from ingest.sample_collection import ensure_sample
from rag.build import load_settings, open_assistant

pytestmark = pytest.mark.slow


class Measured(NamedTuple):
    """For each title the title that ranks first when it is searched for, and what came of each dev case."""

    first: dict[str, str]
    outcomes: list[Outcome]

    def of_kind(self, kind: str) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.case.kind == kind]


async def measure(home) -> Measured:
    settings = load_settings(home=home, collection="sample")
    await ensure_sample(settings)
    assistant = await open_assistant(settings)
    try:
        titles = [paper.title async for paper in assistant.papers()]
        first = {title: (await assistant.search(title, 1))[0].title for title in titles}
        return Measured(first, await run(assistant, read_cases(CASES / "dev.jsonl")))
    finally:
        await assistant.close()


@pytest.fixture(scope="module")
def measured(tmp_path_factory) -> Measured:
    return asyncio.run(measure(tmp_path_factory.mktemp("home")))


def test_every_title_searched_for_itself_ranks_first(measured):
    assert len(measured.first) == 231
    assert [title for title, found in measured.first.items() if found != title] == []


def test_every_quote_is_verbatim(measured):
    quotes = [verbatim for outcome in measured.outcomes for verbatim in outcome.verbatim]
    assert len(quotes) > 100
    assert all(quotes)


def test_every_fact_question_is_answered_with_all_its_facts(measured):
    facts = measured.of_kind("fact")
    assert facts
    assert [outcome.case.question for outcome in facts if not outcome.all_facts] == []


def test_it_abstains_exactly_where_there_is_no_answer(measured):
    wrong = [o for o in measured.outcomes if o.answer.abstained == o.case.answerable]
    assert len(measured.of_kind("unanswerable")) == 4
    assert [outcome.case.question for outcome in wrong] == []


def test_set_questions_are_ranked_and_cut_well_enough(measured):
    sets = measured.of_kind("set")
    assert len(sets) >= 10
    assert mean([outcome.ndcg for outcome in sets]) >= 0.82
    assert mean([outcome.f1 for outcome in sets]) >= 0.65
