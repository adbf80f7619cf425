"""A judge's reply as one entry for each id that was asked; only what stands around it is forgiven. Pure.

Nothing is guessed. Two entries for an id, an entry for an id that nobody asked, or two lists in one reply
leave open what was meant, and what is left open is no verdict.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from evals.records import Status
from rag.errors import BadCompletion, ModelError, ModelRejected
from rag.models.language_model import Model, Request, Usage
from rag.phrases import Phrases
from rag.writing.reply_parser import THINKING

Entry = Mapping[str, Any]

REFUSAL = re.compile(rf"\W*(?:{Phrases('evals.judges', 'refusals.toml').source('refusal')})", re.IGNORECASE)


class _Twice(ValueError):
    """A key stands twice in one object."""


def entries(text: str, key: str, wanted: Sequence[str]) -> dict[str, Entry | str]:
    """For each wanted id its entry, or what is wrong with it.

    Args:
        text: the reply as it came.
        key: under which the list of entries stands, each an object with an "id".
        wanted: ids, each once.
    """
    found = lists(THINKING.sub("", text), key)
    if len(found) != 1:
        count = f"{len(found)} lists" if found else "no list"
        return dict.fromkeys(wanted, f"the reply has {count} of {key}, expected one JSON object with one")
    ids = [_id(each) for each in found[0]]
    strays = [each for each in ids if each not in wanted]
    if strays:
        return dict.fromkeys(wanted, f"the reply has an entry for {strays[0]!r:.40}, which was not asked")
    return {each: _only([entry for entry in found[0] if _id(entry) == each]) for each in wanted}


def is_refusal(text: str, key: str) -> bool:
    """Whether a reply declines instead of answering."""
    return REFUSAL.match(text) is not None and not lists(text, key)


def _only(found: Sequence[Entry]) -> Entry | str:
    if len(found) == 1:
        return found[0]
    return f"the reply has {len(found)} entries for it" if found else "the reply has no entry for it"


def _id(entry: object) -> object:
    """As it stands: the number 1 is not the text "1"."""
    return entry.get("id") if isinstance(entry, Mapping) else entry


def lists(text: str, key: str) -> list[list[Any]]:
    """The lists under a key, of every outermost JSON object in a text."""
    found = [form[key] for form in _objects(text) if key in form]
    return [each if isinstance(each, list) else [each] for each in found]


def _objects(text: str) -> Iterator[dict[str, Any]]:
    decoder = json.JSONDecoder(strict=False, object_pairs_hook=_pairs, parse_constant=_refuse)
    at = text.find("{")
    while at >= 0:
        try:
            form, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            form, end = None, at + 1
        if isinstance(form, dict):
            yield form
        at = text.find("{", end)


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    form = dict(pairs)
    if len(form) != len(pairs):
        raise _Twice
    return form


def _refuse(constant: str) -> None:
    raise ValueError(constant)


T = TypeVar("T")
ASKED_AGAIN = (Status.UNSCORED_PARSE, Status.EMPTY)
"""A refusal is an answer, and a model that fails was tried again by its adapter."""


@dataclass(frozen=True, slots=True)
class ItemReply(Generic[T]):
    """What a model said of one thing: a value where scored, else why there is none."""

    status: Status
    value: T | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Questionnaire(Generic[T]):
    """What is asked, and how a reply is read.

    Attributes:
        wanted: ids, each once.
        request: of some of the ids, with what was wrong with the last reply by id, empty the first time.
        key: under which the reply's list stands.
        check: the value of an entry with this id, or what is wrong with it.
    """

    wanted: Sequence[str]
    request: Callable[[Sequence[str], Mapping[str, str]], Request]
    key: str
    check: Callable[[str, Entry], "T | str"]


async def ask(model: Model, asked: Questionnaire[T]) -> tuple[dict[str, ItemReply[T]], Usage]:
    """What the model said of each id, in the order wanted, and what was used; nothing for cached replies.

    A model's failure is a status of every id it was asked about, not an error.
    """
    found, usage = await _once(model, asked, asked.wanted, {})
    faults = {each: told.why for each, told in found.items() if told.status in ASKED_AGAIN}
    if faults:
        better, more = await _once(model, asked, list(faults), faults)
        found, usage = found | better, usage + more
    return found, usage


async def _once(
    model: Model, asked: Questionnaire[T], wanted: Sequence[str], faults: Mapping[str, str]
) -> tuple[dict[str, ItemReply[T]], Usage]:
    try:
        reply = await model.complete(asked.request(wanted, faults))
    except ModelError as exc:
        return {each: ItemReply(failure(exc), why=str(exc)) for each in wanted}, Usage()
    usage = Usage() if reply.cached else reply.usage
    if not reply.text.strip():
        return {each: ItemReply(Status.EMPTY, why="the reply is empty") for each in wanted}, usage
    if is_refusal(reply.text, asked.key):
        return {each: ItemReply(Status.REFUSED, why=f"{reply.text.strip():.80}") for each in wanted}, usage
    read = entries(reply.text, asked.key, wanted)
    return {each: _told(asked, each, entry) for each, entry in read.items()}, usage


def _told(asked: Questionnaire[T], each: str, entry: Entry | str) -> ItemReply[T]:
    value = entry if isinstance(entry, str) else asked.check(each, entry)
    if isinstance(value, str):
        return ItemReply(Status.UNSCORED_PARSE, why=value)
    return ItemReply(Status.SCORED, value)


def failure(exc: ModelError) -> Status:
    """What a model's error is called: it said nothing, it declined, or it failed."""
    cause = exc.__cause__
    if isinstance(exc, BadCompletion) and cause is None and not exc.raw.strip():
        return Status.EMPTY
    filtered = type(cause).__name__ == "ContentPolicyViolationError" or "declined to answer" in str(exc)
    return Status.REFUSED if isinstance(exc, ModelRejected) and filtered else Status.UNSCORED_MODEL
