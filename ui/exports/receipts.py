"""Receipts as files: what an answer came from, to ask for it again or to compare it with another."""

import json
import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from rag.assistant import Assistant
from rag.errors import ConfigError, SourceUnavailable
from rag.forms import Json, answer_form
from rag.settings import Settings
from rag.types import Answer
from rag.writing.receipt import collection_digest, own_settings
from ui.exports import require_writable, write_whole

FORMAT = "pincite-receipt/1"
"""What a receipt calls itself; the number rises when older programs could no longer read it."""

PACKAGES = (
    "pincite",
    "chainlit",
    "litellm",
    "llama-index",
    "onnxruntime",
    "qdrant-client",
    "qdrant-edge-py",
    "tiktoken",
    "tokenizers",
)
"""That matter here."""


def installed(package: str) -> str:
    """The version of a package by its metadata; of one that is missing, or runs from its source, that."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def versions() -> dict[str, str]:
    """Python's version and those of the packages that matter here; nothing is imported."""
    return {"python": platform.python_version()} | {package: installed(package) for package in PACKAGES}


class _Part(BaseModel):
    """A part of a receipt; what else stands there is kept."""

    model_config = ConfigDict(frozen=True, extra="allow", strict=True)


class ReceiptCollection(_Part):
    """What was asked: ``digest`` is over every field of all papers."""

    name: str
    papers: int
    digest: str


class ReceiptCitation(_Part):
    """A citation, in the form of `rag.forms`."""

    paper_id: str
    quote: str


class ReceiptStatement(_Part):
    """A statement, in the form of `rag.forms`."""

    text: str
    verdict: str
    citations: tuple[ReceiptCitation, ...]


class ReceiptAnswer(_Part):
    """An answer, in the form of `rag.forms` but without its receipt."""

    statements: tuple[ReceiptStatement, ...]


class Account(_Part):
    """What the assistant accounts for: the fields that are compared by their own rules."""

    id: str
    understood: Json = {}
    settings: Json = {}
    thresholds: Json = {}
    collection: Json = {}
    candidates: tuple[tuple[str, float], ...] = ()
    timings_ms: dict[str, float]


class Receipt(_Part):
    """What a receipt's file holds beside its ``format``.

    Attributes:
        question: as it was typed.
        history: questions of the conversation before it; none where `pincite ask` was asked.
        collection: the papers that were asked.
        settings: what the answer depends on, as `load_settings` takes it; see `own_settings`.
        versions: of pincite, Python and the packages that matter.
        answer: what was answered.
        receipt: what the assistant accounts for; only ``timings_ms`` differ each time.
    """

    question: str
    history: tuple[str, ...]
    collection: ReceiptCollection
    settings: Json
    versions: dict[str, str]
    answer: ReceiptAnswer
    receipt: Account

    def timeless(self) -> Json:
        """Answer and account without the time: the same for the same question to the same collection."""
        return self.model_dump(mode="json", include={"answer": True, "receipt": True}, exclude=_TIME)


_TIME: Any = {"receipt": {"timings_ms"}}


async def make_receipt(
    assistant: Assistant, settings: Settings, question: str, answer: Answer, history: Sequence[str] = ()
) -> Receipt:
    """The receipt of an answer that was just given; reads the whole collection for its digest.

    The assistant was opened with ``settings``; ``history`` are the questions before this one.
    """
    form = answer_form(answer)
    account = form.pop("receipt")
    counts = await assistant.counts()
    digest = await collection_digest(assistant.papers())
    return _read(
        {
            "question": question,
            "history": list(history),
            "collection": {"name": settings.collection, "papers": counts.papers, "digest": digest},
            "settings": own_settings(settings.model_dump(mode="json")),
            "versions": versions(),
            "answer": form,
            "receipt": account,
        }
    )


def _read(form: Json) -> Receipt:
    """By way of JSON, so that what was just made and what is read back compare equal."""
    return Receipt.model_validate_json(json.dumps(form))


def require_place(path: Path) -> None:
    """Refuse a place that no receipt can be written to.

    Raises:
        ConfigError: it holds something that is not a receipt, or cannot be written.
    """
    require_writable(path, "--receipt")
    try:
        if path.exists():
            read_receipt(path)
    except SourceUnavailable as exc:
        raise ConfigError(
            f"--receipt {str(path)!r} is there already and is not a receipt; name another file"
        ) from exc


def write_receipt(path: Path, receipt: Receipt) -> None:
    """Write a receipt, also over an older one; raises as `require_place` and `write_whole`."""
    require_place(path)
    form = {"format": FORMAT, **receipt.model_dump(mode="json")}
    write_whole(path, json.dumps(form, indent=1) + "\n")


def read_receipt(path: Path) -> Receipt:
    """The receipt in a file.

    Raises:
        SourceUnavailable: there is no such file, or it holds something else.
    """
    try:
        form = json.loads(path.read_bytes().decode("utf-8"))
    except OSError as exc:
        raise SourceUnavailable(f"cannot read receipt {str(path)!r}: {exc.strerror}") from exc
    except (ValueError, RecursionError) as exc:
        raise _not_a_receipt(path, "it is not JSON") from exc
    if not isinstance(form, dict) or form.pop("format", None) != FORMAT:
        raise _not_a_receipt(path, f"expected an object whose 'format' is {FORMAT!r}")
    try:
        return _read(form)
    except ValidationError as exc:
        first = exc.errors()[0]
        raise _not_a_receipt(path, f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from exc


def _not_a_receipt(path: Path, why: str) -> SourceUnavailable:
    return SourceUnavailable(
        f"{str(path)!r} is not a receipt: {why}; `pincite ask --receipt FILE` writes one"
    )
