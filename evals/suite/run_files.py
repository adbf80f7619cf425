"""Runs on file: JSON lines, the head first, then a line a result, each written as soon as it is there."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from evals.command_line import SuiteError
from evals.files import Record, parsed, write_whole
from evals.records import Head, Result, Run


def read_run(file: Path) -> Run:
    """The run in a file; a last line that was only half written is not there.

    Raises:
        SuiteError: the file cannot be read, or a line is no part of a run; names the line and the reason.
    """
    try:
        content = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise SuiteError(f"run {str(file)!r} cannot be read: {exc}") from exc
    lines = content[: content.rfind("\n") + 1].split("\n")[:-1]
    if not lines:
        raise SuiteError(f"run {str(file)!r} is empty; `pincite eval run --out FILE` writes one")
    fault = "no part of a run"
    head = parsed(Head, lines[0], f"{file.name} line 1: {fault}", SuiteError)
    results = [
        parsed(Result, line, f"{file.name} line {n}: {fault}", SuiteError)
        for n, line in enumerate(lines[1:], 2)
    ]
    return Run(head=head, results=tuple({each.case_id: each for each in results}.values()))


def write_run(file: Path, run: Run) -> None:
    """Write a run in place of whatever the file holds: whoever reads it finds the old or the new one.

    Raises:
        SuiteError: the file cannot be written.
    """
    write_whole(file, "".join(map(_written, (run.head, *run.results))))


def _written(record: Record) -> str:
    return record.model_dump_json() + "\n"


class Journal:
    """A run in the making, on disk line by line, which another process may go on with.

    Args:
        file: new, or a run of the same head whose results are kept, but for those that failed.
        head: of the run.

    Raises:
        SuiteError: the file holds something else, or cannot be written.
    """

    def __init__(self, file: Path, head: Head) -> None:
        self._file = file
        self._head = head
        self._done = {each.case_id: each for each in self._begun() if not each.failed}
        write_run(file, Run(head=head, results=tuple(self._done.values())))
        self._stream = file.open("a", encoding="utf-8")

    def _begun(self) -> Sequence[Result]:
        if not self._file.exists() or not self._file.stat().st_size:
            return ()
        run = read_run(self._file)
        if run.head != self._head:
            raise SuiteError(
                f"{str(self._file)!r} is another run: {', '.join(differing(run.head, self._head))} differ; "
                "name another file, or delete this one"
            )
        return run.results

    def done(self, case_ids: Iterable[str]) -> list[Result] | None:
        """The results of these cases, None unless all are there."""
        found = [self._done.get(case_id) for case_id in case_ids]
        return [each for each in found if each is not None] if all(found) else None

    def add(self, results: Iterable[Result]) -> None:
        """Write results, at once and together."""
        new = list(results)
        self._done |= {each.case_id: each for each in new}
        self._stream.write("".join(map(_written, new)))
        self._stream.flush()

    def finish(self, case_ids: Iterable[str]) -> Run:
        """Close the file with the results in this order."""
        self._stream.close()
        run = Run(head=self._head, results=tuple(self._done[case_id] for case_id in case_ids))
        write_run(self._file, run)
        return run

    def close(self) -> None:
        """Let go of the file as it is."""
        self._stream.close()


def differing(one: Head, other: Head) -> list[str]:
    """Names of the fields in which two heads differ."""
    return [name for name in Head.model_fields if getattr(one, name) != getattr(other, name)]


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
        with suppress(OSError, SuiteError):
            file = self._file(key)
            file.parent.mkdir(parents=True, exist_ok=True)
            write_whole(file, value.model_dump_json())

    def _file(self, key: str) -> Path:
        return self._folder / key[:2] / f"{key}.json"
