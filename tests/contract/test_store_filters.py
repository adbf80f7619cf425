"""Filters in every store: nothing that fails `Filters.matches` is found, nothing that passes is missing."""

import asyncio
import random
import re
from functools import partial

import pytest
from stores import agree, bm25, cosines, library, passages_of, terms, vector

from rag.filters import Filters
from rag.ports import Store
from rag.types import Counts, IndexedPassage, Paper

pytestmark = pytest.mark.filterwarnings("ignore:Payload indexes have no effect:UserWarning")

QUERY, TERM = vector("anything"), terms("cache")
WRITTEN_AUTHORS = re.split(
    "; ",
    "Jane Doe; J. Doe; John Doe; Doe, Jane; Jane A. Doe; Łukasz Müller; L. Muller; Lukas Müller; "
    "Vincent van Gogh; V. van Gogh; Gogh; Wei Zhang 0001; Wei Zhang; W. Zhang; 张伟; O’Brien, Anne",
)
OTHERS = "doe; j doe; JANE DOE; Muller; l. müller; van gogh; Zhang; A. O'Brien; Nobody Known; Unknown"
ASKED_AUTHORS = [*WRITTEN_AUTHORS, *re.split("; ", OTHERS)]
WRITTEN_VENUES = re.split(";", ";NeurIPS 2023;NeurIPS;neurips'21;EMNLP-IJCNLP 2019;Revue d’Été;2024;arXiv")
ASKED_VENUES = [*WRITTEN_VENUES[1:], "NEURIPS 1999", "emnlp ijcnlp", "revue d'ete", "ICLR"]
YEARS = [None, None, *range(2015, 2026)]


def random_papers(count: int) -> list[IndexedPassage]:
    """Papers of one to three passages, each with the word "cache", and records drawn from what is above."""
    rng = random.Random(5)
    return [
        passage
        for number in range(count)
        for passage in passages_of(
            Paper(
                f"r{number}",
                f"Record {number}",
                "",
                authors=tuple(rng.sample(WRITTEN_AUTHORS, rng.randrange(4))),
                venue=rng.choice(WRITTEN_VENUES),
                year=rng.choice(YEARS),
            ),
            [f"cache n{number} s{sentence}. " for sentence in range(rng.randint(1, 6))],
        )
    ]


def random_filters(rng: random.Random) -> Filters:
    first, last = sorted((rng.randint(2013, 2027), rng.randint(2013, 2027)))
    years = rng.choice([(None, None), (first, None), (None, last), (first, last), (first, first)])
    authors = tuple(rng.sample(ASKED_AUTHORS, rng.choice([0, 0, 1, 1, 2])))
    return Filters(years, authors, tuple(rng.sample(ASKED_VENUES, rng.choice([0, 0, 0, 1, 3]))))


def passing(stored: list[IndexedPassage], filters: Filters) -> list[str]:
    """The passages that a store must find, by id."""
    papers = {item.passage.paper.paper_id: item.passage.paper for item in stored}
    passed = {paper_id for paper_id, paper in papers.items() if filters.matches(paper)}
    return sorted(item.passage.passage_id for item in stored if item.passage.paper.paper_id in passed)


async def test_what_is_found_under_any_filters_is_exactly_what_passes_them(request, store):
    stored = random_papers(60)
    await store.upsert(stored)
    rng = random.Random(9)
    tried = 100 if request.node.callspec.params["opener"] == "memory" else 1000  # the stand-in is slow
    every = [random_filters(rng) for _ in range(tried)]
    searches = [
        partial(store.search_dense, QUERY),
        partial(store.search_sentences, QUERY),
        partial(store.search_sparse, TERM),
    ]
    empty = 0
    for number, filters in enumerate(every):
        wanted = passing(stored, filters)
        hits = await searches[number % 3](len(stored), filters)
        assert sorted(hit.passage_id for hit in hits) == wanted, filters
        if number % 4 == 0:
            papers = {passage_id.partition("#")[0] for passage_id in wanted}
            assert await store.counts(filters) == Counts(len(papers), len(wanted)), filters
        empty += not wanted
    assert tried / 10 < empty < tried * 3 / 4  # else these filters would show little


def record(paper_id: str, **fields: object) -> list[IndexedPassage]:
    return passages_of(Paper(paper_id, "T", "", **fields), ["cache one. ", "cache two. ", "cache three. "])


async def found(store: Store, **restrictions: object) -> set[str]:
    return {hit.paper_id for hit in await store.search_dense(QUERY, 100, Filters(**restrictions))}


async def test_filters_come_before_the_depth_and_leave_scores_alone(store):
    stored = random_papers(40)
    await store.upsert(stored + library(20))
    filters = Filters(years=(2018, 2021))
    passing = {item.passage.passage_id for item in stored if filters.matches(item.passage.paper)}
    everything = stored + library(20)
    nearest = [hit for hit in cosines(everything, QUERY) if hit.passage_id in passing]
    assert agree(await store.search_dense(QUERY, 5, filters), nearest, 5, 1e-5)
    heaviest = [hit for hit in bm25(everything, terms("cache n7")) if hit.passage_id in passing]
    assert agree(await store.search_sparse(terms("cache n7"), 5, filters), heaviest, 5, 1e-4)


async def test_a_corrected_record_is_found_as_corrected(store):
    await store.upsert(record("a", authors=("Jane Doe",), venue="ACL", year=2020))
    await store.upsert(record("a", authors=("Jane Roe",), venue="EMNLP", year=2021))
    assert await found(store, years=(2021, 2021), authors=("Jane Roe",), venues=("EMNLP",)) == {"a"}
    assert await found(store, years=(None, 2020)) == await found(store, authors=("Doe",)) == set()
    assert await store.counts(Filters(venues=("ACL",))) == Counts(0, 0)


async def test_the_catalogue_names_everyone_once_and_knows_what_was_written_since(store):
    nothing = await store.catalogue()
    assert (dict(nothing.authors), dict(nothing.venues), nothing.years) == ({}, {}, None)
    await store.upsert(record("a", authors=("Jane A. Doe", "Müller"), venue="NeurIPS 2023", year=2023))
    await store.upsert(record("b", authors=("Jane Doe", "J. Doe"), venue="NeurIPS", year=2019) + record("c"))
    first = await store.catalogue()
    assert first.authors == {"jane doe": "Jane Doe", "j. doe": "J. Doe", "muller": "Müller"}
    assert (first.venues, first.years) == ({"neurips": "NeurIPS"}, (2019, 2023))
    assert await store.catalogue() is first
    await store.upsert(record("b", authors=("Li Wu",), venue="ICLR", year=2021))
    second = await store.catalogue()
    assert second.authors == {"jane doe": "Jane A. Doe", "muller": "Müller", "li wu": "Li Wu"}
    assert (second.venues, second.years) == ({"neurips": "NeurIPS 2023", "iclr": "ICLR"}, (2021, 2023))


async def test_everybody_in_the_catalogue_can_be_filtered_by(store):
    await store.upsert(random_papers(60))
    known = await store.catalogue()
    for name in known.authors.values():
        assert (await store.counts(Filters(authors=(name,)))).papers
    for name in known.venues.values():
        assert (await store.counts(Filters(venues=(name,)))).papers
    dated = Filters(years=(1, None))
    assert await store.counts(Filters(years=known.years)) == await store.counts(dated)


async def test_counts_asked_while_writing_are_not_kept(store):
    await asyncio.gather(store.upsert(library(20)), *(store.counts() for _ in range(20)))
    assert await store.counts() == Counts(20, len(library(20)))


async def test_idf_is_what_searches_weigh_terms_by(store):
    stored = library()
    await store.upsert(stored)
    [known], [unknown] = terms("judge").indices, terms("unheard-of").indices
    idf = await store.idf([known, unknown])
    best = bm25(stored, terms("judge"))[0]
    weights = next(item.sparse for item in stored if item.passage.passage_id == best.passage_id)
    assert idf == {known: pytest.approx(best.score / weights.values[weights.indices.index(known)], rel=1e-5)}
    assert await store.idf([]) == {}
