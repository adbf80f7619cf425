"""An answer for other programs: a document, or its papers as a bibliography or a table."""

from collections.abc import Callable, Sequence
from pathlib import PurePath
from typing import NamedTuple

from rag.assistant import Assistant
from rag.errors import ConfigError
from rag.types import Answer, Paper
from ui.cli.terminal import cited
from ui.exports.bibtex import bibtex
from ui.exports.csl import csl_json
from ui.exports.document import markdown
from ui.exports.ris import ris
from ui.exports.sheet import sheet


class Format(NamedTuple):
    """A form of export.

    Attributes:
        name: what a person calls it.
        suffix: of its files.
        media_type: as HTTP says it.
        write: makes the text of an answer and its papers, these in the order of their numbers.
    """

    name: str
    suffix: str
    media_type: str
    write: Callable[[Answer, Sequence[Paper]], str]


FORMATS = {
    "md": Format("Markdown", ".md", "text/markdown", markdown),
    "bib": Format("BibTeX", ".bib", "application/x-bibtex", lambda _, papers: bibtex(papers)),
    "ris": Format("RIS", ".ris", "application/x-research-info-systems", lambda _, papers: ris(papers)),
    "csv": Format("CSV", ".csv", "text/csv", sheet),
    "json": Format(
        "CSL-JSON", ".json", "application/vnd.citationstyles.csl+json", lambda _, papers: csl_json(papers)
    ),
}
"""By what follows the last dot of a file's name."""


def format_of(path: str) -> Format:
    """The format that a file's name asks for.

    Raises:
        ConfigError: none of ours ends like this.
    """
    suffix = PurePath(path).suffix.lower().removeprefix(".")
    if suffix not in FORMATS:
        expected = ", ".join(f"{each.suffix} ({each.name})" for each in FORMATS.values())
        raise ConfigError(f"export {path!r}: expected a file that ends in {expected}; --format prints one")
    return FORMATS[suffix]


async def exported_papers(assistant: Assistant, answer: Answer) -> list[Paper]:
    """The papers that an answer cites or that match its question, in the order of their numbers.

    One that is no longer in the collection has nothing but its id and title.

    Raises:
        StoreError: the collection cannot be read.
    """
    titles = {paper.paper_id: paper.title for paper in answer.papers}
    said = (*answer.statements, *answer.partial)
    titles |= {each.paper_id: each.title for statement in said for each in statement.citations}
    return [
        await assistant.paper(paper_id) or Paper(paper_id, titles[paper_id], abstract="")
        for paper_id in exported_ids(answer)
    ]


def exported_ids(answer: Answer) -> list[str]:
    """The papers that an answer cites or that match its question, in the order of their numbers."""
    return list(dict.fromkeys([*cited(answer), *(paper.paper_id for paper in answer.papers)]))
