"""Fit logistic models on examples: papers by relevance, sentences by whether they answer.

Scikit-learn (a development extra) on standardised signals, L2-regularised since the question set is small.
A partial paper counts half as relevant and half as not. Folds are split by question.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from evals.cases.questions import Case
from rag.question.understanding import Question
from rag.retrieval.candidates import Evidence
from rag.retrieval.relevance import (
    ABSOLUTE,
    Linear,
    Matrix,
    Ranker,
    RelevanceModel,
    Rows,
    context,
    question_signals,
    sigmoid,
)
from rag.selection.pinpoint import beside, read_odds, stated_signals
from rag.types import Vectors

FOLDS = 8
SEED = 0
PAPER_C = 0.1
QUESTION_C = 10.0
SENTENCE_C = 0.3
STATED_C = 1.0
"""Inverse regularisation strengths."""

SWAPPED = "~"
"""Stands in the id of a case that is another one with another name put in, before that name."""

PARTIAL = 0.5
NEAREST = 0.1
"""A paper less probable than this is not worth naming in an abstention."""

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Example:
    """A case, understood, its evidence, features and neighbours of candidates, and vectors of clauses."""

    case: Case
    question: Question
    evidence: Evidence
    features: Matrix
    near: Rows
    vectors: Vectors

    @property
    def grades(self) -> Matrix:
        """1 relevant, `PARTIAL`, or 0; one a candidate."""
        known = dict.fromkeys(self.case.partial, PARTIAL) | dict.fromkeys(self.case.relevant, 1.0)
        return np.array([known.get(item.paper.title, 0.0) for item in self.evidence.candidates], np.float64)

    @property
    def about_a_topic(self) -> bool:
        """Whether finding papers is all it takes: a set question, or one on nothing that is here."""
        return self.case.kind == "set" or self.case.why in {"off topic", "no such paper"}


@dataclass(frozen=True, slots=True)
class Sentences:
    """What is read for one clause, sentence by sentence.

    ``signals`` has shape [sentences, SIGNALS], ``counted`` is as of `rag.selection.pinpoint.counts`,
    ``right`` says whether each holds a fact asked for, ``owners`` are the ids of their papers.
    """

    signals: Matrix
    counted: Matrix
    right: NDArray[np.int64]
    texts: tuple[str, ...]
    owners: tuple[str, ...]

    def odds(self, sentence: Linear) -> Matrix:
        """Probability of each sentence to answer."""
        return read_odds(self.signals, self.counted, sentence)

    def shown(self, odds: Matrix) -> list[int]:
        """Places of the sentences that are quoted where what is asked is stated."""
        place = beside(odds, self.owners)
        return [int(odds.argmax()), *([] if place is None else [place])]


Asked = tuple[Example, list[Sentences]]
"""An example, and what is read for each of its clauses."""


def fit(rows: Matrix, labels: NDArray[np.int64], strength: float, weights: Matrix | None = None) -> Linear:
    """Logistic regression, its standardisation folded into the weights. ``strength`` is scikit-learn's C."""
    scaler = StandardScaler().fit(rows)
    model = LogisticRegression(C=strength, max_iter=5000).fit(scaler.transform(rows), labels, weights)
    scaled = model.coef_[0] / scaler.scale_
    return Linear(tuple(scaled.tolist()), float(model.intercept_[0] - scaled @ scaler.mean_))


def fit_papers(rows: Sequence[Matrix], examples: Sequence[Example]) -> Linear:
    """Relevance of a paper over the rows of signals of its example."""
    grades = np.concatenate([example.grades for example in examples])
    half = grades == PARTIAL
    labels = np.concatenate([grades == 1, np.ones(half.sum())]).astype(np.int64)
    weights = np.concatenate([np.where(half, PARTIAL, 1.0), np.full(half.sum(), PARTIAL)])
    stacked = np.vstack(rows)
    return fit(np.vstack([stacked, stacked[half]]), labels, PAPER_C, weights)


def fit_relevance(
    examples: Sequence[Example], ranker: Ranker, opening: float = 0.5, threshold: float = 0.5
) -> RelevanceModel:
    """All parts; what builds on another's output is fitted on that of examples the other did not see."""
    topics = [example for example in examples if example.about_a_topic]
    best = out_of_fold(topics, _best_scores, case_id)
    asked = [question_signals(b, example.evidence.searched) for b, example in zip(best, topics, strict=True)]
    answerable = np.array([example.case.answerable for example in topics], np.int64)
    some = [example for example in topics if example.case.answerable]
    firsts = out_of_fold(some, _first_guesses, case_id)
    rows = [
        np.hstack([each.features, context(first, each.near)])
        for each, first in zip(some, firsts, strict=True)
    ]
    return RelevanceModel(
        absolute=_fit_first(topics, len(ABSOLUTE)),
        question=fit(np.array(asked), answerable, QUESTION_C),
        paper=_fit_first(some),
        context=fit_papers(rows, some),
        ranker=ranker,
        opening=opening,
        threshold=threshold,
        nearest=NEAREST,
    )


def _fit_first(examples: Sequence[Example], columns: int | None = None) -> Linear:
    return fit_papers([example.features[:, :columns] for example in examples], examples)


def fit_answers(asked: Sequence[Asked]) -> tuple[Linear, Linear]:
    """Which sentence answers, and whether what is asked is stated; the latter by the former out of fold."""

    def predict(train: Sequence[Asked], test: Sequence[Asked]) -> list[list[Matrix]]:
        model = _fit_sentence(train)
        return [[clause.odds(model) for clause in clauses] for _, clauses in test]

    read = out_of_fold(asked, predict, lambda entry: case_id(entry[0]))
    both = zip(asked, read, strict=True)
    pairs = [pair for (_, clauses), odds in both for pair in zip(clauses, odds, strict=True)]
    rows = np.array([stated_signals(clause.signals, odds, clause.owners) for clause, odds in pairs])
    right = [bool(clause.right[clause.shown(odds)].any()) for clause, odds in pairs]
    return _fit_sentence(asked), fit(rows, np.array(right, np.int64), STATED_C)


def _fit_sentence(asked: Sequence[Asked]) -> Linear:
    read = [clause for _, clauses in asked for clause in clauses]
    rows = np.vstack([clause.signals for clause in read])
    return fit(rows, np.concatenate([clause.right for clause in read]), SENTENCE_C)


def out_of_fold(
    items: Sequence[T],
    predict: Callable[[Sequence[T], Sequence[T]], Sequence[R]],
    group: Callable[[T], str] | None = None,
) -> list[R]:
    """``predict(train, test)`` for every item by a model that has not seen it, in the order of ``items``.

    Nor has it seen another item of the same ``group``.
    """
    groups = [group(item) for item in items] if group else list(map(str, range(len(items))))
    names = list(dict.fromkeys(groups))
    folds = dict(zip(names, np.random.default_rng(SEED).permutation(len(names)) % FOLDS, strict=True))
    fold = np.array([folds[name] for name in groups])
    found: dict[int, R] = {}
    for number in range(FOLDS):
        test = np.flatnonzero(fold == number).tolist()
        train = [items[i] for i in np.flatnonzero(fold != number).tolist()]
        found.update(zip(test, predict(train, [items[i] for i in test]), strict=True))
    return [found[i] for i in range(len(items))]


def case_id(example: Example) -> str:
    """Examples of one case belong together, as do those of one case with other names put in."""
    return example.case.case_id.partition(SWAPPED)[0]


def _best_scores(train: Sequence[Example], test: Sequence[Example]) -> list[float]:
    model = _fit_first(train, len(ABSOLUTE))
    return [float(model.logit(e.features[:, : len(ABSOLUTE)]).max()) for e in test]


def _first_guesses(train: Sequence[Example], test: Sequence[Example]) -> list[Matrix]:
    model = _fit_first(train)
    return [sigmoid(model.logit(example.features)) for example in test]
