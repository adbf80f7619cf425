"""A judge may stop what the gate passed, and lets nothing through that the gate stopped."""

import json

import numpy as np
import pytest
from collection import LANTERN, quoted
from fakes import ScriptedModel

from rag.errors import BadCompletion, ModelTimeout
from rag.types import Citation, Span, Statement
from rag.verification.claim_verifier import VERBATIM
from rag.verification.llm_judge import LlmJudge, second_opinion

SENTENCE = quoted(LANTERN, 2)
START = LANTERN.abstract.index(SENTENCE)
CITED = Citation("lantern", LANTERN.title, "lantern#0", SENTENCE, Span(START, START + len(SENTENCE)))


class Verdict:
    """A judge of one mind; it keeps what it was asked."""

    name = "verdict"

    def __init__(self, *row):
        self.row, self.asked = row, []

    async def judge(self, pairs):
        self.asked += pairs
        return np.array([self.row] * len(pairs), np.float32)


class Broken:
    name = "broken"

    async def judge(self, pairs):
        raise ModelTimeout("judge 'broken' did not answer in time")


def passed(text="Lantern shrinks the cache.", reason="numbers agree"):
    return Statement(text, "supported", (CITED,), reason)


@pytest.mark.parametrize(
    ("row", "verdict"),
    [((0.8, 0.1, 0.1), "supported"), ((0.1, 0.8, 0.1), "contradicted"), ((0.1, 0.1, 0.8), "unsupported")],
)
async def test_the_likeliest_verdict_counts_and_is_signed_by_the_judge(row, verdict):
    judge = Verdict(*row)
    judged = await second_opinion(judge, passed())
    assert judged.verdict == verdict
    assert "verdict" in judged.reason
    assert judge.asked == [("Lantern shrinks the cache.", [SENTENCE])]


async def test_a_verbatim_quote_needs_no_judge():
    judge = Verdict(0, 1, 0)
    assert (await second_opinion(judge, passed(SENTENCE, VERBATIM))).verdict == "supported"
    assert judge.asked == []


async def test_a_judge_that_fails_leaves_the_gate_s_verdict_and_says_so():
    judged = await second_opinion(Broken(), passed())
    assert judged.verdict == "supported"
    assert "did not answer in time" in judged.reason


def said(verdict, quote=SENTENCE):
    return json.dumps({"quote": quote, "verdict": verdict})


@pytest.mark.parametrize(
    ("reply", "row"),
    [
        (said("supported"), [1, 0, 0]),
        (said("contradicted"), [0, 1, 0]),
        (said("not in context", ""), [0, 0, 1]),
        (f"```json\n{said('NOT_IN_CONTEXT', '')}\n```", [0, 0, 1]),
    ],
)
async def test_a_model_s_verdict_is_read(reply, row):
    found = await LlmJudge(ScriptedModel([reply])).judge([("It shrinks.", [SENTENCE])])
    assert found.tolist() == [row]


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "yes",
        "{",
        said("maybe"),
        said("supported", "words that are not there"),
        '["supported"]',
        '{"verdict": 1}',
    ],
)
async def test_a_reply_without_a_verdict_or_with_an_invented_quote_is_no_verdict(reply):
    with pytest.raises(BadCompletion):
        await LlmJudge(ScriptedModel([reply])).judge([("It shrinks.", [SENTENCE])])


async def test_nothing_to_judge_asks_nobody():
    assert (await LlmJudge(ScriptedModel()).judge([])).shape == (0, 3)
