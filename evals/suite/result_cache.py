"""Values kept on disk by all that they depend on, so that nothing is asked twice."""

from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from evals.files import Record
from rag.files.atomic_files import write_whole

Kept = TypeVar("Kept", bound=Record)


class ResultCache:
    """A folder with a small JSON file a value. Safe for several processes; what cannot be read is not there.

    Args:
        folder: made when something is kept.
        fresh: whether to look at nothing that is there, and only keep what is new.
    """

    def __init__(self, folder: Path, *, fresh: bool = False) -> None:
        self._folder = folder
        self._fresh = fresh

    def get(self, key: str, form: type[Kept]) -> Kept | None:
        """What is kept under a key (hex digits), None where nothing is, or nothing of this form."""
        if self._fresh:
            return None
        try:
            return form.model_validate_json(self._file(key).read_bytes())
        except (OSError, ValidationError):
            return None

    def put(self, key: str, value: Record) -> None:
        """Keep a value under a key, whole or not at all; without room it is as if nothing were kept."""
        with suppress(OSError):
            file = self._file(key)
            file.parent.mkdir(parents=True, exist_ok=True)
            write_whole(file, value.model_dump_json().encode("utf-8"))

    def _file(self, key: str) -> Path:
        return self._folder / key[:2] / f"{key}.json"
