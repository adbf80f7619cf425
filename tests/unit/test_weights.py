"""The fitted models as a file."""

import json
from pathlib import Path

import pytest
from collection import FITTED, SHIPPED

from models import folder
from rag.errors import ModelUnavailable
from rag.selection.fitted_weights import RANKER, load_ranker, load_weights, save_ranker, save_weights


@pytest.fixture
def file(tmp_path) -> Path:
    path = tmp_path / "fitted" / "weights.json"
    save_weights(path, FITTED, SHIPPED)
    save_ranker(path.with_name(RANKER), FITTED.ranker)
    return path


def test_saving_the_shipped_weights_again_changes_nothing_and_they_are_loaded(file):
    assert load_weights(file) == (FITTED, SHIPPED)
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


@pytest.mark.parametrize("text", ["", "[]", '{"bm25": "many"}', '{"bm25": null}'])
def test_a_file_that_holds_no_ranker_is_named(file, text):
    file.with_name(RANKER).write_text(text)
    with pytest.raises(ModelUnavailable, match=r"ranker '.*ranker\.json' cannot be read"):
        load_ranker(file.with_name(RANKER))


def test_a_ranker_that_was_fitted_for_other_signals_is_refused(file):
    file.with_name(RANKER).write_text('{"bm25": 1.0}')
    with pytest.raises(ModelUnavailable, match="fitted for other signals: train it again"):
        load_weights(file)


def test_too_few_weights_are_refused(file):
    content = json.loads(file.read_text())
    content["relevance"]["paper"]["weights"].pop()
    file.write_text(json.dumps(content))
    with pytest.raises(ModelUnavailable, match="15 weights where 16 were expected"):
        load_weights(file)


def test_the_thresholds_of_the_shipped_weights_are_probabilities():
    assert 0 < FITTED.nearest < FITTED.threshold <= FITTED.opening < 1
    assert 0 < SHIPPED.threshold < 1


@pytest.mark.parametrize("missing", ["weights.json", RANKER])
def test_a_missing_file_is_named(file, missing):
    file.with_name(missing).unlink()
    with pytest.raises(ModelUnavailable, match=rf"'.*{missing}' cannot be read"):
        load_weights(file)
