"""Many questions in one run: JSON lines in, JSON lines out; an interrupted run goes on where it stopped."""

import asyncio
import hashlib
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

import typer

from rag.assistant import Assistant
from rag.conversation.standalone import EMPTY, History
from rag.errors import MalformedRecord, QuestionError, SourceUnavailable
from rag.forms import Json, answer_form
from rag.settings import Settings
from rag.types import Answer
from ui.exports import require_writable
from ui.exports.contract import dumps, run_form
from ui.exports.receipts import installed
from ui.safe import inert
from ui.session import progress, session

STREAM = "-"
"""Stands for standard input or output where a path is expected."""


class Batch(NamedTuple):
    """Where a batch comes from and where it goes: paths, or ``-``."""

    source: str
    out: str


class BatchLine(NamedTuple):
    """One usable line of a batch: its number from 1, its id, and the question or query.

    A conversation has ``turns``, its questions in order, and no text.
    """

    number: int
    line_id: str
    text: str
    turns: tuple[str, ...] = ()


def run_batch(settings: Settings, batch: Batch, field: str) -> int:
    """Write a reply to every usable line of a batch; the others are reported on standard error.

    The destination appears when all is done. Until then the replies are kept beside it, in
    ``OUT.KEY.part``, each as soon as it is there; a run of the same batch with the same settings
    goes on after the last whole line of that file.

    Args:
        settings: the whole tree.
        batch: source and destination.
        field: what a line holds beside its ``id``: a ``question`` to answer, or a ``query`` to rank for.

    Returns:
        The exit code: 1 where lines were not usable, else 0.

    Raises:
        SourceUnavailable: the source cannot be read or is empty.
        ConfigError: the destination cannot be written.
        StoreError, ModelError: the collection cannot be opened, or the encoder not loaded.
    """
    if batch.out != STREAM:
        require_writable(Path(batch.out), "--out", f"{STREAM!r} writes to standard output")
    content = _read(batch.source)
    lines, bad = parse(content, field)
    if not lines and not bad:
        raise SourceUnavailable(f"--batch {batch.source!r} is empty: expected a JSON object a line")
    for number, reason in bad:
        typer.echo(f"pincite: line {number} of the batch is left out: {inert(reason)}", err=True)
    key = _key(field, installed("pincite"), settings.model_dump_json(), content)
    asyncio.run(_reply_to_all(settings, lines, field, batch.out, key))
    return 1 if bad else 0


def parse(content: bytes, field: str) -> tuple[list[BatchLine], list[tuple[int, str]]]:
    """Split a batch into lines that can be used, and numbers of lines that cannot, each with the reason.

    Blank lines are neither.

    Args:
        content: UTF-8, one JSON object a line with the strings ``id`` (not twice the same) and ``field``; in
            place of a question, a conversation has ``turns``, a list of questions.
        field: ``question`` or ``query``.
    """
    lines: dict[str, BatchLine] = {}
    bad: list[tuple[int, str]] = []
    for number, raw in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        if not raw.strip():
            continue
        try:
            line = _line(number, raw, field)
        except MalformedRecord as exc:
            bad.append((number, str(exc)))
            continue
        first = lines.setdefault(line.line_id, line)
        if first is not line:
            bad.append((number, f"id {line.line_id!r:.60} is that of line {first.number} already"))
    return list(lines.values()), bad


def _line(number: int, raw: bytes, field: str) -> BatchLine:
    try:
        record = json.loads(raw.decode("utf-8"))
    except UnicodeDecodeError as exc:
        raise MalformedRecord(f"not UTF-8: byte {raw[exc.start]:#04x} at column {exc.start + 1}") from exc
    except (ValueError, RecursionError) as exc:
        raise MalformedRecord(f"not JSON: {exc}") from exc
    if not isinstance(record, dict):
        raise MalformedRecord(f"found {type(record).__name__}, expected an object with 'id' and {field!r}")
    turns = _turns(record) if field == "question" and field not in record else ()
    for key in ("id",) if turns else ("id", field):
        if not isinstance(record.get(key), str):
            raise MalformedRecord(f"{key!r} is {record.get(key)!r:.60}, expected a string")
    return BatchLine(number, record["id"], record.get(field, ""), turns)


def _turns(record: Json) -> tuple[str, ...]:
    """The questions of a conversation; none where the record is no conversation."""
    listed = record.get("turns")
    if listed is None:
        return ()
    found = listed if isinstance(listed, list) else [None]
    found = [turn.get("question") if isinstance(turn, dict) else turn for turn in found]
    asked = tuple(question for question in found if isinstance(question, str))
    if not asked or len(asked) < len(found):
        raise MalformedRecord(f"'turns' is {listed!r:.60}, expected a list of questions")
    return asked


def _read(source: str) -> bytes:
    if source == STREAM:
        return sys.stdin.buffer.read()
    try:
        return Path(source).read_bytes()
    except OSError as exc:
        raise SourceUnavailable(f"cannot read --batch {source!r}: {exc.strerror}") from exc


def _key(*parts: str | bytes) -> str:
    """A short name for everything the replies depend on."""
    joined = b"\0".join(part.encode() if isinstance(part, str) else part for part in parts)
    return hashlib.sha256(joined).hexdigest()[:12]


async def _reply_to_all(
    settings: Settings, lines: Sequence[BatchLine], field: str, out: str, key: str
) -> None:
    async with session(settings) as assistant:
        with _destination(out, key) as (file, done), progress("Working through the batch …") as on_progress:
            for number, line in enumerate(lines[done:], done + 1):
                if field == "question":
                    form = await _answers(assistant, line)
                else:
                    form = await _ranking(assistant, line, settings.retrieval.top_k)
                file.write(dumps(form).encode("ascii") + b"\n")
                file.flush()
                on_progress(number, len(lines))


async def _answers(assistant: Assistant, line: BatchLine) -> Json:
    """The answer, or the answers of a conversation, each question asked with what was said before it."""
    if not line.turns:
        return (await _answer(assistant, line.text, line.line_id))[0]
    history, forms = EMPTY, []
    for number, question in enumerate(line.turns, 1):
        form, answer = await _answer(assistant, question, f"{line.line_id}#{number}", history)
        forms.append(form)
        history = assistant.remember(history, answer)
    return {"id": line.line_id, "turns": forms}


async def _answer(
    assistant: Assistant, question: str, question_id: str, history: History = EMPTY
) -> tuple[Json, Answer]:
    """The answer; a question that cannot be asked is answered with the reason, so that no id is lost."""
    try:
        answer = await assistant.ask(question, history=history)
    except QuestionError as exc:
        answer = Answer(question, "other", abstained=True, note=str(exc))
    return answer_form(answer, question_id) | {"question": question}, answer


async def _ranking(assistant: Assistant, line: BatchLine, top_k: int) -> Json:
    try:
        return run_form(await assistant.search(line.text, top_k), line.line_id)
    except QuestionError as exc:
        return run_form([], line.line_id) | {"note": str(exc)}


@contextmanager
def _destination(out: str, key: str) -> Iterator[tuple[BinaryIO, int]]:
    """Where to write, and how many lines an interrupted run left there."""
    if out == STREAM:
        yield sys.stdout.buffer, 0
        return
    part = Path(f"{out}.{key}.part")
    with part.open("ab+") as file:
        yield file, _keep_whole_lines(file)
        os.fsync(file.fileno())
    part.replace(out)


def _keep_whole_lines(file: BinaryIO) -> int:
    """Cut off a half-written last line; how many lines are left."""
    file.seek(0)
    content = file.read()
    file.truncate(content.rfind(b"\n") + 1)
    return content.count(b"\n")
