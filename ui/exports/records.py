"""What bibliographies want and a record does not say: the kind of publication, the parts of a name. Pure."""

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from rag.filters import PARTICLE, SUFFIXES
from rag.phrases import Phrases
from rag.types import Answer, Paper
from ui.safe import inert

PHRASES = Phrases("ui.exports", "publications.toml")
PREPRINT, MEETING, JOURNAL = map(PHRASES.pattern, ("preprint", "meeting", "journal"))
ORGANISATION = PHRASES.pattern("organisation")
"""Words in the name of an author who is no person."""

Publication = Literal["article", "paper", "other"]
"""In a journal; at a conference; neither, such as a preprint."""


class Format(NamedTuple):
    """A form of export.

    Attributes:
        name: what a person calls it.
        suffix: of its files.
        media_type: as HTTP says it.
        write: makes the text of an answer and its papers, these in the order of their numbers.
    """

    name: str
    suffix: str
    media_type: str
    write: Callable[[Answer, Sequence[Paper]], str]


class Name(NamedTuple):
    """A person, or with nothing but ``family`` somebody whose name has no parts."""

    family: str
    given: str = ""
    suffix: str = ""


def plain(text: str) -> str:
    """``text`` on one line, without characters that steer anything."""
    return " ".join(inert(text).split())


def publication(venue: str) -> Publication:
    """What kind of publication a venue makes; an unknown one is taken for a conference."""
    if not plain(venue) or PREPRINT.search(venue):
        return "other"
    return "article" if JOURNAL.search(venue) and not MEETING.search(venue) else "paper"


def names(paper: Paper) -> list[Name]:
    """The authors that have a name."""
    return [name_of(author) for author in map(plain, paper.authors) if author]


def name_of(author: str) -> Name:
    """The parts of a name on one line, written "Jane van Doe Jr." or "van Doe, Jane"."""
    if ORGANISATION.search(author):
        return Name(author)
    family, *rest = (part.strip() for part in author.split(","))
    if rest:
        suffix = next((part for part in rest if _is_suffix(part)), "")
        given = " ".join(part for part in rest if part and part != suffix)
        return Name(family, given, suffix) if family else Name(given or author)
    words = author.split()
    suffix = words.pop() if len(words) > 2 and _is_suffix(words[-1]) else ""  # noqa: PLR2004 - both other parts
    start = len(words) - 1
    while start > 1 and PARTICLE.fullmatch(words[start - 1]):
        start -= 1
    return Name(" ".join(words[start:]), " ".join(words[:start]), suffix) if start else Name(author)


def _is_suffix(word: str) -> bool:
    return word.rstrip(".").lower() in SUFFIXES


def year_of(paper: Paper) -> int | None:
    """The year, where it is one that calendars know."""
    return paper.year if paper.year is not None and 0 < paper.year <= 9999 else None  # noqa: PLR2004 - four digits
