"""Settings of the language model, and what is built from them."""

import os

import pytest

from rag.build import build_model, load_settings
from rag.errors import ConfigError


@pytest.fixture(autouse=True)
def _nothing_is_set(monkeypatch, tmp_path):
    for name in [name for name in os.environ if name.startswith("PINCITE_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_without_a_name_there_is_no_model():
    assert load_settings().model.name == ""
    assert build_model(load_settings()) is None


def test_the_environment_sets_the_model(monkeypatch):
    monkeypatch.setenv("PINCITE_MODEL__NAME", "openai/gpt-4o-mini")
    monkeypatch.setenv("PINCITE_MODEL__FALLBACKS", '["ollama/llama3", "local/a.gguf"]')
    monkeypatch.setenv("PINCITE_MODEL__API_KEY", "swordfish")
    settings = load_settings()
    assert settings.model.fallbacks == ("ollama/llama3", "local/a.gguf")
    assert "swordfish" not in f"{settings!r}{settings.model_dump_json()}"


def test_rewriting_without_a_model_is_refused_and_both_ways_out_are_named(monkeypatch):
    monkeypatch.setenv("PINCITE_MODEL__REWRITE", "true")
    with pytest.raises(ConfigError, match=r"__rewrite' = True: .*--model .*__REWRITE=false"):
        load_settings()
    assert load_settings(model={"name": "openai/gpt-4o-mini"}).model.rewrite


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("TIMEOUT_S", "0"),
        ("RETRIES", "-1"),
        ("CONCURRENCY", "0"),
        ("MAX_TOKENS", "0"),
        ("TEMPERATURE", "3"),
        ("CONTEXT_TOKENS", "-1"),
        ("BUDGET_USD", "-0.1"),
        ("BUDGET_S", "0"),
        ("FALLBACKS", '[""]'),
        ("CACHE", "perhaps"),
    ],
)
def test_a_value_out_of_bounds_names_its_variable(monkeypatch, variable, value):
    monkeypatch.setenv(f"PINCITE_MODEL__{variable}", value)
    with pytest.raises(ConfigError, match=f"model__{variable.lower()}"):
        load_settings()
