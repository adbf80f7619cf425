"""The exam of a local model: what is shown is checked once more, and reading is timed apart from writing."""

import pytest
from fakes import ScriptedModel

from evals.local_model import Auditor, Outcome, line, totals
from evals.questions import Case
from evals.timed_model import Timed, TimedModel
from rag.model import Message, Request, Usage
from rag.types import Answer, Citation, Paper, Span, Statement

ABSTRACT = "Caches grow. We propose Quest, a KV cache selection algorithm. It runs 7 times faster."
QUEST = Paper("p1", "Quest", ABSTRACT)
AUDITOR = Auditor({"p1": QUEST})


def said(text, quote, start=None):
    start = ABSTRACT.index(quote) if start is None else start
    cited = Citation("p1", "Quest", "p1#0", quote, Span(start, start + len(quote)))
    return Statement(text, "supported", (cited,))


def test_a_written_statement_passes_again_only_if_its_quote_carries_it():
    quote = "It runs 7 times faster."
    assert AUDITOR.passes(said("Quest runs 7 times faster.", quote), written=True)
    assert not AUDITOR.passes(said("Quest runs 9 times faster.", quote), written=True)


@pytest.mark.parametrize("written", [True, False])
def test_a_quote_that_does_not_stand_where_it_says_does_not_pass(written):
    assert AUDITOR.passes(said("Caches grow.", "Caches grow."), written=written)
    assert not AUDITOR.passes(said("Caches grow.", "Caches grow.", start=3), written=written)


def test_a_statement_without_citations_does_not_pass():
    assert not AUDITOR.passes(Statement("Caches grow.", "supported", ()), written=False)


async def test_the_time_to_the_first_piece_is_told_from_the_rest():
    model = TimedModel(ScriptedModel(["one two three"]))
    pieces = []
    reply = await model.complete(Request((Message("user", "count"),), "count/1"), pieces.append)
    (call,) = model.calls
    assert "".join(pieces) == reply.text == call.text
    assert 0 < call.first_s <= call.total_s
    assert (call.prompt, call.usage) == ("count/1", reply.usage)


def test_the_totals_say_what_was_written_shown_and_how_fast():
    shown = said("Caches grow.", "Caches grow.")
    receipt = {"timings_ms": {"first_statement": 1500.0}}
    answer = Answer("why?", "fact", abstained=False, statements=(shown,), removed=(shown,), receipt=receipt)
    call = Timed("write/1", "…", Usage(1, 100, 20), first_s=2.0, total_s=6.0)
    outcome = Outcome(Case("d1", "fact", "why?"), answer, (shown,), (True,), (call,))
    assert line(outcome).split() == ["d1", "fact", "1", "0", "1", "1.5", "6.0"]
    assert [" ".join(each.split()) for each in totals([outcome])] == [
        "sentences written and shown 1 of 2 that were written",
        "statements that pass again 1 of 1",
        "reads the prompt 50 tokens/s",
        "writes 5.0 tokens/s",
    ]
