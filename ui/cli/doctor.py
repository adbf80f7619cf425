"""`pincite doctor`: what is set, what can be reached, what will be used, and never a secret."""

import asyncio
import hashlib
import os
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from pydantic import BaseModel, SecretStr

from ingest.sample_collection import MARKER
from models import folder
from rag.build import (
    build_encoder,
    build_reranker,
    fingerprint,
    know_secrets,
    look_at_model,
    model_address,
    open_store,
    verify_collection,
)
from rag.errors import ConfigError, ModelUnavailable, PinciteError, StoreUnavailable
from rag.forms import Json
from rag.selection.fitted_weights import load_weights
from rag.settings import SAMPLE, Settings
from rag.untrusted.masking import masked
from ui.answers import counted
from ui.exports.receipts import versions
from ui.safe import inert

CHECKSUMS = "SHA256SUMS"

HTTP_PORT, HTTPS_PORT, QDRANT_PORT = 80, 443, 6333
"""Where a server listens unless its address says otherwise."""

Look = Callable[[Settings], Awaitable[str]]


class CheckedPart(NamedTuple):
    """One thing looked at: what was found, and the exit code it asks for (0: all is well)."""

    name: str
    found: str
    exit_code: int = 0


class Diagnosis(NamedTuple):
    """All that the doctor says; free of secrets.

    Attributes:
        checks: in the order in which they were made.
        uses: what will be used for what.
        settings: every setting by its dotted name.
        versions: of Python and the packages that matter.
    """

    checks: tuple[CheckedPart, ...]
    uses: Mapping[str, str]
    settings: Mapping[str, str]
    versions: Mapping[str, str]

    @property
    def exit_code(self) -> int:
        """That of the first problem, or 0."""
        return next((check.exit_code for check in self.checks if check.exit_code), 0)

    def form(self) -> Json:
        """As JSON."""
        checks = [{"name": each.name, "ok": not each.exit_code, "found": each.found} for each in self.checks]
        return {"ok": not self.exit_code} | self._asdict() | {"checks": checks}

    def text(self) -> str:
        """For a person."""
        checks = {each.name: f"{'PROBLEM: ' if each.exit_code else ''}{each.found}" for each in self.checks}
        parts = {
            "Settings": self.settings,
            "Versions": self.versions,
            "Checks": checks,
            "In use": self.uses,
        }
        return "\n\n".join(_section(title, rows) for title, rows in parts.items())


def _section(title: str, rows: Mapping[str, str]) -> str:
    width = max(map(len, rows))
    return "\n".join([title, *(f"  {name:<{width}}  {value}" for name, value in rows.items())])


async def examine(settings: Settings, *, reach: bool = False, deep: bool = False) -> Diagnosis:
    """Look at everything a command depends on; a problem becomes a check of the diagnosis.

    Args:
        settings: the whole tree.
        reach: also connect to the address of the language model; nothing is asked of it.
        deep: also read the whole collection and compare every paper with its hash.
    """
    know_secrets(settings)
    looks = [*LOOKS]
    if reach:
        looks.append(("language model's address", _look_at_address))
    if deep:
        looks.append(("every paper", _look_at_every_paper))
    return Diagnosis(
        checks=tuple([await _check(name, look, settings) for name, look in looks]),
        uses={name: _clean(use) for name, use in _uses(settings).items()},
        settings={name: _shown(value) for name, value in _flat(settings)},
        versions=versions(),
    )


async def _check(name: str, look: Look, settings: Settings) -> CheckedPart:
    try:
        return CheckedPart(name, _clean(await look(settings)))
    except PinciteError as exc:
        return CheckedPart(name, _clean(str(exc)), exc.exit_code)


async def _look_at_home(settings: Settings) -> str:
    home = settings.home.absolute()
    nearest = next(path for path in (home, *home.parents) if os.access(path, os.F_OK))
    if not nearest.is_dir() or not os.access(nearest, os.W_OK):
        raise StoreUnavailable(
            f"{str(home)!r} cannot be written: {str(nearest)!r} is no writable folder; use another --home"
        )
    return f"{home} can be written"


async def _look_at_encoder(settings: Settings) -> str:
    if settings.encoder.name == "minilm":
        await asyncio.to_thread(_verify, "all-MiniLM-L6-v2")
    encoder = await asyncio.to_thread(build_encoder, settings)
    await encoder.encode_queries(["Does it answer?"])
    return f"{encoder.name} answers, {encoder.dimensions} dimensions"


def _verify(name: str) -> None:
    """Compare the files of a shipped model with their checksums."""
    try:
        model = folder(name)
        for line in (model / CHECKSUMS).read_text(encoding="ascii").splitlines():
            expected, file = line.split(maxsplit=1)
            if hashlib.sha256((model / file).read_bytes()).hexdigest() != expected:
                raise ModelUnavailable(f"{str(model / file)!r} is not the shipped file; install again")
    except OSError as exc:
        raise ModelUnavailable(f"the files of {name!r} cannot be read: {exc}; install again") from exc


async def _look_at_reranker(settings: Settings) -> str:
    reranker = await asyncio.to_thread(build_reranker, settings)
    if reranker is None:
        return "none is set: the learned ranker alone orders papers"
    await reranker.score("Does it answer?", ["It does."])
    return f"{reranker.name} answers"


async def _look_at_reader(_settings: Settings) -> str:
    try:
        await asyncio.to_thread(load_weights, folder("ranking") / "weights.json")
    except OSError as exc:
        raise ModelUnavailable(f"the reader's weights are missing: {exc}; install again") from exc
    return "its weights can be read"


async def _look_at_model(settings: Settings) -> str:
    looked_at = await asyncio.to_thread(look_at_model, settings)
    return "; else ".join(looked_at) or "none is set: answers are quotes"


async def _look_at_address(settings: Settings) -> str:
    """Whether somebody answers where the language model is asked; nothing is asked of it."""
    url = await asyncio.to_thread(model_address, settings)
    if not url:
        return "none to knock at"
    try:
        await _knock(url, HTTP_PORT if url.startswith("http:") else HTTPS_PORT, settings.model.timeout_s)
    except ValueError as exc:
        raise ConfigError(
            f"setting 'model__api_base' = {url!r}: {exc}; expected http://HOST:PORT/v1"
        ) from exc
    except OSError as exc:
        raise ModelUnavailable(f"nobody answers at {url!r}: {exc}") from exc
    return f"{url} answers"


async def _look_at_store(settings: Settings) -> str:
    """Where the store is; a server is connected to."""
    url = settings.store.url
    if url is None:
        return f"embedded, in {settings.home / 'collections'}"
    try:
        await _knock(url, QDRANT_PORT, settings.store.timeout_s)
    except ValueError as exc:
        raise ConfigError(f"setting 'store__url' = {url!r}: {exc}; expected http://HOST:PORT") from exc
    except OSError as exc:
        raise StoreUnavailable(f"no Qdrant server answers at {url!r}: {exc}") from exc
    return f"{url} answers"


async def _knock(url: str, port: int, timeout_s: float) -> None:
    """Connect to an address, at ``port`` where it names none, and hang up.

    Raises:
        ValueError: it is no address.
        OSError: nobody answers in time.
    """
    address = urlsplit(url)
    if not address.hostname:
        raise ValueError("it names no host")
    async with asyncio.timeout(timeout_s):
        _, writer = await asyncio.open_connection(address.hostname, address.port or port)
    writer.close()


async def _look_at_collection(settings: Settings) -> str:
    marker = settings.home / "collections" / SAMPLE / MARKER
    if settings.collection == SAMPLE and not marker.exists():
        return f"{SAMPLE}: not built yet, the first question builds it"
    encoder = await asyncio.to_thread(build_encoder, settings)
    made_with = fingerprint(settings, encoder)
    store = await open_store(settings, made_with, create=False)
    try:
        counts = await store.counts()
    finally:
        await store.close()
    size = f"{counted(counts.papers, 'paper')}, {counted(counts.passages, 'passage')}"
    return f"{settings.collection}: {size}; made with {made_with.encoder}, {made_with.chunker}"


async def _look_at_every_paper(settings: Settings) -> str:
    contents = await verify_collection(settings)
    return f"{counted(contents.papers, 'paper')} as ingested, digest {contents.digest[:12]}"


LOOKS: tuple[tuple[str, Look], ...] = (
    ("home", _look_at_home),
    ("encoder", _look_at_encoder),
    ("reranker", _look_at_reranker),
    ("reader", _look_at_reader),
    ("language model", _look_at_model),
    ("store", _look_at_store),
    ("collection", _look_at_collection),
)


def _uses(settings: Settings) -> dict[str, str]:
    return {
        "answers": _writing(settings),
        "encoder": settings.encoder.name,
        "reranker": _reranking(settings),
        "store": settings.store.url or f"embedded, in {settings.home / 'collections'}",
        "collection": settings.collection,
    }


def _writing(settings: Settings) -> str:
    options = settings.model
    if not options.name:
        return "extractive reader: sentences quoted from the abstracts, no language model"
    names = ", else ".join((options.name, *options.fallbacks))
    rewriting = "; it also rewrites what is searched for" if options.rewrite else ""
    return f"{names}, each sentence checked; quotes where it fails{rewriting}"


def _reranking(settings: Settings) -> str:
    options = settings.reranker
    if options.name == "none":
        return "none: the learned ranker alone"
    return f"{options.name}, of weight {options.weight:g} over the first {counted(options.depth, 'paper')}"


def _flat(section: BaseModel, prefix: str = "") -> Iterator[tuple[str, object]]:
    """Every setting, by its dotted name."""
    for name, value in section:
        if isinstance(value, BaseModel):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _shown(value: object) -> str:
    if isinstance(value, SecretStr):
        return "***"
    return "not set" if value is None else _clean(str(value))


def _clean(text: str) -> str:
    """``text`` without secrets, be they settings of their own or parts of an address."""
    return inert(masked(text))
