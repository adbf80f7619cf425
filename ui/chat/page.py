"""An Answer as the markdown of the chat page, and a citation as what the source panel shows. Pure.

Everything that came from a paper or a person passes through `escape` on its way into markdown: only
the emphasis, lists and citation links written here take effect on the page.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from rag.text.quoting import byline
from rag.types import Answer, Citation, Paper, RankedPaper, Span, Statement
from ui.answers import (
    NOT_STATED,
    beside,
    beside_table,
    counted,
    coverage,
    is_quote,
    layout,
    markdown_table,
    origin,
    quoted_paper,
    removal,
    spelling,
    touching,
)
from ui.chat.markup import SOURCE_LINK, SPACE, address, chip, edit_link, escape, paper_link
from ui.safe import web_address

REMOVED_LINK = "#removed"
"""The link that unfolds what was removed; `public/pincite.css` folds the list after it."""

_UNTITLED = "Untitled"


@dataclass(frozen=True, slots=True)
class SourcePanel:
    """What the source panel shows of one citation; ``before + quote + after`` is the whole abstract."""

    title: str
    byline: str
    url: str
    before: str
    quote: str
    after: str
    reference: str


@dataclass(frozen=True, slots=True)
class SimilarPaper:
    """A paper as the source panel lists it; ``link`` opens its abstract there."""

    title: str
    link: str


class Numbers(dict[str, int]):
    """Citation numbers: one a paper, from 1, in the order of first mention."""

    def __missing__(self, paper_id: str) -> int:
        self[paper_id] = len(self) + 1
        return self[paper_id]


def blocks(answer: Answer) -> Iterator[str]:
    """The answer as markdown, piece by piece in reading order; the pieces join to one message."""
    numbers = Numbers()
    if said := " ".join(_understood(answer)):
        yield f"{said}\n\n"
    if answer.note and answer.abstained:
        yield f"{escape(answer.note)}\n\n"
    if answer.nearest and not answer.partial:
        nearest = (paper_link(near.paper_id, near.title, _UNTITLED) for near in answer.nearest)
        yield f"##### Nearest\n\n{_bullets(nearest)}\n"
    if layout(answer).numbered and not answer.abstained:
        found = counted(len(answer.statements), "paper")
        yield f"**{found}**{touching(answer)}. {coverage(answer)}\n\n"
        yield from (f"{n}. {_entry(said, numbers)}\n" for n, said in enumerate(answer.statements, start=1))
        yield "\n"
    else:
        if answer.table:
            yield f"{markdown_table(answer.table, escape, lambda cell: _cell(cell, numbers))}\n\n"
        yield from (paragraph(said, numbers) for said in beside_table(answer))
    if answer.note and not answer.abstained:
        yield f"{escape(answer.note)}\n\n"
    if answer.partial:
        yield f"##### {beside(answer)}\n\n{_bullets(_entry(said, numbers) for said in answer.partial)}\n"
    if answer.removed:
        removed = (f"{escape(said.text)} — *{escape(said.reason)}*" for said in answer.removed)
        yield f"[{escape(removal(answer))}]({REMOVED_LINK})\n\n{_bullets(removed)}\n"
    yield f"###### {escape(origin(answer))}\n"


def _bullets(entries: Iterable[str]) -> str:
    return "".join(f"- {entry}\n" for entry in entries)


def _understood(answer: Answer) -> Iterator[str]:
    """What was read and what was searched for, ready to be changed; the filters in force; what was mended."""
    if answer.asked:
        yield f"*{escape(f'Read as: “{answer.asked}”')}* {edit_link(answer.asked)}"
    if answer.rewritten:
        yield f"*{escape(f'Searched for: “{answer.rewritten}”')}* {edit_link(_rewritten(answer))}"
    if answer.filters:
        yield " ".join(("*Only*", *map(chip, answer.filters.split(" · "))))
    yield from (f"*{escape(each)}*" for each in spelling(answer))


def _rewritten(answer: Answer) -> str:
    """The question with what was searched for in place of its topic; as it was read, where the kind has none.

    So what is asked after a change is still a question of its kind, with its filters.
    """
    read = answer.asked or answer.question
    topic = answer.receipt["understood"]["query"]
    return read.replace(topic, answer.rewritten) if layout(answer).topic_within else read


def source(paper: Paper, span: Span | None) -> SourcePanel:
    """What the source panel shows of ``paper``, with ``span`` of its abstract highlighted if there is one.

    Raises:
        ValueError: the span is empty or outside the abstract.
    """
    if span is None:
        span = Span(len(paper.abstract), len(paper.abstract))
    elif not 0 <= span.start < span.end <= len(paper.abstract):
        raise ValueError(f"span {span.start}-{span.end} of an abstract of {len(paper.abstract)} characters")
    reference = _sentences(byline(paper.authors), paper.title, _published(paper))
    url = web_address(paper.url)
    return SourcePanel(
        title=paper.title,
        byline=" · ".join(filter(None, (byline(paper.authors), _published(paper)))),
        url=url,
        before=paper.abstract[: span.start],
        quote=paper.abstract[span.start : span.end],
        after=paper.abstract[span.end :],
        reference=" ".join(filter(None, (*reference, url))),
    )


def similar(paper: RankedPaper) -> SimilarPaper:
    """A paper of a ranking."""
    return SimilarPaper(paper.title or _UNTITLED, address(paper.paper_id))


def _cell(cell: Statement | None, numbers: Numbers) -> str:
    return f"*{NOT_STATED}*" if cell is None else f"{_words(cell, numbers)}{_doubt(cell)}"


def _entry(statement: Statement, numbers: Numbers) -> str:
    title = escape(statement.citations[0].title) or _UNTITLED
    return f"**{title}** — {_words(statement, numbers)}{_doubt(statement)}"


def _words(statement: Statement, numbers: Numbers) -> str:
    """The quotes where a statement says nothing else, else what it says; with its citations."""
    links = [_link(citation, numbers) for citation in statement.citations]
    if is_quote(statement) or quoted_paper(statement):
        quotes = (escape(citation.quote) for citation in statement.citations)
        return " ".join(f"“{words}”{SPACE}{link}" for words, link in zip(quotes, links, strict=True))
    return SPACE.join((escape(statement.text), *links))


def paragraph(statement: Statement, numbers: Numbers) -> str:
    """The statement with its citations, and the titles of the papers that it is the first to cite."""
    if quoted_paper(statement):
        return f"{_entry(statement, numbers)}\n\n"
    new = {each.paper_id: each.title for each in statement.citations if each.paper_id not in numbers}
    words = f"{_words(statement, numbers)}{_doubt(statement)}"
    return " ".join((words, *(f"*{escape(title) or _UNTITLED}*" for title in new.values()))) + "\n\n"


def _doubt(statement: Statement) -> str:
    return "" if statement.verdict == "supported" else f" **({statement.verdict})**"


def _link(citation: Citation, numbers: Numbers) -> str:
    number = numbers[citation.paper_id]
    paper = quote(citation.paper_id, safe="")
    target = f"{SOURCE_LINK}paper={paper}&start={citation.span.start}&end={citation.span.end}"
    return rf'[\[{number}\]]({target} "{escape(citation.title)}")'


def _sentences(*parts: str) -> list[str]:
    stripped = filter(None, (part.strip() for part in parts))
    return [part if part.endswith((".", "?", "!")) else f"{part}." for part in stripped]


def _published(paper: Paper) -> str:
    return " ".join(filter(None, (paper.venue, str(paper.year or ""))))
