"""The embedded store: Qdrant's in-process engine (qdrant-edge), one folder a collection."""

import asyncio
import json
import shutil
import threading
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TextIO, TypeVar

import qdrant_edge as qe

from rag.errors import CollectionMissing, StoreDamaged, StoreLocked, StoreUnavailable
from rag.files import require_space, space_to_ingest, space_to_open, space_to_write, write_whole
from rag.ports import Store
from rag.store import locks
from rag.store.edge_shard import SHARD, OpenShard, Shard, make_shard, translated
from rag.store.point_store import PointStore, check_fingerprint
from rag.store.schema import Point
from rag.store.shard_owner import Disconnected, OwnedShard, RemoteShard, owner_answers
from rag.store.snapshots import (
    RECORD,
    break_seal,
    check_counts,
    clear_drafts,
    copy_to_read,
    read_seal,
    restore_snapshot,
    snapshot_of,
    write_seal,
)
from rag.types import Contents, Counts, Fingerprint

HANDOVERS = 100
"""Owners that may come and go during one call."""

P = ParamSpec("P")
R = TypeVar("R")

Attach = Callable[[threading.Event], Shard]
"""Opens the shard, or finds its owner; gives up when the event is set. May take seconds."""


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
            out until it is closed. Never raises `StoreDamaged`, since ingesting again is the remedy.
        lock_timeout_s: seconds to wait for another writer, or for an owner that does not answer.

    Raises:
        StoreError: it is missing, locked, damaged, made with something else, or cannot be opened.
    """
    if not create:
        with translated(folder):
            _require_record(folder)
    writer = await locks.lock_collection(folder, lock_timeout_s, locks.WRITER) if create else None
    attach = partial(_attach, folder, expected, create=create, timeout_s=lock_timeout_s)
    engine = _SharedEngine(folder, attach, writer)
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
    """Raise `StoreUnavailable` where ``papers`` have no room in the collection of ``folder``, new or not."""
    seal = read_seal(folder)
    more = papers - (seal.papers if seal is not None else 0)
    if more > 0:
        require_space(folder, space_to_ingest(folder / SHARD, more), what=f"for {more:,} papers more")


def require_sealed(folder: Path, contents: Contents) -> None:
    """Raise `StoreDamaged` where what was read of the collection is damaged or not what was sealed."""
    seal, advice = read_seal(folder), _remedy(folder, readable=True)
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

    Raises `StoreUnavailable` without one, or `StoreLocked` where another process has the collection open.
    """
    if snapshot_of(folder) is None:
        _require_record(folder)
    with await locks.lock_collection(folder, lock_timeout_s), translated(folder):
        await asyncio.to_thread(restore_snapshot, folder)


def _remedy(folder: Path, *, readable: bool) -> str:
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
            check_counts(folder.name, counts, seal, _remedy(folder, readable=True))
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


def _attach(
    folder: Path, expected: Fingerprint, given_up: threading.Event, *, create: bool, timeout_s: float
) -> Shard:
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
            try:
                return OwnedShard(_open_shard(folder, expected, create=create), folder, lock)
            except BaseException:
                lock.close()
                raise
        if owner_answers(folder):
            _check_record(folder, expected)
            return RemoteShard(folder)
        if given_up.is_set() or time.monotonic() >= deadline:
            raise StoreLocked(locks.in_use(folder))
        time.sleep(locks.POLL_S)


def _open_copy(folder: Path, expected: Fingerprint) -> OpenShard:
    """A shard in a folder of our own, which goes with it."""
    with translated(folder):
        copy = copy_to_read(folder)

        def remove() -> None:
            shutil.rmtree(copy.parent, ignore_errors=True)

        try:
            return OpenShard(_open_shard(copy, expected, create=False), copy, remove)
        except BaseException:
            remove()
            raise


def _open_shard(folder: Path, expected: Fingerprint, *, create: bool) -> qe.EdgeShard:
    shard = folder / SHARD
    with translated(folder, f"; if it is damaged, {_remedy(folder, readable=False)}"):
        if create and not ((folder / RECORD).exists() and shard.exists()):
            # The record comes last: what has none was cut short, and is made afresh.
            if shard.exists():
                shutil.rmtree(shard)
            require_space(shard, space_to_write(shard))
            made = make_shard(folder, expected.dimensions)
            write_whole(folder / RECORD, json.dumps(asdict(expected), indent=2).encode())
            return made
        _check_record(folder, expected)
        require_space(shard, space_to_open(shard))
        return qe.EdgeShard.load(str(shard))


def _check_record(folder: Path, expected: Fingerprint) -> None:
    _require_record(folder)  # again: it may have gone while we waited for the lock
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except ValueError:
        record = None
    if not isinstance(record, dict):
        raise StoreUnavailable(f"{str(folder / RECORD)!r} is damaged; {_remedy(folder, readable=False)}")
    other = (
        "ingest into another with `pincite ingest PATH --collection NEW`, "
        f"or delete {str(folder)!r} and ingest again"
    )
    check_fingerprint(folder.name, record, expected, other)


def _in_thread(
    primitive: Callable[Concatenate[OpenShard, P], R],
) -> Callable[Concatenate["_SharedEngine", P], Coroutine[Any, Any, R]]:
    """The primitive of a shard as a method of the engine."""

    async def forwarded(self: "_SharedEngine", /, *arguments: P.args, **named: P.kwargs) -> R:
        result: R = await self.run(primitive.__name__, *arguments, *named.values())
        return result

    return forwarded


class _SharedEngine:
    """The primitives of `PointStore` on whatever shard can be had, in threads.

    ``attach`` is called for the first shard, and for another one whenever an owner has gone; ``writer`` is
    the lock of who opened the collection to write, released at the end.
    """

    sealed = True

    def __init__(self, folder: Path, attach: Attach, writer: TextIO | None) -> None:
        self._folder = folder
        self._attach = attach
        self._writer = writer
        self._shard: Shard | None = None
        self._attaching = threading.Lock()
        self._closed = threading.Event()
        self._unbroken = True
        self._running: set[asyncio.Task[Any]] = set()

    async def run(self, primitive: str, *arguments: object) -> Any:  # noqa: ANN401 - as of the primitive
        """Call in a thread. A thread cannot be cancelled, so it is remembered even if its caller is."""
        task = asyncio.create_task(asyncio.to_thread(self._call, primitive, *arguments))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await asyncio.shield(task)

    def _call(self, primitive: str, *arguments: object) -> Any:  # noqa: ANN401
        for _ in range(HANDOVERS):
            shard = self._attached()
            try:
                return shard.call(primitive, *arguments)
            except Disconnected:
                with self._attaching:
                    if self._shard is shard:
                        self._shard = None
        raise StoreLocked(locks.in_use(self._folder))

    def _attached(self) -> Shard:
        with self._attaching:
            if self._closed.is_set():
                raise StoreUnavailable("the collection is closed; open it again")
            if self._shard is None:
                self._shard = self._attach(self._closed)
            return self._shard

    retrieve = _in_thread(OpenShard.retrieve)
    nearest = _in_thread(OpenShard.nearest)
    heaviest = _in_thread(OpenShard.heaviest)
    first_passages = _in_thread(OpenShard.first_passages)
    values = _in_thread(OpenShard.values)
    count = _in_thread(OpenShard.count)
    version = _in_thread(OpenShard.version)

    async def write(self, stale: Sequence[str], points: Sequence[Point]) -> None:
        """Until the next `seal`, the collection is known to be at work."""
        if self._unbroken:
            await asyncio.to_thread(break_seal, self._folder)
            self._unbroken = False
        await self.run("write", stale, points)

    async def seal(self, contents: Contents) -> None:
        """Write down what there is, and leave a snapshot of the files, unless both are there."""
        await asyncio.to_thread(write_seal, self._folder, contents)
        self._unbroken = True
        snapshot = snapshot_of(self._folder)
        if snapshot is None or read_seal(snapshot) != read_seal(self._folder):
            await self.run("snapshot")
        else:
            await asyncio.to_thread(clear_drafts, self._folder)

    async def close(self) -> None:
        """Wait for what is running, let go of the shard, let other writers in."""
        self._closed.set()
        try:
            if self._running:
                await asyncio.wait(self._running)
            if self._shard is not None:
                await asyncio.to_thread(self._shard.close)
        finally:
            if self._writer is not None:
                self._writer.close()
