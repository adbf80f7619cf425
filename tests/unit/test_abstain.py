"""Saying no usefully."""

import pytest
from collection import FERRY, GRADES, LANTERN, open_small, quoted


async def note(question, papers=None):
    answer = await (await open_small(papers) if papers else await open_small()).ask(question)
    assert answer.abstained
    assert answer.statements == answer.papers == ()
    return answer.note


async def test_what_that_paper_does_say_stands_beside_the_no_and_no_other_paper_does():
    answer = await (await open_small()).ask("Which GPU was used for Lantern?")
    (said,) = answer.partial
    (cited,) = said.citations
    assert (cited.paper_id, cited.quote) == ("lantern", quoted(LANTERN, 1))
    assert {paper.paper_id for paper in answer.nearest} <= {"lantern"}


@pytest.mark.parametrize("question", ["Who wrote Lantern?", "Who won the 2022 World Cup?", "hello"])
async def test_where_the_record_or_no_paper_was_asked_about_no_abstract_is_quoted(question):
    assert (await (await open_small()).ask(question)).partial == ()


async def test_an_empty_collection_says_so():
    answer = await (await open_small([])).ask("Which papers do cache compression?")
    assert answer.abstained
    assert answer.note.startswith("This collection holds no papers yet")
    assert answer.nearest == ()


async def test_papers_that_came_near_are_named_best_first_and_others_are_not():
    answer = await (await open_small()).ask("When was the paper about essays by teachers published?")
    assert [paper.paper_id for paper in answer.nearest] == ["grades"]


NOT_NEAR = "Not something this collection can answer: nothing in it comes near. Searched 6 abstracts."
RECORD = (
    f"No abstract states authors. The collection's record of “{LANTERN.title}”: authors Ada Nordmann, "
    "Ben Okoro; venue Workshop on Small Caches; year 2031; url https://example.org/lantern. Searched 6 "
    "abstracts."
)
NO_RECORD = (
    f"No abstract states a year. The collection's record of “{FERRY.title}” holds no authors, venue, year or "
    "address. Searched 6 abstracts."
)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Who won the 2022 World Cup?", NOT_NEAR),
        ("Which papers discover exoplanets?", NOT_NEAR),
        (
            "Which GPU was used for Lantern?",
            f"The collection does not say: the abstract of “{LANTERN.title}",
        ),
        (
            "Which GPU was used for EssayNet?",
            f"The collection does not say: the abstract of “{GRADES.title}",
        ),
        ("Which papers study caches since 2090?", "No paper passes the filter: from 2090."),
        ("Who wrote Lantern?", RECORD),
        ("When was Ferry published?", NO_RECORD),
        ("Which paper is cited most?", "No abstract states a citation count. Searched"),
        ("the DOI of the cache paper", "No abstract states an identifier. Searched"),
        ("Who wrote about Lantern and Ferry?", "No abstract states authors. Searched"),
        ("hello", "Ask about the papers of this collection: a topic, a method, a number."),
    ],
)
async def test_the_note_says_why_nothing_is_said_and_what_the_record_knows(question, said):
    assert (await note(question)).startswith(said)
