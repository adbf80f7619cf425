"""Answers and rankings in the terminal. Text from papers is data: never markup, never terminal commands."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from rich.console import Console
from rich.style import Style
from rich.table import Table as Columns
from rich.text import Text

from rag.text.bylines import byline
from rag.types import Answer, Citation, Paper, RankedPaper, Statement
from ui.cli.columns import beside_table, columns
from ui.safe import inert, web_address

Numbers = Mapping[str, int]
"""Number of each cited paper, by ``paper_id``, from 1 in order of appearance."""

MOST_REMOVED = 5
"""Removed sentences that are printed, of a model that may write hundreds."""


class Item(NamedTuple):
    """A paragraph with a label before its first line; its other lines stand as far in as the first."""

    label: str
    text: Text


def terminal() -> Console:
    """Standard output; colour only where it is a terminal, and nothing in a text is markup."""
    return Console(markup=False, highlight=False, emoji=False)


def render_answer(console: Console, answer: Answer, papers: Mapping[str, Paper]) -> None:
    """Print an answer: what it says, the papers it cites, and one line on how it came about.

    Args:
        console: where to print; its width is respected.
        answer: of any kind.
        papers: the cited papers by ``paper_id``, for their authors and year; those missing show their title.
    """
    numbers = cited(answer)
    for block in (*_body(answer, numbers, console.width), _references(answer, numbers, papers)):
        if isinstance(block, Columns):
            console.print(block)
        else:
            _print(console, block)
        if block:
            console.print()
    _print(console, [_footer(answer)])


def render_ranking(console: Console, ranking: Sequence[RankedPaper]) -> None:
    """Print a ranking: rank, score, title and id of each paper."""
    for rank, hit in enumerate(ranking, 1):
        title = Text.assemble(_title(hit.title), _dim(f" · {hit.paper_id}"))
        _print(console, [Item(f"{rank:>3}. {hit.score:.4f}  ", title)])


def render_papers(console: Console, papers: Iterable[Paper]) -> None:
    """Print the title, authors, venue, year, address and id of each paper."""
    _print(console, [_reference("", paper) for paper in papers])


def cited(answer: Answer) -> Numbers:
    """The number of each paper the answer cites."""
    return {paper_id: number for number, paper_id in enumerate(_cited_titles(answer), 1)}


def _cited_titles(answer: Answer) -> dict[str, str]:
    statements = (*answer.statements, *answer.partial)
    return {citation.paper_id: citation.title for statement in statements for citation in statement.citations}


def _body(answer: Answer, numbers: Numbers, width: int) -> Iterator[list[Item] | Columns]:
    """The paragraphs that a blank line sets apart."""
    is_set = answer.kind == "set"
    if said := understood(answer):
        yield [Item("", _dim(said))]
    if answer.note and answer.abstained:
        yield [Item("", Text(inert(answer.note)))]
    if is_set and not answer.abstained:
        yield [Item("", _coverage(answer))]
    yield from columns(answer.table, numbers, width)
    for number, statement in enumerate(beside_table(answer), 1):
        yield [Item(f"{number:>2}. " if is_set else "", _sentence(statement, numbers))]
    if answer.note and not answer.abstained:
        yield [Item("", Text(inert(answer.note)))]
    if answer.removed:
        yield [Item("", _dim(f"{removal(answer)}:")), *_refusals(answer.removed)]
    if answer.partial:
        yield [Item("", Text(f"{beside(answer)}:", style="italic"))]
    for statement in answer.partial:
        yield [Item("  - ", _sentence(statement, numbers))]
    if answer.nearest and not answer.partial:
        yield [Item("", Text("Nearest:")), *(Item("  - ", _title(paper.title)) for paper in answer.nearest)]


def _coverage(answer: Answer) -> Text:
    touching = len(answer.partial)
    text = Text.assemble((counted(len(answer.papers), "paper"), "bold"))
    if touching:
        text.append(f", and {touching} that {'touches' if touching == 1 else 'touch'} it")
    return text.append(f". {coverage(answer)}")


def beside(answer: Answer) -> str:
    """What the partial statements are to the question."""
    return "What comes closest" if answer.abstained else "Touches it"


def coverage(answer: Answer) -> str:
    """How many papers a set question was judged on, and how many more are expected."""
    more = f"; {answer.missing}" if answer.missing else ""
    return f"Judged {answer.judged:,} of {answer.searched:,}{more}."


def removal(answer: Answer) -> str:
    """How many sentences of a model were kept from the reader."""
    return f"{counted(len(answer.removed), 'sentence')} removed: not supported by the collection"


def _refusals(removed: Sequence[Statement]) -> Iterator[Item]:
    yield from map(_refused, removed[:MOST_REMOVED])
    if len(removed) > MOST_REMOVED:
        yield Item("  - ", _dim(f"and {len(removed) - MOST_REMOVED:,} more"))


def _refused(statement: Statement) -> Item:
    return Item("  - ", _dim(f"{statement.text} ({statement.reason})"))


def understood(answer: Answer) -> str:
    """What the question was read as, where that cannot be taken for granted; may be empty."""
    parts = [f"Read as: “{answer.asked}”"] if answer.asked else []
    parts += [f"Searched for: “{answer.rewritten}”"] if answer.rewritten else []
    parts += [f"Only {answer.filters}."] if answer.filters else []
    return " ".join([*parts, *mended(answer)])


def mended(answer: Answer) -> list[str]:
    """A sentence for each word of the question that was read as another."""
    return [f"Read “{wrong}” as “{right}”." for wrong, right in answer.corrections]


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


def _references(answer: Answer, numbers: Numbers, papers: Mapping[str, Paper]) -> list[Item]:
    bare = {key: Paper(key, title, abstract="") for key, title in _cited_titles(answer).items()}
    return [_reference(f"[{number}] ", papers.get(key, bare[key])) for key, number in numbers.items()]


def _reference(label: str, paper: Paper) -> Item:
    year = "" if paper.year is None else str(paper.year)
    parts = (byline(paper.authors), paper.venue, year, paper.url, paper.paper_id)
    details = "".join(f" · {part}" for part in parts if part)
    return Item(label, Text.assemble(_title(paper.title, paper.url), _dim(details)))


def _footer(answer: Answer) -> Item:
    receipt = answer.receipt
    total_ms = receipt.get("timings_ms", {}).get("total")
    parts = [counted(answer.searched, "paper")]
    if total_ms is not None:
        parts.append(f"{total_ms / 1000:.2f} s")
    if "writer" in receipt:
        parts.append(str(receipt["writer"]))
    if "id" in receipt:
        parts.append(f"receipt {str(receipt['id'])[:8]}")
    return Item("", _dim(" · ".join(parts)))


def counted(number: int, noun: str) -> str:
    """``1 paper``, ``1,000 papers``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _title(title: str, url: str = "") -> Text:
    """Bold, and a link where the paper has a web address and the terminal has links."""
    return Text(inert(title), style=Style(bold=True, link=inert(web_address(url)) or None))


def _dim(text: str) -> Text:
    return Text(inert(text), style="dim")


def _print(console: Console, items: Iterable[Item]) -> None:
    for label, text in items:
        width = max(console.width - len(label), 20)
        for number, line in enumerate(text.wrap(console, width) or [Text()]):
            line.rstrip()
            indent = " " * len(label) if number else label
            console.print(Text(indent).append_text(line), soft_wrap=True)
