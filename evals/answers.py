"""Measure answers on a question file: `python -m evals.answers [FILE]` (default: the shipped dev cases).

Prints one table: nDCG@10 and mean F1 of set questions, facts found, abstentions,
turns of conversations, verbatim quotes, milliseconds.
Exit code 0 when everything could be measured; it is a measurement, not a gate.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from evals.conversations import Held, hold, read_conversations
from evals.measures import mean, ndcg, set_f1
from evals.questions import CASES, Case, read_cases
from ingest.sample_collection import ensure_sample
from rag.assistant import Assistant
from rag.build import load_settings, open_assistant
from rag.errors import PinciteError
from rag.types import Answer, RankedPaper

RELEVANT, PARTIAL = 2, 1
CUTOFF = 10


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one case; ``ranking`` and ``verbatim`` are measured for every kind."""

    case: Case
    answer: Answer
    ranking: tuple[RankedPaper, ...]
    verbatim: tuple[bool, ...]

    @property
    def qrels(self) -> dict[str, int]:
        """Grades by title."""
        return dict.fromkeys(self.case.partial, PARTIAL) | dict.fromkeys(self.case.relevant, RELEVANT)

    @property
    def ndcg(self) -> float:
        """nDCG@10 of the ranking."""
        return ndcg([paper.title for paper in self.ranking], self.qrels, CUTOFF)

    @property
    def f1(self) -> float:
        """F1 of the answer set, partial papers neither right nor wrong."""
        return set_f1([paper.title for paper in self.answer.papers], self.case.relevant, self.case.partial)

    @property
    def all_facts(self) -> bool:
        """Whether the statements hold every fact."""
        text = " ".join(statement.text for statement in self.answer.statements)
        return all(fact in text for fact in self.case.facts)


async def run(assistant: Assistant, cases: Sequence[Case]) -> list[Outcome]:
    """Ask every case."""
    abstracts = {paper.paper_id: paper.abstract async for paper in assistant.papers()}
    outcomes = []
    for case in cases:
        answer = await assistant.ask(case.question)
        ranking = await assistant.search(case.question, CUTOFF)
        cited = [c for s in (*answer.statements, *answer.partial) for c in s.citations]
        verbatim = tuple(abstracts[c.paper_id][c.span.start : c.span.end] == c.quote for c in cited)
        outcomes.append(Outcome(case, answer, tuple(ranking), verbatim))
    return outcomes


def table(outcomes: Sequence[Outcome], held: Sequence[Held] = ()) -> Table:
    """The measures that something was measured for, one a row: value and on how many it rests."""
    sets = [o for o in outcomes if o.case.kind == "set"]
    facts = [o for o in outcomes if o.case.kind == "fact"]
    none = [o for o in outcomes if not o.case.answerable]
    some = [o for o in outcomes if o.case.answerable]
    quotes = [float(right) for o in outcomes for right in o.verbatim]
    times = sorted(o.answer.receipt["timings_ms"]["total"] for o in outcomes)
    rows = (
        ("set questions: nDCG@10", f"{mean([o.ndcg for o in sets]):.3f}", len(sets)),
        ("set questions: mean F1 of the answer set", f"{mean([o.f1 for o in sets]):.3f}", len(sets)),
        ("fact questions with all facts", f"{mean([float(o.all_facts) for o in facts]):.1%}", len(facts)),
        (
            "unanswerable questions abstained",
            f"{mean([float(o.answer.abstained) for o in none]):.1%}",
            len(none),
        ),
        (
            "answerable questions abstained",
            f"{mean([float(o.answer.abstained) for o in some]):.1%}",
            len(some),
        ),
        ("turns of conversations right", f"{mean([float(h.right) for h in held]):.1%}", len(held)),
        ("quotes verbatim", f"{mean(quotes):.1%}", len(quotes)),
        ("median ms a question", f"{times[len(times) // 2]:.0f}", len(times)),
    )
    made = Table("measure", "value", "of", title="Answers, extractive reader")
    for name, value, count in rows:
        if count:
            made.add_row(name, value, str(count))
    return made


def shortfalls(outcomes: Sequence[Outcome], held: Sequence[Held] = ()) -> list[str]:
    """One line for each case that fell short, so that a figure can be looked into."""
    lines = []
    for o in outcomes:
        if o.answer.abstained == o.case.answerable:
            lines.append(
                f"{o.case.case_id} {'abstained' if o.answer.abstained else 'answered'}: {o.case.question}"
            )
        elif o.case.kind == "fact" and not o.all_facts:
            lines.append(f"{o.case.case_id} lacks a fact of {', '.join(o.case.facts)}: {o.case.question}")
    for turn in held:
        if not turn.right:
            read = f" (read as: {turn.answer.asked})" if turn.answer.asked else ""
            lines.append(f"{turn.case.case_id} is not right: {turn.case.question}{read}")
    return lines


async def measure(file: Path) -> tuple[list[Outcome], list[Held]]:
    """Open the sample collection (building it on first use) and ask every case of the file."""
    settings = load_settings(collection="sample")
    await ensure_sample(settings)
    assistant = await open_assistant(settings)
    try:
        outcomes = await run(assistant, read_cases(file))
        return outcomes, await hold(assistant, read_conversations(file))
    finally:
        await assistant.close()


def main() -> int:
    """Print the table and the shortfalls."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "file", nargs="?", type=Path, default=CASES / "dev.jsonl", help="question file (JSONL)"
    )
    console = Console()
    try:
        outcomes, held = asyncio.run(measure(parser.parse_args().file))
    except PinciteError as exc:
        print(f"evals.answers: {exc}", file=sys.stderr)
        return exc.exit_code
    console.print(table(outcomes, held))
    for line in shortfalls(outcomes, held):
        console.print(line, markup=False, highlight=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
