"""Have a person look at cases that were made, one by one: accept, edit or reject; each decision is kept."""

from collections.abc import Callable, Iterator
from pathlib import Path

from pydantic import ValidationError

from evals.cases.questions import CaseRecord, read_records, written
from evals.files import write_whole
from ingest.clean import printable

Ask = Callable[[str], str]
"""Shows a prompt and gives what the person typed; `EOFError` where nobody types any more."""

Say = Callable[[str], None]

CHOICES = {"a": "accepted", "e": "edited", "r": "rejected"}
PROMPT = "[a]ccept, [e]dit, [r]eject, [s]kip, [q]uit? "
SEPARATOR = ";"


def review(file: Path, ask: Ask, say: Say) -> int:
    """Go through the cases of a file that were made and not looked at yet.

    The file is written after each decision, so that stopping at any moment loses none.

    Args:
        file: a question file.
        ask: for the person's decisions.
        say: shows a line.

    Returns:
        How many cases are left to look at.

    Raises:
        SourceUnavailable, MalformedRecord: the file cannot be read.
        SuiteError: it cannot be written.
    """
    records = read_records(file)
    try:
        for place in list(_open(records)):
            for line in _shown(records[place], place + 1, len(records)):
                say(line)
            decided = _decided(records[place], ask, say)
            if decided is not None:
                records[place] = decided
                write_whole(file, written(records))
    except EOFError:
        pass
    return len(list(_open(records)))


def _open(records: list[CaseRecord]) -> Iterator[int]:
    return (place for place, record in enumerate(records) if record.made and not record.reviewed)


def _shown(record: CaseRecord, number: int, of: int) -> Iterator[str]:
    yield ""
    yield f"{number} of {of} · {record.kind} · {record.id}"
    facts, relevant = (f" {SEPARATOR} ".join(each) for each in (record.facts, record.relevant))
    fields = {"question": record.question, "facts": facts, "relevant": relevant, "why": record.why}
    for name, text in (*fields.items(), ("made", record.made)):
        if text:
            yield f"  {name:9} {printable(text)}"


def _decided(record: CaseRecord, ask: Ask, say: Say) -> CaseRecord | None:
    """The record with the person's decision; None where it is put off."""
    while True:
        choice = ask(PROMPT).strip().lower()[:1]
        if choice == "s":
            return None
        if choice == "q":
            raise EOFError
        if choice in ("a", "r"):
            return record.model_copy(update={"reviewed": CHOICES[choice]})
        if choice == "e":
            edited = _edited(record, ask, say)
            if edited is not None:
                return edited


def _edited(record: CaseRecord, ask: Ask, say: Say) -> CaseRecord | None:
    """The record as the person wants it; None where it is no case any more. An empty line keeps a field."""
    say(f"  An empty line keeps what is there, - empties it; {SEPARATOR} stands between facts or titles")
    form = record.model_dump()
    for name in ("question", "facts", "relevant", "why"):
        typed = ask(f"  {name}: ").strip()
        if typed:
            form[name] = _value(typed, several=isinstance(form[name], tuple))
    try:
        return CaseRecord.model_validate(form | {"reviewed": "edited"})
    except ValidationError as exc:
        say(f"  That is no case: {exc.errors()[0]['msg']}")
        return None


def _value(typed: str, *, several: bool) -> str | tuple[str, ...]:
    plain = "" if typed == "-" else typed
    if not several:
        return plain
    return tuple(part.strip() for part in plain.split(SEPARATOR) if part.strip())
