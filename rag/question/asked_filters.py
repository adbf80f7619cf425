"""Read the filters said in a question (years, authors, venues) and take their words out of the topic.

Names count where the collection's catalogue holds them. One it does not hold is reported where the question
can mean nothing else, so that the answer can say so rather than search for the name.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, takewhile

from rag.filters import Catalogue, Filters, author_key, venue_key
from rag.question.frames import PAPERS
from rag.question.year_filters import (
    AFTER_PAPERS,
    FILTERS,
    NEAR,
    PAPER_WORD,
    PUBLISHED,
    asked_years,
    asks_for_papers,
    stands_apart,
    with_lead,
)
from rag.types import Paper

MOST_PLACES = 8
"""Places of a text where names are looked for: each may cost a walk through all authors."""

MOST_NAME_WORDS = 5
MOST_VENUE_WORDS = 10
FEWEST_LETTERS = 4
"""A venue of fewer letters, in small ones, is more likely a word."""

YEAR = FILTERS.source("year")
TOKEN = re.compile(r"[^\s,;:()&/?!]+|[,;:()&/?!]")
BY = re.compile(r"\b(by|from)\s+", re.IGNORECASE)
OWNER = re.compile(rf"(?:['’]s|(?<=s)['’])(?=\s+{PAPERS}\b)", re.IGNORECASE)
WRITTEN, WRITTEN_LEAD = FILTERS.pattern("written"), FILTERS.pattern("written_lead")
PERSON = FILTERS.pattern("person", re.NOFLAG)
CRAFT = FILTERS.pattern("craft")
PLACE = FILTERS.pattern("place")
PAPERS_NEXT = re.compile(rf"\s+(?:conference\s+)?{PAPERS}\b", re.IGNORECASE)
MEETING = re.compile(r"(?<!\s)\s+(?:conference|proceedings)\b", re.IGNORECASE)
JOINED = FILTERS.pattern("name_joint")
SHOUTED = re.compile(r"(?<![^\WA-Z])[^\WA-Z]*+[A-Z][^\WA-Z]*+[A-Z]")
ENDS_IN_YEAR = re.compile(rf"(?:^|\s){YEAR}$")
NEXT_YEAR = re.compile(rf"\s+{YEAR}")
ET_AL = re.compile(r"\s+et\s+al\b\.?")
PARTICLES, FIELDS = FILTERS.words("particles"), FILTERS.words("fields")


@dataclass(frozen=True, slots=True)
class Mention:
    """Names said at one place.

    Attributes:
        begin: where the words that say them begin in the text.
        end: where they end.
        known: names the catalogue holds.
        unknown: names it does not hold.
        year: said with a venue ("ACL 2023").
    """

    begin: int
    end: int
    known: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    year: int | None = None


@dataclass(frozen=True, slots=True)
class _Name:
    """One name, where its words end, and whether the catalogue holds it."""

    text: str
    end: int
    known: bool


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
    venues: list[Mention] = []
    authors: list[Mention] = []
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


def asked_authors(text: str, catalogue: Catalogue) -> Iterator[Mention]:
    """People the papers must be by: "by Jane Doe and Smith", "from Yejin Choi", "Jane Doe's papers"."""
    for trigger in islice(BY.finditer(text), MOST_PLACES):
        found = _people(text, trigger, catalogue)
        if found:
            yield found
    for owner in islice(OWNER.finditer(text), MOST_PLACES):
        words = list(TOKEN.finditer(text, max(0, owner.start() - NEAR), owner.start()))[-MOST_NAME_WORDS:]
        for first in words:
            name = _person(text, first.start(), owner.start(), catalogue, fewest=1)
            if name and name.end == owner.start():
                yield _mention(first.start(), owner.end(), [name])
                break


def asked_venues(text: str, catalogue: Catalogue) -> Iterator[Mention]:
    """Venues the papers must be of: "at NeurIPS", "in ACL 2023", "ICLR papers", "at SIGIR or ACL"."""
    done = 0
    for token in islice(TOKEN.finditer(text), MOST_PLACES * NEAR):
        if token.start() >= done:
            found = _venues_from(text, token.start(), catalogue)
            if found:
                done = found.end
                yield found


def _people(text: str, trigger: re.Match[str], catalogue: Catalogue) -> Mention | None:
    by = trigger[1].lower() == "by"
    names: list[_Name] = []
    at, joint = trigger.end(), ""
    while name := _person(text, at, len(text), catalogue, fewest=1 if by else 2):
        rest = ET_AL.match(text, name.end)
        end = rest.end() if rest else name.end
        names.append(_Name(name.text, end, name.known))
        link = JOINED.match(text, end)
        if not link:
            break
        at, joint = link.end(), joint + link[0].lower()
    if not names or "or" in joint.split():
        return None
    start = trigger.start()
    written = by and WRITTEN.search(text, max(0, start - NEAR), start) is not None
    if not (any(name.known for name in names) or written or (by and _apart(text, start, names))):
        return None
    if not by:
        names = [name for name in names if name.known]
    lead = WRITTEN_LEAD.search(text, max(0, start - NEAR), start)
    return _mention(lead.start() if lead else start, names[-1].end, names)


def _apart(text: str, start: int, names: Sequence[_Name]) -> bool:
    """Whether unknown names end a question for papers, in words that look like people's."""
    words = [word for name in names for word in name.text.split()]
    before = text[:start].split()
    return (
        PAPER_WORD.search(text) is not None
        and re.match(r"\s*(?:$|[,;)]|(?:on|about|since|before|after)\b)", text[names[-1].end :]) is not None
        and not any(CRAFT.match(word) for word in words)
        and not before[-1][:1].isupper()
    )


def _mention(begin: int, end: int, names: Sequence[_Name]) -> Mention:
    known = tuple(name.text for name in names if name.known)
    return Mention(begin, end, known, tuple(name.text for name in names if not name.known))


def _person(text: str, begin: int, stop: int, catalogue: Catalogue, fewest: int) -> _Name | None:
    """The name that starts here: the longest the catalogue holds, else two or more words like names."""
    tokens = islice(TOKEN.finditer(text, begin, stop), MOST_NAME_WORDS)
    words = list(takewhile(lambda token: token[0][0].isalpha(), tokens))
    for size in range(len(words), fewest - 1, -1):
        name = text[begin : words[size - 1].end()]
        if _like_a_name(name.split()) and (holder := _author(name, catalogue)):
            return _Name(holder, words[size - 1].end(), known=True)
    run = _run([word[0] for word in words])
    return _Name(text[begin : words[run - 1].end()], words[run - 1].end(), known=False) if run > 1 else None


def _like_a_name(words: Sequence[str]) -> bool:
    """Capitals but for particles; small letters throughout only where there are at least two words."""
    if all(word.islower() for word in words):
        return len(words) > 1 and words[-1] not in PARTICLES
    return words[-1][0].isupper() and all(word[0].isupper() or word in PARTICLES for word in words)


def _run(words: Sequence[str]) -> int:
    """How many of these words, from the first, are written like a person's name; 0 if fewer than two are."""
    run = list(takewhile(lambda word: word in PARTICLES or (word[0].isupper() and PERSON.match(word)), words))
    while run and run[-1] in PARTICLES:
        run.pop()
    return len(run)


def _author(name: str, catalogue: Catalogue) -> str | None:
    """The name to filter by if an author answers to this one, else None."""
    key = author_key(name)
    if not key:
        return None
    if key in catalogue.authors and " " in key:
        return catalogue.authors[key]
    wanted, surname = Filters(authors=(name,)), key.split()[-1]
    holders = (author for each, author in catalogue.authors.items() if each.endswith(surname))
    found = any(wanted.matches(Paper("", "", "", authors=(author,))) for author in holders)
    return name if found else None


def _venues_from(text: str, begin: int, catalogue: Catalogue) -> Mention | None:
    """The venues named from here on, if this is a place where venues are named."""
    place = PLACE.search(text, max(0, begin - NEAR), begin)
    start = place.start() if place else begin
    venue = _venue(text, begin, start, catalogue) or (place and _unknown_venue(text, begin, start))
    if not venue:
        return None
    names, end, year = list(venue.known), venue.end, venue.year
    while (link := JOINED.match(text, end)) and (more := _venue(text, link.end(), end, catalogue)):
        names, end, year = [*names, *more.known], more.end, year or more.year
    meeting = MEETING.match(text, end)
    return Mention(
        with_lead(text, start), meeting.end() if meeting else end, tuple(names), venue.unknown, year
    )


def _venue(text: str, begin: int, place: int, catalogue: Catalogue) -> Mention | None:
    """The venue named from ``begin`` on, the longest; ``place`` is where "at" or "in" before it starts."""
    words = list(islice(TOKEN.finditer(text, begin), MOST_VENUE_WORDS))
    for size in range(len(words), 0, -1):
        end = words[size - 1].end()
        said = text[begin:end]
        name = catalogue.venues.get(venue_key(said))
        year = ENDS_IN_YEAR.search(said)
        if name and (not year or year.start()) and _meant(text, place, begin, end, name):
            return Mention(begin, end, (name,), year=int(year[1]) if year else None)
    return None


def _meant(text: str, place: int, begin: int, end: int, name: str) -> bool:
    """Whether the words of a venue's name mean the venue here."""
    said, near = text[begin:end], max(0, place - NEAR)
    published = PUBLISHED.search(text, near, place) is not None
    dated = ENDS_IN_YEAR.search(said) is not None
    beside_papers = PAPERS_NEXT.match(text, end) or AFTER_PAPERS.search(text, near, place)
    if venue_key(said) in FIELDS and not published:
        return False
    if not SHOUTED.search(name) and not said[0].isupper():
        return False
    if said.islower() and len(said) < FEWEST_LETTERS and not (published or dated or beside_papers):
        return False
    if PAPERS_NEXT.match(text, end):
        return True
    if place == begin:
        return begin == 0 and dated
    meeting = MEETING.match(text, end)
    return stands_apart(text, place, meeting.end() if meeting else end)


def _unknown_venue(text: str, begin: int, place: int) -> Mention | None:
    """An acronym where only a venue can stand: "published at NAACL", "papers at NAACL"."""
    word, near = TOKEN.match(text, begin), max(0, place - NEAR)
    if word is None or not SHOUTED.match(word[0]):
        return None
    at = text[place:begin].lower().startswith("at ") and AFTER_PAPERS.search(text, near, place)
    if not (at or PUBLISHED.search(text, near, place)):
        return None
    year = NEXT_YEAR.match(text, word.end())
    return Mention(begin, (year or word).end(), unknown=(word[0],), year=int(year[1]) if year else None)


def _known(found: Sequence[Mention]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for each in found for name in each.known))


def _without(text: str, found: Sequence[Mention]) -> str:
    done = len(text) + 1
    for each in sorted(found, key=lambda each: -each.begin):
        if each.end <= done:
            text, done = f"{text[: each.begin]} {text[each.end :]}", each.begin
    return text


def _tidy(text: str) -> str:
    """Close the gaps where words were taken out: double spaces, empty brackets, commas left at an end."""
    closed = " ".join(re.sub(r"\(\s*\)", " ", text).split())
    return re.sub(r"(?<!\s)\s+(?=[,;?!.])", "", closed).strip(" ,;")
