"""The language models of the contract suite: each opened so that what it says is known beforehand."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest
from fakes import ScriptedModel
from scripted_model import Reply, ScriptedServer
from tiny_gguf import SAID, write_tiny_gguf

from rag.models.language_model import Message, Model, Request
from rag.models.llm.litellm_model import LitellmModel
from rag.models.llm.reply_cache import CachedModel, ReplyCache
from rag.settings import ModelSettings

ENDLESS = " ".join([SAID] * 200)


@dataclass(frozen=True)
class Opened:
    """A model that says `SAID`, and one that would go on saying it."""

    brief: Model
    wordy: Model


def asked(text: str = "say it", **options: object) -> Request:
    return Request((Message("system", "Be brief."), Message("user", text)), "contract/1", **options)


def scripted(tmp_path: Path) -> Iterator[Opened]:
    yield Opened(ScriptedModel(lambda _: SAID), ScriptedModel(lambda _: ENDLESS))


def remote(tmp_path: Path) -> Iterator[Opened]:
    with ScriptedServer(lambda _: SAID) as brief, ScriptedServer(stops_at_its_limit) as wordy:
        yield Opened(at(brief.url), at(wordy.url))


def cached(tmp_path: Path) -> Iterator[Opened]:
    for opened in remote(tmp_path):
        yield Opened(
            CachedModel(opened.brief, ReplyCache(tmp_path / "a")),
            CachedModel(opened.wordy, ReplyCache(tmp_path / "b")),
        )


def local(tmp_path: Path) -> Iterator[Opened]:
    if find_spec("xllamacpp") is None:
        pytest.skip("needs the local extra")
    brief = write_tiny_gguf(tmp_path / "brief.gguf")
    wordy = write_tiny_gguf(tmp_path / "wordy.gguf", endless=True)
    yield Opened(*(LitellmModel(ModelSettings(name=f"local/{path}")) for path in (brief, wordy)))


def stops_at_its_limit(request: dict[str, object]) -> Reply:
    words = ENDLESS.split()[: int(request["max_tokens"])]
    return Reply(" ".join(words), finish="length")


def at(url: str, name: str = "openai/gpt-4o-mini", **options: object) -> LitellmModel:
    """litellm's model, sent to a scripted server."""
    return LitellmModel(ModelSettings(name=name, api_base=url, api_key="k", **options))
