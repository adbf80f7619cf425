"""The Store port on top of any Qdrant engine: everything both stores do alike is done here, once."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Protocol

import numpy as np

from rag.errors import CollectionMismatch, StoreDamaged, StoreUnavailable
from rag.filters import Catalogue, Filters, catalogue
from rag.store import schema
from rag.store.schema import Condition, Payload, Point
from rag.store.snapshots import digest
from rag.types import Contents, Counts, Fingerprint, Hit, IndexedPassage, Paper, SparseVector, Vectors

HIT_FIELDS = ["paper_id", "ordinal"]
"""Payload fields that `Engine.nearest` returns."""

PAGE = 256
"""Papers read at a time when all are listed."""


class Engine(Protocol):
    """The few things asked of Qdrant. All may raise StoreError.

    ``sealed``: its files are ours, and what they hold is written down for comparison; see `Store.seal`.
    """

    sealed: bool

    async def write(self, stale: Sequence[str], points: Sequence[Point]) -> None:
        """Delete the points of ids ``stale``, then write ``points`` in this order; durable on return."""

    async def retrieve(self, point_ids: Sequence[str], fields: Sequence[str] | None = None) -> list[Point]:
        """Those of these points that exist: payload ``fields`` only, or all of it and READ_VECTORS."""

    async def nearest(
        self, using: str, vector: Vectors | SparseVector, depth: int, conditions: Sequence[Condition]
    ) -> list[tuple[Payload, float]]:
        """HIT_FIELDS and scores of the ``depth`` points that score highest on the vector named ``using``.

        Only points that fulfil all ``conditions``; weights of terms are those of the whole collection.
        """

    async def heaviest(self, terms: Sequence[int]) -> list[tuple[float, SparseVector] | None]:
        """For each term the point that scores highest on it alone: that score, and all its sparse vector."""

    async def first_passages(
        self, fields: Sequence[str], size: int, after: str | None
    ) -> tuple[list[Payload], str | None]:
        """These fields of ``size`` points of ordinal 0, and ``after`` of the next page; None at the end."""

    async def values(self, field: str) -> list[Any]:
        """Every value that an indexed payload field has in some point, once, in no promised order."""

    async def count(self, conditions: Sequence[Condition]) -> int:
        """Number of points that fulfil all conditions."""

    async def version(self) -> str:
        """Another text while a write goes on and after it; of others' writes if the engine knows of them."""

    async def seal(self, contents: Contents) -> None:
        """Write down what there is, and leave a snapshot; called only where the engine is ``sealed``."""

    async def close(self) -> None:
        """Release the engine."""


class PointStore:
    """One open collection; `rag.ports.Store` says what its methods promise."""

    def __init__(self, engine: Engine, fingerprint: Fingerprint) -> None:
        self._engine: Engine | None = engine
        self._fingerprint = fingerprint
        self._writing = asyncio.Lock()
        self._catalogue: tuple[str, Catalogue] | None = None
        self._counts: tuple[str, Counts] | None = None

    @property
    def fingerprint(self) -> Fingerprint:
        return self._fingerprint

    def _open(self) -> Engine:
        if self._engine is None:
            raise StoreUnavailable("the collection is closed; open it again")
        return self._engine

    async def upsert(self, passages: Sequence[IndexedPassage]) -> None:
        # Left-over passages go first, and first passages, which hold hash and abstract, come last: a paper
        # whose writing was cut short keeps its old hash, so ingesting it again mends it.
        if not passages:
            return
        counts = _passage_counts(passages)
        points = [schema.to_point(item, counts[item.passage.paper.paper_id]) for item in passages]
        points.sort(key=lambda point: -point.payload["ordinal"])
        async with self._writing:  # two writers of one paper must not both read the old number of passages
            stale = [
                schema.point_id(head["paper_id"], ordinal)
                for head in await self._heads(counts, "passages")
                for ordinal in range(counts[head["paper_id"]], head["passages"])
            ]
            await self._open().write(stale, points)

    async def _heads(self, paper_ids: Iterable[str], field: str) -> list[Payload]:
        first = [schema.point_id(paper_id, 0) for paper_id in paper_ids]
        return [point.payload for point in await self._open().retrieve(first, ["paper_id", field])]

    async def hashes(self, paper_ids: Sequence[str]) -> dict[str, str]:
        heads = await self._heads(paper_ids, "content_hash")
        return {head["paper_id"]: head["content_hash"] for head in heads}

    async def search_dense(self, vector: Vectors, depth: int, filters: Filters | None = None) -> list[Hit]:
        return await self._search(schema.DENSE, vector, depth, filters)

    async def search_sentences(
        self, vector: Vectors, depth: int, filters: Filters | None = None
    ) -> list[Hit]:
        # A multivector of one; those of the sentences are kept in 16 bits: good to three digits.
        return await self._search(schema.SENTENCES, vector[np.newaxis], depth, filters)

    async def search_sparse(
        self, vector: SparseVector, depth: int, filters: Filters | None = None
    ) -> list[Hit]:
        return await self._search(schema.SPARSE, vector, depth, filters) if vector.indices else []

    async def _search(
        self, using: str, vector: Vectors | SparseVector, depth: int, filters: Filters | None
    ) -> list[Hit]:
        found = await self._open().nearest(using, vector, depth, schema.conditions(filters))
        hits = [Hit(f"{p['paper_id']}#{p['ordinal']}", p["paper_id"], score) for p, score in found]
        return sorted(hits, key=lambda hit: (-hit.score, hit.passage_id))

    async def idf(self, terms: Sequence[int]) -> dict[int, float]:
        # The heaviest passage of a term scores its stored weight times the IDF, so one division gives the IDF
        # that searches use, without a second index.
        found = await self._open().heaviest(terms) if terms else []
        return {
            term: best[0] / best[1].values[best[1].indices.index(term)]
            for term, best in zip(terms, found, strict=True)
            if best is not None
        }

    async def fetch(self, paper_ids: Sequence[str]) -> list[IndexedPassage]:
        first = [schema.point_id(paper_id, 0) for paper_id in dict.fromkeys(paper_ids)]
        heads = await self._open().retrieve(first)
        rest = [each for head in heads for each in schema.later_points(head.payload)]
        return _in_order(paper_ids, heads, await self._open().retrieve(rest) if rest else [])

    async def papers(self) -> AsyncIterator[Paper]:
        async for payload in self._first_passages(schema.PAPER_FIELDS):
            yield schema.to_paper(payload)

    async def _first_passages(self, fields: Sequence[str]) -> AsyncIterator[Payload]:
        after: str | None = None
        while True:
            page, after = await self._open().first_passages(fields, PAGE, after)
            for payload in page:
                yield payload
            if after is None:
                return

    async def counts(self, filters: Filters | None = None) -> Counts:
        # Those of the whole are kept until the next write, for every question asks for them. What other
        # clients of a server write shows only after the next opening, here as in the catalogue.
        engine, wanted = self._open(), schema.conditions(filters)
        if wanted:
            return Counts(await engine.count([schema.FIRST_PASSAGE, *wanted]), await engine.count(wanted))
        version = await engine.version()
        if self._counts is not None and self._counts[0] == version:
            return self._counts[1]
        counts = Counts(await engine.count([schema.FIRST_PASSAGE]), await engine.count([]))
        if version == await engine.version():
            self._counts = version, counts
        return counts

    async def contents(self) -> Contents:
        hashes, damaged, expected = [], [], 0
        async for payload in self._first_passages([*schema.PAPER_FIELDS, "content_hash", "passages"]):
            hashes.append((payload["paper_id"], payload["content_hash"]))
            expected += payload["passages"]
            if schema.to_paper(payload).content_hash != payload["content_hash"]:
                damaged.append(payload["paper_id"])
        passages = (await self.counts()).passages
        if passages < expected:  # a paper that lacks some is damaged too
            damaged += [paper_id for paper_id, _ in hashes if not await self._is_whole(paper_id)]
        return Contents(len(hashes), passages, digest(hashes), tuple(dict.fromkeys(damaged)))

    async def _is_whole(self, paper_id: str) -> bool:
        [head] = await self._heads([paper_id], "passages")
        rest = schema.later_points(head)
        return len(await self._open().retrieve(rest, ["ordinal"])) == len(rest) if rest else True

    async def seal(self) -> None:
        if not self._open().sealed:
            return
        contents = await self.contents()
        if contents.damaged:
            raise StoreDamaged(
                f"papers {', '.join(map(repr, contents.damaged[:3]))} are damaged; ingest again"
            )
        await self._open().seal(contents)

    async def catalogue(self) -> Catalogue:
        engine = self._open()
        async with self._writing:  # writers of this process wait meanwhile
            version = await engine.version()
            if self._catalogue is None or self._catalogue[0] != version:
                fields = [await engine.values(field) for field in ("authors", "venue", "year")]
                self._catalogue = version, await asyncio.to_thread(catalogue, *fields)
            return self._catalogue[1]

    async def close(self) -> None:
        engine, self._engine = self._engine, None
        if engine is not None:
            await engine.close()


def _passage_counts(passages: Sequence[IndexedPassage]) -> dict[str, int]:
    ordinals: defaultdict[str, list[int]] = defaultdict(list)
    for item in passages:
        ordinals[item.passage.paper.paper_id].append(item.passage.ordinal)
    for paper_id, found in ordinals.items():
        if sorted(found) != list(range(len(found))):
            raise ValueError(f"paper {paper_id!r}: expected all its passages once, found ordinals {found}")
    return {paper_id: len(found) for paper_id, found in ordinals.items()}


def _in_order(
    paper_ids: Iterable[str], heads: Iterable[Point], rest: Iterable[Point]
) -> list[IndexedPassage]:
    """Join passages to the paper of their first one; those of a version being replaced are left out."""
    papers: dict[str, list[IndexedPassage]] = {}
    for head in heads:
        paper = schema.to_paper(head.payload)
        if paper.content_hash != head.payload["content_hash"]:
            raise StoreDamaged(
                f"what is stored of paper {paper.paper_id!r} is not what was ingested; "
                "restore the collection with `pincite restore`, or ingest its papers again"
            )
        papers[paper.paper_id] = [schema.to_passage(head, paper)]
    for point in sorted(rest, key=lambda point: int(point.payload["ordinal"])):
        first, *_ = found = papers[point.payload["paper_id"]]
        if point.payload["content_hash"] == first.content_hash:
            found.append(schema.to_passage(point, first.passage.paper))
    return [item for paper_id in dict.fromkeys(paper_ids) for item in papers.get(paper_id, ())]


def check_fingerprint(
    collection: str, made_with: Mapping[str, object], expected: Fingerprint, remedy: str
) -> None:
    """Raise `CollectionMismatch` where a collection was ``made_with`` other fields than are ``expected``."""
    wanted = asdict(expected)
    differences = [
        f"{field} {made_with.get(field)!r} instead of {wanted.get(field)!r}"
        for field in wanted | dict(made_with)
        if made_with.get(field) != wanted.get(field)
    ]
    if differences:
        raise CollectionMismatch(
            f"collection {collection!r} was made with {', '.join(differences)}; {remedy}"
        )
