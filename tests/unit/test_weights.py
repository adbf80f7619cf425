"""The fitted models as a file."""

import json
from pathlib import Path

import pytest
from collection import ANSWERS, RELEVANCE

from models import folder
from rag.errors import ModelUnavailable
from rag.pinpoint import SIGNALS
from rag.relevance import ABSOLUTE, FEATURES
from rag.weights import load_weights, save_weights


@pytest.fixture
def file(tmp_path) -> Path:
    path = tmp_path / "fitted" / "weights.json"
    save_weights(path, RELEVANCE, ANSWERS)
    return path


def test_what_was_saved_is_loaded(file):
    assert load_weights(file) == (RELEVANCE, ANSWERS)


def test_the_shipped_weights_are_one_for_each_signal_and_their_thresholds_are_probabilities():
    assert len(RELEVANCE.absolute.weights) == len(ABSOLUTE)
    assert len(RELEVANCE.question.weights) == 1
    assert len(RELEVANCE.paper.weights) == len(FEATURES)
    assert len(ANSWERS.sentence.weights) == len(SIGNALS)
    assert all(0 < cut < 1 for cut in (RELEVANCE.nearest, RELEVANCE.threshold, ANSWERS.threshold))


def test_saving_the_shipped_weights_again_changes_nothing(file):
    assert file.read_bytes() == (folder("ranking") / "weights.json").read_bytes()


@pytest.mark.parametrize("names", ["features", "signals"])
def test_weights_that_were_fitted_for_other_signals_are_refused(file, names):
    content = json.loads(file.read_text())
    content[names].reverse()
    file.write_text(json.dumps(content))
    with pytest.raises(
        ModelUnavailable, match=r"weights\.json' were fitted for other signals: calibrate again"
    ):
        load_weights(file)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"features": [], "signals": [], "relevance": {}, "answers": {}}', "\x00"]
)
def test_a_file_that_holds_no_weights_is_named(file, text):
    file.write_text(text)
    with pytest.raises(ModelUnavailable, match=r"weights '.*weights\.json' cannot be read"):
        load_weights(file)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ModelUnavailable, match=r"nowhere\.json' cannot be read"):
        load_weights(tmp_path / "nowhere.json")


def test_too_few_weights_are_refused(file):
    content = json.loads(file.read_text())
    content["relevance"]["paper"]["weights"].pop()
    file.write_text(json.dumps(content))
    with pytest.raises(ModelUnavailable, match="12 weights where 13 were expected"):
        load_weights(file)
