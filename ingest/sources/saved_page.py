"""The saved "trending papers" page: two lines of boilerplate, then title and abstract on alternating lines.

The first title is glued to the word "Subscribe". There are no ids, so they are made from the titles.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Sequence

from ingest.clean import clean, printable
from ingest.records import RAW_LIMIT, Rejected, require_size
from rag.errors import MalformedRecord
from rag.types import Paper

BOILERPLATE = "Get trending papers in your email"
GLUED = "Subscribe"
SLUG_LENGTH = 48
LINE_END = re.compile(r"\r\n?|\n")


def is_saved_page(first_line: bytes) -> bool:
    """Does a file that starts with this line hold a saved page?"""
    return first_line.startswith(BOILERPLATE.encode())


def count(text: str) -> int:
    """How many records the page holds."""
    return (len(_lines(text)) + 1) // 2


def read(text: str) -> Iterator[Paper | Rejected]:
    """The papers of a page in order; empty lines are skipped.

    Abstracts are longer than their titles: where that fails, a line is missing, and only the title
    beside the gap is rejected.
    """
    lines = _lines(text)
    seen: set[str] = set()
    position = 0
    while position < len(lines):
        line, title = lines[position]
        abstract = lines[position + 1][1] if position + 1 < len(lines) else ""
        position += 1
        if len(abstract) <= len(title):
            yield Rejected(line, "no abstract follows this title", title[:RAW_LIMIT])
            continue
        position += 1
        yield _record(line, title, abstract, seen)


def _lines(text: str) -> Sequence[tuple[int, str]]:
    """Titles and abstracts, alternating, with their line numbers."""
    lines = [
        (number, line.strip())
        for number, line in enumerate(map(printable, LINE_END.split(text)), 1)
        if line.strip()
    ]
    papers = [entry for entry in lines if not entry[1].startswith(BOILERPLATE)]
    if papers:
        number, first = papers[0]
        papers[0] = (number, first.removeprefix(GLUED).strip())
    return papers


def _record(line: int, title: str, abstract: str, seen: set[str]) -> Paper | Rejected:
    """The paper of two lines; ``seen`` has the ids so far."""
    try:
        require_size(Paper("", title, abstract))
    except MalformedRecord as exc:
        return Rejected(line, str(exc), title[:RAW_LIMIT])
    paper_id = slug(title)
    if paper_id in seen:
        return Rejected(line, f"title {title!r} occurs twice: the first is kept", abstract[:RAW_LIMIT])
    seen.add(paper_id)
    cleaned = clean(abstract)
    return Paper(paper_id, title, cleaned, raw=abstract if abstract != cleaned else "")


def slug(title: str) -> str:
    """A readable id of a title: its first words, then six digits of its hash, which tell like titles apart.

    It depends on nothing but the title, so that it stays when other papers come and go.
    """
    ascii_title = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", ascii_title)
    readable = ""
    for word in words:
        if len(readable) + len(word) > SLUG_LENGTH:
            break
        readable += word + "-"
    return readable + hashlib.sha256(title.encode(errors="replace")).hexdigest()[:6]
