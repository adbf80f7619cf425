"""The support classifier: how its signals are combined, and the shipped model behind its port."""

import json
import shutil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from evals.support.fit import fit, fit_combination
from models import folder
from rag.adapters.support_onnx import SupportClassifier
from rag.errors import ModelUnavailable
from rag.support import (
    CONTEXT,
    DIRECTION,
    Combination,
    context_signals,
    direction_signals,
    stem_share,
    word_shares,
)

EVIDENCE = [
    "We followed two hundred mice for a year.",
    "Aspirin increased tumor growth in mice.",
    "Blood pressure was measured every week.",
]
LOGITS = arrays(np.float64, (3, 3), elements=st.floats(-20, 20))


@pytest.fixture(scope="module")
def classifier():
    return SupportClassifier(folder("support"), threads=1)


@given(
    arrays(np.float64, (4, 5), elements=st.floats(-50, 50)),
    arrays(np.float64, (4, 2), elements=st.floats(-50, 50)),
)
def test_probabilities_sum_to_one(context, direction):
    weights = Combination(dict.fromkeys((*CONTEXT, "bias"), 1.5), dict.fromkeys((*DIRECTION, "bias"), -2.0))
    found = weights.probabilities(context, direction)
    assert found.min() >= 0
    assert found.sum(axis=1) == pytest.approx(np.ones(4))


@given(LOGITS)
def test_direction_turns_its_sign_when_support_and_contradiction_change_places(logits):
    assert direction_signals(logits) == pytest.approx(-direction_signals(logits[:, [1, 0, 2]]))


@given(LOGITS)
def test_context_does_not_depend_on_direction_nor_on_the_order_of_sentences(logits):
    shares = (0.5, 0.4, 0.3, 0.2)
    signals = context_signals(logits, shares)
    assert signals[1:].tolist() == list(shares)
    assert context_signals(logits[::-1], shares) == pytest.approx(signals)
    assert context_signals(logits[:, [1, 0, 2]], shares) == pytest.approx(signals)


def test_the_closest_sentence_tells_the_direction():
    far, near = [0.0, 5.0, 9.0], [3.0, 0.0, -4.0]
    assert direction_signals(np.array([far, near])).tolist() == [3.0, -1.0]


def test_stems_are_shared_whatever_the_ending():
    assert stem_share("Inhibition of tumors", ["It inhibits a tumour."]) == pytest.approx(0.5)
    assert stem_share("Tumors grow", ["Tumor growth", "is slow"]) == pytest.approx(0.5)
    assert stem_share("of", ["of"]) == 0.0


def test_shares_weigh_words_and_join_texts():
    shares, together = word_shares({1: 3.0, 2: 1.0}, [frozenset({1}), frozenset({2, 7})])
    assert shares.tolist() == [0.75, 0.25]
    assert together == 1.0
    assert word_shares({}, [frozenset({1})])[1] == 0.0


def test_a_fit_finds_the_signal_that_tells():
    rng = np.random.default_rng(0)
    signals = rng.normal(size=(400, 3)) * (1, 10, 1) + (0, 5, 0)
    weights = fit(signals, signals[:, 1] > 5, ("none", "telling", "idle"))
    assert weights["telling"] > 2 * max(abs(weights["none"]), abs(weights["idle"]))
    assert -weights["bias"] / weights["telling"] == pytest.approx(5, abs=1)


def test_direction_is_fitted_on_what_is_in_context_only():
    rng = np.random.default_rng(0)
    labels = np.arange(300) % 3
    direction = np.stack([np.where(labels == 0, 1.0, -1.0)] * 2, axis=1) + rng.normal(size=(300, 2)) / 3
    direction[labels == 2] = 100
    fitted = fit_combination(rng.normal(size=(300, len(CONTEXT))), direction, labels)
    assert fitted.direction["mean"] > 0


async def test_rows_are_probabilities_in_the_order_of_the_pairs(classifier):
    pairs = [("Aspirin increased tumor growth in mice.", EVIDENCE), ("Zebrafish sleep at night.", EVIDENCE)]
    found = await classifier.judge(pairs)
    assert found.shape == (2, 3)
    assert found.sum(axis=1) == pytest.approx(np.ones(2), abs=1e-5)
    assert found[0, 2] < found[1, 2]


async def test_a_stated_sentence_is_supported_and_its_opposite_less_so(classifier):
    statements = ("Aspirin increased tumor growth in mice.", "Aspirin decreased tumor growth in mice.")
    found = await classifier.judge([(statement, EVIDENCE) for statement in statements])
    assert found[0].argmax() == 0
    assert found[1, 0] < found[0, 0]
    assert found[1, 1] > found[0, 1]


async def test_a_pair_is_judged_the_same_alone_and_beside_others(classifier):
    pairs = [("Aspirin promotes tumors.", EVIDENCE), ("Mice were followed for a year or more.", EVIDENCE[:1])]
    together = await classifier.judge(pairs)
    alone = np.vstack([await classifier.judge([pair]) for pair in pairs])
    assert together == pytest.approx(alone, abs=1e-3)


async def test_without_evidence_nothing_is_in_context(classifier):
    assert (await classifier.judge([("Mice sleep.", []), ("Mice sleep.", [" "])])).tolist() == [[0, 0, 1]] * 2
    assert (await classifier.judge([])).shape == (0, 3)


async def test_more_evidence_is_not_more_reading(classifier, monkeypatch):
    read = []
    logits = classifier._logits
    monkeypatch.setattr(
        classifier, "_logits", lambda encodings: (read.append(len(encodings)), logits(encodings))[1]
    )
    await classifier.judge([("Aspirin promotes tumors.", EVIDENCE * 4)])
    await classifier.judge([("Aspirin promotes tumors.", EVIDENCE[:1])])
    assert read == [3, 1]


async def test_longer_texts_than_the_model_reads_are_cut(classifier):
    assert (await classifier.judge([("mice " * 400, ["sleep " * 400])])).shape == (1, 3)


@pytest.mark.parametrize("name", ["model.onnx", "config.json"])
def test_a_missing_file_is_named(tmp_path, name):
    for each in {"model.onnx", "config.json"} - {name}:
        (tmp_path / each).touch()
    with pytest.raises(ModelUnavailable, match=name):
        SupportClassifier(tmp_path, 1)


def test_weights_for_other_signals_are_refused(tmp_path):
    source = folder("support")
    shutil.copy(source / "model.onnx", tmp_path)
    config = json.loads((source / "config.json").read_text())
    config["context"].pop("share")
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelUnavailable, match="'context'"):
        SupportClassifier(tmp_path, 1)
