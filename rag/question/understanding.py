"""Understand a question without a model: its kind, what to search for and where, its clauses and its names.

Rules on surface form only: deterministic, instant, and the same on every machine.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.answer_kinds import KINDS
from rag.errors import QuestionError
from rag.filters import Catalogue, Filters
from rag.question.filter_phrases import asked_filters
from rag.question.follow_up import is_follow_up
from rag.question.frames import (
    BARE_FRAME,
    EMBEDDED_QUESTION,
    FACT_FRAME,
    NEWEST,
    OTHER_PAPERS,
    QUESTION_WORD,
    SET_START,
    record_field,
    strip_frame,
)
from rag.question.small_talk import is_aside, is_chat, without_courtesy
from rag.question.spelling import Speller, mend

MAX_CHARACTERS = 10_000

MOST_NAMES = 16
MOST_CLAUSES = 8
"""What is read of a text that somebody pasted: every name and clause costs a pass over the candidates."""

MOST_TOPIC_WORDS = 12
"""A longer text without the form of a question is no topic but a statement."""

COMPARE = re.compile(
    r"^compare\b|\bdiffer(?:s|ent|ence|ences)?\b|\bversus\b|\bvs\b|\beach\s+of\s+them\b"
    r"|^how\s+(?:does|do|did)\b.*\bcompare\s+(?:to|with|against)\b",
    re.IGNORECASE,
)
IMPERATIVE = re.compile(r"^(?:explain|describe|define|summari[sz]e|tell\s+me)\b", re.IGNORECASE)
ORDER = re.compile(r"^(?:write|make)\b", re.IGNORECASE)
OPENING = re.compile(
    r"^(?:(?:and|but|so|then|also)\b[\s,]+(?=\w)"
    r"|(?:ok(?:ay)?\b[\s,.!]*)?(?:(?:a\s+)?(?:new|next|another|different)\s+(?:topic|question|subject)"
    r"|something\s+(?:else|different)|on\s+another\s+note)\s*[:,—–-]\s*(?=\w))",
    re.IGNORECASE,
)
QUESTION_MARKS = "?？؟"  # noqa: RUF001 - as other keyboards have them
FOREIGN_MARK = re.compile(r"(?<=[\x21-\u024f])[？؟\s]+\Z")  # noqa: RUF001 - after Latin letters it is a slip
CONTRACTION = re.compile(r"\b(what|who|which|where|when|how)['’]s\b", re.IGNORECASE)
CLAUSE_BREAK = re.compile(
    r"(?:,|(?<![\s,]))\s+and\s+(?=(?:(?:in|on|by|to|at|out\s+of|with)\s+)?(?:what|which|how|who|when|where|why)\b)",
    re.IGNORECASE,
)
NUMBER_WANTED = re.compile(
    r"\bhow\s+(?:many|much|big|large|small|fast|long|close|often|far|high|accurate|strong|quick\w*|expensive"
    r"|well|closely|strongly|accurately)\b"
    r"|\b(?:share|proportion|fraction|ratio|portion)\s+of\b|\b(?:accuracy|speed-?ups?|budget|costs?|percent\w*|scores?|rate|size|number|improvements?|gains?|reductions?"
    r"|increase|correlation|agreement|latency|throughput|parameters|tokens|before\s+and\s+after)\b",
    re.IGNORECASE,
)
BESIDE = re.compile(
    r"^(?P<of_one>.+?)(?:,|(?<!\s))\s+(?:as\s+)?(?:when\s+)?compared\s+(?:with|to)\s+(?:that\s+of\s+)?(?P<other>\S.*)$",
    re.IGNORECASE,
)
ABOUT_PAPERS = re.compile(r"\bpapers?\b", re.IGNORECASE)
CAPITALISED = re.compile(r"[A-Z]")
NOT_A_NAME = frozenset(
    [
        "a",
        "about",
        "an",
        "and",
        "any",
        "are",
        "arxiv",
        "at",
        "by",
        "can",
        "compare",
        "could",
        "define",
        "describe",
        "did",
        "do",
        "does",
        "doi",
        "explain",
        "find",
        "for",
        "from",
        "give",
        "has",
        "have",
        "how",
        "i",
        "in",
        "into",
        "is",
        "list",
        "of",
        "on",
        "or",
        "out",
        "over",
        "papers",
        "please",
        "show",
        "summarize",
        "surveys",
        "tell",
        "the",
        "this",
        "to",
        "under",
        "was",
        "what",
        "when",
        "where",
        "which",
        "who",
        "why",
        "with",
        "ai",
        "llm",
        "llms",
        "ml",
        "nlp",
        "gpu",
        "gpus",
        "qa",
    ]
)


NO_FILTERS = Filters()


@dataclass(frozen=True, slots=True)
class Question:
    """What a question asks for.

    Attributes:
        text: as asked, control characters and runs of space made single spaces.
        kind: set (every paper that …), fact, compare, or other (not a question to a collection).
        topic: what to search for: ``text`` without its frame ("which papers …", "how many …", "?") and the
            words of its filters, spelling mended. Empty where papers are asked for by ``filters`` or
            ``unmatched`` alone: then every paper that passes the filters is asked for.
        clauses: the part questions of a fact question, at least one.
        names: words written like names of methods, models or data sets, in order of appearance.
        record_field: a bibliographic field (authors, year …) that is asked for, which no abstract states.
        filters: years, authors and venues the papers are restricted to.
        corrections: misspelt words of the topic and what they were read as.
        unmatched: authors and venues asked for that no paper of the collection has.
        follow_up: whether it leans on a question before it ("which of them …", "how fast is it?").
        is_question: whether it has the form of a question, unlike a bare topic or a statement.
        newest: whether the newest papers are asked for.
    """

    text: str
    kind: str
    topic: str
    clauses: tuple[str, ...]
    names: tuple[str, ...]
    record_field: str | None
    filters: Filters = NO_FILTERS
    corrections: tuple[tuple[str, str], ...] = ()
    unmatched: tuple[str, ...] = ()
    follow_up: bool = False
    is_question: bool = True
    newest: bool = False


def understand(text: str, catalogue: Catalogue | None = None, speller: Speller | None = None) -> Question:
    """Read a question.

    Args:
        text: as typed.
        catalogue: names the collection holds; without it no author or venue is read off the question.
        speller: the collection's words; without it nothing is mended.

    Raises:
        QuestionError: nothing is left of it, or it is longer than `MAX_CHARACTERS`.
    """
    plain = _plain(text)
    bare = _bare(plain)
    opened = OPENING.sub("", bare)
    states = strip_frame(opened) == opened and _states(plain, opened)
    asks = _asks(plain, bare) and not states
    # "Sepsis has become rarer since 2009." is a claim: its years are about the world, not about papers.
    filters, rest, unmatched = (NO_FILTERS, opened, ()) if states else asked_filters(opened, catalogue)
    restricted = bool(filters or unmatched)
    topic = "" if restricted and BARE_FRAME.fullmatch(rest) else strip_frame(rest)
    kind = "set" if restricted and not topic else _kind(plain, rest, topic)
    traits = KINDS[kind]
    if traits.facts:
        topic = " ".join(FACT_FRAME.sub(" ", rest).split()) or rest
    corrections = speller.corrections(topic) if speller and traits.searched else ()
    clauses = _part_questions(rest) if traits.facts else [rest or bare]
    return Question(
        text=plain,
        kind=kind,
        topic=mend(topic, corrections),
        clauses=tuple(mend(clause, corrections) for clause in clauses),
        names=names_in(rest),
        record_field=record_field(rest, traits),
        filters=filters,
        corrections=corrections,
        unmatched=unmatched,
        follow_up=is_follow_up(bare, names_in(bare)),
        is_question=restricted or topic != rest or asks,
        newest=traits.lists and NEWEST.search(bare) is not None,
    )


def _part_questions(text: str) -> list[str]:
    """What a fact question asks, part by part: "how accurate is A, compared with B" asks of B too."""
    parts = CLAUSE_BREAK.split(text, MOST_CLAUSES - 1)
    beside = BESIDE.match(text)
    if len(parts) > 1 or beside is None or not wants_number(beside["of_one"]):
        return parts
    return [beside["of_one"], f"what do {beside['other']} reach"]


def wants_number(clause: str) -> bool:
    """Whether an answer to this clause should hold a number."""
    return NUMBER_WANTED.search(clause) is not None


def names_in(text: str) -> tuple[str, ...]:
    """The first `MOST_NAMES` words with a capital (LLM-QE, xFinder, Quest) that are not common ones."""
    words = [word.strip(".,;:?!()[]\"'“”‘’").removesuffix("'s").removesuffix("’s") for word in text.split()]
    found = [word for word in words if word.lower() not in NOT_A_NAME and CAPITALISED.search(word)]
    return tuple(dict.fromkeys(found))[:MOST_NAMES]


def with_names(question: Question, names: Sequence[str]) -> Question:
    """The question with names that only the collection tells from words; two of them can be compared."""
    known = {name.casefold() for name in question.names}
    more = tuple(name for name in names if name.casefold() not in known)
    every = tuple(sorted((*question.names, *more), key=lambda name: question.text.lower().find(name.lower())))
    if not more:
        return question
    compares = KINDS[question.kind].facts and len(every) > 1 and COMPARE.search(question.text)
    return replace(question, names=every[:MOST_NAMES], kind="compare" if compares else question.kind)


def _plain(text: str) -> str:
    if len(text) > MAX_CHARACTERS:
        raise QuestionError(f"the question has {len(text):,} characters: at most {MAX_CHARACTERS:,} are read")
    plain = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    if not any(char.isalnum() for char in plain):
        raise QuestionError(f"the question is empty ({plain!r}): ask something in words")
    return plain


def _bare(plain: str) -> str:
    """The question without its mark, and without a greeting where a question follows it."""
    bare = CONTRACTION.sub(r"\1 is", FOREIGN_MARK.sub("", plain.rstrip("?!. ")).rstrip("?!. "))
    asked = without_courtesy(bare)
    opened = OPENING.sub("", asked)
    shown = strip_frame(opened) != opened or COMPARE.match(opened) or _asks(plain, opened)
    return asked if asked != bare and shown else bare


def _asks(plain: str, text: str) -> bool:
    """Whether the form of a text shows that something is asked."""
    patterns = (SET_START, QUESTION_WORD, EMBEDDED_QUESTION, IMPERATIVE)
    return plain.endswith(tuple(QUESTION_MARKS)) or any(pattern.search(text) for pattern in patterns)


def _states(plain: str, text: str) -> bool:
    """Whether a text without a frame for papers states something: a claim, a summary."""
    sentence = plain.endswith(".") or (len(text.split()) > MOST_TOPIC_WORDS and not _asks(plain, text))
    return sentence and not ABOUT_PAPERS.search(text)


def _kind(plain: str, rest: str, topic: str) -> str:
    if is_aside(rest):
        return "other"
    if topic != rest or OTHER_PAPERS.search(rest):
        return "set"
    if COMPARE.search(rest) and len(names_in(rest)) > 1:
        return "compare"
    return "set" if SET_START.search(rest) else _unframed(plain, rest)


def _unframed(plain: str, rest: str) -> str:
    """The kind of what asks for no papers in so many words: without any form of a question, a topic."""
    if any(pattern.search(rest) for pattern in (QUESTION_WORD, EMBEDDED_QUESTION, IMPERATIVE)):
        return "fact"
    if is_chat(rest):
        return "other"
    asks = names_in(rest) or wants_number(rest) or is_follow_up(rest, ())
    marked = plain.endswith(tuple(QUESTION_MARKS)) and asks
    shown = marked or ORDER.search(rest) or record_field(rest, KINDS["fact"])
    return "fact" if shown else "set"
