"""Words that point at papers on the table ("it", "the second one", "the others") and whom they mean. Pure."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain

from rag.conversation.history import History, TablePaper
from rag.phrases import Phrases
from rag.question.answer_kinds import KINDS
from rag.question.intent import IMPERSONAL, telling_words

Papers = tuple[TablePaper, ...]

FOLLOW_UPS = Phrases("rag.conversation", "follow_ups.toml")
REFERENCE = FOLLOW_UPS.pattern("reference")
ORDINALS = tuple(zip(FOLLOW_UPS.ordered("ordinals"), FOLLOW_UPS.ordered("ordinal_figures"), strict=True))
SOFT = frozenset(["definite", "authors"])
"""References that may mean something else than a paper on the table."""

PRONOUN = re.compile(r"\b(?:it|its|they|them|their)\b", re.IGNORECASE)
CLEARLY = 2.0
"""A paper comes clearly first where it is this many times as probable as every other."""


@dataclass(frozen=True, slots=True)
class Pointed:
    """A reference in a text.

    Attributes:
        form: the group of `REFERENCE` that found it.
        start: where it begins.
        end: where it ends.
        papers: whom it may mean; several for a singular word where it cannot be told.
        plural: whether it means all of them.
    """

    form: str
    start: int
    end: int
    papers: Papers
    plural: bool


def pointed(text: str, history: History, leans: bool) -> list[Pointed]:
    """The references of a text that mean something on the table, each paper set once, in order.

    Args:
        text: a question without its opening words.
        history: what was said before.
        leans: whether the form of the question says that it leans on something; else only references that
            say so themselves count.
    """
    found: list[Pointed] = []
    for match in REFERENCE.finditer(text):
        form = str(match.lastgroup)
        if not (leans or form in ("number", "definite", "ordinal", "authors") or _opens(text, match)):
            continue
        if form == "single" and IMPERSONAL.match(text, match.start()):
            continue
        papers = WHOM[form](match[0].lower(), history)
        plural = form in ("others", "both", "plural") and len(papers) > 1
        if (form in SOFT and len(papers) > 1) or (found and PRONOUN.fullmatch(match[0])):
            continue  # after another reference, a pronoun stands for that one
        if papers and all(papers != each.papers for each in found):
            found.append(Pointed(form, match.start(), match.end(), papers, plural))
    return found


def spoken_of(history: History) -> Papers:
    """Whom "it" means: the papers of the last answer that has any, or the one that clearly comes first."""
    turn = next((turn for turn in reversed(history.turns) if turn.papers), None)
    if turn is None:
        return ()
    first, *others = turn.papers
    if KINDS[turn.kind].facts or all(first.probability >= CLEARLY * each.probability for each in others):
        return (first,)
    return turn.papers


def all_of(history: History) -> Papers:
    """Whom "they" means: several papers spoken of one by one since the last list of papers, or that list."""
    since: dict[str, TablePaper] = {}
    for turn in reversed(history.turns):
        if len(turn.papers) > 1:
            return tuple(reversed(since.values())) if len(since) > 1 else turn.papers
        for paper in turn.papers:
            since.setdefault(paper.paper_id, paper)
    return tuple(reversed(since.values()))


def listed(history: History, least: int = 2) -> Papers:
    """The papers of the latest answer that showed at least so many, all that it showed."""
    shown = (turn.shown for turn in reversed(history.turns))
    return next((papers for papers in shown if len(papers) >= least), ())


def others(history: History) -> Papers:
    """The papers of the last list that were not spoken of since; of one spoken of last, not that one."""
    turns = history.turns
    at = next((place for place in range(len(turns) - 1, -1, -1) if len(turns[place].papers) > 1), None)
    if at is None:
        return _spoken_of_earlier(history)
    table = turns[at].papers
    later = [{paper.paper_id for paper in turn.papers} for turn in turns[at + 1 :]]
    chosen = set(chain(*later)) or {table[0].paper_id}
    left = tuple(paper for paper in table if paper.paper_id not in chosen)
    last = next((ids for ids in reversed(later) if ids), chosen)
    return left or tuple(paper for paper in table if paper.paper_id not in last)


def known(history: History) -> Papers:
    """Every paper shown so far, each once, the latest last."""
    return tuple({paper.paper_id: paper for turn in history.turns for paper in turn.shown}.values())


def _spoken_of_earlier(history: History) -> Papers:
    """Without any list: the paper spoken of before the last one."""
    singles = list(dict.fromkeys(paper for turn in history.turns for paper in turn.papers))
    now = spoken_of(history)
    return tuple(paper for paper in reversed(singles) if paper not in now)[:1]


def _opens(text: str, match: re.Match[str]) -> bool:
    """Whether hardly anything that the words could stand for comes before them."""
    if not PRONOUN.fullmatch(match[0]):
        return False
    before = text[: match.start()]
    said = telling_words(before)
    return not said or (len(said) == 1 and (not said[0][0].isupper() or before.lstrip().startswith(said[0])))


def _numbered(words: str, history: History) -> Papers:
    digits = re.search(r"\d+", words)
    number = int(digits[0]) if digits else 0
    return listed(history, max(1, number))[number - 1 : number] if number else ()


def _nth(words: str, history: History) -> Papers:
    if "last" in words or "final" in words:
        turns = reversed(history.turns)
        return next((turn.papers[-1:] for turn in turns if len(turn.papers) > 1), ())
    place = next(n for n, pair in enumerate(ORDINALS) if any(word in words for word in pair))
    return listed(history, max(2, place + 1))[place : place + 1]


def _two(_words: str, history: History) -> Papers:
    """Two papers: those of the last list if it has two, else the two spoken of last, else all of it."""
    table = all_of(history)
    singles = [turn.papers[0] for turn in reversed(history.turns) if len(turn.papers) == 1]
    latest: Sequence[TablePaper] = list(dict.fromkeys(singles))[:2]
    return table if len(table) <= 2 or len(latest) < 2 else tuple(reversed(latest))  # noqa: PLR2004 - both


WHOM: dict[str, Callable[[str, History], Papers]] = {
    "number": _numbered,
    "ordinal": _nth,
    "former": lambda _, history: listed(history)[:1],
    "latter": lambda _, history: listed(history)[1:2],
    "both": _two,
    "plural": lambda _, history: all_of(history),
    **dict.fromkeys(("others", "other"), lambda _, history: others(history)),
    **dict.fromkeys(("authors", "single", "definite"), lambda _, history: spoken_of(history)),
}
