"""The embedded engine: the primitives of `PointStore` on whatever shard can be had, in threads."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from rag.errors import StoreLocked, StoreUnavailable
from rag.store.edge_shard import OpenShard, Shard
from rag.store.locks import CollectionLock, in_use
from rag.store.schema import Point
from rag.store.seal import break_seal, read_seal, write_seal
from rag.store.shard_wire import Disconnected
from rag.store.snapshots import clear_drafts, snapshot_of
from rag.types import Contents

HANDOVERS = 100
"""Owners that may come and go during one call."""

P = ParamSpec("P")
R = TypeVar("R")

Attach = Callable[[threading.Event], Shard]
"""Opens the shard, or finds its owner; gives up when the event is set. May take seconds."""


def _in_thread(
    primitive: Callable[Concatenate[OpenShard, P], R],
) -> Callable[Concatenate["SharedEngine", P], Coroutine[Any, Any, R]]:
    """The primitive of a shard as a method of the engine."""

    async def forwarded(self: "SharedEngine", /, *arguments: P.args, **named: P.kwargs) -> R:
        result: R = await self.run(primitive.__name__, *arguments, *named.values())
        return result

    return forwarded


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
        raise StoreLocked(in_use(self._folder))

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
                self._writer.release()
