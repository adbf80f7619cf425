"""The JSON forms that `--json` and `--batch` print; that of an answer lies in the kernel."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from rag.forms import Json
from rag.types import Paper, RankedPaper


def dumps(form: Json) -> str:
    """One line of ASCII: no locale, terminal or line splitter can damage it.

    A number that JSON has no form for (NaN, infinity, one of too many digits) is null: one such value in a
    record must not cost a person all the others.
    """
    try:
        return json.dumps(form, ensure_ascii=True, allow_nan=False)
    except ValueError:
        return json.dumps(_written(form), ensure_ascii=True, allow_nan=False)


def _written(value: Any) -> Any:  # noqa: ANN401 - any value
    """The same with null for what cannot be written."""
    if isinstance(value, Mapping):
        return {key: _written(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_written(entry) for entry in value]
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            json.dumps(value, allow_nan=False)
        except ValueError:
            return None
    return value


def run_form(ranking: Sequence[RankedPaper], query_id: str = "") -> Json:
    """A ranking, best first."""
    hits = [{"paper_id": hit.paper_id, "title": hit.title, "score": hit.score} for hit in ranking]
    return {"id": query_id, "hits": hits}


def paper_form(paper: Paper) -> Json:
    """A paper with the whole abstract that offsets point into."""
    return {
        "paper_id": paper.paper_id,
        "title": paper.title,
        "abstract": paper.abstract,
        "authors": list(paper.authors),
        "venue": paper.venue,
        "year": paper.year,
        "url": paper.url,
        "extra": dict(paper.extra),
    }
