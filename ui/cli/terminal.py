"""Answers and rankings in the terminal. Text from papers is data: never markup, never terminal commands."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.style import Style
from rich.table import Table as Columns
from rich.text import Text

from rag.text.quoting import byline
from rag.types import Answer, Citation, Paper, RankedPaper, Statement, Table
from ui.answers import (
    NOT_STATED,
    beside,
    beside_table,
    citation_numbers,
    cited_titles,
    column_head,
    counted,
    coverage,
    layout,
    origin,
    removal,
    touching,
    understood,
)
from ui.safe import inert, web_address

Numbers = Mapping[str, int]
"""Number of each cited paper, by ``paper_id``, from 1 in order of appearance."""

MOST_REMOVED = 5
"""Removed sentences that are printed, of a model that may write hundreds."""

LEAST_WIDTH = 12
"""Characters that a column needs to be read; a narrower terminal gets one paper below the other."""


class Paragraph(NamedTuple):
    """A text with a label before its first line; its other lines stand as far in as the first."""

    label: str
    text: Text


def terminal() -> Console:
    """Standard output; colour only where it is a terminal, and nothing in a text is markup."""
    return Console(markup=False, highlight=False, emoji=False)


def render_answer(console: Console, answer: Answer, papers: Mapping[str, Paper]) -> None:
    """Print an answer: what it says, the papers it cites, and one line on how it came about.

    Cited papers that are missing in ``papers``, by ``paper_id``, show their title alone.
    """
    numbers = citation_numbers(answer)
    for block in (*_body(answer, numbers, console.width), _references(answer, numbers, papers)):
        if isinstance(block, Columns):
            console.print(block)
        else:
            _print(console, block)
        if block:
            console.print()
    _print(console, [Paragraph("", _dim(origin(answer)))])


def render_ranking(console: Console, ranking: Sequence[RankedPaper]) -> None:
    """Print a ranking: rank, score, title and id of each paper."""
    for rank, hit in enumerate(ranking, 1):
        title = Text.assemble(_title(hit.title), _dim(f" · {hit.paper_id}"))
        _print(console, [Paragraph(f"{rank:>3}. {hit.score:.4f}  ", title)])


def render_papers(console: Console, papers: Iterable[Paper]) -> None:
    """Print the title, authors, venue, year, address and id of each paper."""
    _print(console, [_reference("", paper) for paper in papers])


def _body(answer: Answer, numbers: Numbers, width: int) -> Iterator[list[Paragraph] | Columns]:
    """The paragraphs that a blank line sets apart."""
    numbered = layout(answer).numbered
    if said := understood(answer):
        yield [Paragraph("", _dim(said))]
    if answer.note and answer.abstained:
        yield [Paragraph("", Text(inert(answer.note)))]
    if numbered and not answer.abstained:
        found = Text.assemble((counted(len(answer.papers), "paper"), "bold"))
        yield [Paragraph("", found.append(f"{touching(answer)}. {coverage(answer)}"))]
    yield from _columns(answer.table, numbers, width)
    for number, statement in enumerate(beside_table(answer), 1):
        label = f"{number:>2}. " if numbered else ""
        yield [Paragraph(label, _sentence(statement, numbers))]
    if answer.note and not answer.abstained:
        yield [Paragraph("", Text(inert(answer.note)))]
    if answer.removed:
        yield [Paragraph("", _dim(f"{removal(answer)}:")), *_refusals(answer.removed)]
    if answer.partial:
        yield [Paragraph("", Text(f"{beside(answer)}:", style="italic"))]
    for statement in answer.partial:
        yield [Paragraph("  - ", _sentence(statement, numbers))]
    if answer.nearest and not answer.partial:
        nearest = (Paragraph("  - ", _title(paper.title)) for paper in answer.nearest)
        yield [Paragraph("", Text("Nearest:")), *nearest]


def _refusals(removed: Sequence[Statement]) -> Iterator[Paragraph]:
    for statement in removed[:MOST_REMOVED]:
        yield Paragraph("  - ", _dim(f"{statement.text} ({statement.reason})"))
    if len(removed) > MOST_REMOVED:
        yield Paragraph("  - ", _dim(f"and {len(removed) - MOST_REMOVED:,} more"))


def _sentence(statement: Statement, numbers: Numbers) -> Text:
    """What a statement says, its quotes in italics: in place, or after it where it does not hold them."""
    said = inert(statement.text)
    quotes = [inert(citation.quote) for citation in statement.citations]
    text = Text.assemble("“", said, "”") if said in quotes else Text(said)
    text.highlight_words(quotes, style="italic")
    for title in {inert(citation.title) for citation in statement.citations}:
        if said.startswith(title):
            text.stylize("bold", 0, len(title))
    text.append_text(_numbered(said, statement.citations, numbers))
    if statement.verdict != "supported":
        text.append(f" ({statement.verdict})", style="bold red")
    return text


def _numbered(said: str, citations: Sequence[Citation], numbers: Numbers) -> Text:
    """The numbers of the cited papers, each after those of its quotes that were not said."""
    text = Text()
    shown: set[int] = set()
    for citation in citations:
        number, quote = numbers[citation.paper_id], inert(citation.quote)
        unsaid = quote not in said
        if unsaid:
            text.append(" “").append(quote, style="italic").append("”")
        if unsaid or number not in shown:
            text.append(" ").append(f"[{number}]", style="cyan")
        shown.add(number)
    return text


def _columns(table: Table | None, numbers: Numbers, width: int) -> list[Columns]:
    """A comparison, if there is one: in one piece, or a piece a paper where the terminal is narrow."""
    if table is None:
        return []
    every = range(len(table.papers))
    wide = width >= (len(every) + 1) * (LEAST_WIDTH + 2)
    return [_piece(table, numbers, shown) for shown in ([every] if wide else [[place] for place in every])]


def _piece(table: Table, numbers: Numbers, shown: Sequence[int]) -> Columns:
    made = Columns(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, expand=False)
    made.add_column("", style="dim", ratio=1, min_width=9)
    for place in shown:
        heading = Text(inert(column_head(table.papers[place])), style="bold")
        made.add_column(heading, ratio=4, overflow="fold")
    for aspect, row in zip(table.aspects, table.cells, strict=True):
        made.add_row(Text(inert(aspect)), *(_cell(row[place], numbers) for place in shown), end_section=True)
    return made


def _cell(cell: Statement | None, numbers: Numbers) -> Text:
    if cell is None:
        return Text(NOT_STATED, style="dim")
    said, quotes = inert(cell.text), [inert(citation.quote) for citation in cell.citations]
    text = Text.assemble("“", (said, "italic"), "”") if said in quotes else Text(said)
    for number in dict.fromkeys(numbers[citation.paper_id] for citation in cell.citations):
        text.append(" ").append(f"[{number}]", style="cyan")
    if cell.verdict != "supported":
        text.append(f" ({cell.verdict})", style="bold red")
    return text


def _references(answer: Answer, numbers: Numbers, papers: Mapping[str, Paper]) -> list[Paragraph]:
    bare = {key: Paper(key, title, abstract="") for key, title in cited_titles(answer).items()}
    return [_reference(f"[{number}] ", papers.get(key, bare[key])) for key, number in numbers.items()]


def _reference(label: str, paper: Paper) -> Paragraph:
    year = "" if paper.year is None else str(paper.year)
    parts = (byline(paper.authors), paper.venue, year, paper.url, paper.paper_id)
    details = "".join(f" · {part}" for part in parts if part)
    return Paragraph(label, Text.assemble(_title(paper.title, paper.url), _dim(details)))


def _title(title: str, url: str = "") -> Text:
    """Bold, and a link where the paper has a web address and the terminal has links."""
    return Text(inert(title), style=Style(bold=True, link=inert(web_address(url)) or None))


def _dim(text: str) -> Text:
    return Text(inert(text), style="dim")


def _print(console: Console, paragraphs: Iterable[Paragraph]) -> None:
    for label, text in paragraphs:
        width = max(console.width - len(label), 20)
        for number, line in enumerate(text.wrap(console, width) or [Text()]):
            line.rstrip()
            indent = " " * len(label) if number else label
            console.print(Text(indent).append_text(line), soft_wrap=True)
