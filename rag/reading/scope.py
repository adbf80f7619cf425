"""Keep an answer to the papers on the table, and say how its question was read. Pure."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from rag.conversation.resolution import Resolved
from rag.reading.extractive import Reading
from rag.retrieval.candidates import Candidate
from rag.types import Answer, Span


def within(reading: Reading, resolved: Resolved) -> Reading:
    """The reading with the papers and sentences that a resolved question leaves, in the order of the table.

    Probabilities stay those among all candidates: a paper is no likelier for standing beside fewer others.
    """
    pairs = dict(
        zip((item.paper.paper_id for item in reading.evidence.candidates), reading.probabilities, strict=True)
    )
    by_id = {item.paper.paper_id: item for item in reading.evidence.candidates}
    wanted = [key for key in (resolved.paper_ids or by_id) if key in by_id and key not in resolved.excluded]
    said = {(cited.paper_id, cited.span) for cited in resolved.said}
    left = [trimmed for key in wanted if (trimmed := _unsaid(by_id[key], said)) is not None]
    scope = () if resolved.paper_ids is None else tuple(item.paper.paper_id for item in left)
    searched = len(resolved.paper_ids) if resolved.paper_ids is not None else reading.evidence.searched
    return replace(
        reading,
        question=replace(reading.question, text=resolved.text),
        evidence=replace(reading.evidence, candidates=tuple(left), searched=searched),
        probabilities=[pairs[item.paper.paper_id] for item in left],
        scope=scope,
    )


def _unsaid(item: Candidate, said: set[tuple[str, Span]]) -> Candidate | None:
    """The paper without sentences that were quoted before; None if nothing is left of it."""
    places = [n for n, each in enumerate(item.sentences) if (item.paper.paper_id, each.span) not in said]
    if len(places) == len(item.sentences):
        return item
    rows = np.array(places, np.intp)
    return (
        replace(item, sentences=tuple(item.sentences[n] for n in places), vectors=item.vectors[rows])
        if places
        else None
    )


def read_as(answer: Answer, typed: str, resolved: Resolved) -> Answer:
    """The answer to a resolved question, as one to the typed one.

    Where one paper was meant, it could not be told which, and only one of them answers, that one was meant.
    """
    if not resolved.changed:
        return answer
    cited = {each.paper_id for said in answer.statements for each in said.citations}
    meant = [part.text for part in resolved.each if cited == set(part.paper_ids or ())]
    return replace(answer, question=typed, asked=meant[0] if meant and resolved.one_meant else resolved.text)


def joined(parts: Sequence[tuple[Answer, Reading]], text: str) -> tuple[Answer, Reading]:
    """One answer of those to the same question of several papers, in their order, and what it was read from.

    Args:
        parts: at least one.
        text: the question of all of them.
    """
    answers = [answer for answer, _ in parts]
    told = [answer for answer in answers if not answer.abstained]
    readings = [reading for _, reading in parts]
    first = (told or answers)[0]
    searched = f"Searched {len(parts):,} abstracts."
    answer = replace(
        first,
        question=text,
        statements=tuple(said for each in told for said in each.statements),
        papers=tuple(paper for each in told for paper in each.papers),
        partial=tuple(said for each in told or answers for said in each.partial),
        nearest=() if told else tuple(paper for each in answers for paper in each.nearest),
        note=first.note if told else f"None of the papers spoken of says so. {searched}",
        judged=len(parts),
        searched=len(parts),
    )
    evidence = replace(
        readings[0].evidence,
        candidates=tuple(item for each in readings for item in each.evidence.candidates),
        searched=len(parts),
    )
    probabilities = [p for each in readings for p in each.probabilities]
    question = replace(readings[0].question, text=text)
    return answer, replace(readings[0], question=question, evidence=evidence, probabilities=probabilities)


def elsewhere(answer: Answer, resolved: Resolved) -> Answer:
    """The answer of the whole collection to the typed question, where the table has none."""
    papers = len(resolved.paper_ids or ())
    of_them = "the paper spoken of" if papers == 1 else f"the {papers} papers spoken of"
    note = f"Nothing on this in {of_them}: the question was asked of the whole collection, as typed."
    return replace(answer, note=" ".join(filter(None, (note, answer.note))))
