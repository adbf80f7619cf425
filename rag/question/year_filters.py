"""Read the years of publication that a question asks for ("since 2023", "2018 to 2020") off its words.

A year is read where it stands apart from the topic ("papers in 2021 on …", "… in 2021?") or is said to be one
of publication, but not in "in 2000 steps", "tweets from 2016", "the 2016 election", "GPT-4" or "COVID-19".
"""

import re

from rag.filters import Years
from rag.phrases import Phrases
from rag.question.frames import PAPERS, QUESTION_WORD, SET_START

FILTERS = Phrases("rag.question", "filters.toml")
PHRASES = [
    (sort, pattern)
    for sort in ("between", "from", "until", "after", "before", "in")
    for pattern in FILTERS.patterns(f"years_{sort}")
]
"""How years are asked for; of two phrases that overlap the one that begins first counts, then the upper."""

PUBLISHED = FILTERS.pattern("published")
"""What shows, right before a year or a venue, that it is one of publication."""

NEAR = 60
"""Characters before a phrase that are looked at."""

JOINT = re.compile(r"^\s*+(?:,\s*+)?(?:and|but)\s*$", re.IGNORECASE)
PAPER_WORD = re.compile(rf"\b{PAPERS}\b", re.IGNORECASE)
BEFORE_PAPERS = re.compile(rf"\s+{PAPERS}\b", re.IGNORECASE)
AFTER_PAPERS = re.compile(rf"\b{PAPERS}\s*$", re.IGNORECASE)
NOT_OF_PAPERS = FILTERS.pattern("not_of_papers")
GOES_ON = FILTERS.pattern("goes_on")


def asked_years(text: str) -> tuple[Years, str]:
    """The years asked for, and the text without the words that did; several phrases hold at once.

    Of a question for a fact that speaks of no papers nothing is taken, nor where two phrases contradict each
    other: then neither restricts the papers.
    """
    none: Years = (None, None)
    if not asks_for_papers(text):
        return none, text
    first, last = none
    rest, done = "", 0
    for begin, end, (low, high) in _phrases(text):
        first = low if first is None else max(first, low or first)
        last = high if last is None else min(last, high or last)
        gap = text[done:begin]
        rest += " " if rest and JOINT.match(gap) else f"{gap} "
        done = end
    if first is not None and last is not None and first > last:
        return none, text
    return (first, last), rest + text[done:] if done else text


def asks_for_papers(text: str) -> bool:
    """Whether years and venues in a text are likely to be those of papers."""
    return bool(PAPER_WORD.search(text) or SET_START.search(text) or not QUESTION_WORD.search(text))


def stands_apart(text: str, begin: int, end: int) -> bool:
    """Whether ``text[begin:end]`` can be a remark on papers beside the topic, rather than part of it."""
    near = max(0, begin - NEAR)
    if AFTER_PAPERS.search(text, near, begin) or PUBLISHED.search(text, near, begin):
        return True
    return not NOT_OF_PAPERS.search(text, near, begin) and GOES_ON.match(text, end) is not None


def with_lead(text: str, begin: int) -> int:
    """Where "that were published" before ``begin`` starts, or ``begin``."""
    start = max(0, begin - NEAR)
    lead = PUBLISHED.search(text, start, begin)
    return lead.start() if lead else begin


def _phrases(text: str) -> list[tuple[int, int, Years]]:
    """The phrases that count, in order: where each begins and ends, and its years."""
    found = [(match, sort) for sort, pattern in PHRASES for match in pattern.finditer(text)]
    kept: list[tuple[int, int, Years]] = []
    done = 0
    for match, sort in sorted(found, key=lambda each: each[0].start()):  # a stable sort: the upper row first
        begin, end = match.span()
        if begin >= done and _counts(text, match):
            kept.append((with_lead(text, begin), end, _years(sort, *map(int, match.groups()))))
            done = end
    return kept


def _counts(text: str, match: re.Match[str]) -> bool:
    since = match[0].lower().startswith(("since", "not ", "no ", "starting"))
    before_papers = BEFORE_PAPERS.match(text, match.end()) is not None
    denied = NOT_OF_PAPERS.search(text, max(0, match.start() - NEAR), match.start()) is not None
    return before_papers or stands_apart(text, *match.span()) or (since and not denied)


def _years(sort: str, year: int, other: int = 0) -> Years:
    return {
        "between": (min(year, other), max(year, other)),
        "from": (year, None),
        "until": (None, year),
        "after": (year + 1, None),
        "before": (None, year - 1),
        "in": (year, year),
    }[sort]
