"""Judging a run again in other ways gives a row for each way, and no score where there was none."""

import json

import pytest
from collection import FERRY, LANTERN
from fakes import ScriptedModel
from judged import SHRINKS, judge_of, reply

from evals.judging.model_judge import SMALL_MODEL, ModelJudge
from evals.judging.offline import LexicalJudge
from evals.judging.panel import Panel
from evals.judging.prompting import CLAIMS
from evals.judging.rejudging import Variations, answered, rejudge
from evals.judging.roles import RolesJudge
from evals.judging.verdicts import PLAIN, Way
from evals.suite.records import Head, Result, Run

ABSTRACTS = {paper.paper_id: paper.abstract for paper in (LANTERN, FERRY)}
HEAD = Head(suite="s", cases="0" * 64, collection="0" * 64, prompts="0" * 64, settings="0" * 64)


def result(case_id, *texts, **more):
    statements = [
        {"text": text, "citations": [{"paper_id": "lantern", "title": LANTERN.title}]} for text in texts
    ]
    return Result(
        case_id=case_id,
        cluster=case_id,
        kind="fact",
        question=f"question {case_id}",
        answer={"statements": statements},
        **more,
    )


RUN = Run(
    head=HEAD,
    results=(
        result("q1", "Lantern shrinks the cache by 8.5 times."),
        result("q2"),
        result("q3", "It shrinks.", "It is pruned."),
        Result(case_id="q4", cluster="q4", kind="fact", question="?", failed="broke"),
    ),
)


def test_answers_that_say_something_are_judged_again_and_failures_are_not():
    found = answered(RUN, ABSTRACTS)
    assert [(each.case_id, len(each.claims), each.words) for each in found] == [("q1", 1, 7), ("q3", 2, 5)]


def test_ways_are_all_combinations_and_the_plain_one_comes_first():
    ways = list(Variations(2, 3, 2).ways())
    assert ways[0] == PLAIN
    assert len(set(ways)) == len(ways) == 12
    assert Way(paraphrase=2, order=1, repeat=1) in ways


def script(request):
    """Supported in every wording but the second."""
    ids = request.schema["properties"]["verdicts"]["items"]["properties"]["id"]["enum"]
    said = ("not in context", "") if request.prompt == CLAIMS[1] else ("supported", SHRINKS)
    return reply(*({"id": each, "quote": said[1], "verdict": said[0]} for each in ids))


async def test_each_answer_has_a_score_for_each_way_and_the_wording_moves_it():
    told = []
    found = await rejudge(
        judge_of(ScriptedModel(script)),
        answered(RUN, ABSTRACTS),
        Variations(2, 3, 2),
        lambda *done: told.append(done),
    )
    assert len(found.scores) == 2 * 12
    assert told[-1] == (24, 24)
    assert {row.score for row in found.scores if row.paraphrase == 1} == {0.0}
    assert {row.score for row in found.scores if row.paraphrase != 1} == {1.0}
    assert {(row.question, row.length, row.judge) for row in found.scores} == {
        ("q1", 7, "scripted"),
        ("q3", 5, "scripted"),
    }


async def test_labels_are_those_of_the_plain_way():
    found = await rejudge(judge_of(ScriptedModel(script)), answered(RUN, ABSTRACTS), Variations(1, 2, 1))
    assert [(row.item, row.label) for row in found.labels] == [
        ("q1/c1", "supported"),
        ("q3/c1", "supported"),
        ("q3/c2", "supported"),
    ]


async def test_a_repeat_differs_in_its_seed_alone():
    model = ScriptedModel(script)
    await rejudge(judge_of(model), answered(RUN, ABSTRACTS)[:1], Variations(2, 1, 1))
    first, second = model.requests
    assert first.messages == second.messages
    assert (first.seed, second.seed) == (0, 1)


async def test_an_answer_without_a_score_stays_without_and_its_claims_without_labels():
    def half(request):
        return script(request) if request.prompt == CLAIMS[1] else json.dumps({"verdicts": []})

    found = await rejudge(judge_of(ScriptedModel(half)), answered(RUN, ABSTRACTS), Variations(1, 2, 1))
    assert [row.score for row in found.scores] == [None, 0.0, None, 0.0]
    assert found.labels == ()


async def test_a_judge_without_a_model_is_asked_once_since_nothing_could_make_it_waver():
    found = await rejudge(LexicalJudge("d"), answered(RUN, ABSTRACTS), Variations())
    assert [row.question for row in found.scores] == ["q1", "q3"]


def test_only_what_a_judge_takes_notice_of_is_varied():
    wanted = Variations(2, 3, 4)
    model = ScriptedModel()
    full, small = judge_of(model), ModelJudge(model, "d", SMALL_MODEL)
    lexical = LexicalJudge("d")
    assert wanted.within(full) == wanted.within(RolesJudge(model, "d")) == wanted
    assert wanted.within(small) == Variations(2, 1, 1)
    assert wanted.within(lexical) == Variations(1, 1, 1)
    assert wanted.within(Panel([lexical, small], {}, "d")) == Variations(2, 1, 1)


def test_more_wordings_than_there_are_would_repeat_the_first_ones():
    assert Variations().paraphrases == len(CLAIMS)
    with pytest.raises(ValueError, match="wordings"):
        Variations(paraphrases=len(CLAIMS) + 1)
