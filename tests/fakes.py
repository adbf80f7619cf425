"""Stand-ins that keep the contracts without a model or a disk: an encoder, a store, a language model."""

import asyncio
import math
import re
import zlib
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from functools import lru_cache

import numpy as np

from rag.errors import ModelError, StoreUnavailable
from rag.filters import Catalogue, Filters, catalogue
from rag.models.encoders.text_encoder import TextEncoder
from rag.models.language_model import Completion, OnText, Request, Usage
from rag.types import Counts, Fingerprint, Hit, IndexedPassage, Paper, SparseVector, Vectors


class HashEncoder(TextEncoder):
    """Words are fixed pseudo-random directions, texts their unit sums: shared words, higher cosine.

    The same in every run and on every machine. ``texts`` counts what was encoded, for tests of idempotence.
    """

    def __init__(self, dimensions: int = 64) -> None:
        self.name = f"hash-{dimensions}"
        self.dimensions = dimensions
        self.texts = 0

    async def encode_queries(self, queries: Sequence[str]) -> Vectors:
        return self._encode(queries)

    async def encode_passages(self, texts: Sequence[str]) -> Vectors:
        return self._encode(texts)

    def _encode(self, texts: Sequence[str]) -> Vectors:
        self.texts += len(texts)
        vectors = np.zeros((len(texts), self.dimensions), np.float32)
        for row, text in enumerate(texts):
            for word in re.findall(r"\w+", text.lower()) or [""]:
                vectors[row] += _direction(word, self.dimensions)
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        return vectors


@lru_cache(maxsize=100_000)
def _direction(word: str, dimensions: int) -> Vectors:
    generator = np.random.default_rng(zlib.crc32(word.encode()))
    return generator.standard_normal(dimensions).astype(np.float32)


class MemoryStore:
    """A store in a dict, searched by brute force. ``upserts`` counts the passages written."""

    def __init__(self, fingerprint: Fingerprint) -> None:
        self._fingerprint = fingerprint
        self._passages: dict[str, dict[int, IndexedPassage]] = {}  # by paper, then ordinal
        self.upserts = 0
        self.closed = False

    @property
    def fingerprint(self) -> Fingerprint:
        return self._fingerprint

    async def upsert(self, passages: Sequence[IndexedPassage]) -> None:
        self._check_open()
        new: dict[str, dict[int, IndexedPassage]] = {}
        for indexed in passages:
            new.setdefault(indexed.passage.paper.paper_id, {})[indexed.passage.ordinal] = indexed
        for paper_id, ordinals in new.items():
            if set(ordinals) != set(range(len(ordinals))):
                raise ValueError(f"paper {paper_id!r}: expected all its passages, found {sorted(ordinals)}")
        self._passages.update(new)
        self.upserts += len(passages)

    async def seal(self) -> None:
        self._check_open()

    async def hashes(self, paper_ids: Sequence[str]) -> dict[str, str]:
        self._check_open()
        return {key: self._passages[key][0].content_hash for key in paper_ids if key in self._passages}

    async def search_dense(self, vector: Vectors, depth: int, filters: Filters | None = None) -> list[Hit]:
        return self._ranking(lambda indexed: float(indexed.dense @ vector), depth, filters)

    async def search_sentences(
        self, vector: Vectors, depth: int, filters: Filters | None = None
    ) -> list[Hit]:
        return self._ranking(
            lambda indexed: float((indexed.sentence_vectors @ vector).max(initial=-1)), depth, filters
        )

    async def search_sparse(
        self, vector: SparseVector, depth: int, filters: Filters | None = None
    ) -> list[Hit]:
        idf = await self.idf(vector.indices)
        wanted = {
            term: weight * idf.get(term, 0.0)
            for term, weight in zip(vector.indices, vector.values, strict=True)
        }

        def score(indexed: IndexedPassage) -> float:
            terms = zip(indexed.sparse.indices, indexed.sparse.values, strict=True)
            return sum(wanted.get(term, 0.0) * weight for term, weight in terms)

        return [hit for hit in self._ranking(score, depth, filters) if hit.score > 0]

    async def idf(self, terms: Sequence[int]) -> dict[int, float]:
        self._check_open()
        holders = Counter(term for indexed in self._all() for term in indexed.sparse.indices)
        total = sum(1 for _ in self._all())
        return {
            term: math.log(1 + (total - holders[term] + 0.5) / (holders[term] + 0.5))
            for term in terms
            if holders[term]
        }

    async def fetch(self, paper_ids: Sequence[str]) -> list[IndexedPassage]:
        self._check_open()
        found = (self._passages.get(key, {}) for key in dict.fromkeys(paper_ids))
        return [indexed for passages in found for _, indexed in sorted(passages.items())]

    async def papers(self) -> AsyncIterator[Paper]:
        self._check_open()
        for passages in list(self._passages.values()):
            yield passages[0].passage.paper

    async def counts(self, filters: Filters | None = None) -> Counts:
        self._check_open()
        passing = list(self._all(filters))
        return Counts(len({item.passage.paper.paper_id for item in passing}), len(passing))

    async def catalogue(self) -> Catalogue:
        papers = [paper async for paper in self.papers()]
        return catalogue(
            {name for paper in papers for name in paper.authors},
            {paper.venue for paper in papers},
            {paper.year for paper in papers if paper.year is not None},
        )

    async def close(self) -> None:
        self.closed = True

    def _ranking(
        self, score: Callable[[IndexedPassage], float], depth: int, filters: Filters | None
    ) -> list[Hit]:
        self._check_open()
        hits = [
            Hit(indexed.passage.passage_id, indexed.passage.paper.paper_id, score(indexed))
            for indexed in self._all(filters)
        ]
        return sorted(hits, key=lambda hit: (-hit.score, hit.passage_id))[:depth]

    def _all(self, filters: Filters | None = None) -> Iterable[IndexedPassage]:
        return (
            indexed
            for passages in self._passages.values()
            for indexed in passages.values()
            if not filters or filters.matches(indexed.passage.paper)
        )

    def _check_open(self) -> None:
        if self.closed:
            raise StoreUnavailable("the store is closed")


class ScriptedModel:
    """A language model that gives the replies of its script in order, word by word.

    A reply is a text, an error to raise, or a `Completion` as it is; a function makes one of each request.
    ``requests`` keeps what was asked. A script that is over is a mistake of the test.
    """

    def __init__(
        self,
        script: Iterable[str | ModelError | Completion]
        | Callable[[Request], str | ModelError | Completion] = (),
        *,
        name: str = "scripted",
        context_tokens: int = 8192,
    ) -> None:
        self.name = name
        self.context_tokens = context_tokens
        self.requests: list[Request] = []
        self.closed = False
        if callable(script):
            self._next = script
        else:
            left = iter(list(script))
            self._next = lambda _request: next(left)

    async def complete(self, request: Request, on_text: OnText | None = None) -> Completion:
        self.requests.append(request)
        try:
            reply = self._next(request)
        except StopIteration:
            raise AssertionError(f"the script has no reply {len(self.requests)}: {request!r}") from None
        if isinstance(reply, ModelError):
            raise reply
        if isinstance(reply, str):
            reply = self._completion(reply, request)
        for piece in re.findall(r"\S*\s*", reply.text)[:-1]:
            if on_text is not None:
                on_text(piece)
            await asyncio.sleep(0)
        return reply

    def _completion(self, text: str, request: Request) -> Completion:
        asked = sum(len(message.content.split()) for message in request.messages)
        words = re.findall(r"\S+\s*", text)
        cut = len(words) > request.max_tokens
        usage = Usage(1, asked, min(len(words), request.max_tokens), 0.0)
        return Completion("".join(words[: request.max_tokens]) if cut else text, self.name, usage, cut=cut)

    async def close(self) -> None:
        self.closed = True
