"""Copies of a collection's files: the snapshot that an ingest leaves, one to read where nobody may write."""

import errno
import os
import shutil
from pathlib import Path

from rag.errors import StoreUnavailable
from rag.files import TO_OPEN, allocated, private_folder, require_space
from rag.store.seal import COMPLETE

SNAPSHOT = "snapshot"
RECORD = "collection.json"
"""What a collection was made with; written after its shard, so that a folder without it holds none."""

COPIES = "read-only"
"""Folder in the user's cache that holds a copy for each process that reads where it may not write."""

_SHARD = "shard"
_RESTORED = "restored"
_BLOCK = 1 << 20


def copy_to_snapshot(folder: Path) -> None:
    """Replace the snapshot of the collection in ``folder`` by a copy of its files, which rest now.

    Raises:
        StoreUnavailable: there is no room for the copy.
        OSError: the files cannot be read or written.
    """
    require_space(folder, allocated(folder / _SHARD) + TO_OPEN, what="for its snapshot")
    draft = folder / f"{SNAPSHOT}.draft"
    shutil.rmtree(draft, ignore_errors=True)
    _copy_collection(folder, draft)
    _put_in_place(draft, folder / SNAPSHOT)


def _put_in_place(draft: Path, place: Path) -> None:
    """Rename a folder; what was there goes, unless an older one, left by a kill, is all there is."""
    old = place.with_name(f"{place.name}.old")
    if place.exists():
        shutil.rmtree(old, ignore_errors=True)
        place.rename(old)
    draft.rename(place)
    shutil.rmtree(old, ignore_errors=True)


def clear_drafts(folder: Path) -> None:
    """Remove what killed processes left beside the open collection in ``folder`` and its snapshot."""
    if snapshot_of(folder) == folder / SNAPSHOT:
        for name in (f"{SNAPSHOT}.draft", f"{SNAPSHOT}.old", _RESTORED, f"{_SHARD}.old"):
            shutil.rmtree(folder / name, ignore_errors=True)


def snapshot_of(folder: Path) -> Path | None:
    """Where the latest snapshot of the collection in ``folder`` is; None where there is none."""
    for name in (SNAPSHOT, f"{SNAPSHOT}.old"):  # the second: killed between two renames
        if (folder / name / RECORD).exists():
            return folder / name
    return None


def restore_snapshot(folder: Path) -> None:
    """Put the snapshot's files in place of the collection's; whoever calls holds its owner's lock.

    Raises:
        StoreUnavailable: there is no snapshot, or no room.
        OSError: the files cannot be read or written.
    """
    snapshot = snapshot_of(folder)
    if snapshot is None:
        raise StoreUnavailable(
            f"collection {folder.name!r} has no snapshot in {str(folder)!r}; ingest its papers again"
        )
    require_space(folder, allocated(snapshot) + TO_OPEN, what="for what is restored")
    draft = folder / _RESTORED
    shutil.rmtree(draft, ignore_errors=True)
    _copy_collection(snapshot, draft)
    _put_in_place(draft / _SHARD, folder / _SHARD)
    for name in (COMPLETE, RECORD):
        if (draft / name).exists():
            (draft / name).replace(folder / name)
    shutil.rmtree(draft)


def copy_to_read(folder: Path) -> Path:
    """A private copy of the collection in ``folder``, for the engine opens nothing that it cannot write to.

    It is the snapshot's where there is one, since nobody writes to that.

    Raises:
        StoreUnavailable: there is no room for it.
        OSError: the files cannot be read, or the copy not written.
    """
    source = snapshot_of(folder) or folder
    place = private_folder(COPIES)
    try:
        require_space(place, allocated(source) + TO_OPEN, what=f"to read {str(folder)!r}, which is read-only")
        _copy_collection(source, place / folder.name)
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    return place / folder.name


def _copy_collection(source: Path, target: Path) -> None:
    target.mkdir(parents=True)
    shutil.copytree(source / _SHARD, target / _SHARD, copy_function=_copy_sparse, symlinks=True)
    for name in (COMPLETE, RECORD):  # the record last: without it, a copy that was cut short is none
        if (source / name).exists():
            shutil.copyfile(source / name, target / name)


def _copy_sparse(source: str, target: str) -> str:
    """Copy a file with its holes: of the engine's 270 MB for a small collection, 260 are nothing but that."""
    with Path(source).open("rb", buffering=0) as read, Path(target).open("wb", buffering=0) as written:
        size, at = os.fstat(read.fileno()).st_size, 0
        while at < size:
            at, end = _extent(read.fileno(), at, size)
            read.seek(at)
            written.seek(at)
            while at < end and (block := read.read(min(_BLOCK, end - at))):
                written.write(block)
                at += len(block)
            at = end  # also where the file has become shorter meanwhile
        written.truncate(size)
    shutil.copymode(source, target)
    Path(target).chmod(Path(target).stat().st_mode | 0o600)
    return target


def _extent(file: int, at: int, size: int) -> tuple[int, int]:
    """Where the next bytes from ``at`` on begin and end; both ``size`` where only a hole is left."""
    try:
        start = os.lseek(file, at, os.SEEK_DATA)
        return start, os.lseek(file, start, os.SEEK_HOLE)
    except OSError as exc:
        return (size, size) if exc.errno == errno.ENXIO else (at, size)  # else a disk that knows no holes
