"""What every face says of an answer in the same words, and how each kind of answer is laid out. Pure."""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from rag.types import Answer, Citation, ComparedPaper, Statement, Table

NOT_STATED = "not stated in the abstract"
"""Of a cell of a comparison that is empty."""


class Layout(NamedTuple):
    """How the answers of a kind are laid out.

    Attributes:
        numbered: as a numbered list of papers, with their count above it; else as paragraphs.
        topic_within: what was searched for stands for the topic within the question, not for all of it.
    """

    numbered: bool = False
    topic_within: bool = False


LAYOUTS: Mapping[str, Layout] = {"set": Layout(numbered=True, topic_within=True)}
"""By the kind of an answer; all others are prose."""


def layout(answer: Answer) -> Layout:
    """Of the answer's kind."""
    return LAYOUTS.get(answer.kind, Layout())


def counted(number: int, noun: str) -> str:
    """``1 paper``, ``1,000 papers``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def cited_titles(answer: Answer) -> dict[str, str]:
    """The title of each paper the answer cites by its id, in order of first mention."""
    statements = (*answer.statements, *answer.partial)
    return {citation.paper_id: citation.title for statement in statements for citation in statement.citations}


def citation_numbers(answer: Answer) -> dict[str, int]:
    """The number of each paper the answer cites, from 1."""
    return {paper_id: number for number, paper_id in enumerate(cited_titles(answer), 1)}


def understood(answer: Answer) -> str:
    """What the question was read as, where that cannot be taken for granted; may be empty."""
    parts = [f"Read as: “{answer.asked}”"] if answer.asked else []
    parts += [f"Searched for: “{answer.rewritten}”"] if answer.rewritten else []
    parts += [f"Only {answer.filters}."] if answer.filters else []
    return " ".join([*parts, *spelling(answer)])


def spelling(answer: Answer) -> list[str]:
    """A sentence for each word of the question that was read as another."""
    return [f"Read “{wrong}” as “{right}”." for wrong, right in answer.corrections]


def touching(answer: Answer) -> str:
    """How many papers come close, to be said after how many match; may be empty."""
    number = len(answer.partial)
    return f", and {number:,} that {'touches' if number == 1 else 'touch'} it" if number else ""


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


def origin(answer: Answer) -> str:
    """The papers searched, and as far as the receipt says: the time, who wrote, and its number."""
    receipt = answer.receipt
    total_ms = receipt.get("timings_ms", {}).get("total")
    parts = (
        counted(answer.searched, "paper"),
        "" if total_ms is None else f"{total_ms / 1000:.2f} s",
        str(receipt.get("writer", "")),
        f"receipt {str(receipt['id'])[:8]}" if "id" in receipt else "",
    )
    return " · ".join(filter(None, parts))


def is_quote(statement: Statement) -> bool:
    """Whether a statement says nothing but what it quotes."""
    quotes = [citation.quote for citation in statement.citations]
    return statement.text in (*quotes, " ".join(quotes))


def quoted_paper(statement: Statement) -> Citation | None:
    """The citation whose title and quote are all that a statement says, if there is one."""
    said = (each for each in statement.citations if statement.text == f"{each.title} — “{each.quote}”")
    return next(said, None)


def column_head(paper: ComparedPaper) -> str:
    """Of a comparison: what the question calls a paper, and its title where that does not say so."""
    return paper.title if paper.name in paper.title else f"{paper.name}: {paper.title}"


def markdown_table(
    table: Table, escape: Callable[[str], str], write_cell: Callable[[Statement | None], str]
) -> str:
    """A comparison in Markdown, one column a paper."""
    rows: Iterable[tuple[str, ...]] = (
        (escape(aspect), *map(write_cell, cells))
        for aspect, cells in zip(table.aspects, table.cells, strict=True)
    )
    heads = (escape(column_head(paper)) for paper in table.papers)
    lines = (("", *heads), ("---",) * (len(table.papers) + 1), *rows)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def beside_table(answer: Answer) -> tuple[Statement, ...]:
    """What an answer says besides its table; all it says where it has none."""
    if answer.table is None:
        return answer.statements
    told = [cell for row in answer.table.cells for cell in row]
    return tuple(statement for statement in answer.statements if statement not in told)
