"""One process at a time in a collection's folder."""

import asyncio
import os
import time
from pathlib import Path
from typing import TextIO

import portalocker

from rag.errors import StoreLocked, StoreUnavailable

LOCK_FILE = "lock"
POLL_S = 0.05


class CollectionLock:
    """Held while a collection is open; the system drops it with the process, so a killed one leaves none."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def release(self) -> None:
        """Let others in; idempotent. The file stays: removing it would race with those who wait for it."""
        self._file.close()


async def lock_collection(folder: Path, timeout_s: float) -> CollectionLock:
    """Lock the collection in ``folder``, which is made if need be.

    Args:
        folder: of the collection; its name is the collection's.
        timeout_s: seconds to wait for another process; 0 = try once.

    Raises:
        StoreLocked: it is still held after that; the message names the holder.
        StoreUnavailable: the folder cannot be made or written.
    """
    file = _open(folder)
    try:
        await _wait(file, folder, time.monotonic() + timeout_s)
        _sign(file)
    except BaseException:
        file.close()
        raise
    return CollectionLock(file)


def _open(folder: Path) -> TextIO:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return (folder / LOCK_FILE).open("a", encoding="ascii")
    except OSError as exc:
        raise StoreUnavailable(
            f"cannot write to {str(folder)!r}: {exc.strerror}; use another --home"
        ) from exc


async def _wait(file: TextIO, folder: Path, deadline: float) -> None:
    while not _locked(file):
        if time.monotonic() >= deadline:
            raise StoreLocked(
                f"collection {folder.name!r} is in use by {_holder(folder)}; close it or use another --home"
            )
        await asyncio.sleep(POLL_S)


def _locked(file: TextIO) -> bool:
    try:
        portalocker.lock(file, portalocker.LockFlags.EXCLUSIVE | portalocker.LockFlags.NON_BLOCKING)
    except portalocker.AlreadyLocked:
        return False
    except portalocker.LockException as exc:
        raise StoreUnavailable(f"cannot lock {file.name!r}: {exc}; use a --home on another disk") from exc
    return True


def _sign(file: TextIO) -> None:
    """Leave our process id for whoever finds the lock taken."""
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()


def _holder(folder: Path) -> str:
    try:
        return f"process {int((folder / LOCK_FILE).read_text(encoding='ascii'))}"
    except (OSError, ValueError):  # not signed yet, or a system on which a locked file cannot be read
        return "another process"
