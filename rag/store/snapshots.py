"""What an ingest leaves in a collection's folder, to tell whether all is there and to bring it back.

The seal says how much was stored; the snapshot is a copy of the files. Another copy is made to be read where
nobody may write.
"""

import errno
import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path

from rag.errors import StoreDamaged, StoreUnavailable
from rag.files import TO_OPEN, allocated, private_folder, require_space, write_whole
from rag.types import Contents, Counts

COMPLETE = "complete.json"
SNAPSHOT = "snapshot"
RECORD = "collection.json"
"""What a collection was made with; written after its shard, so that a folder without it holds none."""

COPIES = "read-only"
"""Folder in the user's cache that holds a copy for each process that reads where it may not write."""

_SHARD = "shard"
_RESTORED = "restored"
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Seal:
    """What a collection held.

    ``ingesting``: papers are being written, or that was interrupted, and there are ``papers`` or more.
    """

    papers: int
    passages: int
    digest: str
    ingesting: bool = False


def digest(hashes: Iterable[tuple[str, str]]) -> str:
    """SHA-256, in hex, over the ids and content hashes of all papers, in whatever order they come."""
    lines = sorted(f"{content_hash} {paper_id}\n" for paper_id, content_hash in hashes)
    return sha256("".join(lines).encode()).hexdigest()


def read_seal(folder: Path) -> Seal | None:
    """The seal of the collection in ``folder``; None where none was written or its file is no seal."""
    try:
        return Seal(**json.loads((folder / COMPLETE).read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def write_seal(folder: Path, contents: Contents) -> None:
    """Say that the collection in ``folder`` holds all of ``contents``; may raise `StoreUnavailable`."""
    _write(folder, Seal(contents.papers, contents.passages, contents.digest))


def break_seal(folder: Path) -> None:
    """Say that papers are about to be written; raises as `write_seal`."""
    seal = read_seal(folder)
    if seal is not None and not seal.ingesting:
        _write(folder, replace(seal, ingesting=True))


def check_counts(name: str, counts: Counts, seal: Seal | None, remedy: str) -> None:
    """Raise `StoreDamaged` where papers or passages are missing, or there are more than were stored."""
    if seal is None:
        return
    found, sealed = (counts.papers, counts.passages), (seal.papers, seal.passages)
    if found != sealed and not (seal.ingesting and counts.papers >= seal.papers):
        raise StoreDamaged(
            f"collection {name!r} is damaged: {counts.papers:,} papers in {counts.passages:,} passages "
            f"are left, expected {seal.papers:,} in {seal.passages:,}; {remedy}"
        )


def _write(folder: Path, seal: Seal) -> None:
    file = folder / COMPLETE
    try:
        write_whole(file, json.dumps(asdict(seal), indent=2).encode())
    except OSError as exc:
        raise StoreUnavailable(f"cannot write {str(file)!r}: {exc.strerror}; use another --home") from exc


def copy_to_snapshot(folder: Path) -> None:
    """Replace the snapshot of the collection in ``folder`` by a copy of its files, which rest now.

    Raises `StoreUnavailable` without room for it, or `OSError`, as do those below.
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
    """Put the snapshot's files in place of the collection's; whoever calls holds its owner's lock."""
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
