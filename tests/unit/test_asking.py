"""Questions are read beside what the collection holds, and the answer says how they were read."""

from dataclasses import replace

import pytest
from collection import FERRY, GRADES, LANTERN, SETTINGS, SMALL, open_small

from rag.settings import RetrievalSettings
from rag.types import Paper

OLDER = Paper(
    "older", "Cache Compression by Rounding", LANTERN.abstract.replace("Lantern", "Rounding"), year=2019
)


async def test_a_year_in_the_question_restricts_the_papers_and_is_said():
    dated = [replace(paper, year=2031) for paper in SMALL]
    answer = await (await open_small([*dated, OLDER])).ask("which papers since 2030 do cache compression?")
    assert {paper.paper_id for paper in answer.papers} == {"ferry", "lantern"}
    assert answer.filters == "from 2030"
    assert answer.searched == 6
    assert answer.receipt["understood"]["filters"] == {"years": [2030, None]}


async def test_papers_of_an_author_are_listed_though_no_topic_is_named():
    answer = await (await open_small()).ask("Which papers by Ada Nordmann are there?")
    assert [paper.paper_id for paper in answer.papers] == ["lantern"]
    assert answer.filters == "author Ada Nordmann"


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("papers on caches by Zora Quimby", "Zora Quimby"),
        ("papers by Zora Quimby on caches", "Zora Quimby"),
        ("papers by Yann LeCun about cache compression", "Yann LeCun"),
    ],
)
async def test_an_author_whom_no_paper_has_is_said_and_nothing_is_shown(question, name):
    answer = await (await open_small()).ask(question)
    assert answer.abstained
    assert f"“{name}”" in answer.note
    assert not answer.nearest


async def test_a_filter_that_no_paper_passes_is_said():
    answer = await (await open_small()).ask("which papers before 1990 do cache compression?")
    assert answer.abstained
    assert answer.note == "No paper passes the filter: until 1989."


async def test_a_slip_of_the_pen_is_mended_and_said():
    slipped = await (await open_small()).ask("which papers do cache comression?")
    right = await (await open_small()).ask("which papers do cache compression?")
    assert slipped.corrections == (("comression", "compression"),)
    assert slipped.papers == right.papers


async def test_the_years_of_a_claim_are_not_those_of_papers():
    small = await open_small([*SMALL, OLDER])
    found = await small.search("Cache compression has spread since 2030.", 10)
    assert {"older", "ferry"} <= {paper.paper_id for paper in found}


async def test_search_obeys_filters_too():
    found = await (await open_small([*SMALL, OLDER])).search("papers before 2020 on cache compression", 10)
    assert [paper.paper_id for paper in found] == ["older"]


async def test_a_set_answer_says_how_many_more_are_expected():
    answer = await (await open_small()).ask("which papers do cache compression?")
    assert answer.missing.startswith("about ")
    assert answer.missing.endswith(" more expected")


@pytest.mark.parametrize("question", ["which papers do cache compression?", "papers about reranking"])
async def test_recall_shows_no_fewer_and_precision_no_more(question):
    shown = {}
    for favour in ("recall", "balanced", "precision"):
        settings = SETTINGS.model_copy(update={"retrieval": RetrievalSettings(favour=favour)})
        answer = await (await open_small(settings=settings)).ask(question)
        shown[favour] = {paper.paper_id for paper in answer.papers}
    assert shown["recall"] >= shown["balanced"] >= shown["precision"]


async def test_what_is_described_is_compared_as_if_it_were_named():
    answer = await (await open_small()).ask(
        "How does merging values across layers differ from grading essays?"
    )
    assert answer.kind == "compare"
    assert {said.citations[0].paper_id for said in answer.statements} == {FERRY.paper_id, GRADES.paper_id}
    assert answer.asked == f"Compare “{FERRY.title}” with “{GRADES.title}”."


async def test_where_one_side_is_no_papers_the_question_is_answered_as_it_stands():
    answer = await (await open_small(SMALL)).ask("How does grading essays differ from baking fresh bread?")
    assert answer.asked == ""


async def test_a_filter_holds_for_both_sides():
    question = "How does dropping unused keys differ from merging values across layers in papers since 2020?"
    answer = await (await open_small()).ask(question)
    assert answer.filters
    cited = {each.paper_id for said in answer.statements for each in said.citations}
    assert cited <= {LANTERN.paper_id}
