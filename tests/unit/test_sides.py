"""Comparisons of what is described rather than named."""

import pytest
from collection import FERRY, GRADES, LANTERN, SMALL, open_small

from rag.question.clauses import sides

DESCRIBED = {
    "How does removing experts differ from dropping layers?": ("removing experts", "dropping layers"),
    "what's the difference between": (),
    "What is the main difference between early exits and layer skipping?": ("early exits", "layer skipping"),
    "Compare dense retrieval with sparse retrieval: which is faster?": (
        "dense retrieval",
        "sparse retrieval",
    ),
    "prompting alone vs a fine-tuned model, which is more accurate?": (
        "prompting alone",
        "a fine-tuned model",
    ),
    "Compare PRP with FIRST for reranking.": (),
    "How does the Quest paper differ from the ClusterKV paper?": (),
    "How does crawling the web differ from filtering Common Crawl?": (
        "crawling the web",
        "filtering Common Crawl",
    ),
    "Which papers compare prompting with fine-tuning?": (),
}


@pytest.mark.parametrize(("question", "found"), DESCRIBED.items())
def test_two_descriptions_are_found_where_a_question_sets_them_side_by_side(question, found):
    assert sides(question) == found


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
