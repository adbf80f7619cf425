"""Digests: what a judge is, so that an exam it passed is not taken for that of another."""

import hashlib
import json
from pathlib import Path
from typing import Any


def digest_of(form: Any) -> str:  # noqa: ANN401 - anything JSON can say
    """SHA-256, in hex, over the canonical JSON of a form."""
    canonical = json.dumps(form, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def file_digest(file: Path) -> str:
    """SHA-256, in hex, of what a file holds."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def folder_digest(folder: Path, *names: str) -> str:
    """SHA-256, in hex, over these files of a folder, whatever the folder is called."""
    return digest_of({name: file_digest(folder / name) for name in names})
