"""Pinpoint citations: a quote that is exactly the cited part of the abstract, or no citation at all."""

from rag.retrieval.candidates import Candidate, Sentence
from rag.types import Citation, Statement


def cite(item: Candidate, sentence: Sentence) -> Citation:
    """The citation of a whole sentence.

    Raises:
        ValueError: the sentence is not where it says it is; an answer must not be built on it.
    """
    quote = item.paper.abstract[sentence.span.start : sentence.span.end]
    if not quote or quote != sentence.text:
        raise ValueError(f"quote {sentence.text!r} is not at {sentence.span} of {item.paper.paper_id!r}")
    return Citation(item.paper.paper_id, item.paper.title, sentence.passage_id, quote, sentence.span)


def quotation(item: Candidate, sentence: Sentence) -> Statement:
    """A statement that is the sentence itself, and so supported by it."""
    citation = cite(item, sentence)
    return Statement(citation.quote, "supported", (citation,), "verbatim quote")


def titled_quotation(item: Candidate, sentence: Sentence) -> Statement:
    """A statement that names the paper and quotes the sentence."""
    citation = cite(item, sentence)
    text = f"{item.paper.title} — “{citation.quote}”"
    return Statement(text, "supported", (citation,), "verbatim quote")
