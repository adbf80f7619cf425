"""Other systems: each finds what is obvious, keeps its depth and returns a ranking."""

from importlib import import_module

import numpy as np
import pytest
from fakes import HashEncoder

from evals.baselines import BASELINES
from evals.baselines.dense import best
from evals.retrieval.systems import baseline_system
from rag.text.sentences import index_text
from rag.types import Paper

PAPERS = (
    Paper("kv", "Quest", "We prune the KV cache by a query-aware selection of pages."),
    Paper("rank", "FIRST", "Listwise reranking of passages from one decoded token."),
    Paper("judge", "MT-Bench", "Language models judge the answers of chat assistants."),
    Paper("code", "Coder", "Programs are synthesised from docstrings."),
    Paper("math", "Prover", "Theorems are proven in Lean by search."),
)


BY_WORDS = ("bm25", "haystack-bm25", "paper-qa", "txtai-bm25")


def installed(name):
    try:
        import_module(BASELINES[name].partition(":")[0])
    except ImportError:
        return False
    return True


@pytest.fixture(
    params=[
        pytest.param(name, marks=pytest.mark.skipif(not installed(name), reason="not installed"))
        for name in BASELINES
    ]
)
async def system(request):
    made = baseline_system(request.param, HashEncoder())
    await made.index(PAPERS)
    yield made
    await made.close()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("query-aware selection of KV cache pages", "kv"),
        ("language models judge chat assistants", "judge"),
        ("theorems proven by search in Lean", "math"),
    ],
)
async def test_the_obvious_paper_is_first(system, query, found):
    ranking = await system.rank(query, 3)
    assert ranking[0][0] == found
    assert len(ranking) <= 3


async def test_a_ranking_holds_each_paper_once_by_falling_score_ties_by_id(system):
    ranking = await system.rank("language models for programs, theorems and the KV cache", 10)
    assert ranking == sorted(ranking, key=lambda hit: (-hit[1], hit[0]))
    assert len({paper for paper, _ in ranking}) == len(ranking)
    assert {type(score) for _, score in ranking} == {float}


async def test_a_query_of_unknown_words_is_answered_too(system):
    assert len(await system.rank("zzz qqq", 3)) <= 3


class OneTrack(HashEncoder):
    """Whatever is asked, the paper on theorem proving is nearest by its vectors."""

    async def encode_queries(self, queries):
        passage = index_text(PAPERS[-1].title, PAPERS[-1].abstract)
        return self._encode([passage] * len(queries))


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.skipif(not installed(name), reason="not installed"))
        for name in BASELINES
        if name not in BY_WORDS
    ],
)
async def test_where_no_word_is_shared_our_vectors_decide(name):
    system = baseline_system(name, OneTrack())
    try:
        await system.index(PAPERS)
        assert (await system.rank("zzz qqq", 5))[0][0] == "math"
    finally:
        await system.close()


@pytest.mark.parametrize("name", BY_WORDS)
async def test_a_system_that_goes_by_words_needs_no_vectors(name):
    if not installed(name):
        pytest.skip("not installed")
    encoder = HashEncoder()
    system = baseline_system(name, encoder)
    try:
        await system.index(PAPERS)
        assert (await system.rank("programs from docstrings", 5))[0][0] == "code"
    finally:
        await system.close()
    assert encoder.texts == 0


async def test_papers_of_equal_score_stand_by_id():
    assert best(["a", "b", "c", "d"], np.array([1.0, 2.0, 1.0, 2.0]), 3) == [
        ("b", 2.0),
        ("d", 2.0),
        ("a", 1.0),
    ]


async def test_bm25_returns_only_papers_that_share_a_stem():
    pytest.importorskip("bm25s")
    system = baseline_system("bm25", HashEncoder())
    await system.index(PAPERS)
    assert [paper for paper, _ in await system.rank("a synthesis of reranked programs", 5)] == [
        "code",
        "rank",
    ]
    assert await system.rank("the of and", 5) == []


@pytest.mark.skipif(not installed("txtai"), reason="not installed")
async def test_txtai_adds_half_a_cosine_to_half_a_scaled_bm25_score():
    words, both = baseline_system("txtai-bm25", HashEncoder()), baseline_system("txtai", OneTrack())
    cosines = OneTrack()
    vectors = await cosines.encode_passages([index_text(paper.title, paper.abstract) for paper in PAPERS])
    cosine = dict(
        zip([p.paper_id for p in PAPERS], vectors @ (await cosines.encode_queries([""]))[0], strict=True)
    )
    await words.index(PAPERS)
    await both.index(PAPERS)
    term = dict(await words.rank("programs and theorems in Lean", 5))
    found = dict(await both.rank("programs and theorems in Lean", 5))
    await words.close()
    await both.close()
    assert term["math"] > term["code"] > 0
    assert found == pytest.approx(
        {paper: (max(cosine[paper], 0) + term.get(paper, 0)) / 2 for paper in found}, abs=1e-5
    )


async def test_fusion_rewards_papers_that_both_rankings_have():
    pytest.importorskip("bm25s")
    system = baseline_system("rrf", HashEncoder())
    await system.index(PAPERS)
    ranking = await system.rank("docstrings", 5)
    assert ranking[0] == ("code", pytest.approx(2 / 61))
    assert [score for _, score in ranking[1:]] == pytest.approx([1 / (60 + rank) for rank in range(2, 6)])
