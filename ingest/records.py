"""What comes out of a source: papers, and records that are none; and what a run of ingest did with them."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rag.errors import MalformedRecord
from rag.types import Paper

RAW_LIMIT = 1000
"""Characters kept of a rejected record: enough to recognise it."""

ID_LIMIT = 512
TITLE_LIMIT = 2_000
ABSTRACT_LIMIT = 100_000
"""Characters of what every paper has: far more than any has, and little enough to be read in a moment."""


@dataclass(frozen=True, slots=True)
class RejectedRecord:
    """A record that is not a paper.

    ``line`` counts from 1; ``reason`` is fit to show a person; ``raw`` is the record as it came, with
    what could not be decoded replaced, cut to `RAW_LIMIT` characters.
    """

    line: int
    reason: str
    raw: str


def require_size(paper: Paper) -> Paper:
    """``paper`` if its id, its title and its abstract are of a length that these can have.

    Raises:
        MalformedRecord: names the field, its length and the limit.
    """
    limits = (
        ("id", paper.paper_id, ID_LIMIT),
        ("title", paper.title, TITLE_LIMIT),
        ("abstract", max(paper.abstract, paper.raw, key=len), ABSTRACT_LIMIT),
    )
    for name, text, most in limits:
        if len(text) > most:
            raise MalformedRecord(f"the {name} is {len(text):,} characters long; expected at most {most:,}")
    return paper


@dataclass(frozen=True, slots=True)
class Source:
    """A source file that was recognised.

    ``records`` can be read once, from any thread but one at a time; it never raises for a bad record.
    ``total`` is how many records to expect, for a progress bar, or None where counting is not cheap.
    """

    form: str
    total: int | None
    records: Iterator[Paper | RejectedRecord]


OnProgress = Callable[[int, int | None], None]
"""Told after each batch how many records are done, and of how many (None: not known)."""


@dataclass(frozen=True, slots=True)
class IngestReport:
    """Counts of one run.

    ``papers`` were read, of which so many were ``added``, ``updated`` and left ``unchanged``; so many
    ``passages`` were written. ``skipped`` records were no papers; the file ``quarantine`` holds them.
    """

    collection: str = ""
    papers: int = 0
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    passages: int = 0
    skipped: tuple[RejectedRecord, ...] = ()
    quarantine: Path | None = None
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """The same as plain JSON values, without the raw text of skipped records."""
        return asdict(self) | {
            "skipped": [{"line": record.line, "reason": record.reason} for record in self.skipped],
            "quarantine": str(self.quarantine) if self.quarantine else None,
        }
