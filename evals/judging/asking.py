"""Ask a model about things with ids, once, and once more about those for which its reply is no good."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from evals.judging.replies import Entry, entries, is_refusal
from evals.suite.records import Status
from rag.errors import BadCompletion, ModelError, ModelRejected
from rag.models.language_model import Model, Request, Usage

T = TypeVar("T")
ASKED_AGAIN = (Status.UNSCORED_PARSE, Status.EMPTY)
"""A refusal is an answer, and a model that fails was tried again by its adapter."""


@dataclass(frozen=True, slots=True)
class Told(Generic[T]):
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


async def ask(model: Model, asked: Questionnaire[T]) -> tuple[dict[str, Told[T]], Usage]:
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
) -> tuple[dict[str, Told[T]], Usage]:
    try:
        reply = await model.complete(asked.request(wanted, faults))
    except ModelError as exc:
        return {each: Told(failure(exc), why=str(exc)) for each in wanted}, Usage()
    usage = Usage() if reply.cached else reply.usage
    if not reply.text.strip():
        return {each: Told(Status.EMPTY, why="the reply is empty") for each in wanted}, usage
    if is_refusal(reply.text, asked.key):
        return {each: Told(Status.REFUSED, why=f"{reply.text.strip():.80}") for each in wanted}, usage
    read = entries(reply.text, asked.key, wanted)
    return {each: _told(asked, each, entry) for each, entry in read.items()}, usage


def _told(asked: Questionnaire[T], each: str, entry: Entry | str) -> Told[T]:
    value = entry if isinstance(entry, str) else asked.check(each, entry)
    if isinstance(value, str):
        return Told(Status.UNSCORED_PARSE, why=value)
    return Told(Status.SCORED, value)


def failure(exc: ModelError) -> Status:
    """What a model's error is called: it said nothing, it declined, or it failed."""
    cause = exc.__cause__
    if isinstance(exc, BadCompletion) and cause is None and not exc.raw.strip():
        return Status.EMPTY
    filtered = type(cause).__name__ == "ContentPolicyViolationError" or "declined to answer" in str(exc)
    return Status.REFUSED if isinstance(exc, ModelRejected) and filtered else Status.UNSCORED_MODEL
