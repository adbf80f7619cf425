"""An answer for other programs: a document, or its papers as a bibliography or a table."""

import os
from collections.abc import Mapping
from pathlib import Path, PurePath

from rag import files
from rag.assistant import Assistant
from rag.errors import ConfigError
from rag.types import Answer, Paper
from ui.answers import cited_titles
from ui.exports import bibtex, csl, document, ris, sheet
from ui.exports.records import Format

FORMATS: Mapping[str, Format] = {
    each.suffix.removeprefix("."): each
    for each in (document.FORMAT, bibtex.FORMAT, ris.FORMAT, sheet.FORMAT, csl.FORMAT)
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
    """
    cited = cited_titles(answer)
    titles = cited | {paper.paper_id: paper.title for paper in answer.papers} | cited
    return [
        await assistant.paper(paper_id) or Paper(paper_id, title, abstract="")
        for paper_id, title in titles.items()
    ]


def require_writable(path: Path, option: str, remedy: str = "name one") -> None:
    """Refuse a place where no file can be made or replaced.

    Raises:
        ConfigError: names ``option``, which gave the path, and where there is no file the remedy.
    """
    if path.exists() and not path.is_file():
        raise ConfigError(f"{option} {str(path)!r} is not a file; {remedy}")
    if not os.access(path.parent, os.W_OK):
        raise ConfigError(
            f"cannot write {option} {str(path)!r}: no folder {str(path.parent)!r} that can be written"
        )


def write_whole(path: Path, content: str) -> None:
    """Put text in a file as UTF-8; whoever reads it meanwhile finds the old content or the new, never half.

    Raises:
        ConfigError: the file cannot be written.
    """
    try:
        files.write_whole(path, content.encode("utf-8"))
    except OSError as exc:
        raise ConfigError(f"cannot write {str(path)!r}: {exc.strerror or exc}") from exc
