"""What bibliographies want and a record does not say: the kind of publication, the parts of a name. Pure."""

import re
from typing import Literal, NamedTuple

from rag.filters import PARTICLE, SUFFIXES
from rag.types import Paper
from ui.safe import inert

Publication = Literal["article", "paper", "other"]
"""In a journal; at a conference; neither, such as a preprint."""

PREPRINT = re.compile(
    r"\b(?:arxiv|(?:bio|med|chem|psy|soc|eng)rxiv|corr|ssrn|pre-?prints?|openreview|research square"
    r"|thesis|dissertation|technical report|tech\.? report|manuscript|unpublished|blog)\b",
    re.IGNORECASE,
)
MEETING = re.compile(
    r"\b(?:proceedings|proc|conference|conf|workshop|symposium|meeting|congress|findings)\b", re.IGNORECASE
)
JOURNAL = re.compile(
    r"\b(?:journal|j|transactions|trans|letters|lett|review|reviews|rev|annals|bulletin|magazine|archives"
    r"|quarterly|frontiers|acta|nature|science|cell|plos|pnas|elife|lancet|jama|bmj|access|surveys"
    r"|tacl|jmlr|tmlr|jair|tois|tkde|tpami|pami)\b|^computational linguistics$",
    re.IGNORECASE,
)
BODY = re.compile(
    r"\b(?:team|group|consortium|collaboration|community|committee|initiative|project|network|university"
    r"|institute|laborator(?:y|ies)|labs?|inc|ltd|corporation|foundation|organi[sz]ation|et al)\b\.?",
    re.IGNORECASE,
)
"""Words in the name of an author who is no person."""


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
    """The parts of a name written "Jane van Doe Jr." or "van Doe, Jane".

    Args:
        author: on one line.
    """
    if BODY.search(author):
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
