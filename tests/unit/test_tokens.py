"""Counting tokens, without a network."""

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import ConfigError
from rag.text import tokens
from rag.text.tokens import token_counter


@pytest.mark.parametrize(("encoding", "expected"), [("cl100k_base", 10), ("p50k_base", 11)])
def test_tokens_are_counted_as_tiktoken_counts_them(encoding, expected):
    assert token_counter(encoding)("Quest estimates the criticality of KV cache pages.") == expected


@pytest.mark.parametrize("encoding", ["gpt2", "r50k_base", "o200k_harmony", "no such", "", "../x"])
def test_an_encoding_that_is_not_bundled_is_refused_with_those_that_are(encoding):
    with pytest.raises(ConfigError, match=r"expected .*\(cl100k_base, o200k_base, p50k_base\)") as caught:
        token_counter(encoding)
    assert repr(encoding) in str(caught.value)


@settings(deadline=None)  # the first call loads the vocabulary
@given(st.text() | st.sampled_from(["<|endoftext|>", "\ud800", "\0", "a" * 5000, " " * 5000]))
def test_any_text_can_be_counted(text):
    assert 0 <= token_counter("cl100k_base")(text) <= 4 * len(text)


def test_special_tokens_in_a_text_are_text():
    assert token_counter("cl100k_base")("<|endoftext|>") > 1


@pytest.mark.parametrize("before", [None, "/somewhere"])
def test_the_environment_is_left_as_it_was(before, monkeypatch):
    monkeypatch.delenv("TIKTOKEN_CACHE_DIR", raising=False)
    if before:
        monkeypatch.setenv("TIKTOKEN_CACHE_DIR", before)
    tokens.token_counter.cache_clear()
    token_counter("cl100k_base")
    assert os.environ.get("TIKTOKEN_CACHE_DIR") == before


def test_without_the_packages_that_bring_vocabularies_the_message_says_what_to_do(monkeypatch):
    monkeypatch.setattr(tokens, "FOLDERS", ())
    with pytest.raises(ConfigError, match="none: reinstall litellm or llama-index"):
        token_counter("gone_base")
