"""Files that are written whole, private folders, and room on the disk.

Room is asked for before anything is written: on a full disk, memory maps end in SIGBUS.
"""

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path

from platformdirs import user_cache_path

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


def write_whole(path: Path, content: bytes) -> None:
    """Put ``content`` in a file; whoever reads it meanwhile finds the old content or the new, never half.

    It is written beside the file first; what killed processes have left there of this file is removed.
    """
    name = f".{path.name[:100]}."
    for left in path.parent.glob(f"{escape(name)}*.draft"):
        if not is_running(left.name.removeprefix(name).partition("-")[0]):
            with suppress(OSError):
                left.unlink()
    handle, drafted = tempfile.mkstemp(".draft", f"{name}{os.getpid()}-", path.parent)
    draft = Path(drafted)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        mask = os.umask(0o077)
        os.umask(mask)
        draft.chmod(0o666 & ~mask)  # a temporary file is for its owner alone: as any new file is
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def private_folder(purpose: str) -> Path:
    """A new empty folder in the user's cache that only this user can open; whoever asks for it removes it.

    Those that killed processes have left for the same purpose are removed here.
    """
    place = user_cache_path("pincite") / purpose
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in place.iterdir():
        if not is_running(left.name.partition("-")[0]):
            shutil.rmtree(left, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=place))


@contextmanager
def temporary_folder(purpose: str) -> Iterator[Path]:
    """As `private_folder`, removed at the end."""
    folder = private_folder(purpose)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def is_running(process: str) -> bool:
    """Whether there is a process of this id; what is no id counts as one."""
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return False
    except (ValueError, PermissionError):
        return True
    return True


def require_space(folder: Path, needed: int, *, what: str = "") -> None:
    """Raise `StoreUnavailable` where the disk of ``folder``, which may not exist yet, is too full."""
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    free = shutil.disk_usage(there).free
    if free < needed:
        raise StoreUnavailable(
            f"only {free // MB:,} MB free where {str(folder)!r} is, expected at least {-(-needed // MB):,} MB"
            f"{what and f' {what}'}; make space or use another --home"
        )


def space_to_open(shard: Path) -> int:
    """Bytes that it takes to open the engine's files in ``shard``."""
    return TO_OPEN + _filled_holes(shard)


def space_to_write(shard: Path) -> int:
    """Bytes that a batch of papers takes, or an empty shard where there is none yet."""
    return TO_WRITE + _filled_holes(shard)


def space_to_ingest(shard: Path, papers: int) -> int:
    """Bytes that so many papers more take, with the next snapshot of all."""
    return TO_WRITE + allocated(shard) + 2 * papers * PER_PAPER


def allocated(folder: Path) -> int:
    """Bytes on disk of all files below ``folder``, which may not exist."""
    return sum(file.st_blocks * 512 for file in _files(folder))


def _filled_holes(shard: Path) -> int:
    """Bytes that a file system in memory allocates where a memory map only reads; none on others."""
    try:
        mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return 0
    fields, where = [line.split() for line in mounts.splitlines()], shard.resolve()
    around = [(len(f[1]), f[2]) for f in fields if where.is_relative_to(f[1].replace("\\040", " "))]
    if not around or max(around)[1] not in _IN_MEMORY:
        return 0
    holes = sum(max(0, file.st_size - file.st_blocks * 512) for file in _files(shard))
    return holes if shard.exists() else FRESH_HOLES


def _files(folder: Path) -> Iterator[os.stat_result]:
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):  # a draft that the engine has renamed meanwhile
            yield path.stat()


def is_full(exc: BaseException | None) -> bool:
    """Whether an error says that a disk is full or a quota used up."""
    while exc is not None:
        if (isinstance(exc, OSError) and exc.errno in NO_SPACE) or _ENGINE_SAYS in str(exc):
            return True
        exc = exc.__cause__
    return False
