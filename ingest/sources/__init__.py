"""Sources of papers: a module a format. What a file is, its content tells, not its name."""

import codecs
import re
import zlib
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from ingest.records import Source
from ingest.sources import jsonl, saved_page
from ingest.sources.lines import line_ends, opened
from rag.errors import SourceUnavailable

FORMATS: Sequence[ModuleType] = (saved_page, jsonl)
"""The first that recognises a file reads it. Each has

- ``EXPECTED``: what to call it where nothing recognises a file;
- ``recognises(lines)``: whether a file that starts with these lines, none of them blank, has this format;
- ``read_file(path)``: the file as a `Source`, which may raise OSError and UnicodeDecodeError.
"""

HEAD = 65_536
"""Bytes looked at to tell what a file is."""

ACCEPTED = f"expected {' or '.join(each.EXPECTED for each in reversed(FORMATS))}, in UTF-8"

_STARTS = {
    b"%PDF": "a PDF",
    b"PK\x03\x04": "a zip archive or an office document",
    b"<": "an HTML or XML page",
    b"[": "a JSON array, not JSON Lines",
    b"{": "one JSON object over several lines, not JSON Lines",
}
"""How files start that people try, and what to call them."""

_WIDE = (
    (re.compile(rb"\xff\xfe\0\0|\0\0\xfe\xff|\0\0\0[^\0]|[^\0]\0\0\0"), "UTF-32"),
    (re.compile(rb"\xff\xfe|\xfe\xff|\0[^\0]\0[^\0]|[^\0]\0[^\0]\0"), "UTF-16"),
)
"""How text starts whose characters take several bytes: with a mark, or with zero bytes in each character."""


def read_source(path: Path) -> Source:
    """Tell the format of a file of papers by its content; the records are read as they are asked for.

    Raises:
        SourceUnavailable: it is missing, empty, unreadable, not UTF-8 or of no format we read.
    """
    try:
        return _read_source(path)
    except UnicodeDecodeError as exc:
        before, wrong = exc.object[: exc.start], exc.object[exc.start]
        byte = exc.start - max(before.rfind(end) for end in (b"\n", b"\r"))
        found = f"{wrong:#04x} at line {line_ends(before) + 1}, byte {byte}"
        raise SourceUnavailable(f"{str(path)!r} is not UTF-8: {found}; {ACCEPTED}") from exc
    except (OSError, EOFError, zlib.error) as exc:  # the last two: a damaged gzip file
        reason = exc.strerror if isinstance(exc, OSError) and exc.strerror else str(exc)
        raise SourceUnavailable(f"cannot read {str(path)!r}: {reason}") from exc


def _read_source(path: Path) -> Source:
    if not path.is_file():
        found = "a folder" if path.is_dir() else "no regular file" if path.exists() else "missing"
        raise SourceUnavailable(f"{str(path)!r} is {found}: {ACCEPTED}")
    with opened(path) as stream:
        head = stream.read(HEAD).removeprefix(codecs.BOM_UTF8)
    if not head.strip():
        found = "holds nothing but white space" if len(head) == HEAD else "is empty"
        raise SourceUnavailable(f"{str(path)!r} {found}: {ACCEPTED}")
    if wide := next((name for start, name in _WIDE if start.match(head)), None):
        raise SourceUnavailable(
            f"{str(path)!r} is {wide} text: {ACCEPTED}; save it as UTF-8, or convert it with "
            f"`iconv -f {wide} -t UTF-8`"
        )
    lines = [line for line in head.splitlines() if line.strip()]
    for each in FORMATS:
        if each.recognises(lines):
            source: Source = each.read_file(path)
            return source
    raise SourceUnavailable(f"{str(path)!r} is {_describe(head)}: {ACCEPTED}")


def _describe(head: bytes) -> str:
    """What a file of no known format seems to be."""
    for start, name in _STARTS.items():
        if head.lstrip().startswith(start):
            return name
    if b"\0" in head:
        return "a binary file"
    text = codecs.getincrementaldecoder("utf-8")().decode(head)  # it may end within a character
    return f"text of another kind, starting with {text.lstrip()[:40]!r}"
