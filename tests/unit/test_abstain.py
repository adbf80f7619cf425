"""Saying no usefully."""

import pytest
from collection import FERRY, GRADES, LANTERN, open_small, quoted


async def note(question, papers=None):
    answer = await (await open_small(papers) if papers else await open_small()).ask(question)
    assert answer.abstained
    assert answer.statements == answer.papers == ()
    return answer.note


@pytest.mark.parametrize("question", ["Who won the 2022 World Cup?", "Which papers discover exoplanets?"])
async def test_a_question_about_something_else_says_that_nothing_comes_near(question):
    assert await note(question) == (
        "Not something this collection can answer: nothing in it comes near. Searched 6 abstracts."
    )


async def test_what_the_abstract_of_a_named_paper_does_not_state_is_said_of_that_paper():
    assert await note("Which GPU was used for Lantern?") == (
        f"The collection does not say: the abstract of “{LANTERN.title}” does not state it. "
        "Searched 6 abstracts."
    )


async def test_what_that_paper_does_say_stands_beside_the_no_and_no_other_paper_does():
    answer = await (await open_small()).ask("Which GPU was used for Lantern?")
    (said,) = answer.partial
    (cited,) = said.citations
    assert (cited.paper_id, cited.quote) == ("lantern", quoted(LANTERN, 1))
    assert {paper.paper_id for paper in answer.nearest} <= {"lantern"}


@pytest.mark.parametrize("question", ["Who wrote Lantern?", "Who won the 2022 World Cup?", "hello"])
async def test_where_the_record_or_no_paper_was_asked_about_no_abstract_is_quoted(question):
    assert (await (await open_small()).ask(question)).partial == ()


async def test_a_filter_that_no_paper_passes_does_not_boast_of_having_searched_none():
    assert await note("Which papers study caches since 2090?") == "No paper passes the filter: from 2090."


async def test_a_name_that_an_abstract_introduces_leads_to_its_paper():
    assert f"“{GRADES.title}”" in await note("Which GPU was used for EssayNet?")


async def test_a_question_about_authors_gives_the_record_instead():
    assert await note("Who wrote Lantern?") == (
        f"No abstract states authors. The collection's record of “{LANTERN.title}”: "
        "authors Ada Nordmann, Ben Okoro; venue Workshop on Small Caches; year 2031; "
        "url https://example.org/lantern. Searched 6 abstracts."
    )


async def test_an_empty_record_is_said_to_be_empty():
    assert await note("When was Ferry published?") == (
        f"No abstract states a year. The collection's record of “{FERRY.title}” holds no authors, "
        "venue, year or address. Searched 6 abstracts."
    )


@pytest.mark.parametrize(
    ("question", "opening"),
    [
        ("Which paper is cited most?", "No abstract states a citation count. Searched"),
        ("the DOI of the cache paper", "No abstract states an identifier. Searched"),
        ("Who wrote about Lantern and Ferry?", "No abstract states authors. Searched"),
    ],
)
async def test_no_record_is_given_where_no_one_paper_is_named(question, opening):
    assert (await note(question)).startswith(opening)


async def test_small_talk_is_told_what_to_ask():
    assert await note("hello") == "Ask about the papers of this collection: a topic, a method, a number."


async def test_an_empty_collection_says_so():
    answer = await (await open_small([])).ask("Which papers do cache compression?")
    assert answer.abstained
    assert answer.note.startswith("This collection holds no papers yet")
    assert answer.nearest == ()


async def test_papers_that_came_near_are_named_best_first_and_others_are_not():
    answer = await (await open_small()).ask("When was the paper about essays by teachers published?")
    assert [paper.paper_id for paper in answer.nearest] == ["grades"]
