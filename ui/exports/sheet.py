"""Papers as a table for spreadsheets, with what these would take for a formula defused. Pure."""

import csv
import io
import unicodedata
from collections import defaultdict
from collections.abc import Sequence

from rag.types import Answer, Paper
from ui.exports.records import Format, plain, year_of
from ui.safe import web_address

COLUMNS = (
    "number",
    "paper_id",
    "title",
    "authors",
    "venue",
    "year",
    "url",
    "probability",
    "quotes",
    "abstract",
)
FORMULA = ("=", "+", "-", "@")


def sheet(answer: Answer, papers: Sequence[Paper]) -> str:
    """CSV after RFC 4180 with a line of column names; lists are joined by semicolons."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    probabilities = {paper.paper_id: f"{paper.probability:.4f}" for paper in answer.papers}
    quotes = _quotes(answer)
    for number, paper in enumerate(papers, 1):
        row = (
            str(number),
            paper.paper_id,
            paper.title,
            "; ".join(paper.authors),
            paper.venue,
            str(year_of(paper) or ""),
            web_address(paper.url),
            probabilities.get(paper.paper_id, ""),
            "; ".join(quotes[paper.paper_id]),
            paper.abstract,
        )
        writer.writerow(map(cell, row))
    return file.getvalue()


def cell(text: str) -> str:
    """``text`` on one line, with an apostrophe before what a spreadsheet would calculate.

    Those of East Asia read full-width signs as the plain ones.
    """
    line = plain(text)
    return f"'{line}" if unicodedata.normalize("NFKC", line[:1]) in FORMULA else line


def _quotes(answer: Answer) -> defaultdict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for statement in (*answer.statements, *answer.partial):
        for citation in statement.citations:
            if citation.quote not in found[citation.paper_id]:
                found[citation.paper_id].append(citation.quote)
    return found


FORMAT = Format("CSV", ".csv", "text/csv", sheet)
