"""Rankings merged by rank alone."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.retrieval.hybrid import reciprocal_rank_fusion
from rag.types import Hit


def ranking(*passages: str, scale: float = 1.0) -> list[Hit]:
    return [
        Hit(passage, passage.partition("#")[0], scale / place) for place, passage in enumerate(passages, 1)
    ]


def test_scores_are_sums_of_reciprocal_ranks():
    dense, sparse = ranking("a#0", "b#0", "c#0"), ranking("b#0", "d#1")
    fused = reciprocal_rank_fusion([dense, sparse], 60)
    assert [hit.passage_id for hit in fused] == ["b#0", "a#0", "d#1", "c#0"]
    assert [hit.score for hit in fused] == pytest.approx([1 / 62 + 1 / 61, 1 / 61, 1 / 62, 1 / 63])
    assert [hit.paper_id for hit in fused] == ["b", "a", "d", "c"]


def test_ties_are_broken_by_passage_id():
    fused = reciprocal_rank_fusion([ranking("b#0", "a#0"), ranking("a#0", "b#0")], 60)
    assert [hit.passage_id for hit in fused] == ["a#0", "b#0"]


def test_a_small_rank_constant_favours_the_first_place():
    rankings = [ranking("a#0", "b#0"), ranking("c#0", "b#0", "d#0", "a#0")]
    winners = [reciprocal_rank_fusion(rankings, constant)[0].passage_id for constant in (1, 60)]
    assert winners == ["a#0", "b#0"]


@pytest.mark.parametrize("names", ["ab", "ba"])
def test_a_tie_over_three_rankings_does_not_hang_on_rounding(names):
    one, other = (f"{name}#0" for name in names)
    rankings = [
        ranking(one, *"cdefg", other),
        ranking(other, one),
        ranking(*"h", other, *"ijkl", one),
    ]
    assert [hit.passage_id for hit in reciprocal_rank_fusion(rankings, 60)][:2] == ["a#0", "b#0"]


def test_nothing_fuses_to_nothing():
    assert reciprocal_rank_fusion([], 60) == reciprocal_rank_fusion([[], []], 60) == []


RANKINGS = st.lists(st.lists(st.sampled_from("abcdefgh"), unique=True), max_size=4)


@settings(max_examples=40)
@given(RANKINGS, st.floats(1e-6, 1e6), st.integers(1, 100))
def test_scaling_the_scores_of_a_ranking_changes_nothing(orders, scale, constant):
    plain = [ranking(*order) for order in orders]
    scaled = [ranking(*order, scale=scale) for order in orders]
    assert reciprocal_rank_fusion(scaled, constant) == reciprocal_rank_fusion(plain, constant)


@settings(max_examples=40)
@given(RANKINGS, st.randoms())
def test_the_order_in_which_rankings_come_changes_nothing(orders, random):
    rankings = [ranking(*order) for order in orders]
    shuffled = random.sample(rankings, len(rankings))
    assert reciprocal_rank_fusion(shuffled, 60) == reciprocal_rank_fusion(rankings, 60)
