# ruff: noqa: RUF001 - look-alikes of plain letters, apostrophes and hyphens are what names are folded from
"""Restrictions on the record of a paper: years, authors and venues, how names compare, and how it is said.

Names compare by *keys*, the same for a record and for what a person asks: a store keeps the keys of every
paper and a filter looks them up, so that `Filters.matches` and any store decide alike.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rag.errors import QuestionError
from rag.types import Paper

Years = tuple[int | None, int | None]
"""First and last year, both included; None leaves that end open."""

LAST_YEAR = 9999

LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
"""Letters that look like a plain one with a mark but do not decompose into both."""

INSIDE_A_NAME = re.compile(r"['’‘ʼ`´‐‑‒–—-]")
"""Apostrophes and hyphens: left out, so that "O'Brien" and "Jean-Pierre" are one word."""
NO_WORD = re.compile(r"[\W_]+")
YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)|['’]\d\d(?!\d)")
PARTICLE = re.compile(r"a[flv]|bin|d(?:a|e|el|ella|en|er|i|os|u)|el|la|le|ten|ter|van|von|zur?")
"""Words that belong to the surname after them."""
SUFFIXES = frozenset(["jr", "sr", "ii", "iii", "iv"])


@dataclass(frozen=True, slots=True)
class Filters:
    """What the papers of an answer must be like; all of it holds at once. Falsy when it restricts nothing.

    Attributes:
        years: of publication, both ends included; a paper without a year passes no year filter.
        authors: every one of them must be an author, see `sought_keys`.
        venues: any one of them must be the venue, see `venue_key`.

    Raises:
        QuestionError: a year out of range, the first after the last, or a name without a letter or digit.
    """

    years: Years = (None, None)
    authors: tuple[str, ...] = ()
    venues: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        first, last = self.years
        for year in (first, last):
            if year is not None and not 1 <= year <= LAST_YEAR:
                raise QuestionError(f"year {year!r}: expected 1 to {LAST_YEAR}, like 2023")
        if first is not None and last is not None and first > last:
            raise QuestionError(f"years {first!r} to {last!r}: expected the earlier year first")
        for what, names, key in (("author", self.authors, author_key), ("venue", self.venues, venue_key)):
            for name in names:
                if not key(name):
                    raise QuestionError(f"{what} {name!r}: expected a name with letters")

    def __bool__(self) -> bool:
        return self != Filters()

    def matches(self, paper: Paper) -> bool:
        """Whether a paper passes: the definition that every store is held to."""
        return (
            self._in_years(paper.year)
            and all(not author_keys(paper).isdisjoint(sought_keys(name)) for name in self.authors)
            and (not self.venues or venue_key(paper.venue) in map(venue_key, self.venues))
        )

    def _in_years(self, year: int | None) -> bool:
        first, last = self.years
        if year is None:
            return first is None and last is None
        return (first is None or first <= year) and (last is None or year <= last)

    def describe(self) -> str:
        """For a person: "2021–2023 · author Jane Doe · venue NeurIPS or ICLR"; empty where falsy."""
        parts = [
            _years_in_words(self.years),
            _named("author", self.authors, " and "),
            _named("venue", self.venues, " or "),
        ]
        return " · ".join(part for part in parts if part)

    def as_json(self) -> dict[str, Any]:
        """What JSON can hold of it, by field: only those that restrict, so a falsy one gives {}."""
        fields = {"authors": list(self.authors), "venues": list(self.venues)}
        years = {} if self.years == (None, None) else {"years": list(self.years)}
        return years | {name: values for name, values in fields.items() if values}


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Whom and what a collection holds, to recognise names in a question.

    Attributes:
        authors: `author_key` → the name as written; of several spellings the shortest.
        venues: `venue_key` → the name as written; of several spellings the shortest.
        years: the earliest and the latest year; None where no paper has one.
    """

    authors: Mapping[str, str]
    venues: Mapping[str, str]
    years: tuple[int, int] | None


def catalogue(authors: Iterable[str], venues: Iterable[str], years: Collection[int]) -> Catalogue:
    """The catalogue of a collection in which these authors, venues and years occur."""
    ends = (min(years), max(years)) if years else None
    return Catalogue(_by_key(authors, author_key), _by_key(venues, venue_key), ends)


def author_key(name: str) -> str:
    """The most specific key of a person: "jane doe", "j. doe" where only an initial is given, or "doe".

    Accents, case, middle names, and particles before the last word of the surname do not count. The surname
    comes last ("Jane van Doe") or before a comma ("van Doe, Jane"). Empty for a name without letters.
    """
    first, _, last = name.partition(" ")
    if first.isalpha() and last.isalpha() and len(first) > 1 and name.isascii():
        return name.lower()  # most names, at a tenth of the time
    first, surname = _parts(name)
    if not first or not surname:
        return "".join(surname)
    return f"{first}. {surname[-1]}" if len(first) == 1 else f"{first} {surname[-1]}"


def author_keys(paper: Paper) -> frozenset[str]:
    """All keys a paper's authors can be found by.

    Jane van Doe: "doe", "van doe", "j doe", "jane doe". J. Doe: "doe", "j doe", "j. doe".
    """
    keys: set[str] = set()
    for name in paper.authors:
        first, surname = _parts(name)
        if surname:
            keys |= {surname[-1], f"{surname[0]} {surname[-1]}" if len(surname) > 1 else surname[-1]}
        if first:
            keys |= {f"{first[0]} {surname[-1]}", author_key(name)}
    return frozenset(keys)


def sought_keys(name: str) -> tuple[str, ...]:
    """The keys of which an author named in a filter must have one.

    "Doe" finds everybody of that surname, "J. Doe" every first name with that initial, "Jane Doe" her
    and whoever is written "J. Doe", since that may be her.
    """
    first, surname = _parts(name)
    if not first:
        return tuple(surname)
    given = f"{first} {surname[-1]}"
    return (given,) if len(first) == 1 else (given, f"{first[0]}. {surname[-1]}")


def venue_key(name: str) -> str:
    """A venue without accents, case, punctuation and year: "NeurIPS 2023", "neurips'23" → "neurips"."""
    words = _words(YEAR.sub(" ", name)) or _words(name)
    return " ".join(words)


def _parts(name: str) -> tuple[str, list[str]]:
    """First name or initial, and the words of the surname; no first name where there is but one word."""
    family, comma, given = INSIDE_A_NAME.sub("", name).partition(",")
    words = _words(family)
    if comma:
        after = [word for word in _words(given) if word not in SUFFIXES]
        if words and after:
            return after[0], words
        words = words or after
    while words[2:] and (words[-1] in SUFFIXES or words[-1].isdigit()):
        words.pop()  # "John Doe Jr.", and DBLP's "Wei Zhang 0001"
    start = max(len(words) - 1, 0)
    while start > 1 and PARTICLE.fullmatch(words[start - 1]):
        start -= 1
    return (words[0] if start else ""), words[start:]


def _words(text: str) -> list[str]:
    if text.isascii():
        return NO_WORD.sub(" ", text.lower()).split()
    apart = unicodedata.normalize("NFKD", text)
    bare = "".join(char for char in apart if not unicodedata.category(char).startswith("M"))
    folded = unicodedata.normalize("NFC", bare).casefold().translate(LETTERS)
    return NO_WORD.sub(" ", folded).split()


def _by_key(names: Iterable[str], key: Callable[[str], str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in sorted(names, key=lambda name: (len(name), name)):
        found.setdefault(key(name), name)
    found.pop("", None)
    return found


def _years_in_words(years: Years) -> str:
    first, last = years
    if first is None:
        return "" if last is None else f"until {last}"
    if last is None:
        return f"from {first}"
    return str(first) if first == last else f"{first}–{last}"


def _named(what: str, names: Sequence[str], joint: str) -> str:
    if not names:
        return ""
    return f"{what}{'s' if len(names) > 1 else ''} {joint.join(names)}"
