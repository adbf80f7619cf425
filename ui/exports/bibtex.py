"""Papers as BibTeX entries, with every character of a record that TeX would act on defused. Pure."""

import re
import string
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import count, product

from rag.types import Paper
from ui.exports.records import PHRASES, Format, Name, names, plain, publication, year_of
from ui.safe import web_address

ENTRY = {"article": "article", "paper": "inproceedings", "other": "misc"}
VENUE_FIELD = {"article": "journal", "paper": "booktitle", "other": "howpublished"}

# Braces have names here, since BibTeX counts those after a backslash too.
SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{char: f"\\{char}" for char in "&%$#_"},
}
_SPECIAL = re.compile("|".join(map(re.escape, SPECIAL)))
_AND = re.compile(r"\band\b|,", re.IGNORECASE)
_WORD = re.compile(r"[a-z0-9]+")
OPENING = PHRASES.words("opening")
"""Words too common to tell one title from another."""


def bibtex(papers: Sequence[Paper]) -> str:
    """One entry a paper, in their order, with keys that differ; empty where there is no paper."""
    used: set[str] = set()
    return "\n".join(_entry(paper, _unused(_key(paper), used)) for paper in papers)


def escaped(text: str) -> str:
    """``text`` on one line as TeX shows it as it is; its braces balance."""
    return _SPECIAL.sub(lambda found: SPECIAL[found.group()], plain(text))


def _entry(paper: Paper, key: str) -> str:
    fields = "".join(f"  {name} = {{{value}}},\n" for name, value in _fields(paper) if value)
    return f"@{ENTRY[publication(paper.venue)]}{{{key},\n{fields}}}\n"


def _fields(paper: Paper) -> Iterator[tuple[str, str]]:
    title = escaped(paper.title)
    yield "title", title and f"{{{title}}}"  # its own braces keep styles from changing capitals
    yield "author", " and ".join(map(_author, names(paper)))
    yield VENUE_FIELD[publication(paper.venue)], escaped(paper.venue)
    yield "year", str(year_of(paper) or "")
    yield "url", _address(web_address(paper.url))
    yield "abstract", escaped(paper.abstract)


def _author(name: Name) -> str:
    if not name.given:
        return f"{{{escaped(name.family)}}}"
    parts = [name.family, name.suffix, name.given]
    return ", ".join(_guarded(part) for part in parts if part)


def _guarded(part: str) -> str:
    """In braces where BibTeX would take a word or comma in it for the end of a name."""
    return f"{{{escaped(part)}}}" if _AND.search(part) else escaped(part)


def _address(url: str) -> str:
    """The ``url`` field is read as it stands: what would unbalance its braces is percent-encoded."""
    return re.sub(r"[\\{} ]", lambda found: f"%{ord(found.group()):02X}", plain(url))


def _key(paper: Paper) -> str:
    """The first author's family name, the year, and the first word of the title that says something."""
    written = names(paper)
    author = "".join(_words(written[0].family)) if written else ""
    words = _words(paper.title)
    word = next((each for each in words if each not in OPENING), "".join(words[:1]))
    year = year_of(paper)
    return f"{author or 'anonymous'}{year or 'nd'}{word or 'untitled'}"


def _unused(key: str, used: set[str]) -> str:
    """The key, with letters after it where it was given already."""
    ends = ("".join(each) for length in count() for each in product(string.ascii_lowercase, repeat=length))
    found = next(key + end for end in ends if key + end not in used)
    used.add(found)
    return found


def _words(text: str) -> list[str]:
    """Its words in plain ASCII: a key must suit every version of BibTeX."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return _WORD.findall("".join(char for char in apart if not unicodedata.category(char).startswith("M")))


FORMAT = Format("BibTeX", ".bib", "application/x-bibtex", lambda _, papers: bibtex(papers))
