"""Sentences of the papers that may answer are encoded each by itself."""

import numpy as np
from collection import RELEVANCE, SMALL, evidence_for, terms_of
from fakes import HashEncoder

from rag.question.clauses import analyse
from rag.question.understanding import understand
from rag.selection.facts import read_closely
from rag.selection.selection import Selection


async def test_every_sentence_of_a_paper_worth_reading_gets_the_vector_of_its_own_words():
    asked = understand("What accuracy does Sifter reach?")
    evidence = await evidence_for(asked.topic)
    reading = Selection(asked, evidence, RELEVANCE.probabilities(evidence, asked.text))
    encoder = HashEncoder(256)
    clauses = analyse(asked, await encoder.encode_queries(asked.clauses), evidence.idf, terms_of)
    read = await read_closely(reading, clauses, encoder)
    assert len(read.evidence.candidates) == len(SMALL)
    for item in read.evidence.candidates:
        alone = await encoder.encode_passages([sentence.text for sentence in item.sentences])
        assert np.allclose(item.vectors, alone)
    assert await read_closely(reading, [], encoder) is reading
