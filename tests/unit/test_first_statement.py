"""The time to the first statement is measured on answers that have one."""

import json

from collection import LANTERN, SMALL, candidate_of, open_small, quoted

from evals.first_statement import _first, copied
from rag.context import pack
from rag.prompting import write_request

FACT = "By how much does Lantern shrink the cache?"


async def test_the_scripted_model_says_the_first_sentence_of_each_paper_that_it_is_shown():
    shown = pack([await candidate_of(paper) for paper in SMALL], len, 100_000)
    request = write_request(FACT, "fact")(shown)
    turns = [{"role": turn.role, "content": turn.content} for turn in request.messages]
    said = json.loads(copied({"messages": turns}))["statements"]
    assert sorted(one["citations"][0]["number"] for one in said) == list(range(1, len(SMALL) + 1))
    first = next(one for one in said if one["citations"][0]["number"] == 1)
    assert first["text"] == quoted(LANTERN, 0)


async def test_an_answer_has_a_time_and_an_abstention_has_none():
    assistant = await open_small()
    assert await _first(assistant, FACT) > 0
    assert await _first(assistant, "Who won the 2022 World Cup?") is None
