"""The embedded store: Qdrant's in-process engine (qdrant-edge), one folder a collection."""

import asyncio
import json
import shutil
import time
from dataclasses import asdict
from pathlib import Path
from threading import Event

import qdrant_edge as qe

from rag.errors import CollectionMissing, StoreDamaged, StoreLocked, StoreUnavailable
from rag.files import require_space_to_ingest, require_space_to_open, require_space_to_write, write_whole
from rag.ports import Store
from rag.store import locks
from rag.store.edge_shard import SHARD, OpenShard, Shard, make_shard, translated
from rag.store.embedded_engine import SharedEngine
from rag.store.point_store import PointStore, check_fingerprint
from rag.store.seal import check_counts, read_seal
from rag.store.shard_owner import OwnedShard, RemoteShard, owner_answers
from rag.store.snapshots import RECORD, copy_to_read, restore_snapshot, snapshot_of
from rag.types import Contents, Counts, Fingerprint


async def open_edge_store(
    folder: Path, expected: Fingerprint, *, create: bool, lock_timeout_s: float
) -> Store:
    """Open the collection in ``folder``, beside whoever else has it open.

    The engine opens its files for one process only: the first one owns them, the others ask it. Where nobody
    may write, a private copy is read.

    Args:
        folder: of the collection; its name is the collection's, its parent holds the others.
        expected: what the collection must be made with.
        create: open it to write: make it if there is none, or only a half-made one, and keep other writers
            out until it is closed.
        lock_timeout_s: seconds to wait for another writer, or for an owner that does not answer.

    Raises:
        CollectionMissing: no such collection (and not ``create``).
        StoreUnavailable: it cannot be opened, no permission, no space.
        StoreDamaged: papers are missing (never with ``create``, since ingesting again is the remedy).
        StoreLocked: another process writes, or owns the files and does not answer.
        CollectionMismatch: it was made with something else than ``expected``.
    """
    if not create:
        with translated(folder):
            _require_record(folder)
    writer = await locks.lock_collection(folder, lock_timeout_s, locks.WRITER) if create else None

    def attach(given_up: Event) -> Shard:
        return _attach(folder, expected, given_up, create=create, timeout_s=lock_timeout_s)

    engine = SharedEngine(folder, attach, writer)
    try:
        await engine.version()  # attaches a shard
        store = PointStore(engine, expected)
        if not create:
            await _require_whole(store, folder)
    except BaseException:
        await asyncio.shield(engine.close())
        raise
    return store


def require_space_for(folder: Path, papers: int) -> None:
    """Refuse to ingest ``papers`` into the collection in ``folder``, new or not, where they have no room.

    Raises:
        StoreUnavailable: names the folder, what is free and what is needed.
    """
    seal = read_seal(folder)
    require_space_to_ingest(folder, folder / SHARD, papers - (seal.papers if seal is not None else 0))


def require_sealed(folder: Path, contents: Contents) -> None:
    """Compare all that was read of the collection in ``folder`` with its seal.

    Raises:
        StoreDamaged: papers are damaged, missing, or others than were stored.
    """
    seal, advice = read_seal(folder), remedy(folder, readable=True)
    if contents.damaged:
        raise StoreDamaged(
            f"collection {folder.name!r} is damaged: of {contents.papers:,} papers, "
            f"{len(contents.damaged):,} are not as they were ingested, like {contents.damaged[0]!r}; {advice}"
        )
    check_counts(folder.name, Counts(contents.papers, contents.passages), seal, advice)
    if seal is not None and not seal.ingesting and seal.digest != contents.digest:
        raise StoreDamaged(f"collection {folder.name!r} holds other papers than were stored; {advice}")


async def restore_collection(folder: Path, lock_timeout_s: float) -> None:
    """Put the snapshot of the last ingest in place of the collection in ``folder``.

    Raises:
        StoreUnavailable: there is no snapshot, no permission or no space.
        StoreLocked: another process has the collection open.
    """
    if snapshot_of(folder) is None:
        _require_record(folder)
    lock = await locks.lock_collection(folder, lock_timeout_s)
    try:
        with translated(folder):
            await asyncio.to_thread(restore_snapshot, folder)
    finally:
        lock.release()


def remedy(folder: Path, *, readable: bool) -> str:
    """What to do about the damaged collection in ``folder``, which the engine can open or not."""
    again = f"ingest its papers again with `pincite ingest PATH --collection {folder.name}`"
    if not readable:
        again = f"delete {str(folder)!r} and ingest again"
    if snapshot_of(folder) is None:
        return again
    return f"bring its last state back with `pincite restore --collection {folder.name}`, or {again}"


async def _require_whole(store: Store, folder: Path) -> None:
    """Compare the counts with the seal: again where somebody began or ended writing meanwhile."""
    while True:
        seal = read_seal(folder)
        counts = await store.counts()
        if seal == read_seal(folder):
            check_counts(folder.name, counts, seal, remedy(folder, readable=True))
            return


def _require_record(folder: Path) -> None:
    if (folder / RECORD).exists():
        return
    others = sorted(path.parent.name for path in folder.parent.glob(f"*/{RECORD}"))
    there_are = f"there are {', '.join(map(repr, others))}" if others else "there is none yet"
    raise CollectionMissing(
        f"no collection {folder.name!r} in {str(folder.parent)!r}, {there_are}; "
        f"run `pincite ingest PATH --collection {folder.name}`"
    )


def _attach(folder: Path, expected: Fingerprint, given_up: Event, *, create: bool, timeout_s: float) -> Shard:
    """Own the shard, or find its owner."""
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            lock = locks.try_lock(folder)
        except StoreUnavailable as exc:
            if create or not locks.is_read_only(exc):
                raise
            return _open_copy(folder, expected)
        if lock is not None:
            return _own(folder, lock, expected, create=create)
        if owner_answers(folder):
            _check_record(folder, expected)
            return RemoteShard(folder)
        if given_up.is_set() or time.monotonic() >= deadline:
            raise StoreLocked(locks.in_use(folder))
        time.sleep(locks.POLL_S)


def _own(folder: Path, lock: locks.CollectionLock, expected: Fingerprint, *, create: bool) -> OwnedShard:
    try:
        return OwnedShard(_open_shard(folder, expected, create=create), folder, lock)
    except BaseException:
        lock.release()
        raise


class _Copy(OpenShard):
    """A shard in a folder of our own, which goes with it."""

    def __init__(self, folder: Path, expected: Fingerprint) -> None:
        super().__init__(_open_shard(folder, expected, create=False), folder)

    def close(self) -> None:
        super().close()
        shutil.rmtree(self._folder.parent, ignore_errors=True)


def _open_copy(folder: Path, expected: Fingerprint) -> _Copy:
    with translated(folder):
        copy = copy_to_read(folder)
        try:
            return _Copy(copy, expected)
        except BaseException:
            shutil.rmtree(copy.parent, ignore_errors=True)
            raise


def _open_shard(folder: Path, expected: Fingerprint, *, create: bool) -> qe.EdgeShard:
    with translated(folder, f"; if it is damaged, {remedy(folder, readable=False)}"):
        if create and not ((folder / RECORD).exists() and (folder / SHARD).exists()):
            return _make_shard(folder, expected)
        _check_record(folder, expected)
        require_space_to_open(folder / SHARD)
        return qe.EdgeShard.load(str(folder / SHARD))


def _check_record(folder: Path, expected: Fingerprint) -> None:
    _require_record(folder)  # again: it may have gone while we waited for the lock
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except ValueError:
        record = None
    if not isinstance(record, dict):
        raise StoreUnavailable(f"{str(folder / RECORD)!r} is damaged; {remedy(folder, readable=False)}")
    other = (
        "ingest into another with `pincite ingest PATH --collection NEW`, "
        f"or delete {str(folder)!r} and ingest again"
    )
    check_fingerprint(folder.name, record, expected, other)


def _make_shard(folder: Path, fingerprint: Fingerprint) -> qe.EdgeShard:
    """Make the shard, then the record: what has no record was cut short, and is made afresh."""
    if (folder / SHARD).exists():
        shutil.rmtree(folder / SHARD)
    require_space_to_write(folder / SHARD)
    shard = make_shard(folder, fingerprint.dimensions)
    write_whole(folder / RECORD, json.dumps(asdict(fingerprint), indent=2).encode())
    return shard
