"""The collection that ships with pincite, built on first use, once."""

import asyncio
import hashlib
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING

from rag.build import build_encoder, fingerprint, open_store
from rag.errors import StoreUnavailable
from rag.files import write_whole
from rag.settings import SAMPLE, Settings
from rag.types import SCHEMA_VERSION, Paper

if TYPE_CHECKING:  # what building needs is imported when there is something to build
    from ingest.records import IngestReport, OnProgress

SAMPLE_FILE = Path(__file__).parent / "sample" / "trending-llm-abstracts.txt"

MARKER = "built-from.json"
"""Written into the collection's folder after a complete build: what it was built from."""

BUILDING = ".sample"
"""Folder beside the collections with the lock of who builds. No collection can have this name."""


def sample_papers() -> list[Paper]:
    """The papers of the sample, in its order, as they are before ingest."""
    from ingest.sources import read_source

    return [record for record in read_source(SAMPLE_FILE).records if isinstance(record, Paper)]


async def ensure_sample(settings: Settings, on_progress: "OnProgress | None" = None) -> "IngestReport | None":
    """Build the sample collection if ``settings`` ask for it and it is not complete yet.

    Of several processes that start at once one builds and the others wait for it. A build that was
    killed goes on where it stopped. When all is there already this takes a millisecond.

    Returns:
        The report of the build, or None if there was nothing to do.

    Raises:
        ModelError: the encoder cannot be loaded or reached.
        StoreError: the collection cannot be opened or written, or was made with other settings.
    """
    if settings.collection != SAMPLE or await _is_complete(settings):
        return None
    from ingest.pipeline import ingest_path
    from ingest.precomputed import VECTORS_FILE, PrecomputedEncoder
    from rag.store.locks import lock_collection

    # Not the lock of the collection itself: ingest takes that one while we hold this.
    lock = await lock_collection(settings.home / "collections" / BUILDING, math.inf)
    try:
        if await _is_complete(settings):  # built while we waited
            return None
        inner = await asyncio.to_thread(build_encoder, settings)
        encoder = await asyncio.to_thread(PrecomputedEncoder, inner, VECTORS_FILE)
        report = await ingest_path(settings, SAMPLE_FILE, encoder=encoder, on_progress=on_progress)
        _mark(settings)
        return report
    finally:
        lock.close()


async def _is_complete(settings: Settings) -> bool:
    try:
        if _marker(settings).read_bytes() != _built_from(settings):
            return False
    except OSError:
        return False
    if settings.store.url is not None:
        return await _is_on_server(settings)
    from rag.store.snapshots import read_seal

    seal = read_seal(_marker(settings).parent)
    return seal is not None and not seal.ingesting


async def _is_on_server(settings: Settings) -> bool:
    """The marker lies in a folder here: the server may have been emptied since."""
    encoder = await asyncio.to_thread(build_encoder, settings)
    store = await open_store(settings, fingerprint(settings, encoder), create=True)
    try:
        return (await store.counts()).papers > 0
    finally:
        await store.close()


def _marker(settings: Settings) -> Path:
    return settings.home / "collections" / SAMPLE / MARKER


def _built_from(settings: Settings) -> bytes:
    """All that a build depends on, as far as it is known without loading the encoder."""
    parts = {
        "file": hashlib.sha256(SAMPLE_FILE.read_bytes()).hexdigest(),
        "encoder": settings.encoder.name,
        "chunk": settings.chunk.model_dump(),
        "schema_version": SCHEMA_VERSION,
        "store": settings.store.url,
    }
    return json.dumps(parts, indent=2).encode()


def _mark(settings: Settings) -> None:
    marker = _marker(settings)
    try:
        marker.parent.mkdir(parents=True, exist_ok=True)  # missing so far if the store is a server
        write_whole(marker, _built_from(settings))
    except OSError as exc:
        raise StoreUnavailable(f"cannot write {str(marker)!r}: {exc.strerror}; use another --home") from exc
