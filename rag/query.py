"""Understand a question without a model: its kind, what to search for, its clauses, and the names it drops.

Rules on surface form only: deterministic, instant, and the same on every machine.
"""

import re
from dataclasses import dataclass

from rag.errors import QuestionError
from rag.types import Kind

MAX_CHARACTERS = 10_000

PAPERS = r"(?:papers?|works?|studies|articles?|publications?|preprints?|abstracts?)"
THINGS = r"(?:benchmarks|datasets|methods|approaches|frameworks|systems|techniques|surveys|reviews|models)"
ASK = r"(?:please\s+)?(?:(?:can|could)\s+you\s+)?(?:(?:show|give|list|find|get|name|tell)(?:\s+me)?\s+)"
QUANTIFIER = r"(?:(?:all|any|every|the|some|other|of)\s+)*"
VERB_OF_TOPIC = (
    r"(?:\s+(?:(?:in|from)\s+(?:this|the|my)\s+(?:collection|corpus)))?"
    r"(?:\s+(?:that|which))?"
    r"(?:\s+(?:is|are|do|does|deal|deals|talk|talks)(?:\s+(?:about|on|with|related\s+to))?"
    r"|\s+(?:about|on|discussing|covering|regarding)\b)?"
)
SET_FRAMES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"^(?:{ASK})?{QUANTIFIER}(?:which|what)\s+(?:other\s+)?{PAPERS}\b{VERB_OF_TOPIC}",
        rf"^{ASK}{QUANTIFIER}{PAPERS}\b{VERB_OF_TOPIC}",
        rf"^(?:is|are)\s+there\s+{QUANTIFIER}(?:an?\s+)?{PAPERS}\b{VERB_OF_TOPIC}",
        rf"^{QUANTIFIER}{PAPERS}\s+(?:that|which|on|about|with|for|using|by)\b",
        rf",?\s+any\s+{PAPERS}$",
    )
)
TRAILING_PAPERS = re.compile(rf"\s+{PAPERS}$", re.IGNORECASE)
SET_START = re.compile(
    rf"^(?:which|what)\s+(?:\w+\s+)?{THINGS}\s+(?!.*\b(?:does|do|did)\b)|^(?:any|some|list|find|show)\b", re.IGNORECASE
)
QUESTION_WORD = re.compile(
    r"^(?:who|whom|whose|what|which|when|where|why|how|is|are|was|were|do|does|did|can|could|should|has|have|"
    r"(?:at|by|in|into|on|to|under|with|for|from|out\s+of)\s+(?:roughly\s+)?(?:what|which|how|whom|whose))\b",
    re.IGNORECASE,
)
EMBEDDED_QUESTION = re.compile(r":\s+(?:what|which|how|when|where|why|who|into|by\s+how)\b", re.IGNORECASE)
COMPARE = re.compile(
    r"^compare\b|\bdiffer(?:s|ent|ence|ences)?\b|\bversus\b|\bvs\b|\beach\s+of\s+them\b", re.IGNORECASE
)
IMPERATIVE = re.compile(r"^(?:explain|describe|define|summari[sz]e|write|make)\b", re.IGNORECASE)
FACT_FRAME = re.compile(
    r"\b(?:how\s+(?:many|much|big|large|small|fast|long|close|often|far)|(?:by\s+)?how(?:\s+much)?|what|which|who|whom"
    r"|whose|when|where|why|do|does|did|is|are|was|were)\b",
    re.IGNORECASE,
)
SMALL_TALK = re.compile(
    r"^(?:hi|hello|hey|thanks|thank\s+you|good\s+(?:morning|evening|day)|bye|ok|okay)\b"
    r"|\b(?:i|me|my|you|your)\b",
    re.IGNORECASE,
)
RECORD_FIELDS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern, re.IGNORECASE))
    for name, pattern in (
        (
            "authors",
            r"\bauthors?\b|\bwho\s+(?:wrote|published|authored|developed|created|made|invented)\b|\bwritten\s+by\b"
            r"|\baffiliat|\bwhich\s+(?:university|institution|company|lab)\b",
        ),
        (
            "year",
            r"\b(?:what|which)\s+year\b|\bpublication\s+(?:date|year)\b"
            r"|\bwhen\s+(?:was|were|did)\b.*\b(?:publish|releas|writ|appear|submit|present)",
        ),
        (
            "venue",
            r"\b(?:what|which)\s+(?:conference|venue|journal|workshop)\b|\bwhere\s+(?:was|were)\b.*\bpublish",
        ),
        (
            "citation count",
            r"\bhow\s+(?:many|often)\b.*\b(?:citations|cited)\b|\bmost(?:\s+\w+)?\s+cited\b|\bcited\s+most\b"
            r"|\bcitation\s+counts?\b|\bnumber\s+of\s+citations\b",
        ),
        ("identifier", r"\bdoi\b|\barxiv\b|\bisbn\b|\bbibtex\b"),
    )
)
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
CODED = re.compile(r"[a-z][A-Z]|[A-Z].*\d|\d.*[A-Z]|[A-Z]{2}|[A-Z]\w*[-+^@]\w*[A-Z]?")
CAPITALISED = re.compile(r"[A-Z]")
NOT_A_NAME = frozenset(
    """a about an and are arxiv at by compare did do does doi explain find for from give has have how i in into is list
    of on or out over papers show summarize surveys tell the this to under was what when where which who why with
    ai llm llms ml nlp gpu gpus qa""".split()
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
    bare = plain.rstrip("?!. ")
    topic = strip_frame(bare)
    kind = _kind(plain, bare, topic)
    return Question(
        text=plain,
        kind=kind,
        topic=(" ".join(FACT_FRAME.sub(" ", bare).split()) or bare) if kind == "fact" else topic,
        clauses=tuple(CLAUSE_BREAK.split(bare)) if kind == "fact" else (bare,),
        names=names_in(bare),
        record_field=_record_field(bare, kind),
    )


def strip_frame(text: str) -> str:
    """The topic of a set question; other text, and a frame around nothing, come back as they are."""
    if EMBEDDED_QUESTION.search(text):
        return text
    trailing = () if QUESTION_WORD.search(text) else (TRAILING_PAPERS,)
    for frame in (*SET_FRAMES, *trailing):
        rest = frame.sub("", text, count=1).strip(" ,?:")
        if rest and rest != text.strip(" ,?:"):
            return rest
    return text


def wants_number(clause: str) -> bool:
    """Whether an answer to this clause should hold a number."""
    return NUMBER_WANTED.search(clause) is not None


def names_in(text: str) -> tuple[str, ...]:
    """Words written like names: coded (LLM-QE, xFinder, FLM-101B) or capitalised inside a sentence."""
    words = [word.strip(".,;:?!()[]\"'“”‘’").removesuffix("'s").removesuffix("’s") for word in text.split()]
    found = [word for word in words if word.lower() not in NOT_A_NAME and CAPITALISED.search(word)]
    return tuple(dict.fromkeys(found))


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
    return "fact" if plain.endswith("?") or IMPERATIVE.search(bare) or _record_field(bare, "fact") else "set"


def _record_field(text: str, kind: Kind) -> str | None:
    """The bibliographic field asked for; "papers by which authors" is a topic, "the most cited paper" is not."""
    for name, pattern in RECORD_FIELDS:
        if pattern.search(text) and (kind != "set" or name == "citation count"):
            return name
    return None
