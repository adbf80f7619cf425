"""Papers as RIS records, the tagged lines that reference managers exchange. Pure."""

from collections.abc import Iterator, Sequence

from rag.types import Paper
from ui.exports.records import Format, Name, names, plain, publication, year_of
from ui.safe import web_address

TYPE = {"article": "JOUR", "paper": "CPAPER", "other": "GEN"}
"""Of a record, by what the venue makes it."""
END = "\r\n"
"""Of a line."""


def ris(papers: Sequence[Paper]) -> str:
    """One record a paper, in their order; every line is ``TAG  - value``, as short as its value."""
    return "".join(f"{tag}  - {value}{END}" for paper in papers for tag, value in _lines(paper))


def _lines(paper: Paper) -> Iterator[tuple[str, str]]:
    yield "TY", TYPE[publication(paper.venue)]
    yield from (("AU", _author(name)) for name in names(paper))
    year = year_of(paper)
    fields = {
        "TI": paper.title,
        "T2": paper.venue,
        "PY": "" if year is None else f"{year:04}",
        "UR": web_address(paper.url),
        "AB": paper.abstract,
        "ID": paper.paper_id,
    }
    yield from ((tag, value) for tag, value in zip(fields, map(plain, fields.values()), strict=True) if value)
    yield "ER", ""


def _author(name: Name) -> str:
    return ", ".join(part for part in (name.family, name.given, name.suffix) if part)


FORMAT = Format("RIS", ".ris", "application/x-research-info-systems", lambda _, papers: ris(papers))
