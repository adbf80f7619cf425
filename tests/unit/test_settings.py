"""Settings: where they come from, which wins, and what is said of a bad one."""

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from rag.build import build_encoder, load_settings
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
    assert load_settings().home.name == "pincite"
    assert settings.chat.host == "127.0.0.1"


def test_the_environment_reaches_every_section(monkeypatch):
    monkeypatch.setenv("PINCITE_HOME", "/papers")
    monkeypatch.setenv("PINCITE_STORE__URL", "http://qdrant:6333")
    monkeypatch.setenv("PINCITE_RETRIEVAL__TOP_K", "3")
    settings = load_settings()
    assert settings.home == Path("/papers")
    assert settings.store.url == "http://qdrant:6333"
    assert settings.retrieval.top_k == 3
    assert settings.retrieval.depth == 200


def test_the_file_in_the_current_folder_is_read():
    toml('collection = "mine"\n[encoder]\nname = "onnx/somewhere"\nbatch_size = 4\n')
    settings = load_settings()
    assert (settings.collection, settings.encoder.name, settings.encoder.batch_size) == (
        "mine",
        "onnx/somewhere",
        4,
    )


def test_arguments_beat_the_environment_which_beats_the_file(monkeypatch):
    toml('collection = "file"\n[retrieval]\ntop_k = 1\ndepth = 11\n')
    assert load_settings().collection == "file"
    monkeypatch.setenv("PINCITE_COLLECTION", "environment")
    monkeypatch.setenv("PINCITE_RETRIEVAL__TOP_K", "2")
    settings = load_settings()
    assert (settings.collection, settings.retrieval.top_k, settings.retrieval.depth) == ("environment", 2, 11)
    assert load_settings(collection="argument").collection == "argument"
    assert load_settings(collection=None).collection == "environment"


BAD = {
    "PINCITE_RETRIEVAL__TOP_K": ("0", "greater than or equal to 1"),
    "PINCITE_RETRIEVAL__DEPTH": ("many", "valid integer"),
    "PINCITE_CHAT__PORT": ("70000", "less than or equal to 65535"),
    "PINCITE_STORE__TIMEOUT_S": ("0", "greater than 0"),
    "PINCITE_STORE__ON_DISK": ("perhaps", "valid boolean"),
    "PINCITE_COLLECTION": ("../etc", "match pattern"),
}


@pytest.mark.parametrize(("variable", "value", "expected"), [(name, *bad) for name, bad in BAD.items()])
def test_a_bad_value_names_itself_its_variable_and_what_is_expected(monkeypatch, variable, value, expected):
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigError, match=expected) as caught:
        load_settings()
    assert variable in str(caught.value)
    assert repr(value) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_every_bad_value_is_named_at_once(monkeypatch):
    monkeypatch.setenv("PINCITE_CHAT__PORT", "0")
    monkeypatch.setenv("PINCITE_CHUNK__MAX_TOKENS", "1")
    with pytest.raises(ConfigError, match=r"PINCITE_CHUNK__MAX_TOKENS.*; .*PINCITE_CHAT__PORT"):
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


def test_secrets_are_never_printed(monkeypatch):
    monkeypatch.setenv("PINCITE_STORE__API_KEY", "swordfish")
    settings = load_settings()
    assert settings.store.api_key.get_secret_value() == "swordfish"
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


def test_a_section_in_the_environment_that_is_no_json_is_refused_in_one_line(monkeypatch):
    monkeypatch.setenv("PINCITE_CHAT", "{port: 1")
    with pytest.raises(ConfigError, match="environment cannot be read.*chat") as caught:
        load_settings()
    assert "\n" not in str(caught.value)


def test_settings_do_not_change_once_they_are_read():
    settings = load_settings()
    with pytest.raises(ValidationError):
        settings.collection = "other"
    with pytest.raises(ValidationError):
        settings.retrieval.top_k = 1


@pytest.mark.parametrize("name", ["maxilm", "onnx/", "fastembed", "word2vec/x"])
def test_an_encoder_of_no_known_form_is_refused_with_the_forms(monkeypatch, name):
    monkeypatch.setenv("PINCITE_ENCODER__NAME", name)
    with pytest.raises(ConfigError, match=f"'{name}': expected minilm, onnx/FOLDER"):
        build_encoder(load_settings())


@pytest.mark.parametrize(
    ("name", "value"), [("weight", -0.1), ("weight", 1.1), ("depth", 0), ("timeout_s", 0), ("batch_size", 0)]
)
def test_a_reranker_s_numbers_are_bounded(monkeypatch, name, value):
    monkeypatch.setenv(f"PINCITE_RERANKER__{name.upper()}", str(value))
    with pytest.raises(ConfigError, match=f"reranker__{name}"):
        load_settings()
