"""Questions with gold: the JSONL form of `evals/cases/`, checked as it is read."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import MalformedRecord, SourceUnavailable

CASES = Path(__file__).parent / "cases"
KINDS = ("set", "fact", "compare", "unanswerable", "conversation")


@dataclass(frozen=True, slots=True)
class Case:
    """A question and what a right answer holds.

    Attributes:
        case_id: unique in its file.
        kind: set, fact, compare or unanswerable.
        question: as a person would type it.
        relevant: titles of the papers that answer it (grade 2).
        partial: titles of papers that touch it (grade 1).
        facts: strings that a right answer contains.
        why: why it has no answer, for an unanswerable one.
    """

    case_id: str
    kind: str
    question: str
    relevant: tuple[str, ...] = ()
    partial: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    why: str = ""

    @property
    def answerable(self) -> bool:
        """Whether the collection holds an answer."""
        return self.kind != "unanswerable"


def read_cases(file: Path) -> list[Case]:
    """Single-turn cases of a file, in its order; conversations are left out, see `evals.conversations`.

    Raises:
        SourceUnavailable: the file cannot be read.
        MalformedRecord: a line is not a case; names the line and the reason.
    """
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as exc:
        raise SourceUnavailable(f"question file {str(file)!r} cannot be read: {exc}") from exc
    read = [_case(line, f"{file.name} line {number}") for number, line in enumerate(lines, 1) if line.strip()]
    return [case for case in read if case is not None]


def _case(line: str, where: str) -> Case | None:
    try:
        record: dict[str, Any] = json.loads(line)
        if record["kind"] not in KINDS:
            raise MalformedRecord(f"{where}: kind {record['kind']!r}, expected one of {', '.join(KINDS)}")
        if record["kind"] == "conversation":
            return None
        return _made(record, record["id"], record["kind"])
    except (ValueError, KeyError, TypeError) as exc:
        raise MalformedRecord(f"{where}: not a case with id, kind and question: {exc!r}") from exc


def turn_case(turn: object, case_id: str, where: str) -> Case:
    """A turn of a conversation as a case: an object with a question and its gold, or the question alone.

    Raises:
        MalformedRecord: it has no question; ``where`` says in which line.
    """
    record = {"question": turn} if isinstance(turn, str) else turn
    if not isinstance(record, dict) or not isinstance(record.get("question"), str):
        raise MalformedRecord(f"{where}: turn {turn!r:.60}, expected an object with a question")
    return _made(record, case_id, "conversation")


def _made(record: dict[str, Any], case_id: str, kind: str) -> Case:
    return Case(
        case_id=case_id,
        kind=kind,
        question=record["question"],
        relevant=tuple(record.get("relevant", ())),
        partial=tuple(record.get("partial", ())),
        facts=tuple(record.get("facts", ())),
        why=record.get("why", ""),
    )
