"""Papers with made-up vectors, and what searching them must give, for the tests of every store."""

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from zlib import crc32

import numpy as np

from rag.store.schema import content_hash
from rag.types import Fingerprint, Hit, IndexedPassage, Paper, Passage, Span, SparseVector, Vectors

DIMENSIONS = 16
FINGERPRINT = Fingerprint("made-up", DIMENSIONS, "sentences/made-up/32")
WORDS = ("cache", "judge", "rerank", "prompt", "token", "router", "metric", "recall", "bias", "sparse")


def vector(text: str) -> Vectors:
    """A unit vector that depends on nothing but the text."""
    values = np.random.default_rng(crc32(text.encode())).normal(size=DIMENSIONS)
    return np.asarray(values / np.linalg.norm(values), dtype=np.float32)


def terms(text: str) -> SparseVector:
    """Every distinct word with its saturated count, as BM25 has it."""
    words = text.split()
    counts = {crc32(word.encode()): words.count(word) for word in words}
    return SparseVector(tuple(counts), tuple(count * 2.2 / (count + 1.2) for count in counts.values()))


def passages_of(paper: Paper, sentences: Sequence[str], per_passage: int = 2) -> list[IndexedPassage]:
    """The indexed passages of a paper whose abstract is these sentences, joined."""
    paper = replace(paper, abstract="".join(sentences))
    ends = [sum(map(len, sentences[:n])) for n in range(len(sentences) + 1)]
    spans = [Span(start, end) for start, end in pairwise(ends)]
    groups = [spans[n : n + per_passage] for n in range(0, max(1, len(spans)), per_passage)]
    return [_indexed(paper, ordinal, group) for ordinal, group in enumerate(groups)]


def _indexed(paper: Paper, ordinal: int, sentences: Sequence[Span]) -> IndexedPassage:
    span = Span(sentences[0].start, sentences[-1].end) if sentences else Span(0, 0)
    text = paper.abstract[span.start : span.end]
    return IndexedPassage(
        passage=Passage(paper, ordinal, span, text, tuple(sentences)),
        content_hash=content_hash(paper),
        dense=vector(text),
        sparse=terms(text),
        sentence_vectors=np.array(
            [vector(paper.abstract[s.start : s.end]) for s in sentences], dtype=np.float32
        ).reshape(len(sentences), DIMENSIONS),
    )


def library(papers: int = 30) -> list[IndexedPassage]:
    """Papers of one to six sentences of a few known words."""
    rng = np.random.default_rng(7)
    return [
        passage
        for number in range(papers)
        for passage in passages_of(
            Paper(f"p{number}", f"Paper {number}", ""),
            [" ".join([*rng.choice(WORDS, 5), f"n{number} "]) for _ in range(rng.integers(1, 7))],
        )
    ]


def ranked(hits: Sequence[tuple[IndexedPassage, float]]) -> list[Hit]:
    """The ranking these scores make."""
    made = [Hit(item.passage.passage_id, item.passage.paper.paper_id, score) for item, score in hits]
    return sorted(made, key=lambda hit: (-hit.score, hit.passage_id))


def cosines(stored: Sequence[IndexedPassage], query: Vectors) -> list[Hit]:
    """The whole ranking that search_dense must begin."""
    return ranked([(item, float(item.dense @ query)) for item in stored])


def best_sentences(stored: Sequence[IndexedPassage], query: Vectors) -> list[Hit]:
    """The whole ranking that search_sentences must begin."""
    return ranked([(item, float((item.sentence_vectors @ query).max())) for item in stored])


def bm25(stored: Sequence[IndexedPassage], query: SparseVector) -> list[Hit]:
    """The whole ranking that search_sparse must begin, with the IDF of Lucene and Qdrant."""
    weights = [dict(zip(item.sparse.indices, item.sparse.values, strict=True)) for item in stored]
    found = {term: sum(term in held for held in weights) for term in query.indices}
    idf = {term: math.log(1 + (len(stored) - n + 0.5) / (n + 0.5)) for term, n in found.items()}
    scores = [
        sum(
            value * held.get(term, 0) * idf[term]
            for term, value in zip(query.indices, query.values, strict=True)
        )
        for held in weights
    ]
    return ranked([(item, score) for item, score in zip(stored, scores, strict=True) if score])


def agree(found: Sequence[Hit], wanted: Sequence[Hit], depth: int, tolerance: float) -> bool:
    """Whether the hits found begin the ranking wanted, but for the order of scores that are nearly alike."""
    score = {hit.passage_id: hit.score for hit in wanted}
    return len(found) == min(depth, len(wanted)) and all(
        abs(hit.score - best.score) <= tolerance and abs(hit.score - score[hit.passage_id]) <= tolerance
        for hit, best in zip(found, wanted, strict=False)
    )
