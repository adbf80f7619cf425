"""Read the years of publication that a question asks for ("since 2023", "2018 to 2020") off its words.

A year is read where it stands apart from the topic ("papers in 2021 on …", "… in 2021?") or is said to be one
of publication, but not in "in 2000 steps", "tweets from 2016", "the 2016 election", "GPT-4" or "COVID-19".
"""

import re

from rag.filters import Years
from rag.question.frames import PAPERS, QUESTION_WORD, SET_START

ANY_YEAR = r"(?<![\w.,$€£#-])(?:19|20)\d\d"
END = r"(?:19|20)\d\d(?![\w%]|[-–.,]\d)"
YEAR = rf"(?<![\w.,$€£#-]){END}"
PHRASES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"between\s+(?P<first>{ANY_YEAR})\s+and\s+(?P<last>{YEAR})",
        rf"(?:(?:from|in|during)\s+)?(?P<first>{ANY_YEAR})\s*(?:to|until|till|through|[-–—])\s*(?P<last>{END})",
        rf"(?:(?:from|in)\s+)?(?P<first>{YEAR})\s+(?:or|and)\s+(?:later|newer|after|onwards?)\b",
        rf"from\s+(?P<first>{YEAR})\s+(?:onwards?\b|on(?=\s*(?:$|[,;:?!)]|(?:about|that|which)\b)))",
        rf"(?:since|starting\s+(?:in|from|with)|(?:no|not)\s+(?:earlier\s+than|before))\s+(?P<first>{YEAR})",
        rf"(?:in\s+)?(?P<last>{YEAR})\s+(?:or|and)\s+(?:earlier|older|before)\b",
        rf"(?:until|till|up\s+to|(?:no|not)\s+later\s+than)\s+(?P<last>{YEAR})",
        rf"(?:after|later\s+than|newer\s+than|more\s+recent\s+than)\s+(?P<after>{YEAR})",
        rf"(?:before|prior\s+to|earlier\s+than|older\s+than)\s+(?P<before>{YEAR})",
        rf"(?:in|from|during)\s+(?:the\s+year\s+)?(?P<only>{YEAR})",
        rf"(?<!top )(?<!first )(?<!last )(?<!over )(?<!than )(?<!least )(?P<only>{YEAR})(?=\s+{PAPERS}\b)",
        rf"(?<=papers )(?P<only>{YEAR})",
    )
)
"""How years are asked for; of two phrases that overlap the one that begins first counts, then the upper."""

PUBLISHED = re.compile(
    r"(?:\b(?:that|which)\s+)?(?:\b(?:were|was|are|is|have\s+been|has\s+been|have|has)\s+)?"
    r"\b(?:published|released|written|presented|submitted|posted|accepted|appear(?:ed|ing)?|dated|printed)\s*$",
    re.IGNORECASE,
)
"""What shows, right before a year or a venue, that it is one of publication."""

NEAR = 60
"""Characters before a phrase that are looked at."""

JOINT = re.compile(r"^\s*+(?:,\s*+)?(?:and|but)\s*$", re.IGNORECASE)
PAPER_WORD = re.compile(rf"\b{PAPERS}\b", re.IGNORECASE)
BEFORE_PAPERS = re.compile(rf"\s+{PAPERS}\b", re.IGNORECASE)
AFTER_PAPERS = re.compile(rf"\b{PAPERS}\s*$", re.IGNORECASE)
NOT_OF_PAPERS = re.compile(
    r"\b(?:data|tweets?|posts?|news|records|corpus|corpora|elections?|exams?|questions|events|except|not|top)\s*$",
    re.IGNORECASE,
)
GOES_ON = re.compile(
    r"\s*(?:$|[,;:.?!()]|(?:on|of|about|that|which|who|by|at|in|and|with|for|using|do|does|discussing|covering|from"
    r"|since|before|after|until|regarding|or)\b)",
    re.IGNORECASE,
)


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
    found = PAPER_WORD.search(text) or SET_START.search(text) or not QUESTION_WORD.search(text)
    return bool(found)


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
    found = [match for pattern in PHRASES for match in pattern.finditer(text)]
    kept: list[tuple[int, int, Years]] = []
    done = 0
    for match in sorted(found, key=re.Match.start):  # a stable sort: the upper row first
        begin, end = match.span()
        if begin >= done and _counts(text, match):
            kept.append((with_lead(text, begin), end, _years(match)))
            done = end
    return kept


def _counts(text: str, match: re.Match[str]) -> bool:
    since = match[0].lower().startswith(("since", "not ", "no ", "starting"))
    before_papers = BEFORE_PAPERS.match(text, match.end()) is not None
    denied = NOT_OF_PAPERS.search(text, max(0, match.start() - NEAR), match.start()) is not None
    return before_papers or stands_apart(text, *match.span()) or (since and not denied)


def _years(match: re.Match[str]) -> Years:
    said = {name: int(year) for name, year in match.groupdict().items() if year}
    if "only" in said:
        return said["only"], said["only"]
    first = said["after"] + 1 if "after" in said else said.get("first")
    last = said["before"] - 1 if "before" in said else said.get("last")
    return (last, first) if first and last and first > last else (first, last)
