"""Settings: where they come from, which wins, what is said of a bad one, and what they name."""

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from rag.build import build_encoder, build_model, build_reranker, load_settings
from rag.errors import ConfigError


@pytest.fixture(autouse=True)
def _nothing_is_set(monkeypatch, tmp_path):
    for name in [name for name in os.environ if name.startswith("PINCITE_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def toml(text):
    Path("pincite.toml").write_text(text, "utf-8")


def test_without_settings_the_sample_is_read_from_an_embedded_store_by_the_shipped_encoder():
    settings = load_settings(home=Path("empty"))
    assert (settings.collection, settings.store.url, settings.encoder.name) == ("sample", None, "minilm")
    assert (load_settings().home.name, settings.chat.host) == ("pincite", "127.0.0.1")
    assert build_model(settings) is None


def test_arguments_beat_the_environment_which_beats_the_file(monkeypatch):
    toml('collection = "file"\n[retrieval]\ntop_k = 1\ndepth = 11\n')
    assert load_settings().collection == "file"
    monkeypatch.setenv("PINCITE_COLLECTION", "environment")
    monkeypatch.setenv("PINCITE_RETRIEVAL__TOP_K", "2")
    monkeypatch.setenv("PINCITE_MODEL__FALLBACKS", '["ollama/llama3", "local/a.gguf"]')
    settings = load_settings()
    assert (settings.collection, settings.retrieval.top_k, settings.retrieval.depth) == ("environment", 2, 11)
    assert settings.model.fallbacks == ("ollama/llama3", "local/a.gguf")
    assert load_settings(collection="argument").collection == "argument"
    assert load_settings(collection=None).collection == "environment"


BAD = [
    ("PINCITE_RETRIEVAL__TOP_K", "0", "greater than or equal to 1"),
    ("PINCITE_RETRIEVAL__DEPTH", "many", "valid integer"),
    ("PINCITE_CHAT__PORT", "70000", "less than or equal to 65535"),
    ("PINCITE_STORE__TIMEOUT_S", "0", "greater than 0"),
    ("PINCITE_STORE__ON_DISK", "perhaps", "valid boolean"),
    ("PINCITE_COLLECTION", "../etc", "match pattern"),
    ("PINCITE_RERANKER__WEIGHT", "1.1", "less than or equal to 1"),
    ("PINCITE_RERANKER__DEPTH", "0", "greater than or equal to 1"),
    ("PINCITE_MODEL__RETRIES", "-1", "greater than or equal to 0"),
    ("PINCITE_MODEL__TEMPERATURE", "3", "less than or equal to 2"),
    ("PINCITE_MODEL__BUDGET_USD", "-0.1", "greater than or equal to 0"),
    ("PINCITE_MODEL__BUDGET_S", "0", "greater than 0"),
]


@pytest.mark.parametrize(("variable", "value", "expected"), BAD)
def test_a_bad_value_names_itself_its_variable_and_what_is_expected(monkeypatch, variable, value, expected):
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigError, match=expected) as caught:
        load_settings()
    assert variable in str(caught.value)
    assert repr(value) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_every_bad_value_is_named_at_once(monkeypatch):
    monkeypatch.setenv("PINCITE_CHAT__PORT", "0")
    monkeypatch.setenv("PINCITE_MODEL__FALLBACKS", '[""]')
    with pytest.raises(ConfigError, match=r"PINCITE_MODEL__FALLBACKS.*; .*PINCITE_CHAT__PORT"):
        load_settings()


def test_a_misspelt_key_of_a_section_is_an_error(monkeypatch):
    toml("[retrieval]\ntopk = 3\n")
    with pytest.raises(ConfigError, match=r"'retrieval__topk': .*not permitted"):
        load_settings()
    toml("")
    monkeypatch.setenv("PINCITE_STORE__ULR", "http://qdrant:6333")
    with pytest.raises(ConfigError, match="PINCITE_STORE__ULR"):
        load_settings()


@pytest.mark.parametrize("content", [b"[store\n", b"\xff\xfe", b"[store]\nurl = nowhere\n"])
def test_a_broken_file_is_named(content):
    Path("pincite.toml").write_bytes(content)
    with pytest.raises(ConfigError, match=r"pincite\.toml cannot be read"):
        load_settings()


def test_a_section_in_the_environment_that_is_no_json_is_refused_in_one_line(monkeypatch):
    monkeypatch.setenv("PINCITE_CHAT", "{port: 1")
    with pytest.raises(ConfigError, match="^the environment cannot be read.*chat.*$"):
        load_settings()


@pytest.mark.parametrize("section", ["store", "model", "reranker"])
def test_secrets_are_never_printed(monkeypatch, section):
    monkeypatch.setenv(f"PINCITE_{section.upper()}__API_KEY", "swordfish")
    settings = load_settings()
    assert getattr(settings, section).api_key.get_secret_value() == "swordfish"
    shown = (repr(settings), str(settings), str(settings.model_dump()), settings.model_dump_json())
    assert all("swordfish" not in text for text in shown)


@pytest.mark.parametrize("key", ["api_key", "apikey"])
def test_a_secret_in_the_wrong_place_is_not_printed_either(key):
    toml(f'[store]\n{key} = ["swordfish"]\n')
    with pytest.raises(ConfigError, match=f"store__{key}") as caught:
        load_settings()
    assert "swordfish" not in str(caught.value)


def test_papers_of_ones_own_are_read_once_there_are_any_and_never_mixed_with_the_sample(tmp_path):
    assert load_settings(home=tmp_path).collection == "sample"
    assert load_settings(home=tmp_path, ingesting=True).collection == "papers"
    (tmp_path / "collections" / "papers").mkdir(parents=True)
    (tmp_path / "collections" / "papers" / "collection.json").touch()
    assert load_settings(home=tmp_path).collection == "papers"
    assert load_settings(home=tmp_path, collection="sample").collection == "sample"


def test_which_collection_of_a_server_to_ingest_into_must_be_said(monkeypatch):
    monkeypatch.setenv("PINCITE_STORE__URL", "http://qdrant:6333")
    with pytest.raises(ConfigError, match="name one with --collection"):
        load_settings(ingesting=True)
    assert load_settings(ingesting=True, collection="mine").collection == "mine"


def test_rewriting_without_a_model_is_refused_and_both_ways_out_are_named(monkeypatch):
    monkeypatch.setenv("PINCITE_MODEL__REWRITE", "true")
    with pytest.raises(ConfigError, match=r"__rewrite' = True: .*--model .*__REWRITE=false"):
        load_settings()
    assert load_settings(model={"name": "openai/gpt-4o-mini"}).model.rewrite


def test_settings_do_not_change_once_they_are_read():
    settings = load_settings()
    with pytest.raises(ValidationError):
        settings.collection = "other"
    with pytest.raises(ValidationError):
        settings.retrieval.top_k = 1


@pytest.mark.parametrize(
    "name", ["maxilm", "minilm/", "minilm/x", "onnx/", "fastembed", "word2vec/x", "os:system/x"]
)
def test_an_encoder_of_no_known_form_is_refused_with_the_forms(name):
    with pytest.raises(ConfigError, match=f"'{name}': expected minilm, onnx/FOLDER, .* or litellm/MODEL"):
        build_encoder(load_settings(encoder={"name": name}))


def test_a_reranker_of_another_package_is_found_by_its_entry_point(tmp_path, monkeypatch):
    (tmp_path / "length_reranker.py").write_text(
        "class LengthReranker:\n"
        "    def __init__(self, name, options):\n"
        "        self.name = f'{name}, {options.depth} deep'\n"
    )
    (tmp_path / "lengths-1.dist-info").mkdir()
    (tmp_path / "lengths-1.dist-info" / "entry_points.txt").write_text(
        "[pincite.rerankers]\nlength = length_reranker:LengthReranker\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    reranker = build_reranker(load_settings(reranker={"name": "length/words", "depth": 9}))
    assert reranker.name == "words, 9 deep"
