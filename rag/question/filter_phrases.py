"""Read the filters said in a question (years, authors, venues) and take their words out of the topic.

Names count where the collection's catalogue holds them. One it does not hold is reported where the question
can mean nothing else, so that the answer can say so rather than search for the name.
"""

import re
from collections.abc import Sequence

from rag.filters import Catalogue, Filters
from rag.question.name_filters import Found, asked_authors, asked_venues
from rag.question.year_filters import asked_years, asks_for_papers


def asked_filters(text: str, catalogue: Catalogue | None) -> tuple[Filters, str, tuple[str, ...]]:
    """What a question restricts the papers to.

    Args:
        text: the question, without its question mark.
        catalogue: the names a collection holds; without it years alone are read.

    Returns:
        The filters; the text without the words that said them, which may be empty; and the names asked for
        that no paper bears.
    """
    years, rest = asked_years(text)
    venues: list[Found] = []
    authors: list[Found] = []
    if catalogue is not None:
        venues = list(asked_venues(rest, catalogue)) if asks_for_papers(text) else []
        rest = _without(rest, venues)
        authors = list(asked_authors(rest, catalogue))
        rest = _without(rest, authors)
    dated = [found.year for found in venues if found.year is not None]
    if years == (None, None) and dated:
        years = min(dated), max(dated)
    unknown = dict.fromkeys(name for found in (*authors, *venues) for name in found.unknown)
    filters = Filters(years, _known(authors), _known(venues))
    return filters, text if rest == text else _tidy(rest), tuple(unknown)


def _known(found: Sequence[Found]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for each in found for name in each.known))


def _without(text: str, found: Sequence[Found]) -> str:
    done = len(text) + 1
    for each in sorted(found, key=lambda each: -each.begin):
        if each.end <= done:
            text, done = f"{text[: each.begin]} {text[each.end :]}", each.begin
    return text


def _tidy(text: str) -> str:
    """Close the gaps where words were taken out: double spaces, empty brackets, commas left at an end."""
    closed = " ".join(re.sub(r"\(\s*\)", " ", text).split())
    return re.sub(r"(?<!\s)\s+(?=[,;?!.])", "", closed).strip(" ,;")
