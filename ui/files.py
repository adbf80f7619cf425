"""Files that commands write: whole or not at all, and refused before anything else is done."""

import os
import tempfile
from pathlib import Path

from rag.errors import ConfigError


def require_writable(path: Path, option: str) -> None:
    """Refuse a place where no file can be made or replaced.

    Raises:
        ConfigError: names ``option``, which gave the path.
    """
    if path.exists() and not path.is_file():
        raise ConfigError(f"{option} {str(path)!r} is not a file; name one")
    if not os.access(path.parent, os.W_OK):
        raise ConfigError(
            f"cannot write {option} {str(path)!r}: no folder {str(path.parent)!r} that can be written"
        )


def write_whole(path: Path, content: str) -> None:
    """Put text in a file as UTF-8; whoever reads it meanwhile finds the old content or the new, never half.

    Raises:
        ConfigError: the file cannot be written.
    """
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:100]}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content.encode("utf-8"))
                file.flush()
                os.fsync(file.fileno())
            _as_new_files_are(Path(name)).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as exc:
        raise ConfigError(f"cannot write {str(path)!r}: {exc.strerror or exc}") from exc


def _as_new_files_are(draft: Path) -> Path:
    """A temporary file is for its owner alone: give it the permissions that any new file gets."""
    mask = os.umask(0o077)
    os.umask(mask)
    draft.chmod(0o666 & ~mask)
    return draft
