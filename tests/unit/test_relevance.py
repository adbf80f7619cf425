"""How probable it is that a paper is relevant."""

from dataclasses import replace

import numpy as np
import pytest
from collection import FITTED, LANTERN, RELEVANCE, SMALL, evidence_for, linear
from hypothesis import given
from hypothesis import strategies as st

from rag.retrieval.relevance import (
    ABSOLUTE,
    CONTEXT,
    FEATURES,
    Linear,
    RelevanceModel,
    context,
    features,
    neighbours,
    sigmoid,
)
from rag.types import Paper

HANDMADE = RelevanceModel(
    absolute=linear(ABSOLUTE, -4, cover_paper=8),
    question=Linear((4.0, 0.0), 0.0),
    paper=linear(FEATURES, -4, cover_paper=8),
    context=linear(FEATURES + CONTEXT, -4, cover_paper=8),
    ranker=RELEVANCE.ranker,
    opening=0.5,
    threshold=0.5,
    nearest=0.1,
)


def by_paper(evidence, values):
    return {item.paper.paper_id: value for item, value in zip(evidence.candidates, values, strict=True)}


async def test_signals_measure_what_their_names_say():
    evidence = await evidence_for("cache compression accelerators")
    row = dict(zip(FEATURES, by_paper(evidence, features(evidence, RELEVANCE.ranker))["ferry"], strict=True))
    assert row["cover_paper"] == pytest.approx(1)
    assert row["cover_title"] == row["cover_own_best"] < row["cover_paper"]
    assert row["cover_own"] == row["cover_title"]  # the accelerators stand in the background
    assert row["bm25_share"] == 1 >= row["dense_share"] > row["dense"]


async def test_a_paper_that_covers_the_query_is_probable_and_others_are_not():
    evidence = await evidence_for("cache compression")
    found = by_paper(evidence, HANDMADE.probabilities(evidence, "cache compression"))
    assert found["lantern"] == found["ferry"] > 0.9
    assert found["study"] < 0.05


@pytest.mark.parametrize("paper", SMALL, ids=lambda paper: paper.paper_id)
async def test_the_paper_whose_title_was_asked_for_is_almost_certain(paper):
    asked = paper.title.lower() + "?"
    evidence = await evidence_for(asked)
    found = by_paper(evidence, RELEVANCE.probabilities(evidence, asked))
    assert found.pop(paper.paper_id) == 0.999 > max(found.values())


async def test_the_best_of_many_papers_is_less_telling_than_the_best_of_few():
    few = await evidence_for("cache compression")
    found = [
        max(FITTED.probabilities(replace(few, searched=papers), "cache compression"))
        for papers in (6, 60, 231, 100_000)
    ]
    assert found[0] > found[1] > found[2] == found[3]


@given(st.lists(st.floats(allow_nan=False), min_size=1))
def test_log_odds_of_any_size_give_probabilities_in_order(logits):
    found = sigmoid(np.array(sorted(logits)))
    assert ((found > 0) & (found < 1)).all()
    assert (np.diff(found) >= 0).all()
    assert sigmoid(np.zeros(1)).tolist() == [0.5]


async def test_the_neighbours_of_a_paper_are_the_papers_most_like_it_and_never_itself():
    twin = Paper("twin", LANTERN.title, LANTERN.abstract)
    evidence = await evidence_for("cache compression", [*SMALL, twin])
    near = neighbours(evidence)
    ids = [item.paper.paper_id for item in evidence.candidates]
    assert near.shape == (len(ids), 5)
    assert ids[near[ids.index("twin")][0]] == "lantern"
    assert all(row not in near[row] for row in range(len(ids)))
    found = by_paper(evidence, RELEVANCE.probabilities(evidence, "cache compression"))
    assert found["twin"] == pytest.approx(found["lantern"])


def test_a_paper_gains_by_probable_neighbours_and_by_its_rank():
    first = np.array([0.9, 0.8, 0.1, 0.05])
    near = np.array([[1], [0], [0], [3]])
    around, rank = context(first, near).T
    assert around[2] == around[1] > around[3]
    assert rank.tolist() == pytest.approx(np.log([1, 2, 3, 4]).tolist())


async def test_when_nothing_comes_near_no_paper_is_probable():
    """The question model speaks: relative signals alone would always find a best paper."""
    relative = replace(HANDMADE, context=linear(FEATURES + CONTEXT, 3, dense_share=1))
    evidence = await evidence_for("volcanic exoplanets")
    assert max(relative.probabilities(evidence, "volcanic exoplanets")) < 0.01


@pytest.mark.parametrize(("query", "papers"), [("of the which", SMALL), ("cache", [LANTERN]), ("cache", [])])
async def test_few_papers_and_a_query_of_stop_words_have_probabilities_too(query, papers):
    found = RELEVANCE.probabilities(await evidence_for(query, papers), query)
    assert len(found) == len(papers)
    assert all(0 <= each < 1 for each in found)
