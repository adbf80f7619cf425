"""A judge's scores of a run: claims and checklists, each asked once, and never kept where one is missing."""

import json

import pytest
from collection import SMALL
from fakes import ScriptedModel
from judged import judge_of
from small_suite import RECORDS, SMALL_SUITE, run_small

from evals.cases.suites import Suite
from evals.judges.checklists import Checklist, ChecklistItem, ChecklistJudge
from evals.records import Status
from evals.suite.execution import run_assistant
from evals.suite.judged import Judges
from evals.suite.run_options import RunOptions
from rag.errors import ModelUnavailable

FACTS = Suite("facts", tuple(record for record in RECORDS if record.kind == "fact"))
ABSENT = Suite("absent", tuple(record for record in RECORDS if record.id == "u2"))


def honest(request):
    """Calls every claim supported, with a quote of the abstract it cites."""
    text = request.messages[-1].content
    claims = [json.loads(line) for line in text.splitlines() if line.startswith('{"id"')]
    quotes = {claim["id"]: claim["claim"] if "claim" in claim else claim["text"] for claim in claims}
    return json.dumps(
        {"verdicts": [{"id": k, "quote": q, "verdict": "supported"} for k, q in quotes.items()]}
    )


async def test_every_answer_with_claims_is_judged_and_none_twice(tmp_path):
    models = [ScriptedModel(honest), ScriptedModel([])]
    for number, model in enumerate(models):
        run = await run_small(tmp_path, tmp_path / f"{number}.jsonl", FACTS, judge=judge_of(model))
        assert set(run.values("faithfulness").values()) == {1.0}
        assert len(run.values("faithfulness")) == 6
    assert [len(model.requests) for model in models] == [6, 0]


async def test_an_abstention_has_nothing_to_judge_and_nobody_is_asked(tmp_path):
    run = await run_small(tmp_path, tmp_path / "r", ABSENT, judge=judge_of(ScriptedModel([])))
    assert {each.score("faithfulness").status for each in run.results} == {Status.NO_CLAIMS}


async def test_a_judge_that_fails_leaves_a_gap_that_the_next_run_asks_about_again(tmp_path):
    broken = ScriptedModel(lambda request: ModelUnavailable("no connection"))
    run = await run_small(tmp_path, tmp_path / "one", FACTS, judge=judge_of(broken))
    scores = [each.score("faithfulness") for each in run.results]
    assert {(score.status, score.value) for score in scores} == {(Status.UNSCORED_MODEL, None)}
    mended = ScriptedModel(honest)
    run = await run_small(tmp_path, tmp_path / "two", FACTS, judge=judge_of(mended))
    assert len(mended.requests) == 6
    assert len(run.values("faithfulness")) == 6


# --- checklists ---------------------------------------------------------------------------------

CASE = FACTS.records[0]
ITEMS = (
    ChecklistItem(measure="relevance", asks="Is it about Lantern?"),
    ChecklistItem(measure="completeness", asks="Does it state 8.5?"),
    ChecklistItem(measure="completeness", asks="Does it state 9.5?"),
)
LIST = Checklist(id=CASE.id, question=CASE.question, items=ITEMS, made="by rule from the gold")


def yes_yes_no(request):
    answers = ("yes", "yes", "no")
    return json.dumps(
        {"answers": [{"id": f"i{n}", "because": "", "answer": said} for n, said in enumerate(answers, 1)]}
    )


@pytest.fixture
def listed(monkeypatch):
    """The run of one case whose checklist is this one."""

    async def run(folder, checklist, model):
        from small_suite import open_at

        monkeypatch.setattr("evals.suite.judged.read_checklists", lambda: {checklist.id: checklist})
        judges = Judges(judge_of(ScriptedModel(honest)), ChecklistJudge(model, "3" * 64))
        wanted = RunOptions("facts", folder / "r.jsonl")
        (folder / "r.jsonl").unlink(missing_ok=True)
        return (await run_assistant(await open_at(folder), Suite("facts", (CASE,)), wanted, judges)).results[
            0
        ]

    return run


async def test_an_answer_is_held_against_its_checklist_once(tmp_path, listed):
    models = [ScriptedModel(yes_yes_no), ScriptedModel([])]
    for model in models:
        result = await listed(tmp_path, LIST, model)
        assert result.score("relevance").value == 1.0
        assert result.score("completeness").value == 0.5
        assert [score.measure for score in result.scores][-4:-1] == [
            "faithfulness",
            "relevance",
            "completeness",
        ]
    assert [len(model.requests) for model in models] == [1, 0]


@pytest.mark.parametrize(
    "change",
    [{"question": "Another question?"}, {"id": "other"}, {"made": "by a model", "reviewed": ""}],
    ids=["of another question", "of another case", "that nobody accepted"],
)
async def test_a_checklist_that_is_not_of_this_case_or_not_accepted_is_not_used(tmp_path, listed, change):
    result = await listed(tmp_path, LIST.model_copy(update=change), ScriptedModel([]))
    assert result.score("relevance") is None


def test_the_small_collection_has_what_the_suite_asks_for():
    titles = {paper.title for paper in SMALL}
    assert {title for record in SMALL_SUITE.records for title in record.relevant} <= titles
