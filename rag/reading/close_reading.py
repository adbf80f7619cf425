"""Reading closely: the sentences of the few papers that may answer get vectors of their own.

The stored vector of a sentence was pooled in its passage's pass and leans towards what the passage is about,
which finds the paper; which of its sentences answers is told better by what each says alone.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate, pairwise

from rag.ports import Encoder
from rag.question.clauses import Clause
from rag.reading.extractive import Reading, worth_reading

MOST_SENTENCES = 100
"""Sentences of a paper that is read closely. An abstract has ten; the thousands of a whole text would take
most of a minute at each question, so it keeps its stored vectors."""


async def read_closely(reading: Reading, clauses: Sequence[Clause], encoder: Encoder) -> Reading:
    """The same reading with new sentence vectors for every abstract worth reading for one of the clauses.

    Raises:
        ModelError: the encoder failed.
    """
    wanted = {item.paper.paper_id for clause in clauses for item, _ in worth_reading(reading, clause)}
    papers = [
        item
        for item in reading.evidence.candidates
        if item.paper.paper_id in wanted and len(item.sentences) <= MOST_SENTENCES
    ]
    texts = [sentence.text for item in papers for sentence in item.sentences]
    if not texts:
        return reading
    vectors = await encoder.encode_passages(texts)
    bounds = accumulate((len(item.sentences) for item in papers), initial=0)
    read = {
        item.paper.paper_id: replace(item, vectors=vectors[start:end])
        for item, (start, end) in zip(papers, pairwise(bounds), strict=True)
    }
    candidates = tuple(read.get(item.paper.paper_id, item) for item in reading.evidence.candidates)
    return replace(reading, evidence=replace(reading.evidence, candidates=candidates))
