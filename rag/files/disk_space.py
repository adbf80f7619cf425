"""Whether the disk has room, asked before anything is written: on a full one, memory maps end in SIGBUS."""

import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from rag.errors import StoreUnavailable

MB = 1 << 20
TO_OPEN = 4 * MB
"""Opening an engine rewrites a few small files."""

TO_WRITE = 64 * MB
"""The engine grows its files by chunks of 32 MB, one after another."""

FRESH_HOLES = 280 * MB
"""Apparent size of an empty shard: chunks and write-ahead log, of which nothing is allocated yet."""

PER_PAPER = 25_000
"""Bytes of a stored abstract with all its vectors, as measured over 4,000 papers of conferences."""

NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT})
_ENGINE_SAYS = f"(os error {errno.ENOSPC})"
_IN_MEMORY = frozenset({"tmpfs", "ramfs"})


def require_space(folder: Path, needed: int, *, what: str = "") -> None:
    """Refuse to go on where the disk of ``folder``, which may not exist yet, has too little space.

    Args:
        folder: where something is to be written.
        needed: bytes.
        what: what they are needed for, for the message.

    Raises:
        StoreUnavailable: less is free.
    """
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    free = shutil.disk_usage(there).free
    if free < needed:
        raise StoreUnavailable(
            f"only {free // MB:,} MB free where {str(folder)!r} is, expected at least {-(-needed // MB):,} MB"
            f"{what and f' {what}'}; make space or use another --home"
        )


def require_space_to_open(shard: Path) -> None:
    """As `require_space`, for opening the engine's files in ``shard``."""
    require_space(shard, TO_OPEN + (_holes(shard) if fills_holes(shard) else 0))


def require_space_to_write(shard: Path) -> None:
    """As `require_space`, for a batch of papers, or for an empty shard where there is none yet."""
    holes = 0
    if fills_holes(shard):
        holes = _holes(shard) if shard.exists() else FRESH_HOLES
    require_space(shard, TO_WRITE + holes)


def require_space_to_ingest(folder: Path, shard: Path, papers: int) -> None:
    """As `require_space`, for so many papers more in the collection of ``folder``, and its next snapshot."""
    if papers > 0:
        there = allocated(shard) if shard.exists() else 0
        require_space(folder, TO_WRITE + there + 2 * papers * PER_PAPER, what=f"for {papers:,} papers more")


def fills_holes(folder: Path) -> bool:
    """Whether its file system allocates what a memory map only reads, as those in memory do."""
    try:
        mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    where = folder.resolve()
    fields = [line.split() for line in mounts.splitlines()]
    around = [(len(f[1]), f[2]) for f in fields if where.is_relative_to(f[1].replace("\\040", " "))]
    return bool(around) and max(around)[1] in _IN_MEMORY


def allocated(folder: Path) -> int:
    """Bytes on disk of all files below ``folder``."""
    return sum(file.st_blocks * 512 for file in _files(folder))


def _holes(folder: Path) -> int:
    return sum(max(0, file.st_size - file.st_blocks * 512) for file in _files(folder))


def _files(folder: Path) -> Iterator[os.stat_result]:
    for path in folder.rglob("*"):
        try:
            yield path.stat()
        except FileNotFoundError:  # a draft that the engine has renamed meanwhile
            continue


def is_full(exc: BaseException | None) -> bool:
    """Whether an error says that a disk is full or a quota used up."""
    while exc is not None:
        if (isinstance(exc, OSError) and exc.errno in NO_SPACE) or _ENGINE_SAYS in str(exc):
            return True
        exc = exc.__cause__
    return False
