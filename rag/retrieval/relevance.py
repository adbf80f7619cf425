"""How well each candidate fits: a ranker that orders, and calibrated probabilities of relevance.

The ranker weighs signals linearly, as ListNet (Cao et al. 2007) with a linear scorer; its score says which of
two candidates comes first for one query and is no probability. Probabilities are logistic regressions.

First, does the collection hold anything on the topic at all: a logistic model of the best absolute score, and
of how many papers it is the best of, since the best of many is better by chance.
Then, given that it does, each paper's probability from absolute and relative signals, and again with what the
first guesses say of its neighbours. The product with the first is the probability shown. The weights are
fitted by `python -m models.ranking.calibrate` on questions made for it, never on those used for measuring.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rag.phrases import Phrases
from rag.retrieval.candidates import Candidate, Evidence, coverage
from rag.retrieval.paper_names import same_title
from rag.types import Vectors

Matrix = NDArray[np.float64]
Rows = NDArray[np.int64]

_NAMES = Phrases("rag.retrieval", "signals.toml")
RANKING, ABSOLUTE, RELATIVE, CONTEXT = map(_NAMES.ordered, ("ranking", "absolute", "relative", "context"))
FEATURES = ABSOLUTE + RELATIVE

FEEDBACK_PAPERS = 8


MOST_PAPERS = 231
"""Papers of the collection that the models were fitted on, beside parts of it; larger ones count as this."""

NEIGHBOURS = 5
"""Papers most like one, whose probabilities say something of its own."""

TIE = 1e-9
"""Probabilities closer than this share a rank, as those of a paper and its duplicate."""

LEAST = 1e-3
"""Added to probabilities before their logarithm."""

TITLE_PROBABILITY = 0.999
"""Of the paper whose very title was asked for."""


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


@dataclass(frozen=True, slots=True)
class Linear:
    """Weights (one a feature, in the order the caller uses) and intercept of a logistic model."""

    weights: tuple[float, ...]
    intercept: float

    def logit(self, features: Matrix) -> Matrix:
        """Log-odds, shape [rows], of features of shape [rows, weights]."""
        logits: Matrix = features @ np.asarray(self.weights) + self.intercept
        return logits


@dataclass(frozen=True, slots=True)
class RelevanceModel:
    """The fitted logistic models, and where to cut.

    Attributes:
        absolute: of a paper, over `ABSOLUTE`.
        question: whether anything is relevant, over `question_signals`.
        paper: of a paper given that something is, over `FEATURES`; a first guess.
        context: of a paper given the first guesses of all, over `FEATURES` and `CONTEXT`.
        ranker: whose scores are among the features.
        opening: least probability of the best paper for there to be an answer set at all.
        threshold: least probability of a paper in an answer set.
        nearest: least probability of a paper worth naming in an abstention.
    """

    absolute: Linear
    question: Linear
    paper: Linear
    context: Linear
    ranker: Ranker
    opening: float
    threshold: float
    nearest: float

    def probabilities(self, evidence: Evidence, question: str) -> list[float]:
        """Probability of relevance of each candidate, in the order of ``evidence.candidates``.

        ``question`` is the text as asked: a paper whose very title it is, is what was looked for.
        """
        if not evidence.candidates:
            return []
        titled = [same_title(question, item.paper.title) for item in evidence.candidates]
        every = evidence.unfiltered
        odds = self.odds(features(every, self.ranker), neighbours(every), every.searched)[: len(titled)]
        return [TITLE_PROBABILITY if title else float(each) for title, each in zip(titled, odds, strict=True)]

    def odds(self, signals: Matrix, near: Rows, papers: int) -> Matrix:
        """Probabilities from `features` and `neighbours`, shape [candidates], at least one.

        ``papers`` are those of the collection.
        """
        best = float(self.absolute.logit(signals[:, : len(ABSOLUTE)]).max())
        answerable = sigmoid(self.question.logit(np.array([question_signals(best, papers)])))
        first = sigmoid(self.paper.logit(signals))
        probabilities: Matrix = answerable * sigmoid(
            self.context.logit(np.hstack([signals, context(first, near)]))
        )
        return probabilities


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


def question_signals(best: float, papers: int) -> tuple[float, float]:
    """Signals of a question: the best absolute log-odds, and the logarithm of the number of papers."""
    return best, math.log(min(max(papers, 1), MOST_PAPERS))


def features(evidence: Evidence, ranker: Ranker) -> Matrix:
    """Signals of every candidate, shape [candidates, FEATURES]."""
    rows = np.array([_absolute(evidence.idf, item) for item in evidence.candidates], np.float64)
    shared = rows[:, [ABSOLUTE.index(name) for name in ("bm25", "dense", "sentence_two")]]
    ranking = ranking_signals(evidence)
    feedback, adjacent = (ranking[:, [RANKING.index(name)]] for name in ("feedback", "adjacent"))
    shared = np.hstack([shared, feedback])
    relative = shared / np.maximum(shared.max(axis=0), 1e-9)
    scores = ranker.of(ranking)[:, None]
    return np.hstack([rows, relative, adjacent, (scores - scores.mean()) / max(float(scores.std()), 1e-9)])


def neighbours(evidence: Evidence) -> Rows:
    """Rows of the candidates most like each, shape [candidates, at most `NEIGHBOURS`], most like first."""
    centres = np.array([item.passages.mean(axis=0) for item in evidence.candidates])
    centres /= np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), 1e-12)
    likeness = centres @ centres.T
    np.fill_diagonal(likeness, -np.inf)
    rows: Rows = np.argsort(-likeness, axis=1, kind="stable")[:, : min(NEIGHBOURS, len(centres) - 1)]
    return rows


def context(first: Matrix, near: Rows) -> Matrix:
    """`CONTEXT` of every candidate, shape [candidates, CONTEXT], from first probabilities."""
    around = first[near].mean(axis=1) if near.shape[1] else np.zeros(len(first))
    ranks = (first > first[:, None] + TIE).sum(axis=1)
    return np.column_stack([np.log(around + LEAST), np.log(1 + ranks)])


def _absolute(idf: Mapping[int, float], item: Candidate) -> list[float]:
    own = [sentence for sentence in item.sentences if sentence.own]
    terms = [sentence.terms for sentence in item.sentences]
    own_terms = [sentence.terms for sentence in own]
    cosines = sorted((sentence.cosine for sentence in item.sentences), reverse=True)
    return [
        coverage(idf, item.title_terms),
        max((coverage(idf, each) for each in own_terms), default=0.0),
        max((coverage(idf, each) for each in terms), default=0.0),
        coverage(idf, item.title_terms.union(*terms)),
        coverage(idf, item.title_terms.union(*own_terms)),
        item.bm25 / max(sum(idf.values()), 1e-9),
        item.dense,
        cosines[0],
        sum(cosines[:2]) / len(cosines[:2]),
        max((sentence.cosine for sentence in own), default=0.0),
    ]


def sigmoid(logits: Matrix) -> Matrix:
    """Probabilities of log-odds, element by element; safe for any size."""
    clipped: Matrix = 1 / (1 + np.exp(-np.clip(logits, -30, 30)))
    return clipped
