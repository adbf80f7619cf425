"""An Answer as the markdown of the chat page, and a citation as what the source panel shows. Pure.

Everything that came from a paper or a person passes through `escape` on its way into markdown: only
the emphasis, lists and citation links written here take effect on the page.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from rag.text.bylines import byline
from rag.types import Answer, Citation, Paper, RankedPaper, Span, Statement, Table
from ui.chat.markup import SOURCE_LINK, SPACE, address, chip, edit_link, escape, paper_link
from ui.cli.columns import NOT_STATED, beside_table, head
from ui.cli.terminal import beside, counted, coverage, mended, removal
from ui.safe import web_address

REMOVED_LINK = "#removed"
"""The link that unfolds what was removed; `public/pincite.css` folds the list after it."""

_UNTITLED = "Untitled"


@dataclass(frozen=True, slots=True)
class Source:
    """What the source panel shows of one citation; ``before + quote + after`` is the whole abstract."""

    title: str
    byline: str
    url: str
    before: str
    quote: str
    after: str
    reference: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A paper as the source panel lists it; ``link`` opens its abstract there."""

    title: str
    link: str


def blocks(answer: Answer) -> Iterator[str]:
    """The answer as markdown, piece by piece in reading order; the pieces join to one message."""
    numbers = Numbers()
    if said := " ".join(_understood(answer)):
        yield f"{said}\n\n"
    if answer.note and answer.abstained:
        yield f"{escape(answer.note)}\n\n"
    if answer.nearest and not answer.partial:
        yield "##### Nearest\n\n"
        yield from (f"- {paper_link(near.paper_id, near.title, _UNTITLED)}\n" for near in answer.nearest)
        yield "\n"
    if answer.kind == "set" and not answer.abstained:
        yield f"{_count(answer)}\n\n"
        yield from (f"{n}. {_entry(said, numbers)}\n" for n, said in enumerate(answer.statements, start=1))
        yield "\n"
    else:
        if answer.table:
            yield f"{_table(answer.table, numbers)}\n\n"
        yield from (paragraph(said, numbers) for said in beside_table(answer))
    if answer.note and not answer.abstained:
        yield f"{escape(answer.note)}\n\n"
    if answer.partial:
        yield f"##### {beside(answer)}\n\n"
        yield from (f"- {_entry(said, numbers)}\n" for said in answer.partial)
        yield "\n"
    if answer.removed:
        yield f"[{escape(removal(answer))}]({REMOVED_LINK})\n\n"
        yield from (f"- {escape(said.text)} — *{escape(said.reason)}*\n" for said in answer.removed)
        yield "\n"
    yield _footer(answer)


def _understood(answer: Answer) -> Iterator[str]:
    """What was read and what was searched for, ready to be changed; the filters in force; what was mended."""
    if answer.asked:
        yield f"*{escape(f'Read as: “{answer.asked}”')}* {edit_link(answer.asked)}"
    if answer.rewritten:
        yield f"*{escape(f'Searched for: “{answer.rewritten}”')}* {edit_link(_rewritten(answer))}"
    if answer.filters:
        yield " ".join(("*Only*", *map(chip, answer.filters.split(" · "))))
    yield from (f"*{escape(each)}*" for each in mended(answer))


def _rewritten(answer: Answer) -> str:
    """The question for papers with what was searched for in its place; any other as it was read.

    So what is asked after a change is still a question of its kind, with its filters.
    """
    read = answer.asked or answer.question
    topic = answer.receipt["understood"]["query"]
    return read.replace(topic, answer.rewritten) if answer.kind == "set" else read


def source(paper: Paper, span: Span | None) -> Source:
    """What the source panel shows of ``paper``, with ``span`` of its abstract highlighted if there is one.

    Raises:
        ValueError: the span is empty or outside the abstract.
    """
    if span is None:
        span = Span(len(paper.abstract), len(paper.abstract))
    elif not 0 <= span.start < span.end <= len(paper.abstract):
        raise ValueError(f"span {span.start}-{span.end} of an abstract of {len(paper.abstract)} characters")
    return Source(
        title=paper.title,
        byline=" · ".join(filter(None, (byline(paper.authors), _published(paper)))),
        url=web_address(paper.url),
        before=paper.abstract[: span.start],
        quote=paper.abstract[span.start : span.end],
        after=paper.abstract[span.end :],
        reference=_reference(paper),
    )


def listed(paper: RankedPaper) -> Listed:
    """A paper of a ranking."""
    return Listed(paper.title or _UNTITLED, address(paper.paper_id))


class Numbers(dict[str, int]):
    """Citation numbers: one a paper, from 1, in the order of first mention."""

    def __missing__(self, paper_id: str) -> int:
        self[paper_id] = len(self) + 1
        return self[paper_id]


def _count(answer: Answer) -> str:
    touching = len(answer.partial)
    also = f", and {touching:,} that {'touches' if touching == 1 else 'touch'} it" if touching else ""
    found = counted(len(answer.statements), "paper")
    return f"**{found}**{also}. {coverage(answer)}"


def _table(table: Table, numbers: Numbers) -> str:
    """One column a paper under its name and title; what stands in no cell is said there."""
    heads = (f"{escape(head(paper))}" for paper in table.papers)
    rows = (
        (escape(aspect), *(_cell(cell, numbers) for cell in cells))
        for aspect, cells in zip(table.aspects, table.cells, strict=True)
    )
    lines = (("", *heads), ("---",) * (len(table.papers) + 1), *rows)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(cell: Statement | None, numbers: Numbers) -> str:
    return f"*{NOT_STATED}*" if cell is None else f"{_words(cell, numbers)}{_doubt(cell)}"


def _entry(statement: Statement, numbers: Numbers) -> str:
    title = escape(statement.citations[0].title) or _UNTITLED
    return f"**{title}** — {_words(statement, numbers)}{_doubt(statement)}"


def _words(statement: Statement, numbers: Numbers) -> str:
    """The quotes where a statement says nothing else, else what it says; with its citations."""
    citations = statement.citations
    quotes = [citation.quote for citation in citations]
    titled = [f"{citation.title} — “{citation.quote}”" for citation in citations]
    if statement.text in (*quotes, *titled, " ".join(quotes)):
        return _quotes(citations, numbers)
    return SPACE.join((escape(statement.text), *(_link(citation, numbers) for citation in citations)))


def paragraph(statement: Statement, numbers: Numbers) -> str:
    """The statement with its citations, and the titles of the papers that it is the first to cite."""
    citations = statement.citations
    if statement.text in [f"{citation.title} — “{citation.quote}”" for citation in citations]:
        return f"{_entry(statement, numbers)}\n\n"
    new = {citation.paper_id: citation.title for citation in citations if citation.paper_id not in numbers}
    words = _words(statement, numbers)
    titles = (f"*{escape(title) or _UNTITLED}*" for title in new.values())
    return " ".join((f"{words}{_doubt(statement)}", *titles)) + "\n\n"


def _quotes(citations: Sequence[Citation], numbers: Numbers) -> str:
    return " ".join(f"“{escape(citation.quote)}”{SPACE}{_link(citation, numbers)}" for citation in citations)


def _doubt(statement: Statement) -> str:
    return "" if statement.verdict == "supported" else f" **({statement.verdict})**"


def _link(citation: Citation, numbers: Numbers) -> str:
    number = numbers[citation.paper_id]
    paper = quote(citation.paper_id, safe="")
    target = f"{SOURCE_LINK}paper={paper}&start={citation.span.start}&end={citation.span.end}"
    return rf'[\[{number}\]]({target} "{escape(citation.title)}")'


def _footer(answer: Answer) -> str:
    receipt = answer.receipt
    seconds = receipt["timings_ms"]["total"] / 1000
    facts = (
        counted(answer.searched, "paper"),
        f"{seconds:.2f} s",
        receipt["writer"],
        f"receipt {receipt['id'][:8]}",
    )
    return f"###### {' · '.join(escape(fact) for fact in facts)}\n"


def _published(paper: Paper) -> str:
    return " ".join(filter(None, (paper.venue, str(paper.year or ""))))


def _reference(paper: Paper) -> str:
    parts = (part.strip() for part in (byline(paper.authors), paper.title, _published(paper)))
    sentences = (part if part.endswith((".", "?", "!")) else f"{part}." for part in parts if part)
    return " ".join(filter(None, (*sentences, web_address(paper.url))))
