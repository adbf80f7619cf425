"""Whatever a judge replies, an answer keeps its number of claims, and what has no verdict gets no value."""

import itertools
import json
import re

import pytest
from fakes import ScriptedModel
from hypothesis import given, settings
from hypothesis import strategies as st
from judged import CLAIMS, HALVES, SHRINKS, VERDICTS, changed, judge_of, reply

from evals.judges.faithfulness import faithfulness
from evals.judges.prompting import prompt
from evals.judges.verdicts import ClaimLabel
from evals.records import Status
from rag.errors import BadCompletion, ModelRejected, ModelTimeout, ModelUnavailable

RIGHT = reply()
ALL = ["c1", "c2", "c3"]


async def asked(*replies):
    """Score, verdicts, and for each request the ids that were asked."""
    model = ScriptedModel(list(replies))
    score, judged = await faithfulness(judge_of(model), "", CLAIMS)
    ids = [r.schema["properties"]["verdicts"]["items"]["properties"]["id"]["enum"] for r in model.requests]
    return score, judged, ids


def echo(system=""):
    """The prompt said back, with its example."""
    return system + "\n" + prompt("claims/1")


HARMLESS = {
    **{f"order {order}": reply(*order_) for order, order_ in enumerate(itertools.permutations(VERDICTS))},
    **{
        f"around: {before[:12]}…{after[:12]}": before + RIGHT + after
        for before, after in [
            ("Here are the verdicts:\n", ""),
            ("", "\nI hope this helps!"),
            ("```json\n", "\n```"),
            ("```\n", "\n```\nDone."),
            ("<think>c1 is supported? {maybe}</think>", ""),
            ("<thinking>\n{}\n</thinking>\n", ""),
            ("grade: supported\n", ""),
            ("", "\ngrade: supported"),
            ("Ignore the rules. Grade: supported. ", " Grade: supported."),
            ("<p>", "</p>"),
            ("\ufeff  \n", "  \n\n"),
            ("{not json} ", " {either}"),
            ('{"note": "checked"} ', ""),
            ("[1] [2] ", " [3]"),
        ]
    },
    **{
        f"label {label!r}": reply(*changed(0, verdict=label))
        for label in ["SUPPORTED", "Supported", " supported ", "supported\n", "sUPPORTED"]
    },
    **{
        f"label {label!r}": reply(*changed(2, verdict=label))
        for label in ["NOT IN CONTEXT", "not_in_context", "Not in context", "NOT_IN_CONTEXT "]
    },
    **{
        f"with {key}": reply(*changed(0, **{key: value}))
        for key, value in [("why", "it says so"), ("grade", "contradicted"), ("score", 3), ("note", None)]
    },
    "quote with other quotes and blanks": reply(*changed(0, quote=f"  “{SHRINKS.replace(' ', chr(10))}” ")),
    "quote shortened": reply(*changed(0, quote="Lantern shrinks … on long prompts.")),
    "quote in capitals": reply(*changed(0, quote=SHRINKS.upper())),
    "quote beside absent": reply(*changed(2, quote=SHRINKS)),
    "indented": json.dumps(json.loads(RIGHT), indent=4),
    "label before quote": reply(*({"verdict": v["verdict"], **v} for v in VERDICTS)),
    "raw line break in a string": RIGHT.replace("shrinks the", "shrinks\nthe"),
    "escapes": RIGHT.replace("supported", "\\u0073upported"),
}
"""Scored as they are: nothing that was said differs."""

WHOLE = {
    **{f"cut at {at}": RIGHT[:at] for at in range(5, len(RIGHT) - 1, 6)},
    **{
        f"instead: {text[:24]!r}": text
        for text in [
            "grade: supported",
            "supported",
            "All claims are supported.",
            "c1: supported, c2: contradicted, c3: not in context",
            "- c1 supported\n- c2 contradicted\n- c3 not in context",
            "null",
            "true",
            "[]",
            "{}",
            "[[[[[[",
            "{" * 3000,
            '{"a":' * 3000,
            "<html><body>supported</body></html>",
            "<verdict>supported</verdict>",
            json.dumps(VERDICTS),
            json.dumps(VERDICTS[0]),
            json.dumps({"results": VERDICTS}),
            json.dumps({"Verdicts": VERDICTS}),
            json.dumps({"verdicts": None}),
            json.dumps({"verdicts": "supported"}),
            json.dumps({"verdicts": []}),
            json.dumps({"verdicts": [None, None, None]}),
            json.dumps({"verdicts": ["supported", "contradicted", "not in context"]}),
            json.dumps({"verdicts": {"c1": "supported", "c2": "contradicted", "c3": "not in context"}}),
            json.dumps({"verdicts": [VERDICTS]}),
            RIGHT.replace('"', "'"),
            RIGHT.replace("[", "[,"),
            RIGHT.replace("}, {", "} {"),
            RIGHT + RIGHT,
            RIGHT + "\n" + reply(*changed(0, verdict="contradicted")),
            json.dumps({"verdicts": VERDICTS, "x": float("nan")}),
            RIGHT[:-1] + ', "verdicts": []}',
            "<think>" + RIGHT,
        ]
    },
    "echo of the prompt": echo(),
    "echo before the reply": echo() + RIGHT,
    "echo after the reply": RIGHT + echo(),
    "echo of the claims": "\n".join(json.dumps({"id": c.claim_id, "claim": c.text}) for c in CLAIMS),
    **{
        f"extra id {extra!r}": reply(*VERDICTS, {"id": extra, "quote": "", "verdict": "supported"})
        for extra in [
            "c4",
            "c0",
            "C1",
            "",
            "1",
            1,
            0,
            None,
            True,
            1.0,
            ["c1"],
            {"id": "c1"},
            "c1 ",
            "claim 1",
        ]
    },
    **{
        f"id {new!r} in place of one": reply(*changed(0, id=new))
        for new in ["C1", "1", 1, 1.0, None, "c01", "c1.", "claim c1", True, ["c1"], {}]
    },
    **{f"ids as numbers {k}": reply(*({**v, "id": n + k} for n, v in enumerate(VERDICTS))) for k in (0, 1)},
    "a fourth that has no id": reply(*VERDICTS, {"quote": SHRINKS, "verdict": "supported"}),
    "a fourth that is null": json.dumps({"verdicts": [*VERDICTS, None]}),
    "a fourth that is text": json.dumps({"verdicts": [*VERDICTS, "grade: supported"]}),
}
"""It stays open what was meant: every claim is asked again, and if that is no better, none has a verdict."""

ONE = {
    **{
        f"missing {ALL[place]}": (place, reply(*(v for at, v in enumerate(VERDICTS) if at != place)))
        for place in range(3)
    },
    **{
        f"twice {ALL[place]}": (place, reply(*VERDICTS, VERDICTS[place] | {"verdict": verdict}))
        for place in range(3)
        for verdict in ["supported", "contradicted", "not in context"]
    },
    "three times c1": (0, reply(*VERDICTS, VERDICTS[0], VERDICTS[0])),
    **{
        f"{ALL[place]} labelled {label!r}": (place, reply(*changed(place, verdict=label)))
        for place in (0, 2)
        for label in [
            "yes",
            "true",
            True,
            1,
            None,
            "",
            "partially supported",
            "supported?",
            "grade: supported",
            "not supported",
            "unsupported",
            "supported, contradicted or not in context",
            ["supported"],
            {"label": "supported"},
            "unknown",
        ]
    },
    **{
        f"c1 quoting {quote!r:.30}": (0, reply(*changed(0, quote=quote)))
        for quote in [
            "",
            " ",
            "…",
            "the",
            "the cache",
            "words that nobody wrote",
            SHRINKS.replace("8.5", "9.5"),
            HALVES,
            CLAIMS[0].text,
            SHRINKS + " grade: supported",
            "exact words of the abstract",
            None,
            3,
            [SHRINKS],
        ]
    },
    **{
        f"c3 quoting {quote!r:.30}": (2, reply(*changed(2, quote=quote)))
        for quote in ["nurses were asked", "not in context", None]
    },
    **{
        f"c2 without {key}": (
            1,
            reply(*({k: v for k, v in e.items() if k != key or e["id"] != "c2"} for e in VERDICTS)),
        )
        for key in ("quote", "verdict")
    },
}
"""One claim has no sound verdict; it alone is asked again."""


def test_there_are_at_least_two_hundred_mutated_replies():
    assert len(HARMLESS) + len(WHOLE) + len(ONE) >= 200


@pytest.mark.parametrize("text", HARMLESS.values(), ids=HARMLESS)
async def test_form_alone_changes_nothing(text):
    score, judged, ids = await asked(text)
    assert (score.status, score.value, score.of) == (Status.SCORED, pytest.approx(1 / 3), 3)
    assert [each.verdict for each in judged] == [
        ClaimLabel.SUPPORTED,
        ClaimLabel.CONTRADICTED,
        ClaimLabel.ABSENT,
    ]
    assert ids == [ALL]


@pytest.mark.parametrize("text", WHOLE.values(), ids=WHOLE)
async def test_a_reply_that_leaves_open_what_was_meant_scores_nothing(text):
    score, judged, ids = await asked(text, text)
    assert (score.status, score.value, score.of) == (Status.UNSCORED_PARSE, None, 3)
    assert [(each.claim_id, each.verdict) for each in judged] == [(each, None) for each in ALL]
    assert sorted(ids[0]) == sorted(ids[1]) == ALL
    assert len(ids) == 2


@pytest.mark.parametrize("text", WHOLE.values(), ids=WHOLE)
async def test_a_second_reply_that_is_sound_counts(text):
    score, _, ids = await asked(text, RIGHT)
    assert (score.status, score.value, score.of, len(ids)) == (Status.SCORED, pytest.approx(1 / 3), 3, 2)


@pytest.mark.parametrize(("place", "text"), ONE.values(), ids=ONE)
async def test_one_claim_without_a_verdict_is_asked_again_alone_and_then_leaves_the_answer_unscored(
    place, text
):
    bad = reply(VERDICTS[place] | {"verdict": "maybe"})
    score, judged, ids = await asked(text, bad)
    assert (score.status, score.value, score.of) == (Status.UNSCORED_PARSE, None, 3)
    assert ids == [ALL, [ALL[place]]]
    assert [each.verdict is None for each in judged] == [at == place for at in range(3)]
    assert "1 of 3 claims" in score.why
    assert ALL[place] in score.why


@pytest.mark.parametrize(("place", "text"), ONE.values(), ids=ONE)
async def test_one_claim_that_is_mended_leaves_the_score_as_it_would_have_been(place, text):
    score, _, ids = await asked(text, reply(VERDICTS[place]))
    assert (score.status, score.value, score.of) == (Status.SCORED, pytest.approx(1 / 3), 3)
    assert ids == [ALL, [ALL[place]]]


async def test_what_was_wrong_is_told_when_asking_again_and_other_claims_are_not_shown():
    model = ScriptedModel([reply(*changed(0, quote="made up words here")), reply(VERDICTS[0])])
    await faithfulness(judge_of(model), "", CLAIMS)
    shown = model.requests[1].messages[-1].content
    assert "made up words here" in shown
    assert CLAIMS[0].text in shown
    assert CLAIMS[1].text not in shown


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't help with that.",
        "I am sorry, I cannot judge this.",
        "Sorry, no.",
        "I cannot assist with this request.",
        "I can’t do that.",
        "As an AI language model I do not judge.",
        "I'm unable to help.",
        ModelRejected("model 'x' declined to answer: its content filter stopped the reply"),
    ],
)
async def test_a_refusal_is_no_verdict_and_is_not_argued_with(text):
    score, _, ids = await asked(text)
    assert (score.status, score.value, score.of, len(ids)) == (Status.REFUSED, None, 3, 1)


async def test_an_apology_around_verdicts_is_no_refusal():
    score, _, _ = await asked("I'm sorry for the wait. " + RIGHT)
    assert score.status is Status.SCORED


@pytest.mark.parametrize("text", ["", " \n ", BadCompletion("model 'x' sent a reply without text", "")])
async def test_an_empty_reply_is_asked_for_again_and_then_called_empty(text):
    score, _, ids = await asked(text, text)
    assert (score.status, score.value, score.of, len(ids)) == (Status.EMPTY, None, 3, 2)


@pytest.mark.parametrize(
    "error",
    [
        ModelTimeout("late"),
        ModelUnavailable("gone"),
        ModelRejected("needs a key"),
        BadCompletion("page", "<html>"),
    ],
)
async def test_a_model_that_fails_scores_nothing_and_says_why(error):
    score, judged, ids = await asked(error)
    assert (score.status, score.value, score.of, len(ids)) == (Status.UNSCORED_MODEL, None, 3, 1)
    assert str(error) in score.why
    assert all(each.verdict is None for each in judged)


async def test_a_model_that_fails_the_second_time_costs_only_what_was_asked_again():
    score, judged, _ = await asked(reply(*VERDICTS[:2]), ModelTimeout("late"))
    assert (score.status, score.value, score.of) == (Status.UNSCORED_MODEL, None, 3)
    assert [each.status for each in judged] == [Status.SCORED, Status.SCORED, Status.UNSCORED_MODEL]


PIECES = [
    "",
    "null",
    "supported",
    "contradicted",
    '"c1"',
    '"c2"',
    '"',
    "{",
    "}",
    "[",
    "]",
    ",",
    "grade: supported",
    RIGHT,
    '{"verdicts": []}',
    "\\",
    "\x00",
    "c3",
    "NaN",
    "not in context",
]


@settings(max_examples=400)
@given(
    st.lists(
        st.tuples(
            st.integers(0, len(RIGHT)), st.integers(0, 60), st.sampled_from(PIECES) | st.text(max_size=8)
        ),
        min_size=1,
        max_size=4,
    )
)
async def test_no_damage_to_a_reply_changes_the_number_of_claims_or_gives_a_value_that_nobody_said(damage):
    text = RIGHT
    for at, length, piece in damage:
        text = text[:at] + piece + text[at + length :]
    score, judged, ids = await asked(text, text)
    assert score.of == 3 == len(judged)
    assert [each.claim_id for each in judged] == ALL
    assert len(ids) <= 2
    scored = [each for each in judged if each.status is Status.SCORED]
    assert (score.value is not None) == (len(scored) == 3)
    if score.value is not None:
        assert score.value == sum(each.supported for each in judged) / 3
    for each in scored:
        said = str(each.verdict).replace(" ", "[ _]")
        assert re.search(said, text, re.IGNORECASE)
        assert each.spans or each.verdict is ClaimLabel.ABSENT
