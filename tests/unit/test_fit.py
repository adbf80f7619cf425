"""Fitting: folded weights predict, and no prediction comes from a model that saw its item."""

import random

import numpy as np
import pytest
from collection import LANTERN, SETTINGS, SMALL, store_of

from evals.cases.questions import CASES, Case, read_cases
from models.ranking.calibrate import FITTED, SIZES, chosen_papers, parts_for, swapped, within
from models.ranking.fit import fit, out_of_fold
from rag.retrieval.candidates import short_name
from rag.retrieval.relevance import sigmoid
from rag.types import Paper


def test_the_folded_weights_separate_what_can_be_separated_and_give_none_to_what_never_varies():
    rows = np.column_stack([np.random.default_rng(1).normal(loc=5, scale=3, size=200), np.full(200, 0.5)])
    labels = (rows[:, 0] > 5).astype(np.int64)
    model = fit(rows, labels, strength=100.0)
    assert ((sigmoid(model.logit(rows)) > 0.5) == (labels == 1)).mean() > 0.97
    assert model.weights[1] == pytest.approx(0)
    assert np.isfinite(model.intercept)


def test_predictions_come_from_models_that_saw_neither_the_item_nor_another_of_its_case():
    items = [f"{case}{number}" for case in "abcdefghijkl" for number in range(3)]

    def predict(train, test):
        assert not {item[0] for item in train} & {item[0] for item in test}
        return [item * 2 for item in test]

    assert out_of_fold(items, predict, lambda item: item[0]) == [item * 2 for item in items]


def test_a_part_of_the_collection_holds_something_relevant_and_more_that_is_not():
    case = Case("s1", "set", "papers", ("A", "B", "C", "D", "E", "F"), partial=("G",))
    titles = [*"ABCDEFG", *(f"other {number}" for number in range(100))]
    for seed in range(50):
        chosen = chosen_papers(case, titles, random.Random(seed))
        assert len(chosen) == len(set(chosen)) in SIZES
        part = within(case, chosen)
        assert part.relevant
        assert set(part.relevant) | set(part.partial) == set(chosen) & set("ABCDEFG")
        assert len(part.relevant) + len(part.partial) <= len(chosen) / 2


async def test_a_part_is_a_collection_of_its_papers_alone(tmp_path):
    settings = SETTINGS.model_copy(update={"home": tmp_path})
    store = await store_of([*SMALL, *(Paper(f"p{n}", f"Paper {n}", "Rivers meander.") for n in range(80))])
    case = Case("s1", "set", "papers", (LANTERN.title,))
    async for part_case, part in parts_for([case], store, settings):
        assert part_case.relevant == (LANTERN.title,)
        assert (await part.counts()).papers in SIZES
        (held,), (stored,) = await part.fetch(["lantern"]), await store.fetch(["lantern"])
        assert held.passage == stored.passage
    assert list(tmp_path.iterdir()) == []


def test_swapped_questions_name_another_method_and_have_no_answer():
    case = Case("c1", "fact", "How many pages does Quest read?", ("Quest: A Method",), facts=("7",))
    others = [Case(f"o{i}", "set", "papers", (f"Other{i}: A Method",)) for i in range(4)]
    made = swapped([case, *others])
    assert made
    for swap in made:
        assert "Quest" not in swap.question
        assert swap.kind == "unanswerable"
        assert not swap.facts
        assert any(short_name(other.relevant[0]) in swap.question for other in others)


@pytest.mark.parametrize(("measured", "fitted"), [("dev", FITTED), ("unseen", ("natural",))])
def test_no_question_is_fitted_on_that_is_measured_with(measured, fitted):
    asked = {
        name: {case.question.lower() for case in read_cases(CASES / f"{name}.jsonl")}
        for name in (measured, *fitted)
    }
    for name in fitted:
        assert len(asked[name]) > 100
        assert not asked[measured] & asked[name]
