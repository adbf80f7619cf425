"""Rows of the files that benchmarks are published in: JSON Lines and parquet."""

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rag.errors import ConfigError, MalformedRecord, SourceUnavailable


def json_rows(file: Path, **fields: type) -> Iterator[dict[str, Any]]:
    """Objects of a JSON Lines file, packed with gzip or not, that have these fields of these types.

    Raises:
        SourceUnavailable: the file cannot be read.
        MalformedRecord: a line is no such object; names the line and the field.
    """
    try:
        with (
            gzip.open(file, "rt", encoding="utf-8")
            if file.suffix == ".gz"
            else file.open(encoding="utf-8") as stream
        ):
            for number, line in enumerate(stream, start=1):
                if line.strip():
                    yield _row(line, f"{file.name} line {number}", fields)
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as exc:
        raise SourceUnavailable(f"cannot read {str(file)!r}: {exc}") from exc


def _row(line: str, where: str, fields: Mapping[str, type]) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as exc:
        raise MalformedRecord(f"{where}: no JSON object: {line[:60]!r}") from exc
    if not isinstance(row, dict):
        raise MalformedRecord(f"{where}: no JSON object: {line[:60]!r}")
    for name, kind in fields.items():
        if not isinstance(row.get(name), kind):
            raise MalformedRecord(f"{where}: {name!r} is {row.get(name)!r}, expected {kind.__name__}")
    return row


def parquet_rows(path: Path, *columns: str) -> list[dict[str, Any]]:
    """Rows of a parquet file, or of those in a folder in the order of their names, with these columns.

    Raises:
        ConfigError: pyarrow is not installed.
        SourceUnavailable: there is no such file, or it cannot be read.
        MalformedRecord: it lacks a column.
    """
    try:
        from pyarrow import ArrowInvalid, parquet
    except ImportError as exc:
        raise ConfigError("set 'litsearch' needs pyarrow: pip install 'pincite[dev]'") from exc
    files = sorted(path.glob("*.parquet")) if path.is_dir() else [path]
    if not files:
        raise SourceUnavailable(f"no parquet file in {str(path)!r}")
    rows: list[dict[str, Any]] = []
    for file in files:
        try:
            table = parquet.read_table(file)
            rows += table.select(list(columns)).to_pylist()
        except (OSError, ArrowInvalid) as exc:
            raise SourceUnavailable(f"cannot read {str(file)!r}: {str(exc).splitlines()[0]}") from exc
        except KeyError as exc:
            raise MalformedRecord(f"{file.name}: columns {table.column_names}, expected {columns}") from exc
    return rows
