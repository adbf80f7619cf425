"""Understand a question without a model: its kind, what to search for, its clauses, and the names it drops.

Rules on surface form only: deterministic, instant, and the same on every machine.
"""

import re
from dataclasses import dataclass

from rag.errors import QuestionError
from rag.frames import EMBEDDED_QUESTION, FACT_FRAME, QUESTION_WORD, SET_START, record_field, strip_frame
from rag.types import Kind

MAX_CHARACTERS = 10_000

MOST_NAMES = 16
MOST_CLAUSES = 8
"""What is read of a text that somebody pasted: every name and clause costs a pass over the candidates."""

COMPARE = re.compile(
    r"^compare\b|\bdiffer(?:s|ent|ence|ences)?\b|\bversus\b|\bvs\b|\beach\s+of\s+them\b", re.IGNORECASE
)
IMPERATIVE = re.compile(r"^(?:explain|describe|define|summari[sz]e|write|make)\b", re.IGNORECASE)
SMALL_TALK = re.compile(
    r"^(?:hi|hello|hey|thanks|thank\s+you|good\s+(?:morning|evening|day)|bye|ok|okay)\b"
    r"|\b(?:i|me|my|you|your)\b",
    re.IGNORECASE,
)
CONTRACTION = re.compile(r"\b(what|who|which|where|when|how)['’]s\b", re.IGNORECASE)
CLAUSE_BREAK = re.compile(
    r",?\s+and\s+(?=(?:(?:in|on|by|to|at|out\s+of|with)\s+)?(?:what|which|how|who|when|where|why)\b)",
    re.IGNORECASE,
)
NUMBER_WANTED = re.compile(
    r"\bhow\s+(?:many|much|big|large|small|fast|long|close|often|far|high|accurate|strong|quick\w*|expensive)\b"
    r"|\b(?:accuracy|speed-?ups?|budget|costs?|percent\w*|scores?|rate|size|number|improvements?|gains?|reductions?"
    r"|increase|correlation|agreement|latency|throughput|parameters|tokens|before\s+and\s+after)\b",
    re.IGNORECASE,
)
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


@dataclass(frozen=True, slots=True)
class Question:
    """What a question asks for.

    Attributes:
        text: as asked, control characters and runs of space made single spaces.
        kind: set (every paper that …), fact, compare, or other (not a question to a collection).
        topic: what to search for: ``text`` without its frame ("which papers …", "how many …", "?").
        clauses: the part questions of a fact question, at least one.
        names: words written like names of methods, models or data sets, in order of appearance.
        record_field: a bibliographic field (authors, year …) that is asked for, which no abstract states.
    """

    text: str
    kind: Kind
    topic: str
    clauses: tuple[str, ...]
    names: tuple[str, ...]
    record_field: str | None


def understand(text: str) -> Question:
    """Read a question.

    Raises:
        QuestionError: nothing is left of it, or it is longer than `MAX_CHARACTERS`.
    """
    if len(text) > MAX_CHARACTERS:
        raise QuestionError(f"the question has {len(text):,} characters: at most {MAX_CHARACTERS:,} are read")
    plain = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    if not any(char.isalnum() for char in plain):
        raise QuestionError(f"the question is empty ({plain!r}): ask something in words")
    bare = CONTRACTION.sub(r"\1 is", plain.rstrip("?!. "))
    topic = strip_frame(bare)
    kind = _kind(plain, bare, topic)
    return Question(
        text=plain,
        kind=kind,
        topic=(" ".join(FACT_FRAME.sub(" ", bare).split()) or bare) if kind == "fact" else topic,
        clauses=tuple(CLAUSE_BREAK.split(bare, MOST_CLAUSES - 1)) if kind == "fact" else (bare,),
        names=names_in(bare),
        record_field=record_field(bare, kind),
    )


def wants_number(clause: str) -> bool:
    """Whether an answer to this clause should hold a number."""
    return NUMBER_WANTED.search(clause) is not None


def names_in(text: str) -> tuple[str, ...]:
    """The first `MOST_NAMES` words with a capital (LLM-QE, xFinder, Quest) that are not common ones."""
    words = [word.strip(".,;:?!()[]\"'“”‘’").removesuffix("'s").removesuffix("’s") for word in text.split()]
    found = [word for word in words if word.lower() not in NOT_A_NAME and CAPITALISED.search(word)]
    return tuple(dict.fromkeys(found))[:MOST_NAMES]


def _kind(plain: str, bare: str, topic: str) -> Kind:
    if topic != bare:
        return "set"
    if COMPARE.search(bare) and len(names_in(bare)) > 1:
        return "compare"
    if SET_START.search(bare):
        return "set"
    if QUESTION_WORD.search(bare) or EMBEDDED_QUESTION.search(bare):
        return "fact"
    if SMALL_TALK.search(bare):
        return "other"
    return "fact" if plain.endswith("?") or IMPERATIVE.search(bare) or record_field(bare, "fact") else "set"
