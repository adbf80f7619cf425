"""The marks of an exam paper, with 95 % intervals; claims without a verdict are counted, never guessed."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evals.exam.sitting import AnswerSheet, Exam
from evals.exam.trials import INVARIANT, KINDS, UNSUPPORTED, Trial
from evals.judges.qualifications import Estimate, Qualification, TrialTally
from evals.judges.registry import OFFLINE
from evals.judges.verdicts import ClaimLabel, ClaimVerdict
from evals.records import Status
from evals.retrieval.measures import calibration_error, reliability
from evals.stats.auroc import auroc, balanced_accuracy, interval
from evals.stats.inference import wilson_interval

CODES = {verdict: code for code, verdict in enumerate(ClaimLabel)}
SUPPORTED = CODES[ClaimLabel.SUPPORTED]
LEAST_MEASURED = 2

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ScoredPairs:
    """Pairs that have a verdict, as columns; ``clusters`` are the claims they belong to."""

    labels: Codes
    said: Codes
    probabilities: Floats
    clusters: Codes


def mark(exam: Exam, paper: AnswerSheet) -> Qualification:
    """All that an exam says of a judge; a measure that nothing can be said of is None."""
    found = columns(exam, paper)
    supported = found.labels == SUPPORTED
    outcomes = {kind: _tally(kind, exam.trials, paper) for kind in KINDS}
    return Qualification(
        judge=paper.judge,
        digest=paper.digest,
        pairs=len(exam.pairs),
        of_pairs=exam.of_pairs,
        pairs_scored=len(found.labels),
        trials=len(exam.trials),
        of_trials=exam.of_trials,
        trials_scored=sum(tally.scored for tally in outcomes.values()),
        balanced_accuracy=_estimate(found, lambda at: balanced_accuracy(found.said[at], found.labels[at])),
        kappa=_estimate(found, lambda at: kappa(found.said[at], found.labels[at])),
        auroc=_estimate(found, lambda at: _auroc(found.probabilities[at], supported[at])),
        auroc_contradicted=_against(found, ClaimLabel.CONTRADICTED),
        auroc_absent=_against(found, ClaimLabel.ABSENT),
        calibration_error=_estimate(
            found,
            lambda at: calibration_error(
                found.probabilities[at].tolist(), supported[at].astype(float).tolist()
            ),
        ),
        reliability=tuple(reliability(found.probabilities.tolist(), supported.astype(float).tolist())),
        caught=_passed(exam.trials, paper, UNSUPPORTED),
        held=_passed(exam.trials, paper, INVARIANT),
        kinds=outcomes,
        latency_ms=round(paper.latency_ms, 1) if paper.judge in OFFLINE else None,
    )


def columns(exam: Exam, paper: AnswerSheet) -> ScoredPairs:
    """The pairs that have a verdict; a judge that gives no probability is as sure as its verdict."""
    rows = [(pair, paper.verdicts[pair.claim.claim_id]) for pair in exam.pairs]
    scored = [(pair, said) for pair, said in rows if said.status is Status.SCORED]
    return ScoredPairs(
        np.array([CODES[pair.label] for pair, _ in scored], np.int64),
        np.array([CODES[said.verdict] for _, said in scored if said.verdict], np.int64),
        np.array([_probability(said) for _, said in scored], np.float64),
        np.array([pair.cluster for pair, _ in scored], np.int64),
    )


def kappa(said: Codes, labels: Codes) -> float:
    """Agreement beyond chance of two raters (Cohen 1960), -1 to 1; NaN where all is one label."""
    kinds = len(CODES)
    table = np.zeros((kinds, kinds))
    np.add.at(table, (said, labels), 1)
    table /= max(len(labels), 1)
    chance = float(table.sum(axis=0) @ table.sum(axis=1))
    return (float(np.trace(table)) - chance) / (1 - chance) if chance < 1 else math.nan


def _probability(said: ClaimVerdict) -> float:
    return float(said.supported) if said.probability is None else said.probability


def _auroc(scores: Floats, positive: NDArray[np.bool_]) -> float:
    return auroc(scores, positive) if 0 < positive.sum() < len(positive) else math.nan


def _against(found: ScoredPairs, other: ClaimLabel) -> Estimate | None:
    """AUROC of supported against one of the two others alone."""
    kept = (found.labels == SUPPORTED) | (found.labels == CODES[other])
    part = ScoredPairs(found.labels[kept], found.said[kept], found.probabilities[kept], found.clusters[kept])
    positive = part.labels == SUPPORTED
    return _estimate(part, lambda at: _auroc(part.probabilities[at], positive[at]))


def _estimate(found: ScoredPairs, measure: Callable[[Codes], float]) -> Estimate | None:
    """A measure with its interval by resampling claims; None where it is not defined."""
    if len(found.labels) < LEAST_MEASURED:
        return None
    value = measure(np.arange(len(found.labels)))
    return _interval(value, measure, found.clusters)


def _interval(value: float, measure: Callable[[Codes], float], clusters: Codes) -> Estimate | None:
    if math.isnan(value):
        return None
    low, high = interval(measure, clusters)
    return Estimate(value=_rounded(value), low=_rounded(low), high=_rounded(high))


def _rounded(value: float) -> float:
    """Four digits: more would differ from machine to machine."""
    return round(value, 4)


def _passed(trials: Sequence[Trial], paper: AnswerSheet, kinds: Sequence[str]) -> Estimate | None:
    """Share of the tests of these kinds that were passed, of those that have a verdict."""
    rows = [(trial.paper_id, paper.outcome(trial)) for trial in trials if trial.kind in kinds]
    scored = [(paper_id, passed) for paper_id, passed in rows if passed is not None]
    if not scored:
        return None
    names = {paper_id: place for place, (paper_id, _) in enumerate(scored)}
    passed = np.array([float(each) for _, each in scored])
    if passed.min() == passed.max():  # resampling what is all the same says that nothing is uncertain
        low, high = wilson_interval(len(names) * int(passed[0]), len(names))
        return Estimate(value=float(passed[0]), low=_rounded(low), high=_rounded(high))
    clusters = np.array([names[paper_id] for paper_id, _ in scored], np.int64)
    return _interval(float(passed.mean()), lambda at: float(passed[at].mean()), clusters)


def _tally(kind: str, trials: Sequence[Trial], paper: AnswerSheet) -> TrialTally:
    outcomes = [paper.outcome(trial) for trial in trials if trial.kind == kind]
    scored = [each for each in outcomes if each is not None]
    return TrialTally(passed=sum(scored), scored=len(scored), of=len(outcomes))
