"""Words that point at papers on the table ("it", "the second one", "the others") and whom they mean. Pure."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain

from rag.answer_kinds import KINDS
from rag.conversation.shown import History, TablePaper
from rag.question.follow_up import EMPTY_WORD, IMPERSONAL

Papers = tuple[TablePaper, ...]

ONE = (
    r"(?:one|paper|work|method|model|approach|study|system|framework|benchmark|data\s?set|algorithm|technique"
    r"|survey|article|tool|technology)"
)
MANY = (
    r"(?:ones|papers|works|methods|models|approaches|studies|systems|frameworks|benchmarks|data\s?sets|algorithms"
    r"|techniques|surveys|articles|tools)"
)
ENDS = (
    r"(?=\s*(?:$|[?,.;:'’])|\s+(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|and|or|use[sd]?"
    r"|make[s]?|work[s]?|perform[s]?|need[s]?|achieve[sd]?|reach(?:es)?|get[s]?|say[s]?|report[s]?|claim[s]?"
    r"|compare[sd]?|differ[s]?|better|best|faster|instead|too|as|than|with|against|to)\b)"
)
"""What follows words that point back, rather than words that begin a longer name of a thing."""

COMPLEMENT = r"(?!\s+(?:of|for|on|about|that|which|who|in|called|named|to|from|by|behind|used)\b)(?=\W|$)"
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
FIGURES = ("1st", "2nd", "3rd", "4th", "5th", "6th", "7th", "8th", "9th", "10th")
COUNTED = ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]

REFERENCE = re.compile(
    rf"(?P<number>\[\d{{1,3}}\]|(?:\b(?:paper|number|no\.?|source|reference)\s*|#)\[?\d{{1,3}}\b\]?(?![.%\w]))"
    rf"|\b(?P<ordinal>(?:the\s+)?(?:very\s+)?(?:{'|'.join((*ORDINALS, *FIGURES))}|last|final)"
    rf"(?:\s+{ONE}\b{COMPLEMENT}|{ENDS}))"
    rf"|\b(?P<former>the\s+former(?:\s+{ONE})?)\b|\b(?P<latter>the\s+latter(?:\s+{ONE})?)\b"
    rf"|\b(?P<others>the\s+(?:others|rest|other\s+(?:{MANY}|{'|'.join(COUNTED)})(?:\s+{MANY})?)\b{COMPLEMENT})"
    rf"|\b(?P<other>(?:the|that)\s+other(?:\s+{ONE}\b{COMPLEMENT}|{ENDS}))"
    rf"|\b(?P<both>both(?:\s+of\s+(?:them|these|those)|\s+{MANY}\b|(?!\s+\S+\s+and\b){ENDS})"
    rf"|(?:the|these|those)\s+two(?:\s+{MANY}\b{COMPLEMENT}|{ENDS}))"
    rf"|\b(?P<authors>(?:the|these|its|their)\s+authors\b{COMPLEMENT})"
    rf"|\b(?P<plural>(?:(?:all|each|any|some|none|one)\s+of\s+)?(?:(?:these|those)(?:\s+{MANY}\b|{ENDS})|them|their|they)\b)"
    rf"|\b(?P<single>its|it|(?:this|that)(?:\s+{ONE}\b|{ENDS}))\b"
    rf"|\b(?P<definite>the\s+(?:proposed\s+|same\s+)?{ONE}(?<!one)(?<!technology)\b{COMPLEMENT})",
    re.IGNORECASE,
)
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
    papers = next((turn.papers for turn in reversed(history.turns) if turn.papers), ())
    turn = next((turn for turn in reversed(history.turns) if turn.papers), None)
    if turn is None or len(papers) == 1:
        return papers
    first, *others = papers
    if KINDS[turn.kind].facts or all(first.probability >= CLEARLY * each.probability for each in others):
        return (first,)
    return papers


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
    before = re.findall(r"[^\W\d_]+", text[: match.start()])
    said = [word for word in before if not EMPTY_WORD.match(word)]
    return len(said) <= 1 and not any(word[0].isupper() for word in said[0:1] if before[0] != word)


def _numbered(words: str, history: History) -> Papers:
    digits = re.search(r"\d+", words)
    number = int(digits[0]) if digits else 0
    return listed(history, max(1, number))[number - 1 : number] if number else ()


def _nth(words: str, history: History) -> Papers:
    if "last" in words or "final" in words:
        turns = reversed(history.turns)
        return next((turn.papers[-1:] for turn in turns if len(turn.papers) > 1), ())
    place = next(
        n for n, pair in enumerate(zip(ORDINALS, FIGURES, strict=True)) if any(word in words for word in pair)
    )
    return listed(history, max(2, place + 1))[place : place + 1]


def _two(_words: str, history: History) -> Papers:
    """Two papers: those of the last list if it has two, else the two spoken of last, else all of it."""
    table = all_of(history)
    singles = [turn.papers[0] for turn in reversed(history.turns) if len(turn.papers) == 1]
    latest: Sequence[TablePaper] = list(dict.fromkeys(singles))[:2]
    return table if len(table) <= 2 or len(latest) < 2 else tuple(reversed(latest))  # noqa: PLR2004 - both


def _other(_words: str, history: History) -> Papers:
    return others(history)


def _it(_words: str, history: History) -> Papers:
    return spoken_of(history)


WHOM: dict[str, Callable[[str, History], Papers]] = {
    "number": _numbered,
    "ordinal": _nth,
    "former": lambda _, history: listed(history)[:1],
    "latter": lambda _, history: listed(history)[1:2],
    "others": _other,
    "other": _other,
    "both": _two,
    "authors": _it,
    "plural": lambda _, history: all_of(history),
    "single": _it,
    "definite": _it,
}
