"""The saved "trending papers" page: two lines of boilerplate, then title and abstract on alternating lines.

The first title is glued to the word "Subscribe". There are no ids, so they are made from the titles.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path

from ingest.clean import clean, printable
from ingest.records import RAW_LIMIT, RejectedRecord, Source, require_size
from ingest.sources.lines import whole_text
from rag.errors import MalformedRecord
from rag.types import Paper

EXPECTED = "a saved trending-papers page"

BOILERPLATE = "Get trending papers in your email"
GLUED = "Subscribe"
SLUG_LENGTH = 48
LINE_END = re.compile(r"\r\n?|\n")


def recognises(lines: Sequence[bytes]) -> bool:
    """Whether a file that starts with these lines holds a saved page."""
    return lines[0].startswith(BOILERPLATE.encode())


def read_file(path: Path) -> Source:
    """The page in a file, which is read as a whole."""
    lines = _lines(whole_text(path, "saved page"))
    return Source("saved page", (len(lines) + 1) // 2, _records(lines))


def _records(lines: Sequence[tuple[int, str]]) -> Iterator[Paper | RejectedRecord]:
    """The papers of a page in order.

    Abstracts are longer than their titles: where that fails, a line is missing, and only the title
    beside the gap is rejected.
    """
    seen: set[str] = set()
    position = 0
    while position < len(lines):
        line, title = lines[position]
        abstract = lines[position + 1][1] if position + 1 < len(lines) else ""
        position += 1
        if len(abstract) <= len(title):
            yield RejectedRecord(line, "no abstract follows this title", title[:RAW_LIMIT])
            continue
        position += 1
        yield _record(line, title, abstract, seen)


def _lines(text: str) -> Sequence[tuple[int, str]]:
    """Titles and abstracts, alternating, with their line numbers; empty lines are left out."""
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


def _record(line: int, title: str, abstract: str, seen: set[str]) -> Paper | RejectedRecord:
    """The paper of two lines; ``seen`` has the ids so far."""
    try:
        require_size(Paper("", title, abstract))
    except MalformedRecord as exc:
        return RejectedRecord(line, str(exc), title[:RAW_LIMIT])
    paper_id = slug(title)
    if paper_id in seen:
        return RejectedRecord(line, f"title {title!r} occurs twice: the first is kept", abstract[:RAW_LIMIT])
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
