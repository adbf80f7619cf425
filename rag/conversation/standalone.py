"""Read a follow-up beside what is on the table, and make it a question that stands alone. Pure.

Rules on surface form only. What no rule knows is left as it was typed: a question that is a new topic, or
that only opens with "and", is never rewritten.
"""

import re
from dataclasses import replace

from rag.conversation.continuation import WHY, continued
from rag.conversation.coreference import FOLLOW_UPS, SOFT, Papers, Pointed, known, pointed
from rag.conversation.history import EMPTY, History, TablePaper, Turn, turn
from rag.conversation.resolution import (
    Resolved,
    asks_overview,
    bare,
    listing,
    named_here,
    of_each,
    opened,
    sentence,
)
from rag.question.intent import COMPARE, names_in
from rag.question.understanding import Question

__all__ = ["EMPTY", "History", "Resolved", "TablePaper", "Turn", "repeated", "resolve", "turn"]

AGAIN = FOLLOW_UPS.pattern("again")
POSSESSIVE = frozenset(["its", "their"])
ORDERED = re.compile(r"(?:compare|tell|explain|describe|summari[sz]e|list|show)\b", re.IGNORECASE)
COMPARED = re.compile(rf"{COMPARE.pattern}|\bcompare[sd]?\b|\bthan\b", re.IGNORECASE)
"""Where another thing is named beside the paper on the table, which others may say more of."""

AUTHORS_DO = re.compile(r"\b(?:do|did|have|can|could|does)\s+\Z", re.IGNORECASE)


def repeated(text: str, history: History) -> tuple[str, History]:
    """The question to read and what was said before it: the last one again, where a text only asks for that.

    Args:
        text: as typed, made plain.
        history: the conversation so far.
    """
    while history and (AGAIN.match(opened(bare(text))) or (WHY.match(bare(text)) and history.last.abstained)):
        text, history = history.last.question, History(history.turns[:-1])
    return text, history


def resolve(asked: Question, history: History) -> Resolved:
    """What a question, understood by itself, means after what was said before."""
    if not history.turns:
        return Resolved(asked.text)
    return continued(asked, history) or _referring(asked, history) or Resolved(asked.text)


def _referring(asked: Question, history: History) -> Resolved | None:
    """A whole question with words for papers on the table in it."""
    text = opened(bare(asked.text))
    shown = known(history)
    found = pointed(text, history, leans=asked.follow_up)
    if not found or (names_in(text) and {each.form for each in found} <= SOFT):
        return None
    several = next((each for each in found if len(each.papers) > 1), None)
    if several and len(found) == 1 and not (COMPARE.search(text) and several.plural):
        alone = ([replace(several, papers=(paper,))] for paper in several.papers)
        parts = tuple(_made(asked, text, each, shown) for each in alone)
        return of_each(several.papers, parts, text, one_meant=not several.plural)
    return _made(asked, text, found, shown)


def _made(asked: Question, text: str, found: list[Pointed], shown: Papers) -> Resolved:
    """The question with names in place of its references, restricted to the papers it then names."""
    outside = [name for name in names_in(text) if not named_here(name, shown)]
    papers = {paper.paper_id: paper for each in found for paper in each.papers}
    papers |= {paper.paper_id: paper for paper in named_here(text, shown)}
    return Resolved(
        _ended(asked, _written(text, found, short=False)),
        None if COMPARED.search(text) and outside else tuple(papers),
        reason=found[0].form,
        query=_ended(asked, _written(text, found, short=True)),
        overview=len(found) == 1 and asks_overview(f"{text[: found[0].start]}X{text[found[0].end :]}"),
        firm=not {each.form for each in found} <= SOFT,
    )


def _written(text: str, found: list[Pointed], *, short: bool) -> str:
    """The question with names in place of references; ``short``: where a paper has a name of its own."""
    parts, at = [], 0
    for each in found:
        words = text[each.start : each.end]
        parts += [text[at : each.start], _replacement(text, each, words, short=short)]
        at = each.end
    return "".join((*parts, text[at:]))


def _replacement(text: str, each: Pointed, words: str, *, short: bool) -> str:
    owned = words.lower() in POSSESSIVE
    if short and not all(paper.short_name for paper in each.papers):
        return "its" if owned else "it"
    name = listing(each.papers, " and ")
    if each.form == "authors":
        acting = short and AUTHORS_DO.search(text[: each.start])
        return name if acting else f"the authors of {name}"
    return f"{name}'s" if owned else name


def _ended(asked: Question, text: str) -> str:
    """With the mark it was typed with: "Compare A and B." is no question."""
    made = sentence(text)
    return f"{made[:-1]}." if ORDERED.match(text) and not asked.text.endswith("?") else made
