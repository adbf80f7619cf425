"""What is compared: anything that indexes papers and ranks them for a query."""

import hashlib
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Protocol

from evals.baselines import BASELINES, EXTRAS, MOST_PAPERS
from ingest.pipeline import ingest_papers
from rag.assistant import Assistant
from rag.build import fingerprint, open_assistant, open_store
from rag.errors import ConfigError
from rag.ports import Encoder
from rag.settings import Settings
from rag.types import Answer, Paper

PINCITE = "pincite"

Ranking = list[tuple[str, float]]
"""Paper ids with scores, best first, ties by id."""


class System(Protocol):
    """One way to find papers."""

    async def index(self, papers: Sequence[Paper]) -> None:
        """Take in a collection."""

    async def rank(self, query: str, depth: int) -> Ranking:
        """The ``depth`` best papers, none twice; fewer where the system finds fewer."""

    async def close(self) -> None:
        """Let go of everything."""


class Pincite:
    """The assistant's own search, over a collection ingested for the purpose and kept for the next run.

    Args:
        settings: name the collection; it is made if there is none, and filled up if it is not complete.
        encoder: the one that ``settings`` name, possibly with a cache.
        on_progress: told after each batch of papers.
    """

    def __init__(
        self, settings: Settings, encoder: Encoder, on_progress: Callable[[int, int | None], None]
    ) -> None:
        self._settings = settings
        self._encoder = encoder
        self._on_progress = on_progress
        self._assistant: Assistant | None = None

    async def index(self, papers: Sequence[Paper]) -> None:
        """Ingest what is not stored yet."""
        store = await open_store(self._settings, fingerprint(self._settings, self._encoder), create=True)
        try:
            if (await store.counts()).papers != len(papers):
                await ingest_papers(
                    papers,
                    store,
                    self._encoder,
                    self._settings.chunk,
                    total=len(papers),
                    on_progress=self._on_progress,
                )
        finally:
            await store.close()
        self._assistant = await open_assistant(self._settings)

    async def rank(self, query: str, depth: int) -> Ranking:
        """As `Assistant.search`."""
        return [(paper.paper_id, paper.score) for paper in await self._open().search(query, depth)]

    async def ask(self, question: str) -> Answer:
        """As `Assistant.ask`."""
        return await self._open().ask(question)

    async def close(self) -> None:
        """Close the collection, which stays on disk."""
        if self._assistant is not None:
            await self._assistant.close()

    def _open(self) -> Assistant:
        if self._assistant is None:
            raise ConfigError("nothing indexed: call index() before rank() or ask()")
        return self._assistant


def collection_name(kind: str, papers_digest: str, settings: Settings, encoder: Encoder) -> str:
    """A name of its own for every set of papers and everything a collection is made with."""
    made_with = hashlib.sha256(repr(fingerprint(settings, encoder)).encode()).hexdigest()[:8]
    return f"{kind}-{papers_digest}-{made_with}"


def baseline_system(name: str, encoder: Encoder) -> System:
    """Another system by name.

    Raises:
        ConfigError: no such baseline system, or its library is not installed.
    """
    return _factory(name)(encoder)


def choose(wanted: Sequence[str], papers: int) -> tuple[list[str], dict[str, str]]:
    """The systems to run, and those left out with the reason.

    Args:
        wanted: names; none means pincite and every baseline.
        papers: how many papers they are to index.

    Raises:
        ConfigError: a name is wrong or stands twice, a named one is not installed, or nothing remains.
    """
    if len(set(wanted)) < len(wanted):
        raise ConfigError(f"systems {', '.join(wanted)!r}: expected each once")
    left_out: dict[str, str] = {}
    for name in wanted or BASELINES:
        try:
            if name != PINCITE:
                _factory(name)
        except ConfigError as exc:
            if wanted:
                raise
            left_out[name] = str(exc)
        if papers > MOST_PAPERS.get(name, papers):
            left_out[name] = f"{papers:,} papers, more than the {MOST_PAPERS[name]:,} it is tried with"
    chosen = [name for name in wanted or (PINCITE, *BASELINES) if name not in left_out]
    if not chosen:
        raise ConfigError(f"no system remains: {'; '.join(f'{n}: {why}' for n, why in left_out.items())}")
    return chosen, left_out


def _factory(name: str) -> Callable[[Encoder], System]:
    if name not in BASELINES:
        raise ConfigError(f"no such system {name!r}: expected {PINCITE}, {', '.join(BASELINES)}")
    module, _, factory = BASELINES[name].partition(":")
    try:
        made: Callable[[Encoder], System] = getattr(import_module(module), factory)
    except ImportError as exc:
        extra = EXTRAS.get(name, "baselines")
        raise ConfigError(f"system {name!r} needs {exc.name}: pip install 'pincite[{extra}]'") from exc
    return made
