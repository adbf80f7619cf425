"""Comparisons: papers beside each other as a table, aspect by aspect, a verified sentence a cell.

What no sentence says plainly stays empty: an empty cell is better than a wrong one.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from rag.kinds.base import AnswerKind
from rag.question.aspects import ALWAYS, NAMED, TOUCHES, Aspect, aspects, is_asked
from rag.question.clauses import of_each_name
from rag.question.intent import wants_number
from rag.retrieval.candidates import Candidate, Sentence
from rag.retrieval.paper_names import OWNER, ownership, runs
from rag.selection.overview import AspectSentence, placed
from rag.selection.selection import Findings, Selection
from rag.types import Answer, ComparedPaper, Statement, Table

NEAREST = "nearest to the question"
"""A row of its own where the sentence that shows a paper best speaks of none of the aspects."""

ELSEWHERE = "quoted beside another aspect"
"""Reason of a statement that only points to another cell."""

MOST_COLUMNS = 4

TAIL = re.compile(
    r"\s(?:for|in|on|at|by|over|under|using|with\s+(?:respect|regard)|regarding)\s|:\s", re.IGNORECASE
)
Column = tuple[str, Candidate]
"""What the question calls a paper, and the paper."""

Row = tuple[Statement | None, ...]


class ComparisonKind(AnswerKind):
    """For each thing compared, what shows its paper best; of several papers a table."""

    name = "compare"

    async def findings(self, selection: Selection) -> Findings:
        """What shows each of the papers compared; of figures that one paper compares, the sentences."""
        question = selection.question
        columns = compared(selection)
        if len(columns) == 1 and len(question.names) > 1 and wants_number(question.text):
            asked = replace(question, clauses=of_each_name(question.text, question.names))
            facts = await self.facts(replace(selection, question=asked), question.names)
            if facts.statements:
                return Findings(facts.statements)
        idf = selection.evidence.idf
        return Findings(tuple(item.titled_quotation(item.showing(idf)) for _, item in columns))

    def arranged(self, answer: Answer, selection: Selection) -> Answer:
        """As a table, with what is to say of things that no paper is about.

        An answer about fewer than two papers, or too many for a table, keeps its statements.
        """
        if selection.question.record_field is not None:
            return answer
        columns = compared(selection)
        note = " ".join(filter(None, (unowned(selection, columns), answer.note)))
        table = comparison(selection, columns)
        if table is None:
            return replace(answer, note=note)
        return replace(answer, table=table, statements=statements(table), note=note)

    def with_written(self, answer: Answer, written: Sequence[Statement]) -> Answer:
        """In a table a statement takes the place of the quote in its cell; what fits none comes after it."""
        if answer.table is None:
            return super().with_written(answer, written)
        table, rest = filled_in(answer.table, written)
        return replace(answer, table=table, statements=(*statements(table), *rest))


def compared(selection: Selection) -> list[Column]:
    """What a question compares: each paper once, with the name the question has for it.

    Fewer than it names, if a name is nobody's. In a scope every paper of it, by its own name where the
    question has none.
    """
    names = selection.question.names
    if selection.scope:
        return [(_called(item, names), item) for item in selection.evidence.candidates]
    owners: dict[str, Column] = {}
    for name in names:
        owned = [(ownership(name, item), item.paper.paper_id, item) for item in selection.evidence.candidates]
        strength, paper_id, best = max(owned, key=lambda each: each[:2], default=(0.0, "", None))
        if best is not None and strength >= OWNER:
            owners.setdefault(paper_id, (name, best))
    return list(owners.values())


def _called(item: Candidate, names: Sequence[str]) -> str:
    asked = (name for name in names if ownership(name, item) >= OWNER)
    return next(asked, item.short_name or item.paper.title)


def comparison(selection: Selection, columns: Sequence[Column]) -> Table | None:
    """The papers side by side, or None if there are fewer than two or more than `MOST_COLUMNS`."""
    if not 1 < len(columns) <= MOST_COLUMNS:
        return None
    text = selection.question.text
    rows_wanted = aspects(text)
    idf = selection.evidence.idf
    filled = [_filled(rows_wanted, name, item, item.showing(idf)) for name, item in columns]
    by_row = list(
        zip((*(each.name for each in rows_wanted), NEAREST), zip(*filled, strict=True), strict=True)
    )
    asked = {each.name for each in rows_wanted if is_asked(each, text)}
    rows = [(name, cells) for name, cells in by_row if name in asked or any(map(is_own, cells))]
    return Table(
        aspects=tuple(name for name, _ in rows),
        papers=tuple(ComparedPaper(name, item.paper.paper_id, item.paper.title) for name, item in columns),
        cells=tuple(cells for _, cells in rows),
    )


def is_own(cell: Statement | None) -> bool:
    """Whether something stands in a cell that stands nowhere else."""
    return cell is not None and cell.reason != ELSEWHERE


def statements(table: Table) -> tuple[Statement, ...]:
    """What the cells say, row by row; cells that point to others say nothing themselves."""
    return tuple(cell for row in table.cells for cell in row if cell is not None and is_own(cell))


def _filled(rows: Sequence[Aspect], name: str, item: Candidate, shown: Sentence) -> list[Statement | None]:
    """One cell for each aspect and one for `NEAREST`."""
    names = tuple(filter(None, (name, item.short_name)))
    found = placed(rows, names, item, shown)
    cells: list[Statement | None] = []
    for aspect in rows:
        own = next((each for each in found if each.aspect == aspect), None)
        other = None if own else _also(aspect, names, found)
        cells.append(item.quotation(own.sentence) if own else _pointer(item, other) if other else None)
    there = next((each for each in found if each.sentence == shown), None)
    return [*cells, _pointer(item, there) if there else item.quotation(shown)]


def _also(aspect: Aspect, names: Sequence[str], placed: Iterable[AspectSentence]) -> AspectSentence | None:
    """The sentence of another cell that speaks of this aspect too, if one does."""
    scored = [(aspect.strength(each.sentence.text, names), each) for each in placed]
    strength, best = max(scored, key=lambda pair: pair[0], default=(0.0, None))
    return best if strength >= TOUCHES else None


def _pointer(item: Candidate, there: AspectSentence) -> Statement:
    return Statement(f"see “{there.aspect.name}”", "supported", (item.cite(there.sentence),), ELSEWHERE)


def unowned(selection: Selection, columns: Sequence[Column]) -> str:
    """What to say of the things compared that no paper of the collection is about; may be empty."""
    text = selection.question.text
    things = runs(selection.question.names, text)
    if selection.scope or len(things) < 2:  # noqa: PLR2004 - a comparison needs a pair
        return ""
    end = TAIL.search(text, text.find(things[1]) + len(things[1]))
    head = text[: end.start()] if end else text
    owned = {name for name, _ in columns}
    left = [thing for thing in things if thing in head and not any(name in thing for name in owned)]
    said = " ".join(f"{item.paper.title} {item.paper.abstract}" for item in selection.evidence.candidates)
    unknown = [thing for thing in left if thing not in said]
    mentioned = [thing for thing in left if thing in said]
    return " ".join(
        f"{start} {' or '.join(named)}."
        for start, named in (
            ("The collection has no paper on", unknown),
            ("No paper of the collection introduces", mentioned),
        )
        if named
    )


def filled_in(table: Table, written: Sequence[Statement]) -> tuple[Table, tuple[Statement, ...]]:
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
        free = [place for place in _places(table, statement) if place not in taken]
        if free:
            row, column = free[0]
            cells[row][column] = statement
            taken.add(free[0])
        else:
            rest.append(statement)
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
    scored = [
        (known[name].strength(statement.text, names), -n)
        for n, name in enumerate(table.aspects)
        if name in known
    ]
    worded = [-n for strength, n in sorted(scored, reverse=True) if strength >= TOUCHES]
    return [(row, column) for row in dict.fromkeys([*quoting, *worded])]


def _quotes_same(cell: Statement | None, statement: Statement) -> bool:
    if cell is None or not is_own(cell):
        return False
    return bool({each.span for each in cell.citations} & {each.span for each in statement.citations})
