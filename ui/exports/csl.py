"""Papers as CSL-JSON, which Pandoc, Zotero and citeproc read. Pure."""

import json
from collections.abc import Sequence
from typing import Any

from rag.types import Paper
from ui.exports.records import Format, Name, names, plain, publication, year_of
from ui.safe import web_address

TYPE = {"article": "article-journal", "paper": "paper-conference", "other": "article"}


def csl_json(papers: Sequence[Paper]) -> str:
    """A JSON array with an item a paper, in their order."""
    return json.dumps([item(paper) for paper in papers], indent=2, ensure_ascii=False) + "\n"


def item(paper: Paper) -> dict[str, Any]:
    """A paper in the terms of the CSL schema; what the record does not have is left out."""
    year = year_of(paper)
    fields = {
        "id": plain(paper.paper_id),
        "type": TYPE[publication(paper.venue)],
        "title": plain(paper.title),
        "author": [_author(name) for name in names(paper)],
        "issued": {"date-parts": [[year]]} if year is not None else None,
        "container-title": plain(paper.venue),
        "URL": plain(web_address(paper.url)),
        "abstract": plain(paper.abstract),
    }
    return {key: value for key, value in fields.items() if value}


def _author(name: Name) -> dict[str, str]:
    if not name.given:
        return {"literal": name.family}
    parts = {"family": name.family, "given": name.given, "suffix": name.suffix}
    return {key: value for key, value in parts.items() if value}


FORMAT = Format(
    "CSL-JSON", ".json", "application/vnd.citationstyles.csl+json", lambda _, papers: csl_json(papers)
)
