"""Files that commands write: whole or not at all, and refused before anything else is done."""

import os
from pathlib import Path

from rag.errors import ConfigError
from rag.files import atomic_files


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
        atomic_files.write_whole(path, content.encode("utf-8"))
    except OSError as exc:
        raise ConfigError(f"cannot write {str(path)!r}: {exc.strerror or exc}") from exc
