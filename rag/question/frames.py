"""The frames people put around a topic ("which papers …") and the fields of a record they ask for."""

import re

from rag.phrases import Phrases
from rag.question.answer_kinds import KindTraits

FRAMES = Phrases("rag.question", "frames.toml")
PAPERS = f"(?:{FRAMES.source('papers')})"
BARE_FRAME, TRAILING_PAPERS = FRAMES.pattern("bare_frame"), FRAMES.pattern("trailing_papers")
SET_FRAMES, SET_START = FRAMES.patterns("set_frames"), FRAMES.pattern("set_start")
QUESTION_WORD, EMBEDDED_QUESTION = FRAMES.pattern("question_word"), FRAMES.pattern("embedded_question")
FACT_FRAME, NEWEST = FRAMES.pattern("fact_frame"), FRAMES.pattern("newest")
OTHER_PAPERS = FRAMES.pattern("other_papers", re.NOFLAG)
MEASURED_BY_CITATIONS = FRAMES.pattern("measured_by_citations")
RECORD_FIELDS = {
    field: FRAMES.pattern(f"record_{field.replace(' ', '_')}")
    for field in ("authors", "year", "venue", "citation count", "identifier")
}


def strip_frame(text: str) -> str:
    """The topic of a set question; other text, and a frame around nothing, come back as they are."""
    if EMBEDDED_QUESTION.search(text):
        return text
    trailing = () if QUESTION_WORD.search(text) else (TRAILING_PAPERS,)
    for frame in (*SET_FRAMES, *trailing):
        rest: str = frame.sub(_kept, text, count=1).strip(" ,?:")
        if rest and rest != text.strip(" ,?:"):
            return rest
    return text


def _kept(frame: re.Match[str]) -> str:
    """What stands inside a frame that closes behind its topic; the others hold nothing."""
    inside: str = frame[1] if frame.re.groups else ""
    return inside


def record_field(text: str, kind: KindTraits) -> str | None:
    """The bibliographic field asked for; a set question is a topic unless papers are to be cited so much."""
    if kind.lists:
        return "citation count" if MEASURED_BY_CITATIONS.search(text) else None
    if not kind.searched:
        return None
    return next((name for name, pattern in RECORD_FIELDS.items() if pattern.search(text)), None)
