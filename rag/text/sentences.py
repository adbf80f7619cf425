# ruff: noqa: RUF001 - typographic quotes and full-width stops are what this module is about
"""Sentences of a scientific abstract, as offsets, and the text a passage is indexed by. Pure."""

import re
from collections.abc import Iterator

from rag.phrases import Phrases
from rag.types import Span

_CLOSING = "\"'”’»)\\]}」』）】"
_OPENING = "\"'`“‘«([{「『（【"
_WIDE = "。！？।॥۔"
"""Stops that leave no space, or end nothing else; an empty line ends what has no stop."""

_STOP = re.compile(
    rf"(?P<wide>(?:[{_WIDE}]|．(?!\d))[{_WIDE}{_CLOSING}]*)"
    rf"|(?P<gap>\n(?:[^\S\n]*\n)+)|(?P<plain>[.!?…][.!?…{_CLOSING}]*)"
)
_NEXT_WORD = re.compile(rf"\s*[{_OPENING}]*(\S{{0,60}})")
_LAST_WORD = re.compile(rf"[^\s,;{_OPENING}]+\Z")
_WORDS = Phrases(__package__, "sentences.toml")
_INSIDE, _EITHER, _STARTERS = map(_WORDS.words, ("inside", "either", "starters"))

_LIST_NUMBER = re.compile(r"(?:\A|[:;,.!?]\s+|[\n(])(?:\d{1,2}|[ivx]{1,4})\.\Z")
_INITIALS = re.compile(r"[A-Z]|(?:non-)?[A-Za-z](?:\.[A-Za-z])+")
_SMALL_NUMBER = re.compile(r"\d{1,2}")
_FORGOTTEN = re.compile(r"[a-z]{2}\Z")
_ADDRESS = re.compile(r"\w:|www\.")


def sentence_spans(text: str) -> tuple[Span, ...]:
    """The sentences of ``text`` in order, as offsets that hold no outer white space.

    They do not overlap, and they cover every character that is not white space. Enumerations stay
    in their sentence. Text without any stop is one sentence; text of white space alone has none.
    """
    spans: list[Span] = []
    start = end_before = 0
    for end in (*_ends(text), len(text)):
        if any(map(str.isalnum, text[end_before:end])):
            spans.append(strip_span(text, start, end))
            start = end
        end_before = end
    rest = strip_span(text, start, len(text))
    if rest.start == rest.end:
        return tuple(spans)
    # Signs alone are left over: they belong to the last sentence, or are the only one.
    first = spans.pop().start if spans else rest.start
    return (*spans, Span(first, rest.end))


def strip_span(text: str, start: int, end: int) -> Span:
    """``text[start:end]`` without outer white space; an empty span at ``end`` if nothing else is there."""
    part = text[start:end].lstrip()
    return Span(end - len(part), end - len(part) + len(part.rstrip()))


def index_text(title: str, text: str) -> str:
    """What is embedded and BM25-indexed for a passage of a paper of this title."""
    return f"{title}\n{text.strip()}"


def _ends(text: str) -> Iterator[int]:
    """Offsets after which a new sentence starts."""
    for stop in _STOP.finditer(text):
        match = _NEXT_WORD.match(text, stop.end())
        word = match[1] if match else ""
        if stop["wide"] or _ends_sentence(text, stop, word):
            yield stop.end()


def _ends_sentence(text: str, stop: re.Match[str], word: str) -> bool:
    """Does this stop (or empty line) before ``word`` end a sentence?"""
    before = text[max(0, stop.start() - 60) : stop.start()]
    if stop["plain"] and text[stop.end() : stop.end() + 1].strip():  # no space: a decimal, or a forgotten one
        return stop[0] == "." and _FORGOTTEN.search(before) is not None and _starts(word)
    if word.startswith((".", ",", ";", ":", ")")):
        return False
    if stop[0] == ".":
        return _full_stop(before, word)
    return not _is_plain(word)


def _full_stop(before: str, word: str) -> bool:
    """Does a full stop between ``before`` and ``word`` end a sentence?"""
    match = _LAST_WORD.search(before)
    last = match[0] if match else ""
    known = {last, last[:1].lower() + last[1:]}  # Fig and fig, but not FIG
    if known & _INSIDE or _LIST_NUMBER.search(before + "."):
        return False
    if known & _EITHER or _INITIALS.fullmatch(last):
        return _starts(word)
    if known & {"no", "nos", "0"}:  # "No. 7", and "0. 05" with a stray space
        return not word[:1].isdigit()
    if _ADDRESS.search(last):
        return not word[:1].islower()
    return not (_is_plain(word) and (last == "etc" or _SMALL_NUMBER.fullmatch(last)))


def _starts(word: str) -> bool:
    """Is ``word`` one that opens sentences?"""
    bare = word.rstrip(",.:").lower()
    return not word or (word[:1].isupper() and (bare in _STARTERS or bare.endswith("ly")))


def _is_plain(word: str) -> bool:
    """Lower case, without the capital or digit that method names have inside: xFinder, k-NN, mT5."""
    return word[:1].islower() and not any(sign.isupper() or sign.isdigit() for sign in word)
