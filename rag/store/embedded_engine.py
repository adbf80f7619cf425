"""The embedded engine: the primitives of `PointStore` on whatever shard can be had, in threads."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from rag.errors import StoreLocked, StoreUnavailable
from rag.store.collection_lock import CollectionLock, in_use
from rag.store.edge_shard import Shard
from rag.store.points import Condition, Payload, Point
from rag.store.seal import break_seal, read_seal, write_seal
from rag.store.shard_wire import Disconnected
from rag.store.snapshots import clear_drafts, snapshot_of
from rag.types import Contents, SparseVector, Vectors

HANDOVERS = 100
"""Owners that may come and go during one call."""

T = TypeVar("T")

Attach = Callable[[threading.Event], Shard]
"""Opens the shard, or finds its owner; gives up when the event is set. May take seconds."""


class SharedEngine:
    """The engine's primitives; blocking calls run in threads. See `rag.store.point_store.Engine`.

    Args:
        folder: of the collection.
        attach: called for the first shard, and for another one whenever an owner has gone.
        writer: held by who opened the collection to write; released when the engine is closed.
    """

    sealed = True

    def __init__(self, folder: Path, attach: Attach, writer: CollectionLock | None) -> None:
        self._folder = folder
        self._attach = attach
        self._writer = writer
        self._shard: Shard | None = None
        self._attaching = threading.Lock()
        self._closed = threading.Event()
        self._unbroken = True
        self._running: set[asyncio.Task[Any]] = set()

    async def open(self) -> None:
        """Get hold of a shard; raises StoreError as every call may."""
        await self._run(lambda _: None)

    async def _run(self, call: Callable[[Shard], T]) -> T:
        """Call in a thread. A thread cannot be cancelled, so it is remembered even if its caller is."""
        task = asyncio.create_task(asyncio.to_thread(self._call, call))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await asyncio.shield(task)

    def _call(self, call: Callable[[Shard], T]) -> T:
        for _ in range(HANDOVERS):
            shard = self._attached()
            try:
                return call(shard)
            except Disconnected:
                self._let_go(shard)
        raise StoreLocked(in_use(self._folder))

    def _attached(self) -> Shard:
        with self._attaching:
            if self._closed.is_set():
                raise StoreUnavailable("the collection is closed; open it again")
            if self._shard is None:
                self._shard = self._attach(self._closed)
            return self._shard

    def _let_go(self, shard: Shard) -> None:
        with self._attaching:
            if self._shard is shard:
                self._shard = None

    async def write(self, stale: Sequence[str], points: Sequence[Point]) -> None:
        """Delete, write and flush; until the next `seal`, the collection is known to be at work."""
        if self._unbroken:
            await asyncio.to_thread(break_seal, self._folder)
            self._unbroken = False
        await self._run(lambda shard: shard.write(stale, points))

    async def retrieve(self, point_ids: Sequence[str], fields: Sequence[str] | None = None) -> list[Point]:
        """Existing points, whole or only these payload fields."""
        return await self._run(lambda shard: shard.retrieve(point_ids, fields))

    async def nearest(
        self, using: str, vector: Vectors | SparseVector, depth: int, conditions: Sequence[Condition] = ()
    ) -> list[tuple[Payload, float]]:
        """Exact search."""
        return await self._run(lambda shard: shard.nearest(using, vector, depth, conditions))

    async def heaviest(self, terms: Sequence[int]) -> list[tuple[float, SparseVector] | None]:
        """All in one request."""
        return await self._run(lambda shard: shard.heaviest(terms))

    async def first_passages(
        self, fields: Sequence[str], size: int, after: str | None
    ) -> tuple[list[Payload], str | None]:
        """One page of first passages."""
        return await self._run(lambda shard: shard.first_passages(fields, size, after))

    async def values(self, field: str) -> list[Any]:
        """Every value of an indexed field."""
        return await self._run(lambda shard: shard.values(field))

    async def count(self, conditions: Sequence[Condition]) -> int:
        """Exact number of points."""
        return await self._run(lambda shard: shard.count(conditions))

    async def version(self) -> str:
        """Another text after a write of whichever process."""
        return await self._run(lambda shard: shard.version())

    async def seal(self, contents: Contents) -> None:
        """Write down what there is, and leave a snapshot of the files, unless both are there."""
        await asyncio.to_thread(write_seal, self._folder, contents)
        self._unbroken = True
        snapshot = snapshot_of(self._folder)
        if snapshot is None or read_seal(snapshot) != read_seal(self._folder):
            await self._run(lambda shard: shard.snapshot())
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
                self._writer.release()
