"""Saying no usefully: what was searched, why nothing is said, and what the record knows after all."""

from collections.abc import Sequence

from rag.reading.extractive import Reading
from rag.retrieval.candidates import Candidate
from rag.retrieval.paper_names import owners
from rag.text.quoting import byline
from rag.types import Paper, ScoredPaper

NO_PAPERS = "This collection holds no papers yet: `pincite ingest` puts some in."


def abstention(reading: Reading, nearest: Sequence[ScoredPaper]) -> str:
    """One or two sentences for a question that got no statement."""
    count = reading.evidence.searched
    question, searched = reading.question, f"Searched {count:,} abstract{'' if count == 1 else 's'}."
    if reason := _none_passes(reading):
        return f"{reason} {searched}" if count else reason
    if question.kind == "other":
        return "Ask about the papers of this collection: a topic, a method, a number."
    named = asked_about(reading)
    paper = named.paper if named is not None else None
    if question.record_field is not None:
        return f"No abstract states {_article(question.record_field)}. {_record(paper)}{searched}"
    if paper is not None:
        return f"The collection does not say: the abstract of “{paper.title}” does not state it. {searched}"
    if not nearest:
        return f"Not something this collection can answer: nothing in it comes near. {searched}"
    return f"The collection does not say. {searched}"


def _none_passes(reading: Reading) -> str:
    """Why no paper answers, where that is known of all of them at once."""
    question = reading.question
    if not reading.evidence.searched and not question.filters:
        return NO_PAPERS
    if question.unmatched:
        names = " or ".join(f"“{name}”" for name in question.unmatched)
        return f"No paper of this collection has {names} for an author or venue."
    if question.filters and not reading.evidence.candidates:
        return f"No paper passes the filter: {question.filters.describe()}."
    if len(reading.scope) > 1 and question.record_field is None:
        return "None of the papers spoken of says so."
    return ""


def not_stated(parts: Sequence[str]) -> str:
    """What to say of the parts of a question that got no sentence, beside those that did; may be empty."""
    return f"Found no sentence that answers {'; '.join(f'“{part}?”' for part in parts)}" if parts else ""


def asked_about(reading: Reading) -> Candidate | None:
    """The one paper the question names, if it names one."""
    candidates = reading.evidence.candidates
    named = owners(reading.question.names, reading.question.text, candidates)
    return next(item for item in candidates if item.paper.paper_id in named) if len(named) == 1 else None


def _record(paper: Paper | None) -> str:
    """What the bibliographic record of the paper holds, as far as it holds anything."""
    if paper is None:
        return ""
    known = {
        "authors": byline(paper.authors),
        "venue": paper.venue,
        "year": str(paper.year or ""),
        "url": paper.url,
    }
    stated = "; ".join(f"{name} {value}" for name, value in known.items() if value)
    if stated:
        return f"The collection's record of “{paper.title}”: {stated}. "
    return f"The collection's record of “{paper.title}” holds no authors, venue, year or address. "


def _article(field: str) -> str:
    return field if field == "authors" else f"{'an' if field[0] in 'aeiou' else 'a'} {field}"
