"""How a passage maps onto a Qdrant point: its id, payload and vectors, the same in every engine."""

import json
import struct
from binascii import a2b_base64, b2a_base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
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

PAPER_FIELDS = tuple(field.name for field in fields(Paper))
"""Those of a paper, which a first passage's payload holds."""

WHOLE_PAPER_FIELDS = frozenset({"abstract", "raw", "extra"})
"""Kept once a paper."""

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


def later_points(head: Payload) -> list[str]:
    """Ids of a paper's passages after the first one, whose payload this is."""
    return [point_id(head["paper_id"], ordinal) for ordinal in range(1, head["passages"])]


def to_point(indexed: IndexedPassage, passages: int) -> Point:
    """The point of a passage whose paper has that many ``passages``.

    Every passage repeats what cites its paper and finds it under restrictions; the first one holds the rest.
    """
    passage, paper = indexed.passage, indexed.passage.paper
    vectors: dict[str, Vectors | SparseVector] = {DENSE: indexed.dense}
    if len(indexed.sentence_vectors):
        vectors[SENTENCES] = indexed.sentence_vectors
    if indexed.sparse.indices:
        vectors[SPARSE] = indexed.sparse
    rows = indexed.sentence_vectors.astype("<f2").tobytes()
    payload = {name: getattr(paper, name) for name in PAPER_FIELDS if name not in WHOLE_PAPER_FIELDS} | {
        "authors": list(paper.authors),
        "author_keys": sorted(author_keys(paper)),
        "venue_key": venue_key(paper.venue),
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
    if passage.ordinal == 0:  # ``extra`` as JSON text: a flat payload, and numbers beyond 64 bits survive
        payload |= {"abstract": paper.abstract, "raw": paper.raw, "extra": json.dumps(dict(paper.extra))}
    return Point(point_id(paper.paper_id, passage.ordinal), payload, vectors)


def to_paper(payload: Payload) -> Paper:
    """The paper of a first passage's payload."""
    found = {name: payload[name] for name in PAPER_FIELDS}
    return Paper(**found | {"authors": tuple(found["authors"]), "extra": json.loads(found["extra"])})


def to_passage(point: Point, paper: Paper) -> IndexedPassage:
    """The passage of a point of ``paper`` that was read with its vectors."""
    payload, dense = point.payload, cast("Vectors", point.vectors[DENSE])
    sentences = tuple(Span(start, end) for start, end in payload["sentences"])
    span = Span(payload["start"], payload["end"])
    rows = np.frombuffer(a2b_base64(payload["sentence_vectors"]), "<f2")
    return IndexedPassage(
        passage=Passage(paper, payload["ordinal"], span, payload["text"], sentences),
        content_hash=payload["content_hash"],
        dense=dense,
        sparse=cast("SparseVector", point.vectors.get(SPARSE, SparseVector((), ()))),
        sentence_vectors=rows.astype(np.float32).reshape(-1, len(dense)),
    )


def of_record(record: Any) -> Point:  # noqa: ANN401 - whatever an engine calls one; they name its parts alike
    """The point of an engine's record."""
    vectors = record.vector or {}  # read once: every access copies all numbers
    return Point(
        str(record.id), record.payload or {}, {name: of_vector(each) for name, each in vectors.items()}
    )


def of_vector(vector: Any) -> Vectors | SparseVector:  # noqa: ANN401 - one of an engine's vector types
    """An engine's vector as ours; three times as fast as numpy's own conversion of a list."""
    if hasattr(vector, "indices"):
        return SparseVector(tuple(vector.indices), tuple(vector.values))
    return np.frombuffer(struct.pack(f"{len(vector)}f", *vector), np.float32)


def heaviest_of(hits: Sequence[Any]) -> tuple[float, SparseVector] | None:
    """Score and sparse vector of the one hit of an engine's answer, if there is one."""
    return (hits[0].score, cast("SparseVector", of_vector(hits[0].vector[SPARSE]))) if hits else None


@dataclass(frozen=True, slots=True)
class Dialect:
    """What an engine's library calls the things that both know; the names of their fields are the same."""

    point: Any
    sparse: Any
    filter: Any
    condition: Any
    one_of: Any
    range: Any

    def to_record(self, point: Point) -> Any:  # noqa: ANN401 - as the library has it, like the next ones
        vectors = {name: self.to_vector(vector) for name, vector in point.vectors.items()}
        return self.point(id=point.point_id, vector=vectors, payload=dict(point.payload))

    def to_vector(self, vector: Vectors | SparseVector) -> Any:  # noqa: ANN401
        if isinstance(vector, SparseVector):
            return self.sparse(indices=list(vector.indices), values=list(vector.values))
        return vector.tolist()

    def to_filter(self, conditions: Sequence[Condition]) -> Any:  # noqa: ANN401
        return self.filter(must=[self._to_condition(item) for item in conditions]) if conditions else None

    def _to_condition(self, item: Condition) -> Any:  # noqa: ANN401
        if item.one_of:
            return self.condition(key=item.field, match=self.one_of(any=list(item.one_of)))
        return self.condition(key=item.field, range=self.range(gte=item.least, lte=item.most))
