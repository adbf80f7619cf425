"""What is found for a question, how probable each paper is, and which papers it is restricted to. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rag.conversation.resolution import Resolved
from rag.question.understanding import Question
from rag.retrieval.candidates import Candidate, Evidence
from rag.retrieval.paper_names import linked
from rag.types import Answer, ScoredPaper, Span, Statement


@dataclass(frozen=True, slots=True)
class Selection:
    """Evidence and how probable each of its candidates is, with the question it is for.

    Attributes:
        question: as understood.
        evidence: for the question.
        probabilities: of relevance, one a candidate, in order.
        scope: ids of the papers that the question was restricted to, all of them candidates; may be empty.
        continues: whether it goes on from papers shown before, which are left out.
    """

    question: Question
    evidence: Evidence
    probabilities: Sequence[float]
    scope: tuple[str, ...] = ()
    continues: bool = False

    @property
    def ranked(self) -> list[tuple[Candidate, float]]:
        """Candidates with their probabilities, most probable first, ties by ``paper_id``."""
        pairs = zip(self.evidence.candidates, self.probabilities, strict=True)
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0].paper.paper_id))

    def first(self, most: int, least: float) -> list[tuple[Candidate, float]]:
        """The most probable papers, at most so many, and none less probable than ``least``."""
        return [(item, p) for item, p in self.ranked[:most] if p >= least]

    def links(self, names: Sequence[str]) -> dict[str, float]:
        """Weight in (0, 1] of each paper that these names of the question, or a title in it, point to.

        Every paper of a scope is as if named.
        """
        if self.scope:
            return dict.fromkeys(self.scope, 1.0)
        return linked(names, self.question.text, self.evidence.candidates)

    def within(self, resolved: Resolved) -> "Selection":
        """What a resolved question leaves of the papers and sentences, in the order of the table.

        Probabilities stay those among all candidates: no paper is likelier for standing beside fewer others.
        """
        pairs = zip(self.evidence.candidates, self.probabilities, strict=True)
        by_id = {item.paper.paper_id: (item, p) for item, p in pairs}
        wanted = [key for key in (resolved.paper_ids or by_id) if key in by_id]
        said = {(cited.paper_id, cited.span) for cited in resolved.said}
        left = [
            (trimmed, by_id[key][1])
            for key in wanted
            if key not in resolved.excluded and (trimmed := _unsaid(by_id[key][0], said)) is not None
        ]
        ids = resolved.paper_ids
        searched = self.evidence.searched if ids is None else len(ids)
        return Selection(
            replace(self.question, text=resolved.text),
            replace(self.evidence, candidates=tuple(item for item, _ in left), searched=searched),
            [p for _, p in left],
            tuple(item.paper.paper_id for item, _ in left) if ids is not None else (),
            bool(resolved.excluded),
        )


@dataclass(frozen=True, slots=True)
class Findings:
    """What an answer is made of.

    Attributes:
        statements: that answer, in reading order.
        papers: the answer set, best first, one for each of ``statements``; empty but for set questions.
        partial: statements that touch the question without answering it, best first.
        missing: in words, how many relevant papers more are expected.
        note: what else to say of it; may be empty.
        nearest: the papers that came nearest, where nothing answers; None for the most probable ones.
    """

    statements: tuple[Statement, ...] = ()
    papers: tuple[ScoredPaper, ...] = ()
    partial: tuple[Statement, ...] = ()
    missing: str = ""
    note: str = ""
    nearest: tuple[ScoredPaper, ...] | None = None


def scored(found: Sequence[tuple[Candidate, float]]) -> tuple[ScoredPaper, ...]:
    """Candidates with probabilities, as papers of an answer."""
    return tuple(ScoredPaper(item.paper.paper_id, item.paper.title, p) for item, p in found)


def _unsaid(item: Candidate, said: set[tuple[str, Span]]) -> Candidate | None:
    """The paper without sentences that were quoted before; None if nothing is left of it."""
    places = [n for n, each in enumerate(item.sentences) if (item.paper.paper_id, each.span) not in said]
    if len(places) == len(item.sentences):
        return item
    kept, rows = tuple(item.sentences[n] for n in places), np.array(places, np.intp)
    return replace(item, sentences=kept, vectors=item.vectors[rows]) if places else None


AccountedAnswer = tuple[Answer, Selection, dict[str, Any]]
"""An answer, what it was read from, and the account of its stages for the receipt."""
