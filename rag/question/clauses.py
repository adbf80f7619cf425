"""The part questions of a question, analysed: what is asked for, in which form, about which names."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace

from rag.phrases import Phrases
from rag.question.intent import names_in, wants_number
from rag.question.understanding import Question
from rag.types import Vectors

TermsOf = Callable[[str], frozenset[int]]

CLAUSES = Phrases("rag.question", "clauses.toml")
DEFINITION_WANTED, MANNER_WANTED = CLAUSES.pattern("definition"), CLAUSES.pattern("manner")
COUNT_WANTED = re.compile(r"\bhow\s+many\b", re.IGNORECASE)
FOCUS, ELLIPSIS, COMPARING = map(CLAUSES.pattern, ("focus", "ellipsis", "comparing"))
SIDE_BY_SIDE, TAIL = CLAUSES.patterns("side_by_side"), CLAUSES.pattern("tail")
COUNT = CLAUSES.source("count")
LEAST_WORDS = 2
"""A side of fewer words is a name."""


@dataclass(frozen=True, slots=True)
class AskedForm:
    """What a part question wants; several may hold, and none.

    Attributes:
        reason: a cause.
        trouble: what is wrong with something.
        yes_no: yes or no.
        finding: what came out.
        thing: the name of a data set, a model, a technique …
        several: more than one thing.
        sharing: where code or data are.
        training: how something was trained.
        testing: on what something was evaluated.
    """

    reason: bool
    trouble: bool
    yes_no: bool
    finding: bool
    thing: bool
    several: bool
    sharing: bool
    training: bool
    testing: bool


FORMS = tuple(CLAUSES.pattern(field.name) for field in fields(AskedForm))


def asked_form(text: str) -> AskedForm:
    """Read the form off the words of a part question."""
    asked = text.removeprefix("and ")
    return AskedForm(*(pattern.search(asked) is not None for pattern in FORMS))


@dataclass(frozen=True, slots=True)
class Clause:
    """A part question, analysed.

    Attributes:
        text: its words.
        vector: theirs, shape [dimensions].
        idf: of its terms, those of linked names left out.
        focus: IDF of the terms of the thing asked for ("how many *queries* …"); may be empty.
        phrase: finds the thing asked for as a phrase, in any inflection; None where nothing is named.
        number: whether a number is wanted.
        count: how many of something are wanted: finds a number that counts it; None where none are.
        definition: whether the meaning of a name is wanted.
        manner: whether it asks how something works.
        names: names it mentions, or those of the whole question if it mentions none.
        must: what a sentence must hold to answer it, word for word; may be empty.
    """

    text: str
    vector: Vectors
    idf: Mapping[int, float]
    focus: Mapping[int, float]
    phrase: re.Pattern[str] | None
    number: bool
    count: re.Pattern[str] | None
    definition: bool
    manner: bool
    names: tuple[str, ...]
    must: str = ""


def analyse(
    question: Question, vectors: Vectors, idf: Mapping[int, float], terms_of: TermsOf
) -> list[Clause]:
    """Prepare the part questions of a question, in order.

    A part that names nothing to ask for takes it from the part before: "what accuracy does A reach, and what
    does B reach". Names mentioned in a part are its own, else it speaks of all.

    Args:
        question: with at least one clause.
        vectors: of its clauses, shape [clauses, dimensions].
        idf: of the terms of the whole query; a term that is not there counts as its rarest.
        terms_of: ids of the stemmed terms of a text.
    """
    rare = max(idf.values(), default=1.0)
    clauses: list[Clause] = []
    for text, vector in zip(question.clauses, vectors, strict=True):
        focus = " ".join(match.group(1).strip() for match in FOCUS.finditer(text))
        mentioned = tuple(name for name in question.names if name in text) or question.names
        skip = terms_of(" ".join(question.names)) - terms_of(focus)
        clause = Clause(
            text=text,
            vector=vector,
            idf={term: idf.get(term, rare) for term in terms_of(text) - skip},
            focus={term: idf.get(term, rare) for term in terms_of(focus)},
            phrase=_phrase(focus),
            number=wants_number(text),
            count=_count(focus) if COUNT_WANTED.search(text) else None,
            definition=DEFINITION_WANTED.search(text) is not None,
            manner=MANNER_WANTED.search(text) is not None,
            names=mentioned,
        )
        clauses.append(_inherit(clause, clauses[-1]) if clauses and ELLIPSIS.search(text) else clause)
    return clauses


def of_each_name(text: str, names: Sequence[str]) -> tuple[str, ...]:
    """A comparison as questions, one about each of the names, without the others and what sets them apart."""
    plain = COMPARING.sub(" ", text)
    asked = []
    for name in names:
        left = plain
        for other in names:
            left = left if other == name else left.replace(other, " ")
        asked.append(" ".join(left.split()))
    return tuple(asked)


def sides(text: str) -> tuple[str, ...]:
    """The two descriptions that a question sets side by side; none if it does not, or if it names both."""
    bare = text.strip().rstrip("?!. ")
    found = next((match for form in SIDE_BY_SIDE if (match := form.match(bare))), None)
    if found is None:
        return ()
    first, second = found[1].strip(), TAIL.sub("", found[2]).strip()
    described = min(len(first.split()), len(second.split())) >= LEAST_WORDS
    named = names_in(first) and names_in(second)
    return (first, second) if described and not named else ()


def _inherit(clause: Clause, before: Clause) -> Clause:
    number = clause.number or before.number
    return replace(clause, focus=before.focus, phrase=before.phrase, number=number, count=before.count)


def _phrase(words: str) -> re.Pattern[str] | None:
    """Matches the words in a row, their last two letters free ("accuracies" finds "accuracy")."""
    stems = [re.escape(word[: max(3, len(word) - 2)]) + r"\w*" for word in re.findall(r"\w+", words)]
    return re.compile(r"\b" + r"\W+".join(stems), re.IGNORECASE) if stems else None


def _count(words: str) -> re.Pattern[str] | None:
    """Matches a number and, up to three words on but not beyond an "of", the last of the words counted."""
    counted = _phrase(words.rsplit(maxsplit=1)[-1]) if words else None
    if counted is None:
        return None
    return re.compile(
        rf"(?:{COUNT})[\s-]++(?:(?!of\b)[\w-]{{1,40}}\s+){{0,3}}{counted.pattern}", re.IGNORECASE
    )
