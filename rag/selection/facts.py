"""The sentences that answer: verbatim, the fewest that do, most probable first.

Nothing can be invented: a statement is a sentence of an abstract. What may go wrong is the choice, so a
sentence is shown only above a calibrated probability, and otherwise it is said that the collection does not.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

import numpy as np

from rag.ports import Encoder
from rag.question.clauses import Clause
from rag.retrieval.candidates import Candidate, coverage
from rag.selection.definitions import defining, naming
from rag.selection.pinpoint import AnswerModel, PaperStanding, ScoredSentence, answering, beside, standings
from rag.selection.selection import Selection
from rag.types import Citation, Statement

READ_PAPERS = 12
"""Papers read sentence by sentence for a fact: the most probable ones and every one the question names."""

MOST_SENTENCES = 100
"""Sentences of a paper that get vectors of their own. An abstract has ten; the thousands of a whole text
would take most of a minute at each question, so it keeps its stored vectors."""

RIVALS, LEAST_RIVAL = 9, 0.17
"""Sentences after the best one that are looked at for saying the opposite, and the least odds of one."""

NAMED = 0.3

Opposes = Callable[[Citation, Citation], object]
"""Whether two cited sentences disagree."""


@dataclass(frozen=True, slots=True)
class FactSentences:
    """What was found for the part questions of a question.

    Attributes:
        statements: definitions first, then the most probable, each sentence once.
        open_parts: the parts left unanswered.
        closest: the most probable sentence of each of those; it does not answer, as far as can be told.
    """

    statements: tuple[Statement, ...] = ()
    open_parts: tuple[str, ...] = ()
    closest: tuple[ScoredSentence, ...] = ()


async def read_closely(selection: Selection, clauses: Sequence[Clause], encoder: Encoder) -> Selection:
    """The same with new sentence vectors for every abstract worth reading for one of the clauses.

    The stored vector of a sentence was pooled in its passage's pass and leans towards what the passage is
    about, which finds the paper; which of its sentences answers is told better by what each says alone.

    Raises:
        ModelError: the encoder failed.
    """
    candidates = selection.evidence.candidates
    wanted = {item.paper.paper_id for clause in clauses for item, _ in worth_reading(selection, clause)}
    papers = [
        item for item in candidates if item.paper.paper_id in wanted and len(item.sentences) <= MOST_SENTENCES
    ]
    texts = [sentence.text for item in papers for sentence in item.sentences]
    if not texts:
        return selection
    vectors = await encoder.encode_passages(texts)
    bounds = accumulate((len(item.sentences) for item in papers), initial=0)
    read = {
        item.paper.paper_id: replace(item, vectors=vectors[start:end])
        for item, (start, end) in zip(papers, pairwise(bounds), strict=True)
    }
    evidence = replace(
        selection.evidence, candidates=tuple(read.get(item.paper.paper_id, item) for item in candidates)
    )
    return replace(selection, evidence=evidence)


def worth_reading(selection: Selection, clause: Clause) -> list[tuple[Candidate, PaperStanding]]:
    """The papers to read sentence by sentence: the most probable ones and every one the clause names."""
    candidates = selection.evidence.candidates
    standing = standings(candidates, selection.probabilities, selection.links(clause.names))
    pairs = zip(candidates, standing, strict=True)
    ranked = sorted(pairs, key=lambda pair: (-pair[1].logit, pair[0].paper.paper_id))
    return [pair for place, pair in enumerate(ranked) if place < READ_PAPERS or pair[1].link > NAMED]


def find_facts(
    selection: Selection, clauses: Sequence[Clause], model: AnswerModel, opposes: Opposes | None = None
) -> FactSentences:
    """The best sentence for each part question, where what is asked is probably stated.

    With it goes the next one of the same paper, if that is about as probable. Beside it stand those of the
    next ones that say the opposite, so that no answer hides a disagreement.
    """
    open_parts: list[str] = []
    closest: list[ScoredSentence] = []
    chosen: dict[tuple[str, int], ScoredSentence] = {}
    for clause in clauses:
        ranked, stated = answering(clause, worth_reading(selection, clause), model)
        shown = _definition(clause, selection)[:1] or (
            _shown(ranked, opposes) if stated >= model.threshold else []
        )
        if not shown:
            open_parts.append(clause.text)
            closest += ranked[:1]
        for scored in shown:
            key = (scored.candidate.paper.paper_id, scored.sentence.span.start)
            chosen[key] = max(scored, chosen.get(key, scored), key=lambda each: each.score)
    best_first = sorted(chosen.items(), key=lambda entry: (-entry[1].score, entry[0]))
    statements = tuple(scored.candidate.quotation(scored.sentence) for _, scored in best_first)
    return FactSentences(statements, tuple(open_parts), tuple(closest))


def find_facts_of_each(selection: Selection, clauses: Sequence[Clause], model: AnswerModel) -> FactSentences:
    """As `find_facts`, of every candidate by itself, in order; left unanswered is what none answers."""
    statements: list[Statement] = []
    still_open = [clause.text for clause in clauses]
    for item, probability in zip(selection.evidence.candidates, selection.probabilities, strict=True):
        evidence = replace(selection.evidence, candidates=(item,))
        alone = Selection(selection.question, evidence, [probability], (item.paper.paper_id,))
        found = find_facts(alone, clauses, model)
        statements += found.statements
        still_open = [part for part in still_open if part in found.open_parts]
    return FactSentences(tuple(statements), tuple(still_open))


def _definition(clause: Clause, selection: Selection) -> list[ScoredSentence]:
    """The sentence that defines or names what the clause asks to, if one does; nothing comes before it."""
    found = defining(clause.text, selection.evidence.candidates)
    if found:
        return [ScoredSentence(*found, 1.0)]
    links = selection.links(clause.names)
    papers = [item for item in selection.evidence.candidates if links.get(item.paper.paper_id) == 1]
    named = naming(clause.text, papers, lambda sentence: coverage(clause.idf, sentence.terms))
    return [ScoredSentence(*each, 1.0) for each in named[:1]]


def _shown(ranked: Sequence[ScoredSentence], opposes: Opposes | None) -> list[ScoredSentence]:
    """The best sentence, the next of its paper if it is about as probable, and what opposes the best."""
    scores = np.array([each.score for each in ranked])
    place = beside(scores, [each.candidate.paper.paper_id for each in ranked])
    shown = ranked[:1] if place is None else [ranked[0], ranked[place]]
    if opposes is None:
        return [*shown]
    best = ranked[0].citation
    rivals = [each for each in ranked[1 : 1 + RIVALS] if each.score >= LEAST_RIVAL]
    return [*shown, *(each for each in rivals if opposes(best, each.citation))]
