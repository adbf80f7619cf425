"""Reading replies: fifty ways in which models cite, and none that changes what was cited."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.verification.claim_verifier import Draft, Mark
from rag.writing.reply_parser import MOST_DRAFTS, ReplyParser, parse


def said(text):
    return [(draft.text, [mark.number for mark in draft.marks]) for draft in parse(text)]


TEXTS = [
    ("It is fast [1].", [("It is fast.", [1])]),
    ("It is fast. [1]", [("It is fast.", [1])]),
    ("It is fast.[1]", [("It is fast.", [1])]),
    ("It is fast [1, 2].", [("It is fast.", [1, 2])]),
    ("It is fast [1,2].", [("It is fast.", [1, 2])]),
    ("It is fast [1; 2].", [("It is fast.", [1, 2])]),
    ("It is fast [1][2].", [("It is fast.", [1, 2])]),
    ("It is fast [1] [2].", [("It is fast.", [1, 2])]),
    ("It is fast [1-3].", [("It is fast.", [1, 2, 3])]),
    ("It is fast [1–3].", [("It is fast.", [1, 2, 3])]),
    ("It is fast [1, 3-5].", [("It is fast.", [1, 3, 4, 5])]),
    ("It is fast [1 and 2].", [("It is fast.", [1, 2])]),
    ("It is fast [^1].", [("It is fast.", [1])]),
    ("It is fast【1】.", [("It is fast.", [1])]),
    ("It is fast【2†source】.", [("It is fast.", [2])]),
    ("It is fast [99].", [("It is fast.", [99])]),
    ("It is fast [3-1].", [("It is fast.", [3, 1])]),
    ("It is fast [1-900].", [("It is fast.", [1, 900])]),
    ("As shown in [2], it is fast.", [("As shown in, it is fast.", [2])]),
    ("[1] says that it is fast.", [("says that it is fast.", [1])]),
    ("It is fast [1]. It is small [2].", [("It is fast.", [1]), ("It is small.", [2])]),
    ("It is fast. [1] It is small. [2]", [("It is fast.", [1]), ("It is small.", [2])]),
    ("It is fast.[1][2] It is small.[3]", [("It is fast.", [1, 2]), ("It is small.", [3])]),
    ("It is fast [1] and small [2].", [("It is fast and small.", [1, 2])]),
    ("It is fast [1] and small [1].", [("It is fast and small.", [1])]),
    ("- It is fast [1]\n- It is small [2]", [("It is fast", [1]), ("It is small", [2])]),
    ("* It is fast [1]\n* It is small [2]", [("It is fast", [1]), ("It is small", [2])]),
    ("1. It is fast [1]\n2. It is small [2]", [("It is fast", [1]), ("It is small", [2])]),
    ("1) It is fast [1]", [("It is fast", [1])]),
    ("• It is fast [1]", [("It is fast", [1])]),
    ("| what | how |\n|---|---|\n| speed | fast [1] |", [("speed — fast", [1])]),
    (
        "| what | how |\n|:--|--:|\n| speed | fast [1] |\n| size | small [2] |",
        [("speed — fast", [1]), ("size — small", [2])],
    ),
    ("## Findings\nIt is fast [1].", [("It is fast.", [1])]),
    ("Here is what I found:\nIt is fast [1].", [("It is fast.", [1])]),
    ("**It is fast** [1].", [("It is fast.", [1])]),
    ("It is *very* `fast` [1].", [("It is very fast.", [1])]),
    ("It is fast.", [("It is fast.", [])]),
    ("<think>Is it [3]?</think>It is fast [1].", [("It is fast.", [1])]),
    ("<think>never closed [3]", []),
    ("```\nIt is fast [1].\n```", [("It is fast.", [1])]),
    ("It reaches 3.5 points, i.e. much [1].", [("It reaches 3.5 points, i.e. much.", [1])]),
    ("Use x[0] here [1].", [("Use x here.", [0, 1])]),
    ("", []),
    ("   \n\n", []),
    ("[1]", []),
    ("...", []),
]
OBJECTS = [
    ('{"statements": []}', []),
    (
        '{"statements": [{"text": "It is fast.", "citations": [{"number": 1, "quote": "q"}]}]}',
        [("It is fast.", [1])],
    ),
    ('{"statements": [{"text": "It is fast.", "citations": [1, 2]}]}', [("It is fast.", [1, 2])]),
    ('{"statements": [{"text": "It is fast.", "citations": ["[1]", "2-3"]}]}', [("It is fast.", [1, 2, 3])]),
    ('{"statements": [{"text": "It is fast.", "citations": "[1, 2]"}]}', [("It is fast.", [1, 2])]),
    ('{"statements": [{"text": "It is fast [1].", "citations": []}]}', [("It is fast.", [1])]),
    ('{"statements": [{"text": "It is fast [2].", "citations": [1]}]}', [("It is fast.", [1, 2])]),
    ('[{"statement": "It is fast.", "number": 1, "quote": "q"}]', [("It is fast.", [1])]),
    ('{"text": "It is fast. It is small.", "citations": [1]}', [("It is fast.", [1]), ("It is small.", [1])]),
    ('```json\n{"statements": [{"text": "It is fast.", "citations": [1]}]}\n```', [("It is fast.", [1])]),
    ('{"statements": [{"text": "It is fast.", "citations": [1]}, {"text": "It is sm', [("It is fast.", [1])]),
    (
        '{"statements": [{"text": "A {brace} and \\"quotes\\".", "citations": [1]}]}',
        [('A {brace} and "quotes".', [1])],
    ),
    ('{"statements": [{"text": 5, "citations": [1]}, {"citations": [2]}]}', []),
    ('{"statements": [{"text": "It is fast.", "citations": null}]}', [("It is fast.", [])]),
    (
        '{"statements": [{"text": "It is fast.", "citations": [true, {"number": null}]}]}',
        [("It is fast.", [])],
    ),
]


@pytest.mark.parametrize(("text", "expected"), TEXTS + OBJECTS)
def test_a_reply_is_read_as_sentences_with_the_numbers_they_cite(text, expected):
    assert said(text) == expected


@pytest.mark.parametrize(("text", "expected"), TEXTS + OBJECTS)
@pytest.mark.parametrize("size", [1, 7])
def test_a_reply_in_pieces_gives_the_same_drafts_and_takes_none_back(text, expected, size):
    parser, drafts = ReplyParser(), []
    for at in range(0, len(text), size):
        drafts += parser.feed(text[at : at + size])
    assert [
        (draft.text, [mark.number for mark in draft.marks]) for draft in drafts + parser.finish()
    ] == expected


def test_a_statement_is_given_as_soon_as_its_object_is_closed():
    parser = ReplyParser()
    assert (
        parser.feed('{"statements": [{"text": "It is fast.", "citations": [{"number": 1, "quote": "so"}]')
        == []
    )
    assert parser.feed("}") == [Draft("It is fast.", (Mark(1, "so"),))]


def test_a_model_that_repeats_forever_is_read_to_a_limit():
    parser = ReplyParser()
    assert len(parser.feed("It is fast [1].\n" * 1_000) + parser.finish()) == MOST_DRAFTS


@given(st.lists(st.tuples(st.text(min_size=1), st.integers(1, 99)), max_size=5))
def test_json_quotes_arrive_exactly_as_they_were_written(pairs):
    reply = {
        "statements": [{"text": "It is so.", "citations": [{"number": n, "quote": q} for q, n in pairs]}]
    }
    (draft,) = parse(json.dumps(reply))
    assert draft.marks == tuple(dict.fromkeys(Mark(n, q) for q, n in pairs))


@given(st.text())
def test_no_text_makes_the_parser_fail(text):
    parser = ReplyParser()
    fed = [draft for sign in text for draft in parser.feed(sign)] + parser.finish()
    assert all(draft.text.strip() for draft in fed)
