"""What retrieval hands to the readers: candidate papers, sentence by sentence, beside the analysed query."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain

import numpy as np

from rag.phrases import Phrases
from rag.types import Citation, IndexedPassage, Paper, Span, SparseVector, Statement, Vectors
from rag.untrusted.instructions import is_instruction

_PHRASES = Phrases("rag.retrieval", "signals.toml")
OWN_WORK, CLAIMS = _PHRASES.pattern("own_work"), _PHRASES.pattern("claims")

CLAIM_BONUS, OWN_BONUS = 0.4, 0.25
"""For a sentence that is to show what a paper is about, beside its likeness to the query."""

SHORT_NAME_WORDS = 4


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an abstract.

    Attributes:
        span: offsets in the abstract.
        text: exactly that part of the abstract.
        passage_id: the passage that holds it.
        terms: ids of its stemmed terms.
        cosine: similarity of its vector to the query's, -1 to 1.
        own: whether it speaks of the paper's own work.
    """

    span: Span
    text: str
    passage_id: str
    terms: frozenset[int]
    cosine: float
    own: bool

    @property
    def claims(self) -> bool:
        """Whether it says what its paper does."""
        return _claims(self.text)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A paper that may be relevant.

    Attributes:
        paper: with its whole abstract.
        title_terms: ids of the stemmed terms of the title.
        sentences: in the order of the abstract.
        vectors: theirs, shape [sentences, dimensions].
        passages: vectors of its passages, shape [passages, dimensions].
        stems: ids of the stemmed words of title and abstract, in order, stop words left out.
        dense: highest cosine of its passages to the query.
        bm25: highest BM25 of its passages for the query.
    """

    paper: Paper
    title_terms: frozenset[int]
    sentences: tuple[Sentence, ...]
    vectors: Vectors
    passages: Vectors
    stems: tuple[int, ...]
    dense: float
    bm25: float

    @property
    def short_name(self) -> str:
        """As `short_name` of its title."""
        return short_name(self.paper.title)

    @property
    def first_claim(self) -> int | None:
        """The place of the first sentence that says what the paper does, if one does."""
        return next((place for place, each in enumerate(self.sentences) if each.claims), None)

    def showing(self, idf: Mapping[int, float]) -> Sentence:
        """The sentence that best shows that it is about the query: matching, and about its own work."""

        def merit(sentence: Sentence) -> float:
            likeness = coverage(idf, sentence.terms) + sentence.cosine
            return likeness + CLAIM_BONUS * sentence.claims + OWN_BONUS * sentence.own

        return max(self.sentences, key=lambda sentence: (merit(sentence), -sentence.span.start))

    def cite(self, sentence: Sentence) -> Citation:
        """The citation of a whole sentence, which is exactly the cited part of the abstract.

        Raises:
            ValueError: the sentence is not where it says it is; an answer must not be built on it.
        """
        quote = self.paper.abstract[sentence.span.start : sentence.span.end]
        if not quote or quote != sentence.text:
            raise ValueError(f"quote {sentence.text!r} is not at {sentence.span} of {self.paper.paper_id!r}")
        return Citation(self.paper.paper_id, self.paper.title, sentence.passage_id, quote, sentence.span)

    def quotation(self, sentence: Sentence) -> Statement:
        """A statement that is the sentence itself, and so supported by it."""
        citation = self.cite(sentence)
        return Statement(citation.quote, "supported", (citation,), "verbatim quote")

    def titled_quotation(self, sentence: Sentence) -> Statement:
        """A statement that names the paper and quotes the sentence."""
        said = self.quotation(sentence)
        return replace(said, text=f"{self.paper.title} — “{said.text}”")


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that was found for one query, candidates in first-stage order.

    Attributes:
        query: the text that was searched.
        vector: its vector, shape [dimensions].
        stems: ids of its stemmed words, in order, stop words left out.
        idf: inverse document frequency in the collection, of every term of the query.
        candidates: the papers to judge, best first.
        searched: papers in the collection that pass the filters.
        background: what is found without the filters, where there are any. No answer is made of it; how good
            a paper is, is measured beside all that could have been found.
    """

    query: str
    vector: Vectors
    stems: tuple[int, ...]
    idf: Mapping[int, float]
    candidates: tuple[Candidate, ...]
    searched: int
    background: "Evidence | None" = None

    @property
    def unfiltered(self) -> "Evidence":
        """The same of the whole collection, candidates that pass the filters first."""
        if self.background is None:
            return self
        found = {item.paper.paper_id for item in self.candidates}
        others = (item for item in self.background.candidates if item.paper.paper_id not in found)
        return replace(self.background, candidates=(*self.candidates, *others))


def coverage(idf: Mapping[int, float], terms: frozenset[int]) -> float:
    """Share of the query's IDF mass whose terms are present, 0 to 1; 0 for a query without terms."""
    total = sum(idf.values())
    return sum(weight for term, weight in idf.items() if term in terms) / total if total else 0.0


def short_name(title: str) -> str:
    """The name a title gives its method ("Quest: Query-Aware …" → "Quest"), or "" if it gives none."""
    head, colon, _ = title.partition(":")
    head = head.split(" -- ")[0].strip() if not colon else head.strip()
    return head if head != title and len(head.split()) <= SHORT_NAME_WORDS else ""


def candidate(
    passages: Sequence[IndexedPassage],
    stems_of: Mapping[str, tuple[int, ...]],
    query_vector: Vectors,
    idf: Mapping[int, float],
) -> Candidate:
    """Gather one paper's passages, all of them, by ordinal; ``stems_of``: of its title and its sentences."""
    paper = passages[0].passage.paper
    sentences = tuple(
        sentence
        for indexed in passages
        for sentence in _sentences(indexed, stems_of, query_vector, short_name(paper.title))
    )
    title = () if is_instruction(paper.title) else stems_of[paper.title]
    return Candidate(
        paper=paper,
        title_terms=frozenset(title),
        sentences=sentences,
        vectors=np.concatenate([indexed.sentence_vectors for indexed in passages]),
        passages=np.stack([indexed.dense for indexed in passages]),
        stems=tuple(chain(title, *(stems_of[sentence.text] for sentence in sentences))),
        dense=max(float(indexed.dense @ query_vector) for indexed in passages),
        bm25=max(_bm25(indexed.sparse, idf) for indexed in passages),
    )


def _sentences(
    indexed: IndexedPassage, stems_of: Mapping[str, tuple[int, ...]], query_vector: Vectors, name: str
) -> list[Sentence]:
    abstract = indexed.passage.paper.abstract
    cosines = np.asarray(indexed.sentence_vectors @ query_vector, np.float32)
    sentences = []
    for span, cosine in zip(indexed.passage.sentences, cosines.tolist(), strict=True):
        text = abstract[span.start : span.end]
        own = _speaks_of_itself(text) or (bool(name) and name in text)
        terms = frozenset(stems_of[text])
        sentences.append(Sentence(span, text, indexed.passage.passage_id, terms, cosine, own))
    return sentences


@lru_cache(16_384)  # a question looks at every sentence of hundreds of papers, the next at most of them again
def _speaks_of_itself(text: str) -> bool:
    return OWN_WORK.search(text) is not None


@lru_cache(16_384)
def _claims(text: str) -> bool:
    return CLAIMS.search(text) is not None


def _bm25(vector: SparseVector, idf: Mapping[int, float]) -> float:
    return sum(idf.get(i, 0.0) * value for i, value in zip(vector.indices, vector.values, strict=True))
