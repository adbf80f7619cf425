"""Years, authors and venues are read off a question, and their words taken out of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from written_questions import written

from rag.filters import Catalogue, Filters, catalogue
from rag.question.asked_filters import asked_filters
from rag.question.understanding import understand
from rag.question.year_filters import asked_years

HELD = catalogue(
    ["Ada Nordmann", "Ben Okoro", "Y. Li", "Maria van den Berg", "Søren Kjær", "Young Long"],
    ["ICML", "Science", "Proceedings of the VLDB Endowment", "AI"],
    [2020, 2021, 2022],
)
NOBODY = Catalogue({}, {}, None)


def read(text, held=HELD):
    return asked_filters(text, held)


@written("years")
def test_years_are_asked_for_in_many_words(text, expected):
    found, rest = asked_years(text)
    assert [year or 0 for year in found] == expected
    assert not any(char.isdigit() for char in rest)


@written("no_years")
def test_a_number_that_is_no_year_of_publication_stays_in_the_topic(text):
    assert asked_years(text) == ((None, None), text)


@given(st.integers(1900, 2099), st.integers(1900, 2099))
def test_any_two_years_are_read_whichever_comes_first(one, other):
    assert asked_years(f"papers between {one} and {other} on caches")[0] == tuple(sorted((one, other)))


@written("authors")
def test_authors_the_collection_holds_are_read(text, expected):
    assert read(text) == (Filters(authors=tuple(expected)), "papers on caches", ())


@written("no_person")
def test_words_that_name_no_person_stay_in_the_topic(text):
    assert read(text) == (Filters(), text, ())


@pytest.mark.parametrize("held", [HELD, NOBODY])
@pytest.mark.parametrize(
    "text",
    [
        "papers by Jane Roe on caches",
        "papers on caches by Jane Roe",
        "papers on caches, written by Jane Roe",
        "Jane Roe's papers on caches",
    ],
)
def test_a_person_whom_no_paper_has_is_reported(text, held):
    assert read(text, held) == (Filters(), "papers on caches", ("Jane Roe",))


def test_of_two_people_the_one_who_is_unknown_is_reported():
    assert read("papers by Jane Roe and Ben Okoro") == (
        Filters(authors=("Ben Okoro",)),
        "papers",
        ("Jane Roe",),
    )


@written("venues")
def test_venues_the_collection_holds_are_read(text, expected):
    assert read(text) == (Filters(venues=tuple(expected)), "papers on caches", ())


@pytest.mark.parametrize("text", ["papers at ICML 2020 on caches", "ICML 2020 papers on caches"])
def test_a_venue_and_its_year_are_two_filters(text):
    assert read(text) == (Filters((2020, 2020), venues=("ICML",)), "papers on caches", ())


@written("no_venue")
def test_a_venue_that_belongs_to_the_topic_stays_in_it(text):
    assert read(text) == (Filters(), text, ())


@pytest.mark.parametrize("text", ["papers at NAACL on caches", "papers published in NAACL on caches"])
def test_a_venue_of_no_paper_is_reported_where_only_a_venue_can_be_meant(text):
    assert read(text) == (Filters(), "papers on caches", ("NAACL",))


def test_filters_of_all_kinds_hold_at_once():
    found, rest, unknown = read("Ada Nordmann's ICML papers since 2019 on caches")
    assert found.describe() == "from 2019 · author Ada Nordmann · venue ICML"
    assert (rest, unknown) == ("papers on caches", ())


def test_without_a_catalogue_years_alone_are_read():
    text = "papers by Ada Nordmann at ICML since 2020"
    assert read(text, None) == (Filters((2020, None)), "papers by Ada Nordmann at ICML", ())


def test_filters_without_a_topic_leave_nothing_to_search_for():
    asked = understand("Which papers by Ada Nordmann since 2020?", HELD)
    assert (asked.kind, asked.topic) == ("set", "")
    assert asked.filters == Filters((2020, None), ("Ada Nordmann",))


WORDS = (
    "papers which by from at in since before 2019 2020 and or , ( ) ICML Science Ada Nordmann Okoro Jane on "
    "caches between published written were NAACL et al. the"
)
PIECES = st.sampled_from(WORDS.split())


@given(st.lists(PIECES, max_size=14).map(" ".join))
def test_what_is_left_of_a_question_are_words_of_it_in_their_order(text):
    found, rest, unknown = read(text)
    words = iter(text.replace(",", " ").replace("(", " ").replace(")", " ").split())
    assert all(word in words for word in rest.replace(",", " ").replace("(", " ").replace(")", " ").split())
    assert bool(found or unknown) == (rest != text) or not rest or not found
    assert set(found.venues) <= set(HELD.venues.values())
