"""A comparison in columns, one a paper: for the terminal, and what every face says of its heads and gaps."""

from collections.abc import Mapping

from rich.box import SIMPLE_HEAD
from rich.table import Table as Columns
from rich.text import Text

from rag.types import Answer, Compared, Statement, Table
from ui.safe import inert

NOT_STATED = "not stated in the abstract"
LEAST_WIDTH = 12
"""Characters that a column needs to be read; a narrower terminal gets one paper below the other."""


def head(paper: Compared) -> str:
    """The title of a column: what the question calls a paper, and its title where that does not say so."""
    return paper.title if paper.name in paper.title else f"{paper.name}: {paper.title}"


def beside_table(answer: Answer) -> tuple[Statement, ...]:
    """What an answer says besides its table; all it says where it has none."""
    if answer.table is None:
        return answer.statements
    told = [cell for row in answer.table.cells for cell in row]
    return tuple(statement for statement in answer.statements if statement not in told)


def columns(table: Table | None, numbers: Mapping[str, int], width: int) -> list[Columns]:
    """The table for a terminal of ``width`` characters: in one piece, or a piece a paper where it is narrow.

    Args:
        table: with at least one row, or None for none.
        numbers: of the cited papers, by ``paper_id``.
        width: characters of a line.
    """
    if table is None:
        return []
    every = range(len(table.papers))
    wide = width >= (len(every) + 1) * (LEAST_WIDTH + 2)
    return [_piece(table, numbers, shown) for shown in ([every] if wide else [[place] for place in every])]


def _piece(table: Table, numbers: Mapping[str, int], shown: range | list[int]) -> Columns:
    made = Columns(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, expand=False)
    made.add_column("", style="dim", ratio=1, min_width=9)
    for place in shown:
        made.add_column(Text(inert(head(table.papers[place])), style="bold"), ratio=4, overflow="fold")
    for aspect, row in zip(table.aspects, table.cells, strict=True):
        made.add_row(Text(inert(aspect)), *(_cell(row[place], numbers) for place in shown), end_section=True)
    return made


def _cell(cell: Statement | None, numbers: Mapping[str, int]) -> Text:
    if cell is None:
        return Text(NOT_STATED, style="dim")
    said, quotes = inert(cell.text), [inert(citation.quote) for citation in cell.citations]
    text = Text.assemble("“", (said, "italic"), "”") if said in quotes else Text(said)
    for number in dict.fromkeys(numbers[citation.paper_id] for citation in cell.citations):
        text.append(" ").append(f"[{number}]", style="cyan")
    if cell.verdict != "supported":
        text.append(f" ({cell.verdict})", style="bold red")
    return text
