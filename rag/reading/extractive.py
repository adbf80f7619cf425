"""The extractive reader: answers in verbatim sentences, the fewest that answer, most specific first.

It cannot invent: a statement is a sentence of an abstract. What it may get wrong is the choice, so a
sentence is shown only above a calibrated probability, and otherwise it says that the collection does not.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from rag.question.clauses import Clause
from rag.question.understanding import Question
from rag.reading.definitions import defining, naming
from rag.retrieval.candidates import Candidate, Evidence, coverage, short_name
from rag.retrieval.paper_names import OWNER, linked, ownership
from rag.selection.citations import cite, quotation, titled_quotation
from rag.selection.pinpoint import AnswerModel, Scored, Standing, answering, beside, showing, standings
from rag.types import Citation, Statement

READ_PAPERS = 12
"""Papers read sentence by sentence for a fact: the most probable ones and every one the question names."""

RIVALS, LEAST_RIVAL = 9, 0.17
"""Sentences after the best one that are looked at for saying the opposite, and the least odds of one."""

NAMED = 0.3


@dataclass(frozen=True, slots=True)
class Reading:
    """Evidence and how probable each of its candidates is, with what the question names.

    Attributes:
        evidence: for the question.
        probabilities: of relevance, one a candidate, in order.
        scope: ids of the papers that the question was restricted to, all of them candidates; may be empty.
    """

    question: Question
    evidence: Evidence
    probabilities: Sequence[float]
    scope: tuple[str, ...] = ()

    def links(self, names: Sequence[str]) -> dict[str, float]:
        """Weight in (0, 1] of each paper that these names of the question, or a title in it, point to.

        Every paper of a scope is as if named.
        """
        if self.scope:
            return dict.fromkeys(self.scope, 1.0)
        return linked(names, self.question.text, self.evidence.candidates)


@dataclass(frozen=True, slots=True)
class Told:
    """What was found for the part questions of a question.

    Attributes:
        statements: definitions first, then the most probable, each sentence once.
        open_parts: the parts left unanswered.
        closest: the most probable sentence of each of those; it does not answer, as far as can be told.
    """

    statements: tuple[Statement, ...] = ()
    open_parts: tuple[str, ...] = ()
    closest: tuple[Scored, ...] = ()


def answer_fact(
    reading: Reading,
    clauses: Sequence[Clause],
    model: AnswerModel,
    opposes: Callable[[Citation, Citation], object] | None = None,
) -> Told:
    """The best sentence for each part question, where what is asked is probably stated.

    With it goes the next one of the same paper, if that is about as probable. Beside it stand those of the
    next ones that say the opposite, so that no answer hides a disagreement.

    Args:
        reading: the question and its evidence.
        clauses: its part questions.
        model: which sentence answers, and whether one does.
        opposes: whether two cited sentences disagree; without it none does.
    """
    open_parts: list[str] = []
    closest: list[Scored] = []
    chosen: dict[tuple[str, int], Scored] = {}
    for clause in clauses:
        ranked, stated = answering(clause, worth_reading(reading, clause), model)
        shown = _definition(clause, reading)[:1] or (
            _shown(ranked, opposes) if stated >= model.threshold else []
        )
        if not shown:
            open_parts.append(clause.text)
            closest += ranked[:1]
        for scored in shown:
            key = (scored.candidate.paper.paper_id, scored.sentence.span.start)
            chosen[key] = max(scored, chosen.get(key, scored), key=lambda each: each.score)
    best_first = sorted(chosen.items(), key=lambda entry: (-entry[1].score, entry[0]))
    statements = tuple(quotation(scored.candidate, scored.sentence) for _, scored in best_first)
    return Told(statements, tuple(open_parts), tuple(closest))


def _shown(ranked: Sequence[Scored], opposes: Callable[[Citation, Citation], object] | None) -> list[Scored]:
    """The best sentence, the next of its paper if it is about as probable, and what opposes the best."""
    scores = np.array([each.score for each in ranked])
    place = beside(scores, [each.candidate.paper.paper_id for each in ranked])
    rivals = [each for each in ranked[1 : 1 + RIVALS] if each.score >= LEAST_RIVAL]
    shown = ranked[:1] if place is None else [ranked[0], ranked[place]]
    return [*shown, *(_opposing([ranked[0], *rivals], opposes) if opposes else [])]


def _definition(clause: Clause, reading: Reading) -> list[Scored]:
    """The sentence that defines or names what the clause asks to, if one does; nothing comes before it."""
    found = defining(clause.text, reading.evidence.candidates)
    if found:
        return [Scored(*found, 1.0)]
    links = reading.links(clause.names)
    papers = [item for item in reading.evidence.candidates if links.get(item.paper.paper_id) == 1]
    named = naming(clause.text, papers, lambda sentence: coverage(clause.idf, sentence.terms))
    return [Scored(*each, 1.0) for each in named[:1]]


def _opposing(good: Sequence[Scored], opposes: Callable[[Citation, Citation], object]) -> list[Scored]:
    """Those of the sentences after the first that it disagrees with."""
    cited = [cite(scored.candidate, scored.sentence) for scored in good]
    return [good[place] for place in range(1, len(good)) if opposes(cited[0], cited[place])]


def answer_each(reading: Reading, clauses: Sequence[Clause], model: AnswerModel) -> Told:
    """As `answer_fact`, of every candidate by itself, in order; left unanswered is what none answers."""
    statements: list[Statement] = []
    still_open = [clause.text for clause in clauses]
    for item, probability in zip(reading.evidence.candidates, reading.probabilities, strict=True):
        alone = replace(
            reading,
            evidence=replace(reading.evidence, candidates=(item,)),
            probabilities=[probability],
            scope=(item.paper.paper_id,),
        )
        told = answer_fact(alone, clauses, model)
        statements += told.statements
        still_open = [part for part in still_open if part in told.open_parts]
    return Told(tuple(statements), tuple(still_open))


def worth_reading(reading: Reading, clause: Clause) -> list[tuple[Candidate, Standing]]:
    """The papers to read sentence by sentence: the most probable ones and every one the clause names."""
    links = reading.links(clause.names)
    standing = standings(reading.evidence.candidates, reading.probabilities, links)
    pairs = zip(reading.evidence.candidates, standing, strict=True)
    ranked = sorted(pairs, key=lambda pair: (-pair[1].logit, pair[0].paper.paper_id))
    return [pair for place, pair in enumerate(ranked) if place < READ_PAPERS or pair[1].link > NAMED]


def answer_comparison(reading: Reading) -> list[Statement]:
    """For each named thing, the sentence of its paper that shows it best; fewer if a name is nobody's.

    In a scope, of every paper of it.
    """
    return [titled_quotation(item, showing(item, reading.evidence.idf)) for _, item in compared(reading)]


def compared(reading: Reading) -> list[tuple[str, Candidate]]:
    """What a question compares: each paper once, with the name the question has for it.

    In a scope every paper of it, by its own name where the question has none.
    """
    if reading.scope:
        return [(_called(item, reading.question.names), item) for item in reading.evidence.candidates]
    owners: dict[str, tuple[str, Candidate]] = {}
    for name in reading.question.names:
        owned = [item for item in reading.evidence.candidates if ownership(name, item) >= OWNER]
        if owned:
            best = max(owned, key=lambda item: (ownership(name, item), item.paper.paper_id))
            owners.setdefault(best.paper.paper_id, (name, best))
    return list(owners.values())


def _called(item: Candidate, names: Sequence[str]) -> str:
    asked = (name for name in names if ownership(name, item) >= OWNER)
    return next(asked, short_name(item.paper.title) or item.paper.title)
