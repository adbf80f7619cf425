"""How a passage maps onto a Qdrant point: its id, payload and vectors, the same in every engine."""

import json
import struct
from binascii import a2b_base64, b2a_base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID, uuid5

import numpy as np

from rag.filters import Filters, author_keys, sought_keys, venue_key
from rag.types import SCHEMA_VERSION, IndexedPassage, Paper, Passage, Span, SparseVector, Vectors

DENSE = "dense"
SENTENCES = "sentences"
SPARSE = "sparse"

NAMESPACE = UUID("0b0f9c1e-6a5c-5d0c-9a53-2c5d6f1d7a11")
"""Of all point ids. Changing it would orphan every stored point."""

INTEGER_FIELDS = ("ordinal", "year")
KEYWORD_FIELDS = ("author_keys", "venue_key", "authors", "venue")
"""Payload fields that searches are restricted by or whose values are listed: indexed, since it would take
reading every payload otherwise."""

MOST_VALUES = 10_000_000
"""Of one field that are listed: more authors than any collection has."""

PAPER_FIELDS = ("paper_id", "title", "abstract", "authors", "venue", "year", "url", "raw", "extra")
"""Payload fields of a first passage that `to_paper` reads."""

READ_VECTORS = [DENSE, SPARSE]
"""Vectors that are read back. Engines hand numbers out one by one, which for the sentences would take longer
than all the rest: those are read from the payload field ``sentence_vectors``, base64 of their rows in
little-endian 16-bit numbers."""

Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Point:
    """A passage as an engine keeps it.

    ``vectors`` holds `dense`, shape [dimensions], `sentences`, [sentences, dimensions], and `sparse`;
    those without any entry are absent, since Qdrant knows no empty vector, and so is `sentences` once read.
    """

    point_id: str
    payload: Payload
    vectors: Mapping[str, Vectors | SparseVector]


@dataclass(frozen=True, slots=True)
class Condition:
    """What a payload field must hold: one of some texts, or a whole number from ``least`` to ``most``."""

    field: str
    one_of: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None


FIRST_PASSAGE = Condition("ordinal", least=0, most=0)


def conditions(filters: Filters | None) -> list[Condition]:
    """What every passage of a paper that passes fulfils, and none of another paper; all hold at once."""
    if not filters:
        return []
    found = [Condition("author_keys", sought_keys(name)) for name in filters.authors]
    if filters.venues:
        found.append(Condition("venue_key", tuple(map(venue_key, filters.venues))))
    if filters.years != (None, None):
        found.append(Condition("year", least=filters.years[0], most=filters.years[1]))
    return found


def point_id(paper_id: str, ordinal: int) -> str:
    """The id of a paper's passage: the same text always gives the same id, which makes upserts idempotent."""
    return str(uuid5(NAMESPACE, f"{paper_id}#{ordinal}"))


def to_point(indexed: IndexedPassage, passages: int) -> Point:
    """The point of a passage whose paper has that many ``passages``."""
    passage = indexed.passage
    vectors: dict[str, Vectors | SparseVector] = {DENSE: indexed.dense}
    if len(indexed.sentence_vectors):
        vectors[SENTENCES] = indexed.sentence_vectors
    if indexed.sparse.indices:
        vectors[SPARSE] = indexed.sparse
    rows = indexed.sentence_vectors.astype("<f2").tobytes()
    payload = _record_fields(passage.paper) | {
        "text": passage.text,
        "ordinal": passage.ordinal,
        "start": passage.span.start,
        "end": passage.span.end,
        "sentences": [[span.start, span.end] for span in passage.sentences],
        "sentence_vectors": b2a_base64(rows, newline=False).decode(),
        "passages": passages,
        "content_hash": indexed.content_hash,
        "schema_version": SCHEMA_VERSION,
    }
    if passage.ordinal == 0:
        payload |= _whole_paper_fields(passage.paper)
    return Point(point_id(passage.paper.paper_id, passage.ordinal), payload, vectors)


def _record_fields(paper: Paper) -> dict[str, Any]:
    """What every passage repeats of its paper: to cite it, and to be found under the paper's restrictions."""
    return {
        "paper_id": paper.paper_id,
        "title": paper.title,
        "authors": list(paper.authors),
        "year": paper.year,
        "venue": paper.venue,
        "url": paper.url,
        "author_keys": sorted(author_keys(paper)),
        "venue_key": venue_key(paper.venue),
    }


def _whole_paper_fields(paper: Paper) -> dict[str, Any]:
    """Kept once a paper. ``extra`` is JSON text: a flat payload, and numbers beyond 64 bits survive."""
    return {"abstract": paper.abstract, "raw": paper.raw, "extra": json.dumps(dict(paper.extra))}


def to_paper(payload: Payload) -> Paper:
    """The paper of a first passage's payload."""
    return Paper(
        paper_id=payload["paper_id"],
        title=payload["title"],
        abstract=payload["abstract"],
        authors=tuple(payload["authors"]),
        venue=payload["venue"],
        year=payload["year"],
        url=payload["url"],
        raw=payload["raw"],
        extra=json.loads(payload["extra"]),
    )


def to_passage(point: Point, paper: Paper) -> IndexedPassage:
    """The passage of a point of ``paper`` that was read with its vectors."""
    payload, vectors = point.payload, point.vectors
    dense = cast("Vectors", vectors[DENSE])
    passage = Passage(
        paper=paper,
        ordinal=payload["ordinal"],
        span=Span(payload["start"], payload["end"]),
        text=payload["text"],
        sentences=tuple(Span(start, end) for start, end in payload["sentences"]),
    )
    rows = np.frombuffer(a2b_base64(payload["sentence_vectors"]), "<f2")
    return IndexedPassage(
        passage=passage,
        content_hash=payload["content_hash"],
        dense=dense,
        sparse=cast("SparseVector", vectors.get(SPARSE, SparseVector((), ()))),
        sentence_vectors=rows.astype(np.float32).reshape(-1, len(dense)),
    )


def dense_vector(numbers: Sequence[float]) -> Vectors:
    """An engine's list of numbers as an array; three times as fast as numpy's own conversion."""
    return np.frombuffer(struct.pack(f"{len(numbers)}f", *numbers), np.float32)
