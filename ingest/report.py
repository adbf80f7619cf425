"""What a run of ingest did."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ingest.records import Rejected

OnProgress = Callable[[int, int | None], None]
"""Told after each batch how many records are done, and of how many (None: not known)."""


@dataclass(frozen=True, slots=True)
class IngestReport:
    """Counts of one run.

    ``papers`` were read, of which so many were ``added``, ``updated`` and left ``unchanged``; so many
    ``passages`` were written. ``skipped`` records were no papers; the file ``quarantine`` holds them.
    """

    collection: str
    papers: int
    added: int
    updated: int
    unchanged: int
    passages: int
    skipped: tuple[Rejected, ...]
    quarantine: Path | None
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """The same as plain JSON values, without the raw text of skipped records."""
        return asdict(self) | {
            "skipped": [{"line": record.line, "reason": record.reason} for record in self.skipped],
            "quarantine": str(self.quarantine) if self.quarantine else None,
        }
