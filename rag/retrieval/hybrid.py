"""The first stage: dense, sparse and sentence search, fused by rank; then the candidates are fetched.

Rankings are merged by Reciprocal Rank Fusion (Cormack, Clarke and Büttcher 2009).
"""

import asyncio
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby

import numpy as np

from rag.filters import Filters
from rag.ports import Encoder, Store, TermEncoder
from rag.retrieval.candidates import Candidate, Evidence, candidate
from rag.text.words import Words
from rag.types import Hit, IndexedPassage, RankedPaper, Vectors

SENTENCE_SEARCH_LIMIT = 5_000
"""Passages up to which all sentence vectors are searched: exact MaxSim costs more the more there are."""

PASSAGES_A_PAPER = 4
"""Passages that are asked for, for each similar paper wanted: long abstracts hold several."""


class Retriever:
    """Finds the papers of one collection that may answer a query; it was made with this encoder and terms."""

    def __init__(self, store: Store, encoder: Encoder, terms: TermEncoder, rank_constant: int) -> None:
        self._store = store
        self._encoder = encoder
        self._terms = terms
        self._rank_constant = rank_constant
        self._words = Words(terms)

    async def retrieve(
        self, query: str, depth: int, filters: Filters | None = None, most: int | None = None
    ) -> Evidence:
        """Candidates for ``query``, best first.

        Args:
            query: what to search for.
            depth: passages of each first-stage ranking.
            filters: what every paper must be like.
            most: the most papers to return; None for ``depth``.

        Raises:
            StoreError: the collection cannot be read.
            ModelError: the query cannot be encoded.
        """
        vector = (await self._encoder.encode_queries([query]))[0]
        found = await self._found(query, vector, depth, filters, most or depth)
        if not filters:
            return found
        return replace(found, background=await self._found(query, vector, depth, None, most or depth))

    async def _found(
        self, query: str, vector: Vectors, depth: int, filters: Filters | None, most: int
    ) -> Evidence:
        sparse = self._terms.encode_query(query)
        counts = await self._store.counts(filters)
        searches = [
            self._store.search_dense(vector, depth, filters),
            self._store.search_sparse(sparse, depth, filters),
        ]
        # Where the depth takes in every passage there is nothing left to find.
        if depth < counts.passages <= SENTENCE_SEARCH_LIMIT:
            searches.append(self._store.search_sentences(vector, depth, filters))
        fused = reciprocal_rank_fusion(await asyncio.gather(*searches), self._rank_constant)
        paper_ids = list(dict.fromkeys(hit.paper_id for hit in fused))[:most]
        passages = await self._store.fetch(paper_ids)
        idf = await self.idf(sparse.indices)
        found = await asyncio.to_thread(self._candidates, passages, vector, idf)
        return Evidence(query, vector, self._words.stems(query), idf, tuple(found), counts.papers)

    async def with_papers(self, evidence: Evidence, paper_ids: Sequence[str]) -> Evidence:
        """Evidence with these papers among its candidates: those it lacks come last. Raises StoreError."""
        found = {item.paper.paper_id for item in evidence.candidates}
        passages = await self._store.fetch([key for key in paper_ids if key not in found])
        more = await asyncio.to_thread(self._candidates, passages, evidence.vector, dict(evidence.idf))
        return replace(evidence, candidates=(*evidence.candidates, *more))

    async def weighed_by(self, evidence: Evidence, query: str) -> Evidence:
        """The same candidates with the IDF of another query's terms, to read them for. Raises StoreError."""
        return replace(evidence, idf=await self.idf(self._terms.encode_query(query).indices))

    async def nothing(self, query: str, searched: int) -> Evidence:
        """Evidence without a candidate, for a query that no paper can answer."""
        vector = (await self._encoder.encode_queries([query]))[0]
        return Evidence(query, vector, self._words.stems(query), {}, (), searched)

    async def similar(self, paper_id: str, top_k: int) -> list[RankedPaper]:
        """The ``top_k`` papers most like a stored one, by cosine to the mean of its passages, without itself.

        A paper that is not stored is like none. Raises StoreError.
        """
        own = await self._store.fetch([paper_id])
        if not own:
            return []
        centre = np.mean([each.dense for each in own], axis=0)
        centre = (centre / max(float(np.linalg.norm(centre)), 1e-12)).astype(np.float32)
        hits = await self._store.search_dense(centre, top_k * PASSAGES_A_PAPER + len(own))
        best: dict[str, float] = {}
        for hit in hits:
            if hit.paper_id != paper_id:
                best.setdefault(hit.paper_id, hit.score)
        first = list(best)[:top_k]
        titles = {
            each.passage.paper.paper_id: each.passage.paper.title for each in await self._store.fetch(first)
        }
        return [RankedPaper(key, titles[key], best[key]) for key in first]

    async def idf(self, terms: Sequence[int]) -> dict[int, float]:
        """Each term's IDF in the whole collection; one that no passage holds gets that of frequency 0."""
        known = await self._store.idf(terms)
        unseen = math.log(1 + ((await self._store.counts()).passages + 0.5) / 0.5)
        return {term: known.get(term, unseen) for term in terms}

    def _candidates(
        self, passages: Sequence[IndexedPassage], vector: Vectors, idf: dict[int, float]
    ) -> list[Candidate]:
        stems_of = {text: self._words.stems(text) for text in _texts(passages)}
        by_paper = groupby(passages, key=lambda item: item.passage.paper.paper_id)
        return [candidate(list(group), stems_of, vector, idf) for _, group in by_paper]


def _texts(passages: Iterable[IndexedPassage]) -> Iterable[str]:
    for item in passages:
        abstract = item.passage.paper.abstract
        yield item.passage.paper.title
        yield from (abstract[span.start : span.end] for span in item.passage.sentences)


def reciprocal_rank_fusion(rankings: Iterable[Sequence[Hit]], rank_constant: int) -> list[Hit]:
    """One ranking by the sum of 1 / (rank_constant + rank), ranks from 1; ties by ``passage_id``.

    A passage that is missing from a ranking gets nothing for it; the constant is 60 in the paper.
    """
    shares: defaultdict[str, list[float]] = defaultdict(list)
    papers: dict[str, str] = {}
    for ranking in rankings:
        for rank, hit in enumerate(ranking, start=1):
            shares[hit.passage_id].append(1 / (rank_constant + rank))
            papers[hit.passage_id] = hit.paper_id
    # fsum rounds once, so that ties do not depend on the order of the rankings
    fused = [Hit(passage_id, papers[passage_id], math.fsum(each)) for passage_id, each in shares.items()]
    return sorted(fused, key=lambda hit: (-hit.score, hit.passage_id))
