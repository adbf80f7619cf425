"""A reranker changes who comes first, never how sure the answer is."""

import asyncio
from itertools import combinations

import numpy as np
import pytest
from collection import FERRY, LANTERN, SETTINGS, SIFTER, SMALL, evidence_for, open_small
from fakes import ScriptedModel
from hypothesis import assume, given
from hypothesis import strategies as st
from rerankers import OverlapReranker

from rag.errors import ModelTimeout
from rag.models.encoders.bm25 import Bm25Encoder
from rag.retrieval.reranking import combined, exchanged, rerank
from rag.settings import ModelSettings, RerankerSettings
from rag.verification.claim_verifier import ClaimVerifier
from rag.writing.writer import Writer

SET_QUESTION = "Which papers do cache compression?"


def settings(**options):
    return SETTINGS.model_copy(update={"reranker": RerankerSettings(name="overlap", **options)})


@st.composite
def rankings(draw):
    """Scores of some papers, which of them were reranked, and the reranker's opinions of those."""
    scores = draw(st.lists(st.floats(0, 1), min_size=1, max_size=12))
    rows = draw(st.lists(st.integers(0, len(scores) - 1), unique=True, min_size=1))
    eighths = st.integers(-8000, 8000).map(lambda number: number / 8)
    return scores, rows, draw(st.lists(eighths, min_size=len(rows), max_size=len(rows)))


weights = st.floats(0, 1)


@given(rankings(), weights)
def test_scores_are_exchanged_among_the_reranked_papers_and_none_is_new(ranking, weight):
    scores, rows, opinions = ranking
    dealt = exchanged(scores, rows, opinions, weight)
    assert sorted(dealt[row] for row in rows) == sorted(scores[row] for row in rows)
    others = set(range(len(scores))) - set(rows)
    assert [dealt[row] for row in others] == [scores[row] for row in others]
    assert exchanged(scores, rows, opinions, 0) == scores
    assert exchanged(scores, rows, [7.0] * len(rows), weight) == scores  # all papers are equal to it


@given(rankings())
def test_at_a_weight_of_1_a_better_opinion_never_gets_a_lower_score(ranking):
    scores, rows, opinions = ranking
    dealt = exchanged(scores, rows, opinions, 1)
    judged = sorted(zip(opinions, [dealt[row] for row in rows], strict=True))
    for (opinion, score), (better, other) in combinations(judged, 2):
        assert opinion == better or score <= other


@given(rankings(), weights, st.floats(1e-3, 1e3), st.floats(-1e3, 1e3))
def test_the_scale_of_the_reranker_s_scores_does_not_matter(ranking, weight, factor, shift):
    scores, rows, opinions = ranking
    assume(len(set(opinions)) > 1)
    held = [scores[row] for row in rows]
    scaled = [factor * opinion + shift for opinion in opinions]
    assert np.allclose(combined(held, opinions, weight), combined(held, scaled, weight), atol=1e-4)


async def test_papers_behind_the_depth_are_not_read_and_keep_their_scores():
    evidence = await evidence_for("cache compression")
    scores = [float(-row) for row in range(len(SMALL))]
    backwards = iter(range(9))
    reranker = OverlapReranker(lambda *_: next(backwards))
    options = RerankerSettings(weight=1, depth=3)
    assert await rerank(reranker, options, "?", evidence, scores) == [-2, -1, 0, -3, -4, -5]
    ((query, texts),) = reranker.asked
    assert query == "cache compression"
    first = [item.paper for item in evidence.candidates[:3]]
    assert texts == [f"{paper.title}\n\n{paper.abstract}" for paper in first]


async def test_a_paper_asked_for_by_its_title_keeps_its_place():
    reranker = OverlapReranker(lambda _, text: float(not text.startswith(LANTERN.title)))
    assistant = await open_small(reranker=reranker, settings=settings(weight=1))
    assert (await assistant.search(LANTERN.title))[0].paper_id == "lantern"


@pytest.mark.parametrize("scores", [[0.4], [1.0, 1.0]])
async def test_nothing_is_asked_where_nothing_could_change(scores):
    reranker = OverlapReranker()
    evidence = await evidence_for("cache compression", SMALL[: len(scores)])
    assert await rerank(reranker, RerankerSettings(), "?", evidence, scores) == scores
    assert reranker.asked == []


async def test_a_search_is_ordered_by_the_reranker_at_weight_1_with_the_scores_it_had():
    reranker = OverlapReranker(lambda _, text: float(text.startswith(SIFTER.title)))
    assistant = await open_small(reranker=reranker, settings=settings(weight=1))
    for query in ("a claim about cache compression", SET_QUESTION):
        plain, found = await (await open_small()).search(query), await assistant.search(query)
        assert found[0].paper_id == "sifter" != plain[0].paper_id
        assert [hit.score for hit in found] == [hit.score for hit in plain]


async def test_an_answer_set_keeps_its_probabilities_and_the_receipt_names_the_reranker():
    plain = await (await open_small()).ask(SET_QUESTION)
    first, second = plain.papers
    reranker = OverlapReranker(lambda _, text: float(text.startswith(second.title)))
    answer = await (await open_small(reranker=reranker, settings=settings(weight=1))).ask(SET_QUESTION)
    assert [paper.paper_id for paper in answer.papers] == [second.paper_id, first.paper_id]
    assert [p.probability for p in answer.papers] == [p.probability for p in plain.papers]
    assert answer.missing == plain.missing
    assert answer.receipt["reranker"] == {"name": "overlap", "depth": 50, "weight": 1}
    assert "rerank" in answer.receipt["timings_ms"]
    assert "reranker" not in plain.receipt


async def test_a_reranking_that_is_beyond_the_money_of_the_question_is_left_out():
    reranker = OverlapReranker()
    assistant = await open_small(reranker=reranker, settings=settings(), reranking_usd=0.2)
    answer = await assistant.ask(SET_QUESTION)
    assert reranker.asked == []
    assert "PINCITE_MODEL__BUDGET_USD" in answer.receipt["reranker"]["failed"]
    assert sorted(paper.paper_id for paper in answer.papers) == ["ferry", "lantern"]


async def test_a_reranking_takes_half_of_the_time_of_the_question_at_most():
    class Endless(OverlapReranker):
        async def score(self, query, texts):
            await asyncio.Event().wait()

    brief = settings().model_copy(update={"model": ModelSettings(budget_s=0.2)})
    answer = await (await open_small(reranker=Endless(), settings=brief)).ask(SET_QUESTION)
    assert "PINCITE_MODEL__BUDGET_S" in answer.receipt["reranker"]["failed"]
    assert answer.statements == (await (await open_small()).ask(SET_QUESTION)).statements


async def test_what_a_reranking_costs_is_missing_to_the_writing():
    model = ScriptedModel(lambda _: '{"statements": []}')
    writer = Writer(
        model, ClaimVerifier(Bm25Encoder()), len, ModelSettings(), price=lambda _prompt, _reply: 0.05
    )
    parts = {"reranker": OverlapReranker(), "settings": settings(), "writer": writer}
    await (await open_small(**parts, reranking_usd=0.04)).ask(SET_QUESTION)
    assert len(model.requests) == 1
    answer = await (await open_small(**parts, reranking_usd=0.06)).ask(SET_QUESTION)
    assert len(model.requests) == 1
    assert "PINCITE_MODEL__BUDGET_USD" in answer.note


async def test_without_a_reranker_that_fails_an_answer_goes_on_and_says_so_but_a_search_fails():
    failing = OverlapReranker(failing=ModelTimeout("reranker 'overlap' did not answer"))
    assistant = await open_small(reranker=failing, settings=settings())
    plain, answer = await (await open_small()).ask(SET_QUESTION), await assistant.ask(SET_QUESTION)
    assert (answer.papers, answer.statements) == (plain.papers, plain.statements)
    assert answer.receipt["reranker"]["failed"] == "reranker 'overlap' did not answer"
    with pytest.raises(ModelTimeout):
        await assistant.search(SET_QUESTION)


async def test_a_question_off_the_topic_is_not_answered_because_a_reranker_likes_a_paper():
    reranker = OverlapReranker(lambda _, text: 1e6 * text.startswith(FERRY.title))
    assistant = await open_small(reranker=reranker, settings=settings(weight=1))
    answer = await assistant.ask("Which papers study volcanoes?")
    assert answer.abstained
