"""Written questions over the shipped sample, and what is to be read off each of them."""

import json
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from ingest.sources import read_source
from rag.filters import catalogue
from rag.question.spelling import Speller
from rag.question.understanding import understand
from rag.retrieval.candidates import Candidate
from rag.retrieval.paper_names import owners
from rag.types import Paper

ROOT = Path(__file__).parents[2]
HEAD, *CASES = map(json.loads, (ROOT / "evals/cases/understanding.jsonl").read_text("utf-8").splitlines())


@cache
def papers():
    records = read_source(ROOT / "ingest/sample/trending-llm-abstracts.txt").records
    return [record for record in records if isinstance(record, Paper)]


@cache
def candidates():
    empty = {"title_terms": frozenset(), "sentences": (), "vectors": None, "passages": None, "stems": ()}
    return [Candidate(paper=paper, **empty, dense=0.0, bm25=0.0) for paper in papers()]


@cache
def speller():
    words = (set(re.findall(r"[^\W\d_]+", f"{each.title} {each.abstract}".lower())) for each in papers())
    return Speller(Counter(word for found in words for word in found))


@cache
def names():
    held = HEAD["catalogue"]
    return catalogue(held["authors"], held["venues"], held["years"])


def read(question):
    asked = understand(question, names()).mended(speller())
    return asked, {
        "kind": asked.kind,
        "years": list(asked.filters.years),
        "authors": list(asked.filters.authors),
        "venues": list(asked.filters.venues),
        "unmatched": list(asked.unmatched),
        "corrections": [list(pair) for pair in asked.corrections],
        "follow_up": asked.follow_up,
        "record_field": asked.record_field,
    }


NOTHING = {"years": [None, None], "authors": [], "venues": [], "unmatched": [], "corrections": []}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["question"])
def test_a_written_question_is_read_as_its_writer_meant_it(case):
    asked, found = read(case["question"])
    expected = NOTHING | {"follow_up": False, "record_field": None} | case
    assert found == {key: expected[key] for key in found}
    assert asked.topic == case.get("topic", asked.topic)


@pytest.mark.parametrize(
    "case", [case for case in CASES if "linked" in case], ids=lambda case: case["question"]
)
def test_a_name_or_title_leads_to_the_paper_that_owns_it_and_to_no_other(case):
    asked, _ = read(case["question"])
    titles = {paper.paper_id: paper.title for paper in papers()}
    assert sorted(titles[each] for each in owners(asked.names, asked.text, candidates())) == sorted(
        case["linked"]
    )


def test_there_are_enough_cases_and_none_twice():
    questions = [case["question"] for case in CASES]
    assert len(set(questions)) == len(questions) >= 60
