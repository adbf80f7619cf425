"""JSON Lines: objects with `id`, `title`, `abstract` and, optionally, `authors`, `venue`, `year`, `url`.

Abstracts stay as they are, character by character, since people's offsets must hold against their own
file: control characters become spaces and lone surrogates become U+FFFD, one for one. Only characters that
nobody sees are taken out, for they can hide orders to a model; where there were some, offsets are those of
the stored abstract.
An optional field that makes no sense, or is far too long, is kept unread in ``extra``, beside the fields we
do not know. A record whose id, title or abstract is too long, or ``extra`` too much, is rejected.
"""

import json
import math
import re
import reprlib
import zlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import IO, Any, NoReturn

from ingest.clean import printable
from ingest.records import RAW_LIMIT, RejectedRecord, Source, require_size
from ingest.sources.lines import LINE_LIMIT, StuckError, count, is_packed, numbered, opened
from rag.errors import MalformedRecord
from rag.types import Paper

EXPECTED = "JSON Lines (an object with id, title and abstract on each line; gzip is fine)"

NAME_LIMIT, VENUE_LIMIT, URL_LIMIT = 500, 1_000, 2_000
"""Characters of an author's name, of a venue and of an address."""

AUTHORS_LIMIT = 20_000
"""Names of one paper."""

EXTRA_LIMIT = 200_000
"""Bytes, as JSON, of all the other fields of a record together."""

DEPTH_LIMIT = 32
"""Levels of nesting in a record; deeper ones are nobody's papers."""

_REQUIRED = ("id", "title", "abstract")
_YEARS = range(1000, 3000)
_OBJECT = re.compile(rb'\{\s*"')


def recognises(lines: Sequence[bytes]) -> bool:
    """Whether a file that starts with these lines holds objects, be the first lines of it damaged."""
    return bool(_OBJECT.match(lines[0].lstrip())) or any(map(_is_object, lines))


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def read_file(path: Path) -> Source:
    """The objects in a file; those of a packed one are not counted, for it would be unpacked twice."""
    total = None
    if not is_packed(path):
        with path.open("rb") as stream:
            total = count(stream)
    return Source("JSON Lines", total, read(partial(opened, path)))


def read(open_stream: Callable[[], IO[bytes]]) -> Iterator[Paper | RejectedRecord]:
    """The papers of a stream in order. A bad line is rejected and the others go on.

    Args:
        open_stream: called when the first record is asked for.
    """
    lines_of: dict[str, int] = {}
    number = 0
    try:
        with open_stream() as stream:
            for number, line in numbered(stream):
                yield _record(number, line, lines_of)
    except StuckError as exc:
        yield RejectedRecord(exc.line, str(exc), "")
    except (OSError, EOFError, zlib.error) as exc:  # a bad disk, a gzip file that was cut off
        yield RejectedRecord(number + 1, f"the file cannot be read from here on: {exc}", "")


def _record(number: int, line: bytes, lines_of: dict[str, int]) -> Paper | RejectedRecord:
    """The paper of a line; ``lines_of`` has the lines of the ids so far."""
    try:
        paper = _paper(_fields(line))
    except MalformedRecord as exc:
        return RejectedRecord(number, str(exc), _excerpt(line))
    first = lines_of.setdefault(paper.paper_id, number)
    if first != number:
        return RejectedRecord(
            number, f"id {paper.paper_id!r} is that of line {first}, which is kept", _excerpt(line)
        )
    return paper


def _excerpt(line: bytes) -> str:
    return line[: 4 * RAW_LIMIT].decode(errors="replace").strip()[:RAW_LIMIT]


def _fields(line: bytes) -> dict[str, Any]:
    """The fields of one line, every text in them printable."""
    if len(line) > LINE_LIMIT:
        raise MalformedRecord(f"the line is longer than {LINE_LIMIT:,} bytes")
    try:
        fields = _printable(json.loads(line.decode(), parse_constant=_no_constant, parse_float=_finite))
    except UnicodeDecodeError as exc:
        raise MalformedRecord(f"byte {exc.start + 1} of the line is not UTF-8") from exc
    except (ValueError, RecursionError) as exc:
        raise MalformedRecord(f"not JSON: {exc}") from exc
    if not isinstance(fields, dict):
        raise MalformedRecord(f"expected a JSON object, found {reprlib.repr(fields)}")
    return fields


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:20]} is larger than any number that is kept")
    return number


def _printable(value: Any, levels: int = DEPTH_LIMIT) -> Any:  # noqa: ANN401 - any JSON value
    if levels == 0:
        raise MalformedRecord(f"nested deeper than {DEPTH_LIMIT} levels")
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, list):
        return [_printable(entry, levels - 1) for entry in value]
    if isinstance(value, dict):
        return {printable(key): _printable(entry, levels - 1) for key, entry in value.items()}
    return value


def _paper(fields: dict[str, Any]) -> Paper:
    paper_id, title, abstract = (_required(fields, name) for name in _REQUIRED)
    authors, year = _authors(fields.get("authors")), _year(fields.get("year"))
    venue, url = _text(fields.get("venue"), VENUE_LIMIT), _text(fields.get("url"), URL_LIMIT)
    understood = {"authors": authors, "year": year, "venue": venue, "url": url}
    extra = {
        name: value
        for name, value in fields.items()
        if name not in _REQUIRED and understood.get(name) is None and value is not None
    }
    return require_size(
        Paper(
            paper_id.strip(),
            _one_line(title),
            abstract,
            authors=authors or (),
            venue=venue or "",
            year=year,
            url=url or "",
            extra=_of_size(extra),
        )
    )


def _of_size(extra: dict[str, Any]) -> dict[str, Any]:
    size = len(json.dumps(extra, ensure_ascii=False).encode())
    if size > EXTRA_LIMIT:
        largest = max(extra, key=lambda name: len(json.dumps(extra[name])))
        raise MalformedRecord(
            f"the fields beside those that are known are {size:,} bytes, most of them {largest[:40]!r}; "
            f"expected at most {EXTRA_LIMIT:,}"
        )
    return extra


def _required(fields: dict[str, Any], name: str) -> str:
    if name not in fields:
        raise MalformedRecord(f"{name!r} is missing: {', '.join(_REQUIRED)} are required")
    value = fields[name]
    if not isinstance(value, str) or not value.strip():
        raise MalformedRecord(f"{name!r} must be a text that is not empty, found {reprlib.repr(value)}")
    return value


def _text(value: object, most: int) -> str | None:
    """A text of one line; None for any other value, and for a text that is too long for what it should be."""
    return _one_line(value) if isinstance(value, str) and len(value) <= most else None


def _authors(value: object) -> tuple[str, ...] | None:
    """A list of names, or one text with names separated by semicolons."""
    names = value.split(";") if isinstance(value, str) else value
    if not isinstance(names, list) or len(names) > AUTHORS_LIMIT:
        return None
    if not all(isinstance(name, str) and len(name) <= NAME_LIMIT for name in names):
        return None
    return tuple(filter(None, map(_one_line, names)))


def _year(value: object) -> int | None:
    if isinstance(value, str) and re.fullmatch(r"\s*[0-9]{4}\s*", value):
        value = int(value)
    if isinstance(value, float) and value.is_integer():  # 2024.0, as spreadsheets write it
        value = int(value)
    return value if isinstance(value, int) and value in _YEARS else None


def _one_line(text: str) -> str:
    return " ".join(text.split())
