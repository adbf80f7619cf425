"""Saying no usefully: what was searched, why nothing is said, and what the record knows after all."""

from rag.retrieval.candidates import Candidate
from rag.retrieval.paper_names import owners
from rag.selection.selection import Selection
from rag.text.quoting import byline
from rag.types import Paper

NO_PAPERS = "This collection holds no papers yet: `pincite ingest` puts some in."


def abstention(selection: Selection, near: bool) -> str:
    """One or two sentences for a question that got no statement; ``near``: whether a paper comes near."""
    if reason := none_passes(selection):
        return reason
    question, searched = selection.question, _searched(selection)
    named = paper_asked_about(selection)
    paper = named.paper if named is not None else None
    if question.record_field is not None:
        return f"No abstract states {_article(question.record_field)}. {_record(paper)}{searched}"
    if paper is not None:
        return f"The collection does not say: the abstract of “{paper.title}” does not state it. {searched}"
    if not near:
        return f"Not something this collection can answer: nothing in it comes near. {searched}"
    return f"The collection does not say. {searched}"


def none_passes(selection: Selection) -> str:
    """Why no paper answers, where that is known of all of them at once; else ""."""
    question, searched = selection.question, selection.evidence.searched
    reason = ""
    if not searched and not question.filters:
        reason = NO_PAPERS
    elif question.unmatched:
        names = " or ".join(f"“{name}”" for name in question.unmatched)
        reason = f"No paper of this collection has {names} for an author or venue."
    elif question.filters and not selection.evidence.candidates:
        reason = f"No paper passes the filter: {question.filters.describe()}."
    elif len(selection.scope) > 1 and question.record_field is None:
        reason = "None of the papers spoken of says so."
    return f"{reason} {_searched(selection)}" if reason and searched else reason


def _searched(selection: Selection) -> str:
    count = selection.evidence.searched
    return f"Searched {count:,} abstract{'' if count == 1 else 's'}."


def paper_asked_about(selection: Selection) -> Candidate | None:
    """The one paper the question names, if it names one."""
    candidates = selection.evidence.candidates
    named = owners(selection.question.names, selection.question.text, candidates)
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
