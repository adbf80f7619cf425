"""How a passage maps onto a Qdrant point: its id, payload and vectors, the same in every engine."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID, uuid5

import numpy as np

from rag.types import SCHEMA_VERSION, IndexedPassage, Paper, Passage, Span, SparseVector, Vectors

DENSE = "dense"
SENTENCES = "sentences"
SPARSE = "sparse"

NAMESPACE = UUID("0b0f9c1e-6a5c-5d0c-9a53-2c5d6f1d7a11")
"""Of all point ids. Changing it would orphan every stored point."""

Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Point:
    """A passage as an engine keeps it.

    ``vectors`` holds `dense`, shape [dimensions], `sentences`, [sentences, dimensions], and `sparse`;
    those without any entry are absent, since Qdrant knows no empty vector.
    """

    point_id: str
    payload: Payload
    vectors: Mapping[str, Vectors | SparseVector]


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
    payload = _citation_fields(passage.paper) | {
        "text": passage.text,
        "ordinal": passage.ordinal,
        "start": passage.span.start,
        "end": passage.span.end,
        "sentences": [[span.start, span.end] for span in passage.sentences],
        "passages": passages,
        "content_hash": indexed.content_hash,
        "schema_version": SCHEMA_VERSION,
    }
    if passage.ordinal == 0:
        payload |= _whole_paper_fields(passage.paper)
    return Point(point_id(passage.paper.paper_id, passage.ordinal), payload, vectors)


def _citation_fields(paper: Paper) -> dict[str, Any]:
    return {
        "paper_id": paper.paper_id,
        "title": paper.title,
        "authors": list(paper.authors),
        "year": paper.year,
        "venue": paper.venue,
        "url": paper.url,
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
    return IndexedPassage(
        passage=passage,
        content_hash=payload["content_hash"],
        dense=dense,
        sparse=cast("SparseVector", vectors.get(SPARSE, SparseVector((), ()))),
        sentence_vectors=cast("Vectors", vectors.get(SENTENCES, np.zeros((0, len(dense)), np.float32))),
    )
