"""Sources of papers, one file a format. What a file is, its content tells, not its name."""

import codecs
import gzip
import io
import re
import zlib
from functools import partial
from pathlib import Path
from typing import IO

from ingest.records import Source
from ingest.sources import jsonl, saved_page
from ingest.sources.lines import count, line_ends
from rag.errors import SourceUnavailable

HEAD = 65_536
"""Bytes looked at to tell what a file is."""

PAGE_LIMIT = 50_000_000
"""Bytes of the largest saved page, which is read as a whole; a packed one could hold any number."""

ACCEPTED = (
    "expected JSON Lines (an object with id, title and abstract on each line; gzip is fine) "
    "or a saved trending-papers page, in UTF-8"
)

_GZIP = b"\x1f\x8b"
_OBJECT = re.compile(rb'\{\s*"')
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
    except (OSError, EOFError, zlib.error) as exc:  # the last two: a damaged gzip file
        reason = exc.strerror if isinstance(exc, OSError) and exc.strerror else str(exc)
        raise SourceUnavailable(f"cannot read {str(path)!r}: {reason}") from exc


def _read_source(path: Path) -> Source:
    if not path.is_file():
        found = "a folder" if path.is_dir() else "no regular file" if path.exists() else "missing"
        raise SourceUnavailable(f"{str(path)!r} is {found}: {ACCEPTED}")
    with _open(path) as stream:
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
    if saved_page.is_saved_page(lines[0]):
        text = _decoded(path, _content(path), whole=True)
        return Source("saved page", saved_page.count(text), saved_page.read(text))
    if _OBJECT.match(lines[0].lstrip()) or any(map(jsonl.is_object, lines)):
        return Source("JSON Lines", _count_lines(path), jsonl.read(partial(_open, path)))
    raise SourceUnavailable(f"{str(path)!r} is {_describe(path, head)}: {ACCEPTED}")


def _open(path: Path) -> IO[bytes]:
    """The bytes of a file, unpacked if it is a gzip file whatever it is called."""
    with path.open("rb") as stream:
        packed = stream.read(2) == _GZIP
    return io.BufferedReader(gzip.open(path)) if packed else path.open("rb")


def _content(path: Path) -> bytes:
    with _open(path) as stream:
        content = stream.read(PAGE_LIMIT + 1)
    if len(content) > PAGE_LIMIT:
        raise SourceUnavailable(f"{str(path)!r} is a saved page of more than {PAGE_LIMIT:,} bytes")
    return content.removeprefix(codecs.BOM_UTF8)


def _decoded(path: Path, content: bytes, *, whole: bool) -> str:
    """``content`` as text; if it is not the ``whole`` file it may end within a character."""
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(content, final=whole)
    except UnicodeDecodeError as exc:
        line = line_ends(content[: exc.start]) + 1
        byte = exc.start - max(content.rfind(end, 0, exc.start) for end in (b"\n", b"\r"))
        raise SourceUnavailable(
            f"{str(path)!r} is not UTF-8: {content[exc.start]:#04x} at line {line}, byte {byte}; {ACCEPTED}"
        ) from exc


def _count_lines(path: Path) -> int | None:
    """Lines of a plain file; a packed one would have to be unpacked twice."""
    with path.open("rb") as stream:
        if stream.read(2) == _GZIP:
            return None
        stream.seek(0)
        return count(stream)


def _describe(path: Path, head: bytes) -> str:
    """What a file of no known format seems to be."""
    for start, name in _STARTS.items():
        if head.lstrip().startswith(start):
            return name
    if b"\0" in head:
        return "a binary file"
    text = _decoded(path, head, whole=False)
    return f"text of another kind, starting with {text.lstrip()[:40]!r}"
