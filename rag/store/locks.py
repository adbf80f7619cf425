"""File locks in a collection's folder: who owns the engine, who writes, who builds.

A lock is an open file, held until that is closed; the system drops it with the process, so a killed one
leaves none. The file itself stays: removing it would race with those who wait for it.
"""

import asyncio
import errno
import os
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TextIO

import portalocker

from rag.errors import StoreLocked, StoreUnavailable

OWNER = "lock"
"""Held by the process that has the engine open; the others reach the engine through it."""

WRITER = "writing"
"""Held while papers are written: two writers of one paper would each remove what the other wrote."""

POLL_S = 0.05
READ_ONLY = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


def try_lock(folder: Path, name: str = OWNER) -> TextIO | None:
    """The lock ``name`` of ``folder``, which is made if need be; None where somebody else holds it.

    Raises `StoreUnavailable`, its cause the OSError, where the folder cannot be made or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / name).open("a", encoding="ascii")
    except OSError as exc:
        raise StoreUnavailable(
            f"cannot write to {str(folder)!r}: {exc.strerror}; use another --home"
        ) from exc
    with ExitStack() as opened:
        opened.enter_context(file)
        try:
            portalocker.lock(file, portalocker.LockFlags.EXCLUSIVE | portalocker.LockFlags.NON_BLOCKING)
        except portalocker.AlreadyLocked:
            return None
        except portalocker.LockException as exc:
            raise StoreUnavailable(f"cannot lock {file.name!r}: {exc}; use a --home on another disk") from exc
        file.truncate(0)
        file.write(str(os.getpid()))  # for whoever finds the lock taken
        file.flush()
        opened.pop_all()
    return file


async def lock_collection(folder: Path, timeout_s: float, name: str = OWNER) -> TextIO:
    """As `try_lock`, waiting ``timeout_s`` seconds for another process; 0 = try once.

    Raises `StoreLocked` where it is still held after that; the message names the holder.
    """
    deadline = time.monotonic() + timeout_s
    while (lock := try_lock(folder, name)) is None:
        if time.monotonic() >= deadline:
            raise StoreLocked(in_use(folder, name))
        await asyncio.sleep(POLL_S)
    return lock


def in_use(folder: Path, name: str = OWNER) -> str:
    """One line that says who holds the lock ``name`` of ``folder``, and what to do."""
    doing = "is being written" if name == WRITER else "is in use"
    advice = "wait until it is done" if name == WRITER else "close it"
    return f"collection {folder.name!r} {doing} by {_holder(folder / name)}; {advice} or use another --home"


def is_read_only(exc: StoreUnavailable) -> bool:
    """Whether `try_lock` failed for want of the right to write, rather than of a folder or of space."""
    return isinstance(exc.__cause__, OSError) and exc.__cause__.errno in READ_ONLY


def _holder(file: Path) -> str:
    try:
        return f"process {int(file.read_text(encoding='ascii'))}"
    except (OSError, ValueError):  # not signed yet, or a system on which a locked file cannot be read
        return "another process"
