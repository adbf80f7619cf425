"""The trial of rewriting asks the same cases with and without it, and nothing else differs."""

import json

from collection import FERRY, LANTERN, SETTINGS, open_small
from fakes import HashEncoder, ScriptedModel

from evals.questions import Record
from evals.rewriting_trial import report, tried
from evals.suite.cases import Suite
from rag.adapters.bm25 import Bm25Encoder
from rag.rewriter import Rewriter
from rag.settings import ModelSettings
from rag.verify import Gate
from rag.writing import Writer

REWRITTEN = {"squeeze the cache": "squeeze cache compression", "cache compression": "tides and gales"}
SUITE = Suite(
    "small.jsonl",
    (
        Record(
            id="s1",
            kind="set",
            question="Which papers squeeze the cache?",
            relevant=(LANTERN.title, FERRY.title),
        ),
        Record(
            id="s2",
            kind="set",
            question="Which papers do cache compression?",
            relevant=(LANTERN.title, FERRY.title),
        ),
        Record(id="u1", kind="unanswerable", question="hello", why="no question"),
    ),
)


def rewritten(request):
    return json.dumps({"query": REWRITTEN[json.loads(request.messages[1].content)["query"]]})


async def test_outcomes_queries_and_differences_are_told_and_nothing_is_written(tmp_path):
    options = ModelSettings(name="scripted", rewrite=True)
    settings = SETTINGS.model_copy(update={"home": tmp_path, "model": options})
    model = ScriptedModel(rewritten)
    writer = Writer(model, Gate(Bm25Encoder()), len, options)
    rewriter = Rewriter(writer.metered, HashEncoder(256))
    assistant = await open_small(settings=settings, writer=writer, rewriter=rewriter)
    typed, other = await tried(assistant, SUITE, tmp_path)
    assert {request.prompt for request in model.requests} == {"rewrite/1"}
    assert [bool(result.answer["rewritten"]) for result in typed.results] == [False] * 3
    assert [bool(result.answer["rewritten"]) for result in other.results] == [True, False, False]
    lines = list(report(typed, other))
    assert lines[0] == "3 questions, 2 queries that the model was asked to rewrite"
    assert [line.split(maxsplit=1) for line in lines[1:3]] == [
        ["1", "searched for"],
        ["1", "it is too far from the query"],
    ]
    assert lines[3] == "  'squeeze the cache' -> 'squeeze cache compression'"
    (recall,) = [line for line in lines if line.startswith("set recall")]
    assert recall.split()[2:5] == ["0.500", "0.750", "+0.250"]
