"""A judge may stop what the claim verifier supports, and supports nothing that the verifier stopped."""

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
PASSED = Statement("Lantern shrinks the cache.", "supported", (CITED,), "numbers agree")


class FixedJudge:
    """Gives every pair the same row, or fails; it keeps what it was asked."""

    name = "fixed"

    def __init__(self, *row, error=None):
        self.row, self.error, self.asked = row, error, []

    async def judge(self, pairs):
        self.asked += pairs
        if self.error:
            raise self.error
        return np.array([self.row] * len(pairs), np.float32)


@pytest.mark.parametrize(
    ("row", "verdict"),
    [((0.8, 0.1, 0.1), "supported"), ((0.1, 0.8, 0.1), "contradicted"), ((0.1, 0.1, 0.8), "unsupported")],
)
async def test_the_likeliest_verdict_counts_and_is_signed_by_the_judge(row, verdict):
    judge = FixedJudge(*row)
    judged = await second_opinion(judge, PASSED)
    assert judged.verdict == verdict
    assert "fixed" in judged.reason
    assert judge.asked == [(PASSED.text, [SENTENCE])]


async def test_a_verbatim_quote_needs_no_judge():
    judge = FixedJudge(0, 1, 0)
    verbatim = Statement(SENTENCE, "supported", (CITED,), VERBATIM)
    assert await second_opinion(judge, verbatim) == verbatim
    assert judge.asked == []


async def test_a_judge_that_fails_leaves_the_verdict_and_says_so():
    judged = await second_opinion(FixedJudge(error=ModelTimeout("it did not answer in time")), PASSED)
    assert judged.verdict == "supported"
    assert "did not answer in time" in judged.reason


def reply(verdict, quote=SENTENCE):
    return json.dumps({"quote": quote, "verdict": verdict})


async def judged(text):
    return (await LlmJudge(ScriptedModel([text])).judge([("It shrinks.", [SENTENCE])])).tolist()


@pytest.mark.parametrize(
    ("text", "row"),
    [
        (reply("supported"), [1, 0, 0]),
        (reply("contradicted"), [0, 1, 0]),
        (reply("not in context", ""), [0, 0, 1]),
        (f"```json\n{reply('NOT_IN_CONTEXT', '')}\n```", [0, 0, 1]),
    ],
)
async def test_a_model_s_verdict_is_read(text, row):
    assert await judged(text) == [row]


INVENTED = reply("supported", "words that are not there")


@pytest.mark.parametrize(
    "text", ["", "yes", "{", reply("maybe"), INVENTED, '["supported"]', '{"verdict": 1}', "{" * 100_000]
)
async def test_a_reply_without_a_verdict_or_with_an_invented_quote_is_no_verdict(text):
    with pytest.raises(BadCompletion):
        await judged(text)


async def test_nothing_to_judge_asks_nobody():
    assert (await LlmJudge(ScriptedModel()).judge([])).shape == (0, 3)
