"""A rewritten query: read off whatever a model replies, and searched for only within bounds."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.writing.query_rewriting import (
    LEAST_COSINE,
    MOST_CHARACTERS_MORE,
    MOST_READ,
    MOST_WORDS_MORE,
    drifted,
    fault,
    proposed,
    without_frame,
)

QUERY = "KV cache compression"
PLAIN = st.sampled_from(["caches", "memory", "attention", "pruning", "for", "of", "eviction", "long-context"])
KEPT = st.sampled_from(
    ["“lost in the middle”", '"top k"', *["FIRST", "Quest", "xFinder", "GPT-4", "8.5", "2,048", "seven"]]
)
DENIALS = st.sampled_from(["not", "without", "don't", "isn’t", "never"])
JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text() | st.just("query"), inner, max_size=3)
    ),
    max_leaves=8,
)


def one_line(text):
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


@pytest.mark.parametrize(
    "reply",
    [
        '{"query": "KV cache compression"}',
        '{"query":"KV  cache\\ncompression"}',
        '```json\n{"query": "KV cache compression"}\n```',
        '<think>Shall I say {"query": "no"}?</think>{"query": "KV cache compression"}',
        'Here it is: {"query": "KV cache compression"}. I hope it helps.',
        '{"search_query": "KV cache compression"}',
        '{"rewritten_query": "KV cache compression", "why": {"a": 1}}',
        '{"thought": "none"} {"query": "KV cache compression"} {"query": "another"}',
        '{"query": ["no text"]} {"query": "KV cache compression"}',
        '{"result": {"query": "KV cache compression"}}',
        '{"query": {"query": "KV cache compression"}}',
        '{broken {"why": "} {", "query": "KV cache compression"}',
        "KV cache compression",
        "Query: KV cache compression",
        "Rewritten search query: “KV cache compression”",
        '"KV cache compression"',
        "  `KV cache compression`\n",
        '{"query": "\\u0000KV cache\\u202e \\ud800compression\\u001b"}',
    ],
)
def test_the_query_is_read_off_replies_of_many_shapes(reply):
    assert proposed(reply) == QUERY


NONE = [
    "{}",
    "[]",
    '{"query":null}',
    '{"query":7}',
    '{"answer":"42"}',
    '{"query":"KV',
    "<think>KV",
    '{"query":"a",}',
]


@pytest.mark.parametrize("reply", ["", "   \n", "I cannot help with that.\nAsk me something else.", *NONE])
def test_a_reply_without_a_query_holds_none_and_is_refused(reply):
    assert fault(QUERY, proposed(reply)) == "there is no query in the reply"


def test_quotation_marks_of_a_phrase_stay():
    assert proposed('{"query": "“lost in the middle” or \\"top k\\""}') == '“lost in the middle” or "top k"'


@given(st.text() | JSONS.map(json.dumps) | st.lists(JSONS.map(json.dumps) | st.text(max_size=9)).map("".join))
def test_whatever_a_reply_holds_its_query_is_one_printable_line(reply):
    query = proposed(reply)
    assert query == one_line(query)
    assert len(query) <= MOST_READ
    for kind in ("set", "fact", "compare"):
        assert isinstance(fault(QUERY, without_frame(query, kind)), str)


FLOODS = {
    "deep": '{"query": ' + "[" * 100_000 + "}",
    "huge number": '{"query": ' + "9" * 100_000 + "}",
    "long": '{"query": "' + "word " * 100_000 + '"}',
    "lines": "\n" * 100_000 + "x",
} | {sign: sign * 100_000 for sign in ("{", "<think>", "```\n")}


@pytest.mark.parametrize("reply", FLOODS.values(), ids=FLOODS)
def test_a_flood_is_read_to_a_limit(reply):
    assert len(proposed(reply)) <= MOST_READ


def test_words_that_only_ask_are_left_out_as_they_are_of_a_question():
    assert without_frame("Which papers do KV cache compression?", "set") == QUERY
    assert without_frame("KV cache compression papers", "set") == QUERY
    assert without_frame("How much does Quest accelerate attention?", "fact") == "Quest accelerate attention"


@given(
    st.lists(PLAIN | KEPT | DENIALS, min_size=1, max_size=8),
    st.lists(PLAIN, min_size=1, max_size=6),
    st.data(),
)
def test_other_words_and_another_order_are_allowed_while_what_counts_is_kept(query, more, data):
    rewrite = data.draw(st.permutations([*query, *more]))
    found = fault(" ".join(query), " ".join(rewrite))
    assert found == ""


@given(st.lists(PLAIN, min_size=1, max_size=5), KEPT | DENIALS, st.data())
def test_a_name_a_number_a_quotation_and_a_denial_can_neither_be_lost_nor_made_up(plain, kept, data):
    query = " ".join(data.draw(st.permutations([*plain, kept])))
    without = " ".join([*plain, "transformers"])
    assert fault(query, without)
    if re.search(r"\d", kept) or kept in ("seven", "not", "without", "don't", "isn’t", "never"):
        assert fault(without, f"{without} {kept}")


@given(st.text(max_size=80).map(one_line).filter(lambda text: any(map(str.isalnum, text))))
def test_a_query_holds_what_is_to_be_kept_of_it_and_with_other_marks_says_the_same(query):
    assert fault(query, f"{query} caches") in ("", "it says the same")
    assert fault(query, f"{query}!") == "it says the same"


@pytest.mark.parametrize(
    ("query", "rewrite", "why"),
    [
        ("does FIRST rerank", "the first rerank", "'FIRST'"),
        ("accuracy of xFinder", "precision of XFinder", "'xFinder'"),
        ("speed of LLM-QE", "speed of LLMs", "'LLM-QE'"),
        ("“lost in the middle” effects", "position bias effects in the middle", "'lost in the middle'"),
        ("speedups of 8.5 times", "speedups of 85 times", "'8.5', '85'"),
        ("rerank with GPT-4", "rerank with GPT-4 and Llama 3", "'3'"),
        ("agents that use two models", "agents that use several models", "'two'"),
        ("training without labels", "training with labels", "negation"),
        ("no training without labels", "training without labels", "negation"),
        ("models that do not refuse", "models that refuse", "negation"),
        ("models that refuse", "models that don’t refuse", "negation"),
        ("KV-cache compression", "compressing the KV cache of keys and values", ""),
        ("how Quest’s cache is chosen", "cache selection of quest", ""),
        ("8.5x smaller caches", "cache compression by 8.5x", ""),
        ("prompts that aren't long", "prompts which are not long", ""),
    ],
)
def test_what_is_lost_or_added_is_named_where_more_than_joints_and_initials_differ(query, rewrite, why):
    found = fault(query, rewrite)
    assert why in found
    assert bool(why) == bool(found)


def test_a_query_may_grow_by_so_much_and_no_more():
    assert fault(QUERY, " ".join([QUERY, *["cache"] * MOST_WORDS_MORE])) == ""
    assert "longer" in fault(QUERY, " ".join([QUERY, *["cache"] * (MOST_WORDS_MORE + 1)]))
    assert "longer" in fault("缓存压缩", "缓" * (MOST_CHARACTERS_MORE + 5))


def test_a_query_that_has_drifted_is_refused_also_where_the_cosine_is_no_number():
    assert drifted(LEAST_COSINE) == ""
    assert "0.49" in drifted(LEAST_COSINE - 0.01)
    assert drifted(float("nan"))
