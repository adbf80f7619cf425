"""Reading replies: the many ways in which models cite, and none that changes what was cited."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.verification.claim_verifier import Draft, Mark
from rag.writing.reply_parser import MOST_DRAFTS, ReplyParser, parse

FAST, BOTH = "It is fast.", "It is fast and small."
ONE, TWO = [(FAST, [1])], [(FAST, [1]), ("It is small.", [2])]
ITEMS = [("It is fast", [1]), ("It is small", [2])]

ONE_SENTENCE = {
    "It is fast [1].": [1],
    "It is fast. [1]": [1],
    "It is fast.[1]": [1],
    "It is fast[1].": [1],
    "It is fast 【1】.": [1],
    "It is fast【2†source】.": [2],
    "It is fast [^1].": [1],
    "It [1] is fast.": [1],
    "[1] It is fast.": [1],
    "**It is** *fast* [1].": [1],
    "It is `fast` [1].": [1],
    "* It is fast. [1]": [1],
    "• It is fast. [1]": [1],
    "1) It is fast. [3]": [3],
    "# Speed\nIt is fast [1].": [1],
    "Here is what I found:\nIt is fast [1].": [1],
    "<think>Is it [3]?</think>It is fast [2].": [2],
    "```\nIt is fast [1].\n```": [1],
    "It is fast.": [],
    "It is fast [0].": [0],
    "It is fast [99].": [99],
    "It is fast [1, 2].": [1, 2],
    "It is fast [1,2].": [1, 2],
    "It is fast [1; 2].": [1, 2],
    "It is fast [1 and 2].": [1, 2],
    "It is fast [1, 2, and 4].": [1, 2, 4],
    "It is fast [1][2].": [1, 2],
    "It is fast [1] [2].": [1, 2],
    "It is fast [1][1].": [1],
    "It [1] is fast [1].": [1],
    "It is fast [1-3].": [1, 2, 3],
    "It is fast [1–3, 5].": [1, 2, 3, 5],
    "It is fast [3-1].": [3, 1],
    "It is fast [1-900].": [1, 900],
}
TEXTS = [
    *((text, [(FAST, marks)]) for text, marks in ONE_SENTENCE.items()),
    ("It is fast [1] and small [2].", [(BOTH, [1, 2])]),
    ("It is fast [1]. It is small [2].", TWO),
    ("It is fast. [1] It is small. [2]", TWO),
    ("It is fast.[1] It is small.[2]", TWO),
    ("It is fast [1].\n\nIt is small [2].", TWO),
    ("Is it fast [1]? It is [2]!", [("Is it fast?", [1]), ("It is!", [2])]),
    ("It is fast. [1, 2] It is new [3].", [(FAST, [1, 2]), ("It is new.", [3])]),
    ("It is fast [1]. [2] It is new.", [(FAST, [1, 2]), ("It is new.", [])]),
    ("It is fast. It is new [1].", [(FAST, []), ("It is new.", [1])]),
    ("- It is fast [1]\n- It is small [2]", ITEMS),
    ("1. It is fast [1]\n2. It is small [2]", ITEMS),
    ("Two are:\n- Quest [1]\n- Lens [2]", [("Quest", [1]), ("Lens", [2])]),
    ("| what | how |\n|---|---|\n| speed | fast [1] |", [("speed — fast", [1])]),
    ("| a | b |\n|:--|--:|\n| c | d [1] |\n| e | f [2] |", [("c — d", [1]), ("e — f", [2])]),
    ("As shown in [2], it is fast.", [("As shown in, it is fast.", [2])]),
    ("It reaches 3.5 points, i.e. much [1].", [("It reaches 3.5 points, i.e. much.", [1])]),
    ("Quest is fast (1).", [("Quest is fast (1).", [])]),
    ("The interval is [0.1, 0.3].", [("The interval is [0.1, 0.3].", [])]),
    ("The set [a, b] [sic] is small [1].", [("The set [a, b] [sic] is small.", [1])]),
    ("Use x[0] here [1].", [("Use x here.", [0, 1])]),
    ("Quest is fast [12345].", [("Quest is fast [12345].", [])]),
    *((text, []) for text in ("", "  \n\n", "[1]", "...", "<think>never closed [3]")),
]
OBJECTS = [
    ('{"statements": []}', []),
    ('{"statements": [{"text": "It is fast.", "citations": [{"number": 1, "quote": "q"}]}]}', ONE),
    ('{"statements": [{"text": "It is fast.", "citations": [1, 2]}]}', [(FAST, [1, 2])]),
    ('{"statements": [{"text": "It is fast.", "citations": ["[1]", "2-3"]}]}', [(FAST, [1, 2, 3])]),
    ('{"statements": [{"text": "It is fast.", "citations": "[1, 2]"}]}', [(FAST, [1, 2])]),
    ('{"statements": [{"text": "It is fast [1].", "citations": []}]}', ONE),
    ('{"statements": [{"text": "It is fast [2].", "citations": [1]}]}', [(FAST, [1, 2])]),
    ('[{"statement": "It is fast.", "number": 1, "quote": "q"}]', ONE),
    ('{"text": "It is fast. It is small.", "citations": [1]}', [(FAST, [1]), ("It is small.", [1])]),
    ('```json\n{"statements": [{"text": "It is fast.", "citations": [1]}]}\n```', ONE),
    ('{"statements": [{"text": "It is fast.", "citations": [1]}, {"text": "It is sm', ONE),
    ('{"text": "A {brace} and \\"quotes\\".", "citations": [1]}', [('A {brace} and "quotes".', [1])]),
    ('{"statements": [{"text": 5, "citations": [1]}, {"citations": [2]}]}', []),
    ('{"statements": [{"text": "It is fast.", "citations": null}]}', [(FAST, [])]),
    ('{"text": "It is fast.", "citations": [true, {"number": null}]}', [(FAST, [])]),
]


def read(drafts):
    return [(draft.text, [mark.number for mark in draft.marks]) for draft in drafts]


@pytest.mark.parametrize(("text", "expected"), TEXTS + OBJECTS)
def test_a_reply_whole_or_in_pieces_is_read_as_sentences_with_the_numbers_they_cite(text, expected):
    assert read(parse(text)) == expected
    for size in (1, 7):
        parser, drafts = ReplyParser(), []
        for at in range(0, len(text), size):
            drafts += parser.feed(text[at : at + size])
        assert read(drafts + parser.finish()) == expected


def test_a_statement_is_given_as_soon_as_its_object_is_closed():
    parser = ReplyParser()
    opened = '{"statements": [{"text": "It is fast.", "citations": [{"number": 1, "quote": "so"}]'
    assert parser.feed(opened) == []
    assert parser.feed("}") == [Draft(FAST, (Mark(1, "so"),))]


def test_a_model_that_repeats_forever_is_read_to_a_limit():
    parser = ReplyParser()
    assert len(parser.feed("It is fast [1].\n" * 1_000) + parser.finish()) == MOST_DRAFTS


@given(st.lists(st.tuples(st.text(min_size=1), st.integers(1, 99)), max_size=5))
def test_json_quotes_arrive_exactly_as_they_were_written(pairs):
    statement = {"text": "It is so.", "citations": [{"number": n, "quote": q} for q, n in pairs]}
    (draft,) = parse(json.dumps({"statements": [statement]}))
    assert draft.marks == tuple(dict.fromkeys(Mark(n, q) for q, n in pairs))


@given(st.text())
def test_no_text_makes_the_parser_fail(text):
    parser = ReplyParser()
    fed = [draft for sign in text for draft in parser.feed(sign)] + parser.finish()
    assert all(draft.text.strip() for draft in fed)
