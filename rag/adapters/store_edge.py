"""The embedded store: Qdrant's in-process engine (qdrant-edge), one folder a collection."""

import asyncio
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import qdrant_edge as qe

from rag.adapters.collection_lock import CollectionLock, lock_collection
from rag.adapters.engine_edge import EdgeEngine, require_space, translated
from rag.adapters.point_store import PointStore, check_fingerprint
from rag.adapters.points import DENSE, INTEGER_FIELDS, KEYWORD_FIELDS, SENTENCES, SPARSE
from rag.errors import CollectionMissing, StoreUnavailable
from rag.ports import Store
from rag.types import Fingerprint

RECORD = "collection.json"
SHARD = "shard"


async def open_edge_store(
    folder: Path, expected: Fingerprint, *, create: bool, lock_timeout_s: float
) -> Store:
    """Open the collection in ``folder`` and keep other processes out of it until it is closed.

    Args:
        folder: of the collection; its name is the collection's, its parent holds the others.
        expected: what the collection must be made with.
        create: make the collection if there is none, or only a half-made one.
        lock_timeout_s: seconds to wait for another process to close it.

    Raises:
        CollectionMissing: no such collection (and not ``create``).
        StoreUnavailable: damaged, no permission, no space.
        StoreLocked: another process holds the folder.
        CollectionMismatch: it was made with something else than ``expected``.
    """
    if not create:
        with translated(folder):
            _require_record(folder)
    lock = await lock_collection(folder, lock_timeout_s)
    engine = await asyncio.to_thread(_open_engine, folder, lock, expected, create=create)
    return PointStore(engine, expected)


def _require_record(folder: Path) -> None:
    if (folder / RECORD).exists():
        return
    others = sorted(path.parent.name for path in folder.parent.glob(f"*/{RECORD}"))
    there_are = f"there are {', '.join(map(repr, others))}" if others else "there is none yet"
    raise CollectionMissing(
        f"no collection {folder.name!r} in {str(folder.parent)!r}, {there_are}; "
        f"run `pincite ingest PATH --collection {folder.name}`"
    )


def _open_engine(folder: Path, lock: CollectionLock, expected: Fingerprint, *, create: bool) -> EdgeEngine:
    """All in one thread, so that a cancelled opening keeps the lock for as long as it is at work."""
    try:
        return EdgeEngine(_open_shard(folder, expected, create=create), folder, lock)
    except BaseException:
        lock.release()
        raise


def _open_shard(folder: Path, expected: Fingerprint, *, create: bool) -> qe.EdgeShard:
    with translated(folder, f"; if it is damaged, delete {str(folder)!r} and ingest again"):
        if create and not (folder / RECORD).exists():
            return _make_shard(folder, expected)
        _require_record(folder)  # again: it may have gone while we waited for the lock
        remedy = (
            "ingest into another with `pincite ingest PATH --collection NEW`, "
            f"or delete {str(folder)!r} and ingest again"
        )
        check_fingerprint(folder.name, _read_record(folder), expected, remedy)
        return qe.EdgeShard.load(str(folder / SHARD))


def _make_shard(folder: Path, fingerprint: Fingerprint) -> qe.EdgeShard:
    """Make the shard, then the record: what has no record was cut short, and is made afresh."""
    require_space(folder)
    if (folder / SHARD).exists():
        shutil.rmtree(folder / SHARD)
    shard = qe.EdgeShard.create(str(folder / SHARD), _config(fingerprint.dimensions))
    for field in INTEGER_FIELDS:
        shard.update(qe.UpdateOperation.create_field_index(field, qe.PayloadSchemaType.Integer))
    for field in KEYWORD_FIELDS:
        shard.update(qe.UpdateOperation.create_field_index(field, qe.PayloadSchemaType.Keyword))
    shard.flush()
    draft = folder / f"{RECORD}.draft"
    with draft.open("w", encoding="utf-8") as file:
        json.dump(asdict(fingerprint), file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(folder / RECORD)
    return shard


def _config(dimensions: int) -> qe.EdgeConfig:
    """Sentence vectors have 16-bit numbers and no graph: they are searched exactly or read to score again."""
    dense = qe.EdgeVectorParams(size=dimensions, distance=qe.Distance.Cosine)
    sentences = qe.EdgeVectorParams(
        size=dimensions,
        distance=qe.Distance.Cosine,
        datatype=qe.VectorStorageDatatype.Float16,
        multivector_config=qe.MultiVectorConfig(comparator=qe.MultiVectorComparator.MaxSim),
        hnsw_config=qe.HnswIndexConfig(m=0, ef_construct=100, full_scan_threshold=10_000),
    )
    sparse = qe.EdgeSparseVectorParams(modifier=qe.Modifier.Idf)
    return qe.EdgeConfig(vectors={DENSE: dense, SENTENCES: sentences}, sparse_vectors={SPARSE: sparse})


def _read_record(folder: Path) -> Mapping[str, object]:
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except ValueError as exc:
        raise _damaged(folder) from exc
    if not isinstance(record, dict):
        raise _damaged(folder)
    return record


def _damaged(folder: Path) -> StoreUnavailable:
    return StoreUnavailable(f"{str(folder / RECORD)!r} is damaged; delete {str(folder)!r} and ingest again")
