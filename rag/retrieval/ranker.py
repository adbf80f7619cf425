"""The ranker: measured signals of each candidate, weighted by a listwise model fitted on made queries.

A score says which of two candidates comes first for one query; it is no probability (see `relevance`).
Scores are linear in the signals, as in ListNet (Cao et al. 2007) with a linear scorer.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rag.retrieval.candidates import Candidate, Evidence
from rag.types import Vectors

Matrix = NDArray[np.float64]

RANKING = ("bm25", "dense", "sentence_best", "sentence_two", "feedback", "adjacent")
"""BM25 of the best passage (Robertson and Zaragoza 2009); cosine of the best passage, of the best sentence,
and mean of the best two; cosine to the query moved towards the papers that rank first (pseudo-relevance
feedback after Rocchio 1971); IDF share of the query's neighbouring words that stand side by side in the
paper (ordered bigrams of the sequential dependence model, Metzler and Croft 2005)."""

FEEDBACK_PAPERS = 8


@dataclass(frozen=True, slots=True)
class Ranker:
    """Weights, one of each signal of `RANKING`."""

    weights: tuple[float, ...]

    def scores(self, evidence: Evidence) -> Matrix:
        """One a candidate, higher is better, shape [candidates]; they compare within one query only."""
        return self.of(ranking_signals(evidence))

    def of(self, signals: Matrix) -> Matrix:
        """The same from `ranking_signals`."""
        scores: Matrix = signals @ np.asarray(self.weights)
        return scores


def ranking_signals(evidence: Evidence) -> Matrix:
    """Signals of every candidate, shape [candidates, RANKING]."""
    if not evidence.candidates:
        return np.zeros((0, len(RANKING)))
    first = np.array([_first(item) for item in evidence.candidates])
    feedback = _feedback(evidence, _standardised(first[:, [0, 1, 3]]).sum(axis=1))
    pairs = _pairs(evidence)
    adjacent = [_adjacent(pairs, item) for item in evidence.candidates]
    return np.column_stack([first, feedback, adjacent])


def _first(item: Candidate) -> list[float]:
    best = sorted((sentence.cosine for sentence in item.sentences), reverse=True)[:2]
    return [item.bm25, item.dense, best[0], sum(best) / len(best)]


def _standardised(columns: Matrix) -> Matrix:
    scaled: Matrix = (columns - columns.mean(axis=0)) / (columns.std(axis=0) + 1e-9)
    return scaled


def _feedback(evidence: Evidence, scores: Matrix) -> list[float]:
    """Cosine of each candidate to the query plus the mean of the first papers, weighted by exp(score)."""
    first = np.argsort(-scores, kind="stable")[:FEEDBACK_PAPERS]
    shares = np.exp(scores[first] - scores[first[0]])
    centres = np.array([_unit(evidence.candidates[i].passages.mean(axis=0)) for i in first])
    moved = _unit(evidence.vector + shares @ centres / shares.sum())
    return [float((item.passages @ moved).max()) for item in evidence.candidates]


def _unit(vector: Matrix | Vectors) -> Matrix:
    unit: Matrix = np.asarray(vector, np.float64) / max(float(np.linalg.norm(vector)), 1e-12)
    return unit


def _pairs(evidence: Evidence) -> Mapping[tuple[int, int], float]:
    """Neighbouring words of the query, each with its share of all their IDF."""
    weights = {pair: sum(evidence.idf.get(term, 0.0) for term in pair) for pair in pairwise(evidence.stems)}
    total = math.fsum(weights.values())
    return {pair: weight / total for pair, weight in weights.items()} if total else {}


def _adjacent(pairs: Mapping[tuple[int, int], float], item: Candidate) -> float:
    if not pairs:
        return 0.0
    there = set(pairwise(item.stems))
    return math.fsum(share for pair, share in pairs.items() if pair in there)
