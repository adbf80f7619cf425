"""The ranker: what its signals measure, and that weights order papers."""

import numpy as np
import pytest
from collection import FERRY, LANTERN, RELEVANCE, SMALL, evidence_for

from models.ranking.train_ranker import CandidateList, fit, held_out
from rag.retrieval.relevance import RANKING, Ranker, ranking_signals
from rag.types import Paper


def column(evidence, name):
    rows = ranking_signals(evidence)
    ids = [item.paper.paper_id for item in evidence.candidates]
    return dict(zip(ids, rows[:, RANKING.index(name)].tolist(), strict=True))


async def test_words_side_by_side_count_for_more_than_words_apart():
    apart = Paper("apart", "On Memory", "Compression of the old cache was tried. Prompts are long.")
    found = column(await evidence_for("cache compression", [LANTERN, apart]), "adjacent")
    assert found == {"lantern": pytest.approx(1), "apart": 0}
    assert set(column(await evidence_for("cache"), "adjacent").values()) == {0.0}


async def test_feedback_lifts_what_is_like_the_first_papers_though_it_lacks_the_query_words():
    like = Paper(
        "like", "Merging Values across Layers", FERRY.abstract.replace("Cache", "").replace("cache", "")
    )
    evidence = await evidence_for("cache compression", [*SMALL, like])
    feedback, dense = column(evidence, "feedback"), column(evidence, "dense")
    gain = {name: feedback[name] - dense[name] for name in feedback}
    assert gain["like"] > gain["study"]


async def test_the_shipped_ranker_puts_the_papers_on_the_topic_first():
    evidence = await evidence_for("cache compression methods for long prompts")
    scores = RELEVANCE.ranker.scores(evidence)
    ids = [evidence.candidates[row].paper.paper_id for row in np.argsort(-scores)]
    assert set(ids[:2]) == {"lantern", "ferry"}


async def test_scores_are_linear_in_the_signals():
    evidence = await evidence_for("cache compression")
    only_dense = Ranker(tuple(2.0 * (name == "dense") for name in RANKING))
    assert only_dense.scores(evidence).tolist() == pytest.approx(
        [2 * item.dense for item in evidence.candidates]
    )


def lists(seed, signal):
    """Made lists whose right paper stands out in one signal only."""
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(60):
        rows = rng.normal(size=(20, len(RANKING)))
        right = int(rng.integers(20))
        rows[right, signal] += 3
        made.append(CandidateList("made", rows, right))
    return made


@pytest.mark.parametrize("signal", [0, 4])
def test_training_finds_the_signal_that_tells(signal):
    weights = fit(lists(1, signal), range(len(RANKING)))
    assert np.argmax(np.abs(weights)) == signal
    assert weights[signal] > 0


def test_without_the_signal_that_tells_the_held_out_score_falls():
    made, others = lists(2, 3), [column for column in range(len(RANKING)) if column != 3]
    assert held_out(made, range(len(RANKING)))["all"] > 0.7
    assert held_out(made, others)["all"] < 0.4
    assert fit(made, others)[3] == 0
