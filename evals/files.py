"""Files of the evaluation: lines of JSON that are checked as they are read, whole writes, digests."""

import hashlib
import json
import os
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from evals.command_line import SuiteError
from rag import files as whole_files
from rag.errors import MalformedRecord, PinciteError, SourceUnavailable

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Record(BaseModel):
    """What is on file: frozen, and without fields that nobody knows."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


Form = TypeVar("Form", bound=BaseModel)


def read_forms(file: Path, form: type[Form], what: str) -> list[Form]:
    """A form with an ``id`` of its own in each line of a file, in its order.

    Args:
        file: JSON lines; empty ones are left out.
        form: of a line.
        what: a line is, for messages.

    Raises:
        SourceUnavailable: the file cannot be read.
        MalformedRecord: a line is of another form, or has the id of another; names the line and the reason.
    """
    try:
        lines = file.read_text("utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as exc:
        raise SourceUnavailable(f"{what} file {str(file)!r} cannot be read: {exc}") from exc
    found: dict[str, tuple[int, Form]] = {}
    for number, line in enumerate(lines, 1):
        if line.strip():
            where = f"{file.name} line {number}"
            read = parsed(form, line, f"{where}: no {what}")
            key = str(read.model_dump()["id"])
            first, _ = found.setdefault(key, (number, read))
            if first != number:
                raise MalformedRecord(f"{where}: id {key!r} is that of line {first}")
    return [read for _, read in found.values()]


def parsed(form: type[Form], line: str, fault: str, error: type[PinciteError] = MalformedRecord) -> Form:
    """A line as a form.

    Raises:
        PinciteError: it is none; of the type that is given, with what is said of it and the reason.
    """
    try:
        return form.model_validate_json(line)
    except ValidationError as exc:
        first = exc.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the line"
        raise error(f"{fault}: {place} = {first['input']!r:.80}: {first['msg']}") from exc


def write_whole(
    file: Path, content: str, error: type[PinciteError] = SuiteError, *, make_folder: bool = False
) -> None:
    """Put text in a file as UTF-8, whole or not at all.

    Raises:
        PinciteError: the file cannot be written; of the type that is given.
    """
    try:
        if make_folder:
            file.parent.mkdir(parents=True, exist_ok=True)
        whole_files.write_whole(file, content.encode("utf-8"))
    except OSError as exc:
        raise error(f"cannot write {str(file)!r}: {exc.strerror or exc}") from exc


def require_place(file: Path) -> None:
    """Refuse a place that no run can be written to, before anything is asked.

    Raises:
        SuiteError: it is no file, or its folder is not there or cannot be written.
    """
    if file.exists() and not file.is_file():
        raise SuiteError(f"{str(file)!r} is not a file; name one")
    if not os.access(file.parent, os.W_OK):
        raise SuiteError(f"cannot write {str(file)!r}: no folder {str(file.parent)!r} that can be written")


def digest_of(form: Any) -> str:  # noqa: ANN401 - anything JSON can say
    """SHA-256, in hex, over the canonical JSON of a form."""
    canonical = json.dumps(form, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def file_digest(file: Path) -> str:
    """SHA-256, in hex, of what a file holds."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
