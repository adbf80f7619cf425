"""Files that are written whole or not at all, and what killed processes left of them."""

import os
import tempfile
from contextlib import suppress
from glob import escape
from pathlib import Path

from rag.files.private_folders import is_running


def write_whole(path: Path, content: bytes) -> None:
    """Put ``content`` in a file; whoever reads it meanwhile finds the old content or the new, never half.

    It is written beside the file first; what killed processes have left there of this file is removed.

    Raises:
        OSError: the file cannot be written.
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
        _as_new_files_are(draft)
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def _as_new_files_are(draft: Path) -> None:
    """A temporary file is for its owner alone: give it the permissions that any new file gets."""
    mask = os.umask(0o077)
    os.umask(mask)
    draft.chmod(0o666 & ~mask)
