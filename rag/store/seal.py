"""The seal of a collection: what its last ingest left in it, to tell later whether all is there."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path

from rag.errors import StoreDamaged, StoreUnavailable
from rag.files import write_whole
from rag.types import Contents, Counts

COMPLETE = "complete.json"


@dataclass(frozen=True, slots=True)
class Seal:
    """What a collection held.

    Attributes:
        papers, passages: how many.
        digest: see `digest`.
        ingesting: papers are being written, or their writing was interrupted: there are ``papers`` or more.
    """

    papers: int
    passages: int
    digest: str
    ingesting: bool = False


def digest(hashes: Iterable[tuple[str, str]]) -> str:
    """SHA-256, in hex, over the ids and content hashes of all papers, in whatever order they come."""
    lines = sorted(f"{content_hash} {paper_id}\n" for paper_id, content_hash in hashes)
    return sha256("".join(lines).encode()).hexdigest()


def read_seal(folder: Path) -> Seal | None:
    """The seal of the collection in ``folder``; None where none was written or its file is no seal."""
    try:
        return Seal(**json.loads((folder / COMPLETE).read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def write_seal(folder: Path, contents: Contents) -> None:
    """Say that the collection in ``folder`` holds all of ``contents``; may raise `StoreUnavailable`."""
    _write(folder, Seal(contents.papers, contents.passages, contents.digest))


def break_seal(folder: Path) -> None:
    """Say that papers are about to be written; raises as `write_seal`."""
    seal = read_seal(folder)
    if seal is not None and not seal.ingesting:
        _write(folder, replace(seal, ingesting=True))


def check_counts(name: str, counts: Counts, seal: Seal | None, remedy: str) -> None:
    """Raise `StoreDamaged` where papers or passages are missing, or there are more than were stored."""
    if seal is None:
        return
    found, sealed = (counts.papers, counts.passages), (seal.papers, seal.passages)
    if found != sealed and not (seal.ingesting and counts.papers >= seal.papers):
        raise StoreDamaged(
            f"collection {name!r} is damaged: {counts.papers:,} papers in {counts.passages:,} passages "
            f"are left, expected {seal.papers:,} in {seal.passages:,}; {remedy}"
        )


def _write(folder: Path, seal: Seal) -> None:
    file = folder / COMPLETE
    try:
        write_whole(file, json.dumps(asdict(seal), indent=2).encode())
    except OSError as exc:
        raise StoreUnavailable(f"cannot write {str(file)!r}: {exc.strerror}; use another --home") from exc
