"""The vocabulary: what flows from an abstract to an answer. Plain values, no behaviour beyond themselves."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
"""Row-wise unit vectors, shape [n, dimensions], float32."""

Verdict = Literal["supported", "contradicted", "unsupported"]

SCHEMA_VERSION = 2
"""Version of the payload and vectors of a stored passage; raised when either changes."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Characters ``start`` (inclusive) to ``end`` (exclusive) of a paper's abstract."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Paper:
    """A bibliographic record.

    ``abstract`` is the text all offsets point into; ``raw`` is the text as the source had it
    where cleaning changed it, else empty; ``extra`` holds the source's other fields, unread.
    """

    paper_id: str
    title: str
    abstract: str
    authors: tuple[str, ...] = ()
    venue: str = ""
    year: int | None = None
    url: str = ""
    raw: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def content_hash(self) -> str:
        """SHA-256, in hex, over every field; the order of keys in ``extra`` does not matter."""
        record = {each.name: getattr(self, each.name) for each in fields(self)} | {"extra": dict(self.extra)}
        return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Passage:
    """The unit indexed and retrieved: a run of whole sentences of one abstract.

    ``text == paper.abstract[span.start:span.end]``, and the passages of a paper, by ``ordinal``
    from 0, join to its abstract without gap. ``sentences`` are offsets into the *abstract*.
    Every passage carries its paper, so that a hit needs no second look-up.
    """

    paper: Paper
    ordinal: int
    span: Span
    text: str
    sentences: tuple[Span, ...]

    @property
    def passage_id(self) -> str:
        """``paper_id#ordinal``."""
        return f"{self.paper.paper_id}#{self.ordinal}"


@dataclass(frozen=True, slots=True)
class SparseVector:
    """Term ids (unique) and their weights, both of the same length."""

    indices: tuple[int, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class IndexedPassage:
    """A passage with all a store keeps of it.

    ``dense`` has shape [dimensions]; ``sentence_vectors`` [len(passage.sentences), dimensions].
    ``content_hash`` is that of the whole paper: equal hash, nothing to do again.
    """

    passage: Passage
    content_hash: str
    dense: Vectors
    sparse: SparseVector
    sentence_vectors: Vectors


@dataclass(frozen=True, slots=True)
class Hit:
    """A scored passage. Rankings are sorted by descending score, ties by ``passage_id``."""

    passage_id: str
    paper_id: str
    score: float


@dataclass(frozen=True, slots=True)
class Counts:
    """How much a collection holds."""

    papers: int
    passages: int


@dataclass(frozen=True, slots=True)
class Contents:
    """All that a collection holds, read through.

    Attributes:
        papers, passages: how many.
        digest: over the ids and content hashes of all papers.
        damaged: ids of papers whose text does not have its hash, or of which passages are missing.
    """

    papers: int
    passages: int
    digest: str
    damaged: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What a collection was made with. Vectors of different makes must not be mixed."""

    encoder: str
    dimensions: int
    chunker: str
    schema_version: int = SCHEMA_VERSION


@dataclass(frozen=True, slots=True)
class Citation:
    """A pinpoint: ``abstract[span.start:span.end] == quote`` for the abstract of ``paper_id``."""

    paper_id: str
    title: str
    passage_id: str
    quote: str
    span: Span


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence of the answer, the citations it rests on, and whether they carry it."""

    text: str
    verdict: Verdict
    citations: tuple[Citation, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ScoredPaper:
    """A paper with its probability of being relevant to the question, 0 to 1."""

    paper_id: str
    title: str
    probability: float


@dataclass(frozen=True, slots=True)
class ComparedPaper:
    """A column of a comparison: what the question calls it, and the paper that owns the name."""

    name: str
    paper_id: str
    title: str


@dataclass(frozen=True, slots=True)
class Table:
    """A comparison, one column a paper.

    Attributes:
        aspects: what is compared, one a row, in reading order.
        papers: at least two, in the order of the question.
        cells: a row for each aspect, in it a cell for each paper: a statement that cites this paper alone,
            or None where the abstract does not state it. A sentence fills one cell; where it also speaks of
            another aspect, that cell's statement cites it and its text points to the first.
    """

    aspects: tuple[str, ...]
    papers: tuple[ComparedPaper, ...]
    cells: tuple[tuple[Statement | None, ...], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person gets: supported statements or a useful abstention.

    Attributes:
        statements: in reading order; for a set question one per paper of ``papers``.
        kind: a name of `rag.question.answer_kinds.KINDS`.
        papers: the answer set of a set question, best first; empty for other kinds.
        partial: statements about papers that touch a set question without answering it; when ``abstained``,
            what the one paper that was asked about does say.
        note: when ``abstained``, why, and what was searched; else the parts left unanswered, if any.
        nearest: when ``abstained``, the papers that came nearest, best first; may be empty.
        judged: papers screened; ``searched``: papers in the collection, or those that pass the filters.
        missing: of a set question, in words, how many papers more are expected ("about 0–1 more expected").
        filters: the years, authors and venues that all papers were restricted to, in words; may be empty.
        corrections: words of the question and what they were read as.
        table: of a comparison of several papers; its sentences are among ``statements``.
        removed: what a model wrote and the evidence does not carry, each with the reason.
        writer: the model that wrote, or "extractive" where the statements are quotes.
        asked: in a conversation, what the question was read as; empty where it was taken as typed.
        rewritten: what was searched for, as a model rewrote it; empty where the question's own words were.
        receipt: fingerprint, settings, scores of every stage, ``timings_ms``.
    """

    question: str
    kind: str
    abstained: bool
    statements: tuple[Statement, ...] = ()
    papers: tuple[ScoredPaper, ...] = ()
    partial: tuple[Statement, ...] = ()
    note: str = ""
    nearest: tuple[ScoredPaper, ...] = ()
    judged: int = 0
    searched: int = 0
    missing: str = ""
    filters: str = ""
    corrections: tuple[tuple[str, str], ...] = ()
    table: Table | None = None
    removed: tuple[Statement, ...] = ()
    writer: str = "extractive"
    asked: str = ""
    rewritten: str = ""
    receipt: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RankedPaper:
    """A paper in a ranking; scores compare within one ranking only."""

    paper_id: str
    title: str
    score: float
