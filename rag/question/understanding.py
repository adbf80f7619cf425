"""Understand a question without a model: its kind, what to search for and where, its clauses and its names.

Deterministic, instant, and the same on every machine.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.errors import QuestionError
from rag.filters import Catalogue, Filters
from rag.question.answer_kinds import KINDS
from rag.question.asked_filters import asked_filters
from rag.question.frames import BARE_FRAME, FACT_FRAME, NEWEST, record_field, strip_frame
from rag.question.intent import (
    COMPARE,
    INTENT,
    MOST_NAMES,
    OPENING,
    bare_question,
    is_asking,
    is_follow_up,
    is_statement,
    kind_of,
    names_in,
    wants_number,
)
from rag.question.spelling import Speller, mend

MAX_CHARACTERS = 10_000
MOST_CLAUSES = 8
"""What is read of a text that somebody pasted: every clause costs a pass over the candidates."""

CLAUSE_BREAK = INTENT.pattern("clause_break")
BESIDE = INTENT.pattern("beside")
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

    def about(self, description: str) -> "Question":
        """A question for papers on what this one describes, in words of its own."""
        return replace(self, text=description, kind="set", topic=mend(description, self.corrections))

    def mended(self, speller: Speller) -> "Question":
        """The question with the slips of its topic mended by the words of the collection."""
        corrections = speller.corrections(self.topic) if KINDS[self.kind].searched else ()
        return replace(
            self,
            topic=mend(self.topic, corrections),
            clauses=tuple(mend(clause, corrections) for clause in self.clauses),
            corrections=corrections,
        )


def understand(text: str, catalogue: Catalogue | None = None) -> Question:
    """Read a question.

    Args:
        text: as typed.
        catalogue: names the collection holds; without it no author or venue is read off the question.

    Raises:
        QuestionError: nothing is left of it, or it is longer than `MAX_CHARACTERS`.
    """
    plain = plain_text(text)
    bare = bare_question(plain)
    opened = OPENING.sub("", bare)
    states = strip_frame(opened) == opened and is_statement(plain, opened)
    # "Sepsis has become rarer since 2009." is a claim: its years are about the world, not about papers.
    filters, rest, unmatched = (NO_FILTERS, opened, ()) if states else asked_filters(opened, catalogue)
    restricted = bool(filters or unmatched)
    topic = "" if restricted and BARE_FRAME.fullmatch(rest) else strip_frame(rest)
    kind = "set" if restricted and not topic else kind_of(plain, rest, topic)
    traits = KINDS[kind]
    if traits.facts:
        topic = " ".join(FACT_FRAME.sub(" ", rest).split()) or rest
    return Question(
        text=plain,
        kind=kind,
        topic=topic,
        clauses=tuple(_part_questions(rest)) if traits.facts else (rest or bare,),
        names=names_in(rest),
        record_field=record_field(rest, traits),
        filters=filters,
        unmatched=unmatched,
        follow_up=is_follow_up(bare, names_in(bare)),
        is_question=restricted or topic != rest or (is_asking(plain, bare) and not states),
        newest=traits.lists and NEWEST.search(bare) is not None,
    )


def plain_text(text: str) -> str:
    """A question with control characters and runs of space made single spaces; raises as `understand`."""
    if len(text) > MAX_CHARACTERS:
        raise QuestionError(f"the question has {len(text):,} characters: at most {MAX_CHARACTERS:,} are read")
    plain = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    if not any(char.isalnum() for char in plain):
        raise QuestionError(f"the question is empty ({plain!r}): ask something in words")
    return plain


def _part_questions(text: str) -> list[str]:
    """What a fact question asks, part by part: "how accurate is A, compared with B" asks of B too."""
    parts = CLAUSE_BREAK.split(text, MOST_CLAUSES - 1)
    beside = BESIDE.match(text)
    if len(parts) > 1 or beside is None or not wants_number(beside["of_one"]):
        return parts
    return [beside["of_one"], f"what do {beside['other']} reach"]


def with_names(question: Question, names: Sequence[str]) -> Question:
    """The question with names that only the collection tells from words; two of them can be compared."""
    known = {name.casefold() for name in question.names}
    more = tuple(name for name in names if name.casefold() not in known)
    every = tuple(sorted((*question.names, *more), key=lambda name: question.text.lower().find(name.lower())))
    if not more:
        return question
    compares = KINDS[question.kind].facts and len(every) > 1 and COMPARE.search(question.text)
    return replace(question, names=every[:MOST_NAMES], kind="compare" if compares else question.kind)
