"""What comes out of a source: papers, and records that are none."""

from collections.abc import Iterator
from dataclasses import dataclass

from rag.types import Paper

RAW_LIMIT = 1000
"""Characters kept of a rejected record: enough to recognise it."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that is not a paper.

    ``line`` counts from 1; ``reason`` is fit to show a person; ``raw`` is the record as it came, with
    what could not be decoded replaced, cut to `RAW_LIMIT` characters.
    """

    line: int
    reason: str
    raw: str


@dataclass(frozen=True, slots=True)
class Source:
    """A source file that was recognised.

    ``records`` can be read once, from any thread but one at a time; it never raises for a bad record.
    ``total`` is how many records to expect, for a progress bar, or None where counting is not cheap.
    """

    form: str
    total: int | None
    records: Iterator[Paper | Rejected]
