"""Ingest: read papers in batches, index those that are new or changed, and store them."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

from ingest.index import Indexer
from ingest.records import IngestReport, OnProgress, RejectedRecord
from ingest.sources import read_source
from rag.build import build_encoder, fingerprint, open_store, require_space_for
from rag.errors import SourceUnavailable, StoreUnavailable
from rag.ports import Encoder, Store
from rag.settings import ChunkSettings, Settings
from rag.text.tokens import token_counter
from rag.types import Paper

BATCH = 32
"""Papers that are indexed and stored together: what an interruption can lose."""

PACKED_BYTES = 500
"""Of an abstract in a compressed file, as measured; to estimate how many such a file holds."""

QUARANTINE = "quarantine.jsonl"

MOST_REASONS, MOST_REASON = 2, 120
"""Reasons why a file holds no paper that are told, and characters of one."""


async def ingest_path(
    settings: Settings,
    path: Path,
    *,
    encoder: Encoder | None = None,
    on_progress: OnProgress | None = None,
) -> IngestReport:
    """Ingest a file of papers into ``settings.collection``, which is made if there is none.

    What is stored already and has not changed is left alone, so that a run that was interrupted, also
    by a kill, goes on where it stopped. Records that are no papers go to a quarantine file in the
    collection's folder below ``settings.home``, which holds those of the last run only.

    Args:
        settings: name the collection, the encoder and the chunking.
        path: the file.
        encoder: one that is open already; None builds the one that ``settings`` name.
        on_progress: told after each batch.

    Raises:
        SourceUnavailable: the file cannot be read as papers, or holds none; nothing is created or changed.
        ConfigError: the encoder or the token encoding does not exist; nothing is created then.
        ModelError: the encoder cannot be loaded or reached.
        StoreError: the collection cannot be opened or written, has no room for the papers, or was made with
            other settings.
    """
    source = await asyncio.to_thread(read_source, path)
    records = await asyncio.to_thread(_begun, path, source.records)
    if encoder is None:
        encoder = await asyncio.to_thread(build_encoder, settings)
    await asyncio.to_thread(token_counter, settings.chunk.encoding)  # known before anything is created
    size = (await asyncio.to_thread(path.stat)).st_size
    papers = size // PACKED_BYTES if source.total is None else source.total
    await asyncio.to_thread(require_space_for, settings, papers)
    store = await open_store(settings, fingerprint(settings, encoder), create=True)
    try:
        report = await ingest_papers(
            records, store, encoder, settings.chunk, total=source.total, on_progress=on_progress
        )
        await store.seal()
    finally:
        await store.close()
    folder = settings.home / "collections" / settings.collection
    quarantine = await asyncio.to_thread(_quarantine, folder / QUARANTINE, report.skipped)
    return replace(report, collection=settings.collection, quarantine=quarantine)


def _begun(path: Path, records: Iterator[Paper | RejectedRecord]) -> Iterator[Paper | RejectedRecord]:
    """The same records, if there is a paper among them.

    Raises:
        SourceUnavailable: there is none; it names the first reasons.
    """
    rejected: list[RejectedRecord] = []
    for record in records:
        if isinstance(record, Paper):
            return chain(rejected, (record,), records)
        rejected.append(record)
    reasons = [f"line {each.line}: {each.reason[:MOST_REASON]}" for each in rejected[:MOST_REASONS]]
    more = [f"and {len(rejected) - MOST_REASONS:,} more"] if len(rejected) > MOST_REASONS else []
    told = "; ".join(reasons + more) or "it has no records"
    raise SourceUnavailable(f"{str(path)!r} holds no paper, so nothing was changed; {told}")


async def ingest_papers(
    records: Iterable[Paper | RejectedRecord],
    store: Store,
    encoder: Encoder,
    chunk_settings: ChunkSettings,
    *,
    batch: int = BATCH,
    total: int | None = None,
    on_progress: OnProgress | None = None,
) -> IngestReport:
    """Store the papers among ``records`` in an open collection, which stays open.

    Args:
        records: read in a thread, ``batch`` at a time; no paper id twice.
        store: where they go.
        encoder: makes the dense vectors of passages and of sentences.
        chunk_settings: the token budget of a passage.
        batch: papers that are indexed and written together.
        total: how many records there are, where known, for ``on_progress``.
        on_progress: told after each batch.

    Returns:
        The report, which names neither collection nor quarantine: who opened the store knows them.

    Raises:
        ConfigError: the token encoding is not bundled.
        ModelError, StoreError: encoder or store failed; batches before stay stored.
    """
    started = time.monotonic()
    indexer = await asyncio.to_thread(Indexer, encoder, chunk_settings)
    counts: Counter[str] = Counter()
    skipped: list[RejectedRecord] = []
    remaining = iter(records)
    while taken := await asyncio.to_thread(lambda: list(islice(remaining, batch))):
        papers = [record for record in taken if isinstance(record, Paper)]
        skipped += [record for record in taken if isinstance(record, RejectedRecord)]
        counts += await _ingest_batch(papers, store, indexer)
        if on_progress is not None:
            on_progress(counts["papers"] + len(skipped), total)
    done: dict[str, Any] = dict(counts)
    return IngestReport(skipped=tuple(skipped), seconds=time.monotonic() - started, **done)


async def _ingest_batch(papers: Sequence[Paper], store: Store, indexer: Indexer) -> Counter[str]:
    """Counts under the names they have in the report."""
    hashes = {paper.paper_id: paper.content_hash for paper in papers}
    stored = await store.hashes(list(hashes))
    changed = [paper for paper in papers if stored.get(paper.paper_id) != hashes[paper.paper_id]]
    passages = await indexer.index(changed, hashes) if changed else []
    await store.upsert(passages)
    known = sum(paper.paper_id in stored for paper in changed)
    return Counter(
        papers=len(papers),
        added=len(changed) - known,
        updated=known,
        unchanged=len(papers) - len(changed),
        passages=len(passages),
    )


def _quarantine(file: Path, skipped: Sequence[RejectedRecord]) -> Path | None:
    """Write the records of this run that are no papers in place of those of the last."""
    try:
        if not skipped:
            file.unlink(missing_ok=True)
            return None
        file.parent.mkdir(parents=True, exist_ok=True)
        lines = (json.dumps(asdict(rejected), ensure_ascii=False) for rejected in skipped)
        file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    except OSError as exc:
        raise StoreUnavailable(f"cannot write {str(file)!r}: {exc.strerror}; use another --home") from exc
    return file
