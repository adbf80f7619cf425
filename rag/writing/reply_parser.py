"""What a model writes, as drafts, sentence by sentence while it writes. Pure, and tolerant of form only.

Agreed form is JSON, as `prompting` has it. Models that do not keep to it are read as text with marks:
``[1]``, ``[1, 2]``, ``[1][2]``, ``[1-3]``, before or after the full stop, in lists and tables. Nothing is
mended that would change what was said or cited: the json_repair library ends strings that were cut off.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from rag.text.sentences import sentence_spans
from rag.verification.claim_verifier import Draft, Mark

MOST_DRAFTS = 200
"""Sentences read of one reply: what comes after is a model that repeats itself."""

WIDEST_RANGE = 30
THINKING = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL | re.IGNORECASE)
FENCE = re.compile(r"^[^\S\n]*```\w*[^\S\n]*$", re.MULTILINE)
MARK = re.compile(
    r"(?:(?<!\s)\s+)?[\[【]\^?(\d{1,4}(?:\s*+(?:[-–—]|[,;]\s*+(?:and)?|and)\s*+\^?\d{1,4})*)"
    r"(?:†[^\]】]{0,200})?[\]】]"
)
UNSPACED = re.compile(r"(?<=[.!?])(?=[\[【]\^?\d)")
LEADING_MARKS = re.compile(rf"^(?:{MARK.pattern})+[.,;]?\s*")
JSON_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\\?\Z)|[{}]', re.DOTALL)
"""A string, also one that is cut off, so that no brace in it counts; or a brace."""

COMPLETES = re.compile(r"[}\n.!?]")
BULLET = re.compile(r"^\s*(?:[-*•+]|\d{1,3}[.)])\s+")
HEADING = re.compile(r"^\s*#{1,6}\s")
RULE = re.compile(r"^[\s:|-]+$")
EMPHASIS = re.compile(r"\*\*|__|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w)|`")

TEXT = ("text", "statement", "sentence")
CITATIONS = ("citations", "citation", "evidence", "sources")
NUMBER = ("number", "n", "id", "paper", "citation")
"""Names under which models put these; the first are those that were agreed on."""


class ReplyParser:
    """Reads a reply as it arrives: `feed` gives the drafts that are complete, `finish` the rest."""

    def __init__(self) -> None:
        self._text = ""
        self._given = 0

    def feed(self, piece: str) -> list[Draft]:
        """Drafts that this piece completed, in order."""
        self._text += piece
        return self._new(done=False) if COMPLETES.search(piece) else []

    def finish(self, *, cut: bool = False) -> list[Draft]:
        """Drafts that were still open; what is cut off in the middle is dropped.

        Args:
            cut: whether the reply ended at its limit, so that its last sentence lacks an end.
        """
        return self._new(done=not cut)

    def _new(self, *, done: bool) -> list[Draft]:
        drafts = parse(self._text, done=done)[:MOST_DRAFTS]
        new = drafts[self._given :]
        self._given = max(self._given, len(drafts))
        return new


def without_thinking(reply: str, most: int | None = None) -> str:
    """A reply without its thinking, and of the rest so many characters, without fences around code."""
    return FENCE.sub("", THINKING.sub("", reply)[:most])


def parse(text: str, *, done: bool = True) -> list[Draft]:
    """All drafts of a reply.

    Args:
        text: as the model wrote it.
        done: whether it is complete; else a last sentence that may go on is left out.
    """
    plain = without_thinking(text)
    if plain.lstrip()[:1] in ("{", "["):
        opened = [draft for item in _objects(plain) for draft in _from_object(item)]
        if opened or not MARK.match(plain.lstrip()):
            return opened
    return _from_text(plain, done=done)


def _objects(text: str) -> Iterator[Mapping[str, Any]]:
    """Every JSON object that is complete, inner before outer, also of unfinished JSON."""
    starts: list[int] = []
    for found in JSON_TOKEN.finditer(text):
        if found[0] == "{":
            starts.append(found.start())
        elif found[0] == "}" and starts:
            try:
                yield json.loads(text[starts.pop() : found.end()], strict=False)
            except (ValueError, RecursionError):
                continue


def _first(item: Mapping[str, Any], keys: tuple[str, ...]) -> Any:  # noqa: ANN401 - what JSON holds
    return next((item[key] for key in keys if key in item), None)


def _from_object(item: Mapping[str, Any]) -> Iterator[Draft]:
    """The sentences of one statement; each rests on all its citations."""
    text, cited = _first(item, TEXT), _first(item, CITATIONS)
    listed = cited if isinstance(cited, list) else [item if cited is None else cited]
    marks = [mark for each in listed for mark in _marks(each)]
    known = {mark.number for mark in marks}
    for draft in _from_text(text if isinstance(text, str) else "", done=True):
        more = [mark for mark in draft.marks if mark.number not in known]
        yield Draft(draft.text, tuple(dict.fromkeys([*marks, *more])))


def _marks(cited: object) -> list[Mark]:
    quote: object = ""
    if isinstance(cited, Mapping):
        quote = cited.get("quote", "")
        cited = _first(cited, NUMBER)
    return [Mark(number, quote if isinstance(quote, str) else "") for number in _numbers(cited)]


def _numbers(value: object) -> list[int]:
    if isinstance(value, bool) or value is None:
        return []
    if isinstance(value, int):
        return [value]
    found = re.findall(r"(\d{1,4})(?:\s*[-–]\s*(\d{1,4}))?", str(value))
    return [number for first, last in found for number in _range(int(first), int(last or first))]


def _range(first: int, last: int) -> list[int]:
    """All from one to the other, or both where that is no range."""
    return list(range(first, last + 1)) if first <= last <= first + WIDEST_RANGE else [first, last]


def _from_text(text: str, *, done: bool) -> list[Draft]:
    drafts: list[Draft] = []
    lines = text.splitlines()
    for place, line in enumerate(lines):
        following = lines[place + 1] if place + 1 < len(lines) else ""
        complete = done or place + (2 if "|" in line else 1) < len(lines)
        above_rule = "|" in line and "-" in following and RULE.match(following)
        if not (above_rule or HEADING.match(line) or RULE.match(line)):
            _add(drafts, line, complete=complete)
    return drafts


def _add(drafts: list[Draft], line: str, *, complete: bool) -> None:
    """The sentences of one line; marks that open a sentence belong to the one before."""
    row = " — ".join(cell.strip() for cell in line.strip().strip("|").split("|") if cell.strip())
    written = UNSPACED.sub(" ", BULLET.sub("", row if "|" in line else line))
    sentences = [written[span.start : span.end] for span in sentence_spans(written)]
    for place, sentence in enumerate(sentences):
        late = LEADING_MARKS.match(sentence)
        if late and drafts and place:
            drafts[-1] = Draft(drafts[-1].text, (*drafts[-1].marks, *_marked(late[0])))
            sentence = sentence[late.end() :]  # noqa: PLW2901 - the rest of it
        last = place + 1 == len(sentences)
        if sentence.strip() and (complete or not last):
            drafts += _draft(sentence)
    if not complete and len(sentences) > 1 and drafts:  # its marks may still come
        drafts.pop()


def _draft(sentence: str) -> list[Draft]:
    text = EMPHASIS.sub("", MARK.sub("", sentence)).strip()
    marks = _marked(sentence)
    if not any(map(str.isalnum, text)) or (text.endswith(":") and not marks):
        return []
    return [Draft(text, tuple(dict.fromkeys(marks)))]


def _marked(text: str) -> list[Mark]:
    return [mark for found in MARK.finditer(text) for mark in _marks(found[1])]
