"""Exhaustive screening for set questions: every candidate gets a probability and a verdict, no fixed k."""

from collections.abc import Sequence
from dataclasses import replace

from rag.retrieval.candidates import Candidate, Evidence, coverage
from rag.selection.recall_estimate import missing
from rag.selection.selection import Findings, Selection, scored
from rag.types import Statement

TOUCHES_SHARE = 0.4
"""A paper below the threshold still touches the topic from this share of the threshold on …"""

TOUCHES_COVERAGE = 0.5
"""… if one sentence of it covers this much of the topic's IDF mass."""

MOST_TOUCHING = 5


FAVOURED_BETA = {"recall": 2.0, "balanced": 1.0, "precision": 0.5}
"""The beta of the F measure that each operating point makes largest."""


def cut(threshold: float, favour: str) -> float:
    """A threshold of `RelevanceModel` at an operating point: ``recall``, ``balanced`` or ``precision``.

    With calibrated probabilities the cut that makes F-beta largest is F* / (1 + beta²), F* the value reached
    (Lipton, Elkan and Naryanaswamy 2014, generalised). F* of the balanced cut, ``2 * threshold``, stands for
    that of the others, so 2 / (1 + beta²) of the threshold is taken, at most 0.95.
    """
    return min(threshold * 2 / (1 + FAVOURED_BETA[favour] ** 2), 0.95)


def screen(selection: Selection, threshold: float, opening: float = 0.0) -> Findings:
    """Judge every candidate: papers at or above ``threshold`` are in the answer set.

    Unless none is at or above ``opening``: then nothing is on the topic.
    """
    evidence, judged = selection.evidence, selection.ranked
    opens = bool(judged) and judged[0][1] >= opening
    inside = [(item, p) for item, p in judged if opens and p >= threshold]
    touching = [item for item, p in judged if _touches(evidence, item, p, threshold)] if inside else []
    taken = [p >= threshold for p in selection.probabilities]
    return Findings(
        statements=tuple(_shown(evidence, item) for item, _ in inside),
        papers=scored(inside),
        partial=tuple(_shown(evidence, item) for item in touching[:MOST_TOUCHING]),
        missing=missing(selection.probabilities, taken, evidence.searched - len(judged)).in_words,
    )


def newest_first(found: Findings, candidates: Sequence[Candidate]) -> Findings:
    """The answer set by falling year, papers without one last, each year as before."""
    years = {item.paper.paper_id: item.paper.year or 0 for item in candidates}
    if not any(years[paper.paper_id] for paper in found.papers):
        return replace(found, note="No record of these papers holds a year, so the most probable come first.")
    pairs = sorted(
        zip(found.papers, found.statements, strict=True), key=lambda pair: -years[pair[0].paper_id]
    )
    papers, statements = zip(*pairs, strict=True)
    return replace(found, papers=papers, statements=statements, note="The newest come first.")


def _touches(evidence: Evidence, item: Candidate, probability: float, threshold: float) -> bool:
    if not TOUCHES_SHARE * threshold <= probability < threshold:
        return False
    best = max(coverage(evidence.idf, sentence.terms) for sentence in item.sentences)
    return best >= TOUCHES_COVERAGE


def _shown(evidence: Evidence, item: Candidate) -> Statement:
    return item.titled_quotation(item.showing(evidence.idf))
