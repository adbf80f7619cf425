"""A small model on this machine, end to end: `python -m evals.local_model`.

Asks the dev questions with `local/smollm2` (or the model that is named) and prints, for each, what was shown
as written and what as quoted, what was removed, and when the first written sentence was shown; then how fast
the model reads and writes, and whether all that was shown passes the gate again.
"""

import argparse
import asyncio
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evals.questions import CASES, Case, read_cases
from evals.timed_model import Timed, TimedModel
from ingest.sample_collection import ensure_sample
from rag.adapters.bm25 import Bm25Encoder
from rag.assistant import Assistant
from rag.build import build_model, load_settings, open_assistant
from rag.drafts import Draft, Mark, Numbered
from rag.errors import PinciteError
from rag.masking import masked
from rag.text import sentence_spans
from rag.types import Answer, Paper, Statement
from rag.verify import Gate

MODEL, MAX_TOKENS, SECONDS = "local/smollm2", 200, 600


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one question.

    Attributes:
        case: the question.
        answer: as the reader got it.
        written: those of its statements that the model wrote.
        passing: whether each statement stands up again.
        calls: of the model.
    """

    case: Case
    answer: Answer
    written: tuple[Statement, ...]
    passing: tuple[bool, ...]
    calls: tuple[Timed, ...]

    @property
    def first_ms(self) -> float | None:
        """Until the first written sentence was shown, from the question on."""
        found = self.answer.receipt["timings_ms"].get("first_statement")
        return None if found is None else float(found)


class Auditor:
    """Checks what was shown once more, by itself: from nothing but the statement and the papers it cites.

    Args:
        papers: of the collection, by id.
    """

    def __init__(self, papers: dict[str, Paper]) -> None:
        self._papers = papers
        self._gate = Gate(Bm25Encoder())

    def passes(self, statement: Statement, *, written: bool) -> bool:
        """Whether its quotes stand where it says, and the gate passes it if a model wrote it."""
        cited = statement.citations
        verbatim = all(
            self._papers[each.paper_id].abstract[each.span.start : each.span.end] == each.quote
            for each in cited
        )
        if not written or not verbatim:
            return verbatim and bool(cited)
        ids = list(dict.fromkeys(each.paper_id for each in cited))
        shown = [_numbered(self._papers[paper_id], number) for number, paper_id in enumerate(ids, 1)]
        marks = tuple(Mark(ids.index(each.paper_id) + 1, each.quote) for each in cited)
        return self._gate.verify(Draft(statement.text, marks), shown).verdict == "supported"


def _numbered(paper: Paper, number: int) -> Numbered:
    spans = sentence_spans(paper.abstract)
    return Numbered(number, paper, spans, (paper.paper_id,) * len(spans))


async def run(model: str, cases: Sequence[Case]) -> list[Outcome]:
    """Ask the questions, each printed as soon as it is answered.

    Args:
        model: its name.
        cases: without conversations.

    Raises:
        PinciteError: the collection or the model cannot be used.
    """
    settings = load_settings(
        collection="sample",
        model={"name": model, "cache": False, "timeout_s": SECONDS, "budget_s": SECONDS}
        | {"max_tokens": MAX_TOKENS},
    )
    built = build_model(settings)
    if built is None:
        raise ValueError("no model is named")
    await ensure_sample(settings)
    timed = TimedModel(built)
    assistant = await open_assistant(settings, timed)
    try:
        auditor = Auditor({paper.paper_id: paper async for paper in assistant.papers()})
        return [await _asked(assistant, timed, auditor, case) for case in cases]
    finally:
        await assistant.close()


async def _asked(assistant: Assistant, timed: TimedModel, auditor: Auditor, case: Case) -> Outcome:
    timed.calls.clear()
    streamed: list[Statement] = []
    answer = await assistant.ask(case.question, streamed.append)
    written = tuple(said for said in answer.statements if said in streamed)
    passing = tuple(auditor.passes(said, written=said in written) for said in answer.statements)
    outcome = Outcome(case, answer, written, passing, tuple(timed.calls))
    print(line(outcome), flush=True)
    return outcome


def line(outcome: Outcome) -> str:
    """A row of the table of questions."""
    answer, first = outcome.answer, outcome.first_ms
    return (
        f"{outcome.case.case_id:16.16}{outcome.case.kind:14}{len(outcome.written):8}"
        f"{len(answer.statements) - len(outcome.written):8}{len(answer.removed):8}"
        f"{'—' if first is None else f'{first / 1000:.1f}':>8}{sum(c.total_s for c in outcome.calls):8.1f}"
    )


HEADER = f"{'question':16}{'kind':14}{'written':>8}{'quoted':>8}{'removed':>8}{'first s':>8}{'all s':>8}"


def totals(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Lines: what was shown and removed, whether it passes again, and how fast the model is."""
    calls = [call for outcome in outcomes for call in outcome.calls]
    written = sum(len(outcome.written) for outcome in outcomes)
    passed = sum(len(outcome.written) + len(outcome.answer.removed) for outcome in outcomes)
    again = [each for outcome in outcomes for each in outcome.passing]
    yield f"sentences written and shown   {written} of {passed} that were written"
    yield f"statements that pass again    {sum(again)} of {len(again)}"
    if calls:
        prompt = sum(call.usage.prompt_tokens for call in calls)
        made = sum(call.usage.completion_tokens for call in calls)
        reading, writing = sum(c.first_s for c in calls), sum(c.total_s - c.first_s for c in calls)
        yield f"reads the prompt              {prompt / max(reading, 1e-9):.0f} tokens/s"
        yield f"writes                        {made / max(writing, 1e-9):.1f} tokens/s"


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask, print the table and the totals; 1 where something that was shown does not pass again."""
    parser = argparse.ArgumentParser(prog="python -m evals.local_model", description="A local model at work.")
    parser.add_argument("--model", default=MODEL)
    parser.add_argument("--limit", type=int, default=None, metavar="N", help="only every so many, N in all")
    parser.add_argument("--show", action="store_true", help="print what was written, shown or removed")
    chosen = parser.parse_args(arguments)
    cases = [case for case in read_cases(CASES / "dev.jsonl") if case.kind != "conversation"]
    step = max(1, len(cases) // (chosen.limit or len(cases)))
    print(HEADER)
    try:
        outcomes = asyncio.run(run(chosen.model, cases[::step][: chosen.limit]))
    except PinciteError as exc:
        print(masked(f"{type(exc).__name__}: {exc}"), file=sys.stderr)
        return exc.exit_code
    print("\n".join(["", *totals(outcomes), *(_spelt_out(outcomes) if chosen.show else ())]))
    return 0 if all(all(outcome.passing) for outcome in outcomes) else 1


def _spelt_out(outcomes: Sequence[Outcome]) -> Iterator[str]:
    for outcome in outcomes:
        yield f"\n{outcome.case.question}"
        yield from (f"  shown    {said.text}" for said in outcome.written)
        yield from (f"  removed  {said.text} ({said.reason})" for said in outcome.answer.removed)


if __name__ == "__main__":
    sys.exit(main())
