"""Years, authors and venues are read off a question, and their words taken out of it."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.filters import Catalogue, Filters, catalogue
from rag.question.asked_filters import asked_filters
from rag.question.understanding import MAX_CHARACTERS, understand
from rag.question.year_filters import asked_years

HELD = catalogue(
    ["Ada Nordmann", "Ben Okoro", "Y. Li", "Maria van den Berg", "Søren Kjær", "Young Long"],
    ["ICML", "Science", "Proceedings of the VLDB Endowment", "AI"],
    [2020, 2021, 2022],
)
NOBODY = Catalogue({}, {}, None)


def read(text, held=HELD):
    return asked_filters(text, held)


# --- years -------------------------------------------------------------------------------------

YEARS = {
    "papers since 2020": (2020, None),
    "papers starting in 2020": (2020, None),
    "papers after 2020": (2021, None),
    "papers more recent than 2020": (2021, None),
    "papers before 2020": (None, 2019),
    "papers prior to 2020": (None, 2019),
    "papers up to 2020": (None, 2020),
    "papers no later than 2020": (None, 2020),
    "papers in 2020": (2020, 2020),
    "papers from 2020": (2020, 2020),
    "papers from 2020 on": (2020, None),
    "papers from 2020 on pruning": (2020, 2020),
    "papers published during the year 2020": (2020, 2020),
    "papers 2020": (2020, 2020),
    "all 2020 papers": (2020, 2020),
    "papers from 2018 to 2020": (2018, 2020),
    "papers between 2020 and 2018": (2018, 2020),
    "papers 2018–2020": (2018, 2020),
    "papers 2018 or later": (2018, None),
    "papers 2018 or earlier": (None, 2018),
    "papers since 2018 but before 2020": (2018, 2019),
}


@pytest.mark.parametrize(("text", "years"), YEARS.items())
def test_years_are_asked_for_in_many_words(text, years):
    found, rest = asked_years(text)
    assert found == years
    assert not any(char.isdigit() for char in rest)


NO_YEARS = [
    "papers of the last three years",
    "papers before GPT-4",
    "papers on GPT-3.5 and SQuAD 2.0",
    "papers on COVID-2019",
    "papers on TREC2020 and 2020x speed",
    "the top 2020 papers",
    "papers that take 2000 steps",
    "papers that cost over $2000",
    "papers that save up to 2000 tokens",
    "papers on 2020.5 degrees",
    "papers that learn from 2000 examples",
    "papers on the 2016 election",
    "papers on tweets from 2016",
    "papers on the period before 2000 and after 2010",
    "papers in 2100s",
    "What happened in 2020",
    "How good were models before 2019",
]


@pytest.mark.parametrize("text", NO_YEARS)
def test_a_number_that_is_no_year_of_publication_stays_in_the_topic(text):
    assert asked_years(text) == ((None, None), text)


@given(st.integers(1900, 2099), st.integers(1900, 2099))
def test_any_two_years_are_read_whichever_comes_first(one, other):
    assert asked_years(f"papers between {one} and {other} on caches")[0] == tuple(sorted((one, other)))


# --- authors -----------------------------------------------------------------------------------

AUTHORS = {
    "papers by Ada Nordmann on caches": ("Ada Nordmann",),
    "papers by ada nordmann on caches": ("Ada Nordmann",),
    "papers by Nordmann on caches": ("Nordmann",),
    "papers by A. Nordmann on caches": ("A. Nordmann",),
    "papers by Soren Kjaer on caches": ("Søren Kjær",),
    "papers by Yan Li on caches": ("Yan Li",),
    "papers by van den Berg on caches": ("van den Berg",),
    "papers by Nordmann, Okoro and Li on caches": ("Nordmann", "Okoro", "Li"),
    "papers by Nordmann & Okoro on caches": ("Nordmann", "Okoro"),
    "papers by Nordmann et al. on caches": ("Nordmann",),
    "papers from Ben Okoro on caches": ("Ben Okoro",),
    "papers on caches that were written by Ben Okoro": ("Ben Okoro",),
    "papers on caches co-authored by Ben Okoro": ("Ben Okoro",),
    "Ben Okoro's papers on caches": ("Ben Okoro",),
    "Okoro’s papers on caches": ("Okoro",),
}


@pytest.mark.parametrize(("text", "authors"), AUTHORS.items())
def test_authors_the_collection_holds_are_read(text, authors):
    assert read(text) == (Filters(authors=authors), "papers on caches", ())


@pytest.mark.parametrize(
    "text",
    [
        "papers on ranking by Pairwise Ranking Prompting",
        "papers by Google",
        "papers on learning from Humans",
        "papers on learning from Jane Roe",
        "papers on training by long chains",
        "papers on scaling by 4x",
        "papers by which authors study style",
        "papers by Nordmann or Okoro",
        "Evaluation of Summaries by Large Language Models",
        "What does Lantern prune by Default",
    ],
)
def test_words_after_by_and_from_that_are_no_person_stay_in_the_topic(text):
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


# --- venues ------------------------------------------------------------------------------------

VENUES = {
    "papers at ICML on caches": ("ICML",),
    "papers in icml on caches": ("ICML",),
    "ICML papers on caches": ("ICML",),
    "papers on caches at the ICML conference": ("ICML",),
    "papers on caches presented at ICML": ("ICML",),
    "papers on caches (ICML)": ("ICML",),
    "papers in Science on caches": ("Science",),
    "papers in the Proceedings of the VLDB Endowment on caches": ("Proceedings of the VLDB Endowment",),
    "papers at ICML or in Science on caches": ("ICML", "Science"),
    "papers published in AI on caches": ("AI",),
}


@pytest.mark.parametrize(("text", "venues"), VENUES.items())
def test_venues_the_collection_holds_are_read(text, venues):
    assert read(text) == (Filters(venues=venues), "papers on caches", ())


@pytest.mark.parametrize("text", ["papers at ICML 2020 on caches", "ICML 2020 papers on caches"])
def test_a_venue_and_its_year_are_two_filters(text):
    assert read(text) == (Filters((2020, 2020), venues=("ICML",)), "papers on caches", ())


@pytest.mark.parametrize(
    "text",
    [
        "papers on science",
        "papers on agents in science",
        "papers in AI",
        "papers that study ICML reviews",
        "papers on caches in ICML submissions",
        "What happened at ICML",
        "papers evaluated on NAACL",
    ],
)
def test_a_venue_that_belongs_to_the_topic_stays_in_it(text):
    assert read(text) == (Filters(), text, ())


@pytest.mark.parametrize("text", ["papers at NAACL on caches", "papers published in NAACL on caches"])
def test_a_venue_of_no_paper_is_reported_where_only_a_venue_can_be_meant(text):
    assert read(text) == (Filters(), "papers on caches", ("NAACL",))


# --- together ----------------------------------------------------------------------------------


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


@pytest.mark.parametrize(
    "piece", ["by Jane ", "in 2020 ", "ICML 2020, ", "by van den ", "Okoro's papers ", "( "]
)
def test_a_hostile_text_is_read_in_a_blink(piece):
    started = time.process_time()
    understand("papers " + (piece * MAX_CHARACTERS)[: MAX_CHARACTERS - 7], HELD)
    assert time.process_time() - started < 1
