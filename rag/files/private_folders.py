"""Folders of one process in the user's cache: private, and gone with it, or soon after if it is killed."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from platformdirs import user_cache_path


def private_folder(purpose: str) -> Path:
    """A new empty folder that only this user can open; whoever asks for it removes it.

    Those that killed processes have left for the same purpose are removed here.

    Raises:
        OSError: the user's cache cannot be written.
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
