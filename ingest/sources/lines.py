"""A file that nobody has looked at: its lines however they end, however long, however many are blank.

What is read at a time is bounded, so that a line of a gigabyte and a packed file of nothing but line ends
take no memory; nor much time, for reading ends where nothing that could be a record has come for too long.
"""

import codecs
import gzip
import io
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from rag.errors import SourceUnavailable

WHOLE_LIMIT = 50_000_000
"""Bytes of the largest file that is read as a whole; a packed one could hold any number."""

LINE_LIMIT = 1_000_000
"""Bytes of the longest line that is read."""

CHUNK = 65_536
"""Bytes that are read at a time."""

PASSED_LIMIT = 1_000_000_000
"""Bytes without a line that could be read after which nobody expects one any more."""


_GZIP = b"\x1f\x8b"


def is_packed(path: Path) -> bool:
    """Whether this is a gzip file, whatever it is called."""
    with path.open("rb") as stream:
        return stream.read(len(_GZIP)) == _GZIP


def opened(path: Path) -> IO[bytes]:
    """The bytes of a file, unpacked if it is packed."""
    return io.BufferedReader(gzip.open(path)) if is_packed(path) else path.open("rb")


def whole_text(path: Path, kind: str) -> str:
    """The text of a file, without its mark.

    Raises:
        SourceUnavailable: it is too large for its ``kind``.
        UnicodeDecodeError: it is not UTF-8.
    """
    with opened(path) as stream:
        content = stream.read(WHOLE_LIMIT + 1)
    if len(content) > WHOLE_LIMIT:
        raise SourceUnavailable(f"{str(path)!r} is a {kind} of more than {WHOLE_LIMIT:,} bytes")
    return content.removeprefix(codecs.BOM_UTF8).decode()


class StuckError(Exception):
    """Nothing came for too long that could be read; its text is fit to show a person.

    Attributes:
        line: the number of the line that was reached.
    """

    def __init__(self, line: int) -> None:
        super().__init__(
            f"no line that could be read came in {PASSED_LIMIT:,} bytes: nothing from here on was read"
        )
        self.line = line


def numbered(stream: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Lines that are not blank, with their numbers; of an over-long one only the start, one byte too much.

    They end in a line feed, a carriage return or both, which come with them.

    Raises:
        StuckError: `PASSED_LIMIT` bytes were blank lines, or one line.
    """
    number, line, passed = 1, b"", 0
    for chunk in _chunks(stream):
        passed += len(chunk)
        if passed > PASSED_LIMIT:
            raise StuckError(number)
        if not line and not chunk.strip():
            number += line_ends(chunk)
            continue
        for piece in chunk.splitlines(keepends=True):
            line = (line + piece)[: LINE_LIMIT + 1] if len(line) <= LINE_LIMIT else line
            if not piece.endswith((b"\n", b"\r")):
                continue
            if line.strip():
                yield number, line
                passed = 0
            number, line = number + 1, b""
    if line.strip():
        yield number, line


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    """The bytes of a stream without its mark; no line end of two bytes is cut in two."""
    held = stream.read(len(codecs.BOM_UTF8)).removeprefix(codecs.BOM_UTF8)
    while read := stream.read(CHUNK):
        chunk = held + read
        held = b"\r" if chunk.endswith(b"\r") else b""
        yield chunk.removesuffix(held)
    if held:
        yield held


def line_ends(content: bytes) -> int:
    """How many line ends there are in a part of a file that cuts none in two."""
    return content.count(b"\n") + content.count(b"\r") - content.count(b"\r\n")


def count(stream: IO[bytes]) -> int:
    """How many lines a stream has, blank ones among them; what follows the last line end is one."""
    ends, last = 0, b"\n"
    for chunk in _chunks(stream):
        ends, last = ends + line_ends(chunk), chunk[-1:]
    return ends + (last not in b"\r\n")
