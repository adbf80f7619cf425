"""An answer as a Markdown document: what it says, the quotes it rests on, the papers it cites. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence

from rag.text.quoting import byline
from rag.types import Answer, Citation, Paper, Statement
from ui.answers import (
    NOT_STATED,
    beside,
    beside_table,
    citation_numbers,
    counted,
    coverage,
    is_quote,
    layout,
    markdown_table,
    quoted_paper,
    removal,
    understood,
)
from ui.exports.records import Format, plain, year_of
from ui.safe import web_address

_MARKUP = re.compile(r"([\\`*_\[\]<>&~|$])")
_OPENING = re.compile(r"\A([#+=:-]|\d+(?=[.)]))")
"""What would make a heading, list or underline of a line that begins with it."""

Numbers = Mapping[str, int]


def markdown(answer: Answer, papers: Sequence[Paper]) -> str:
    """The document; ``papers`` are numbered from 1, as the citations in it are."""
    blocks = [f"# {escaped(answer.question)}", *_body(answer, citation_numbers(answer))]
    if papers:
        references = (f"{n}. {_reference(paper)}" for n, paper in enumerate(papers, 1))
        blocks += ["## References", "\n".join(references)]
    receipt = str(answer.receipt.get("id", ""))[:8]
    parts = ("pincite", counted(answer.searched, "paper"), answer.writer, receipt and f"receipt {receipt}")
    return "\n\n".join([*blocks, f"*{escaped(' · '.join(filter(None, parts)))}*"]) + "\n"


def escaped(text: str) -> str:
    """Markdown that shows ``text`` as it is, on one line."""
    return _OPENING.sub(_without_effect, _MARKUP.sub(r"\\\1", plain(text)))


def _without_effect(opening: re.Match[str]) -> str:
    """A number keeps its value and loses its list: the backslash goes before the dot after it."""
    return f"{opening[0]}\\" if opening[0].isdigit() else f"\\{opening[0]}"


def _body(answer: Answer, numbers: Numbers) -> Iterator[str]:
    if said := understood(answer):
        yield f"*{escaped(said)}*"
    if answer.note and answer.abstained:
        yield escaped(answer.note)
    if layout(answer).numbered and not answer.abstained:
        yield f"**{counted(len(answer.papers), 'paper')}.** {escaped(coverage(answer))}"
        yield "\n".join(f"{n}. {_entry(said, numbers)}" for n, said in enumerate(answer.statements, 1))
    else:
        if answer.table:
            yield markdown_table(answer.table, escaped, lambda cell: _cell(cell, numbers))
        yield from (_paragraph(said, numbers) for said in beside_table(answer))
    if answer.note and not answer.abstained:
        yield escaped(answer.note)
    if answer.removed:
        yield escaped(f"{removal(answer)}.")
    if answer.partial:
        yield f"## {beside(answer)}"
        yield "\n".join(f"- {_entry(said, numbers)}" for said in answer.partial)
    if answer.nearest and not answer.partial:
        yield "## Nearest"
        yield "\n".join(f"- {escaped(near.title)}" for near in answer.nearest)


def _entry(statement: Statement, numbers: Numbers) -> str:
    """On one line, since it stands in a list."""
    title, words = _words(statement)
    said = f"{words} " if words else ""
    return f"{title}{said}{_doubt(statement)}{_quotes(statement.citations, numbers)}"


def _cell(cell: Statement | None, numbers: Numbers) -> str:
    if cell is None:
        return f"*{NOT_STATED}*"
    _, words = _words(cell)
    said = f"{words} {_marks(cell, numbers)}" if words else _quotes(cell.citations, numbers)
    return f"{_doubt(cell)}{said}"


def _marks(statement: Statement, numbers: Numbers) -> str:
    return "".join(dict.fromkeys(f"[{numbers[citation.paper_id]}]" for citation in statement.citations))


def _paragraph(statement: Statement, numbers: Numbers) -> str:
    """What was said, with numbers; below it the quotes, where it is not a quote itself."""
    title, words = _words(statement)
    if not words:
        return f"{title}{_doubt(statement)}{_quotes(statement.citations, numbers)}"
    quotes = "\n>\n".join(f"> {_quotes([each], numbers)}" for each in statement.citations)
    return f"{words} {_doubt(statement)}{_marks(statement, numbers)}\n\n{quotes}".rstrip()


def _words(statement: Statement) -> tuple[str, str]:
    """The title that a statement opens with, in bold; and what it says beside its quotes."""
    if is_quote(statement):
        return "", ""
    if paper := quoted_paper(statement):
        return f"**{escaped(paper.title)}** — ", ""
    return "", escaped(statement.text)


def _doubt(statement: Statement) -> str:
    return "" if statement.verdict == "supported" else f"**({statement.verdict})** "


def _quotes(citations: Sequence[Citation], numbers: Numbers) -> str:
    return " ".join(f"“{escaped(each.quote)}” [{numbers[each.paper_id]}]" for each in citations)


def _reference(paper: Paper) -> str:
    venue, year = plain(paper.venue), str(year_of(paper) or "")
    published = venue if year in venue else f"{venue} {year}".strip()
    authors = byline(list(filter(None, map(plain, paper.authors))), "; ")
    title = plain(paper.title) or plain(paper.paper_id)
    parts = ((authors, ""), (title, "*"), (published, ""))
    sentences = (f"{mark}{escaped(part)}{mark}{_stop(part)}" for part, mark in parts if part)
    return " ".join(filter(None, (*sentences, escaped(web_address(paper.url)))))


def _stop(sentence: str) -> str:
    return "" if sentence.endswith((".", "?", "!")) else "."


FORMAT = Format("Markdown", ".md", "text/markdown", markdown)
