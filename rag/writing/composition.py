"""Put what a model wrote into an answer, in place of the quotes it stands for. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from rag.question.asked_aspects import NAMED
from rag.question.aspects import ALWAYS, TOUCHES
from rag.reading.comparison import is_own, statements
from rag.reading.extractive import Reading
from rag.retrieval.candidates import Candidate
from rag.selection.screening import by_probability
from rag.types import Answer, Statement, Table
from rag.writing.prompting import call_account
from rag.writing.writer import WrittenAnswer

FACT_PAPERS = 5
"""Papers that a model reads for a fact: those that the extractive reader cites, then the most probable."""


def papers_to_read(reading: Reading, answer: Answer) -> list[Candidate]:
    """The papers a model is shown, best first: the answer set, those compared, the likeliest for a fact."""
    quoted = answer.statements or answer.partial
    cited = [citation.paper_id for each in quoted for citation in each.citations]
    ranked = [item for item, _ in by_probability(reading.evidence.candidates, reading.probabilities)]
    by_id = {item.paper.paper_id: item for item in ranked}
    first = [by_id[paper_id] for paper_id in dict.fromkeys(cited)]
    if answer.kind in ("set", "compare"):
        return first
    rest = [item for item in ranked if item.paper.paper_id not in cited]
    return (first + rest)[: max(FACT_PAPERS, len(first))]


def composed(answer: Answer, written: WrittenAnswer, model: str) -> Answer:
    """The answer with what ``model`` wrote, and what was removed of it.

    In a set answer a paper's own statement takes the place of its quote, so that no paper is lost, and in a
    table that of the quote in its cell; in any other the written statements are the answer, or the quotes
    stay where nothing written was supported. An abstention stays one unless something was.
    """
    if answer.abstained and not written.statements:
        return replace(answer, removed=tuple(written.removed))
    if answer.abstained:
        answer = replace(answer, abstained=False, partial=(), nearest=(), note="")
    shown, table = tuple(written.statements), answer.table
    if table is not None:
        table, rest = with_written(table, written.statements)
        shown = (*statements(table), *rest)
    if answer.kind == "set":
        shown = tuple(_own(quoted, written.statements) for quoted in answer.statements)
    used = any(statement in written.statements for statement in shown)
    return replace(
        answer,
        statements=shown or answer.statements,
        table=table,
        removed=tuple(written.removed),
        writer=model if used else answer.writer,
        note=" ".join(filter(None, (answer.note, "" if used else _fallback(written, model)))),
    )


def with_written(table: Table, written: Sequence[Statement]) -> tuple[Table, tuple[Statement, ...]]:
    """Put checked statements of a model into the cells they belong to; quotes stay where none does.

    A statement belongs where the sentence is quoted that it cites, else to the aspect that its wording
    speaks of most. Each cell takes one.

    Returns:
        The table, and the statements that found no cell, such as those that speak of two papers.
    """
    cells = [list(row) for row in table.cells]
    taken: set[tuple[int, int]] = set()
    rest: list[Statement] = []
    for statement in written:
        free = next((place for place in _places(table, statement) if place not in taken), None)
        if free is None:
            rest.append(statement)
        else:
            cells[free[0]][free[1]] = statement
            taken.add(free)
    return replace(table, cells=tuple(tuple(row) for row in cells)), tuple(rest)


def _places(table: Table, statement: Statement) -> list[tuple[int, int]]:
    """Cells that a statement may stand in, best first."""
    about = {citation.paper_id for citation in statement.citations}
    column = next((n for n, paper in enumerate(table.papers) if {paper.paper_id} == about), None)
    if column is None:
        return []
    quoting = [n for n, row in enumerate(table.cells) if _quotes_same(row[column], statement)]
    known = {each.name: each for each in (*ALWAYS, *NAMED)}
    names = [table.papers[column].name]
    worded = [
        (known[name].strength(statement.text, names), -n)
        for n, name in enumerate(table.aspects)
        if name in known
    ]
    speaking = [-n for strength, n in sorted(worded, reverse=True) if strength >= TOUCHES]
    return [(row, column) for row in dict.fromkeys([*quoting, *speaking])]


def _quotes_same(cell: Statement | None, statement: Statement) -> bool:
    quoted = cell.citations if cell is not None and is_own(cell) else ()
    return bool({each.span for each in quoted} & {each.span for each in statement.citations})


def account(written: WrittenAnswer) -> dict[str, Any]:
    """What the receipt says of a model's part; nothing that differs where its replies were kept."""
    return {
        "calls": [call_account(prompt, call) for prompt, call, _ in written.calls],
        "removed": [[statement.text, statement.reason] for statement in written.removed],
        "failure": written.failure,
    }


def _fallback(written: WrittenAnswer, model: str) -> str:
    if written.failure:
        return f"These are quotes, since the model could not be used: {written.failure}"
    return f"These are quotes, since nothing that {model} wrote was supported by the collection."


def _own(quoted: Statement, written: Sequence[Statement]) -> Statement:
    """The first written statement that cites nothing but the quoted paper; else the quote."""
    paper_id = quoted.citations[0].paper_id
    own = (each for each in written if {citation.paper_id for citation in each.citations} == {paper_id})
    return next(own, quoted)
