"""Rows that were collected elsewhere, from JSON Lines: comparisons, log-probabilities, labels of people."""

from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from evals.noise.rows import LabelRow, OptionRow, PairRow
from evals.rows import json_rows
from rag.errors import MalformedRecord

Row = TypeVar("Row", PairRow, OptionRow, LabelRow)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Rows that others collected; the labels are of people."""

    labels: tuple[LabelRow, ...] = ()
    pairs: tuple[PairRow, ...] = ()
    options: tuple[OptionRow, ...] = ()


def read_elsewhere(labels: Path | None, pairs: Path | None, options: Path | None) -> Elsewhere:
    """What stands in the files that are named; errors as of `read_rows`."""
    return Elsewhere(
        tuple(read_rows(labels, LabelRow)) if labels else (),
        tuple(read_rows(pairs, PairRow)) if pairs else (),
        tuple(read_rows(options, OptionRow)) if options else (),
    )


def read_rows(file: Path, kind: type[Row]) -> list[Row]:
    """All rows of a file, each a JSON object with the fields of ``kind``; what has a default may be missing.

    Raises:
        SourceUnavailable: the file cannot be read.
        MalformedRecord: a line is no such object, or there are none; names the file and the field.
    """
    adapter = TypeAdapter(kind)
    rows = []
    for number, row in enumerate(json_rows(file), start=1):
        try:
            rows.append(adapter.validate_python(row))
        except ValidationError as exc:
            wrong = exc.errors()[0]
            field = ".".join(map(str, wrong["loc"])) or "the row"
            raise MalformedRecord(f"{file.name} row {number}: {field}: {wrong['msg']}") from exc
    if not rows:
        raise MalformedRecord(f"{file.name}: no rows: expected one {kind.__name__} or more, one a line")
    return rows
