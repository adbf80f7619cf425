"""Filters without a store: how names compare, what passes, and what a person is told."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from written_questions import TABLES

from rag.errors import QuestionError
from rag.filters import Filters, author_key, author_keys, catalogue, sought_keys, venue_key
from rag.types import Paper

NAMES = st.text(max_size=30).filter(author_key) | st.sampled_from([name for name, _ in TABLES["same_person"]])


def paper(*authors: str, venue: str = "", year: int | None = None) -> Paper:
    return Paper("p", "T", "", authors, venue, year)


def finds(asked: str, written: str) -> bool:
    return Filters(authors=(asked,)).matches(paper("Somebody Else", written))


@pytest.mark.parametrize(("asked", "held"), TABLES["same_person"])
def test_one_person_is_found_in_many_spellings(asked, held):
    assert finds(asked, held)


@pytest.mark.parametrize(("asked", "held"), TABLES["other_person"])
def test_another_person_is_not(asked, held):
    assert not finds(asked, held)


@given(NAMES)
def test_everybody_is_found_by_their_own_name(name):
    assert finds(name, name)


@given(NAMES, NAMES)
def test_who_is_found_does_not_depend_on_case_or_spacing(asked, written):
    assert finds(asked, written) == finds(f"  {asked} ", written) == finds(asked, f" {written}  ")


@given(NAMES)
def test_the_key_of_a_person_is_one_of_those_a_paper_is_found_by(name):
    assert author_key(name) in author_keys(paper(name))
    assert set(sought_keys(name)) & author_keys(paper(name))


@given(st.text(max_size=40))
def test_any_text_has_keys(text):
    assert bool(author_key(text)) == bool(author_keys(paper(text))) == bool(sought_keys(text))
    assert venue_key(text) == venue_key(f" {text} ")


def test_a_venue_is_the_same_in_every_year():
    names = ["NeurIPS", "NeurIPS 2023", "neurips'23", "NEURIPS-2019", "NeurIPS2021", "2020 NeurIPS"]
    assert {venue_key(name) for name in names} == {"neurips"}


def test_a_venue_keeps_numbers_that_are_no_years():
    assert venue_key("Physical Review 123") == "physical review 123"
    assert venue_key("2023") == "2023"
    assert venue_key("Revue d’Été") == venue_key("revue d’ete")


def test_every_author_but_any_venue_must_fit():
    written = paper("Jane Doe", "Li Wu", venue="ACL 2020", year=2020)
    assert Filters(authors=("Doe", "Wu")).matches(written)
    assert not Filters(authors=("Doe", "Roe")).matches(written)
    assert Filters(venues=("ICLR", "acl")).matches(written)
    assert not Filters(venues=("ICLR",)).matches(written)
    assert not Filters(venues=("ICLR",)).matches(paper())


@given(*[st.none() | st.integers(1, 9999)] * 3)
def test_years_include_both_ends_and_never_what_is_undated(first, last, year):
    if first and last and first > last:
        first, last = last, first
    inside = (first or 0) <= (year or 0) <= (last or 9999)
    wanted = inside if year else not (first or last)
    assert Filters(years=(first, last)).matches(paper(year=year)) == wanted


@pytest.mark.parametrize(
    ("restrictions", "named"),
    [
        ({"years": (2023, 2021)}, "2023"),
        ({"years": (0, None)}, "year 0"),
        ({"years": (None, 20233)}, "20233"),
        ({"authors": ("---",)}, "'---'"),
        ({"venues": ("",)}, "''"),
    ],
)
def test_what_cannot_be_a_restriction_is_refused_by_name(restrictions, named):
    with pytest.raises(QuestionError, match=rf"{named}.*expected"):
        Filters(**restrictions)


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        (Filters(), ""),
        (Filters((2021, 2023), ("Jane Doe",), ("NeurIPS",)), "2021–2023 · author Jane Doe · venue NeurIPS"),
        (Filters((2021, 2021)), "2021"),
        (Filters((2021, None)), "from 2021"),
        (Filters((None, 2021), venues=("ACL", "ICLR")), "until 2021 · venues ACL or ICLR"),
        (Filters(authors=("Doe", "Li Wu")), "authors Doe and Li Wu"),
    ],
)
def test_filters_are_described_in_a_line_and_falsy_where_they_restrict_nothing(filters, said):
    assert filters.describe() == said
    assert bool(filters) == bool(said) != filters.matches(paper())


def test_filters_as_json_name_only_what_restricts():
    assert Filters().as_json() == {}
    filters = Filters((None, 2021), ("Doe",))
    assert json.loads(json.dumps(filters.as_json())) == {"years": [None, 2021], "authors": ["Doe"]}


def test_a_catalogue_shows_the_shortest_spelling_of_everyone():
    made = catalogue(["Jane A. Doe", "Jane Doe", "J. Doe", "---"], ["ACL 2020", "ACL", ""], [2020, 1999])
    assert made.authors == {"jane doe": "Jane Doe", "j. doe": "J. Doe"}
    assert made.venues == {"acl": "ACL"}
    assert made.years == (1999, 2020)
    assert catalogue([], [], []).years is None
