"""The part questions of a question, analysed: what is asked for, in which form, about which names."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from rag.query import Question, wants_number
from rag.types import Vectors

TermsOf = Callable[[str], frozenset[int]]

DEFINITION_WANTED = re.compile(
    r"\bstands?\s+for\b|\babbreviat|\bacronym|\bdefin|\bshort\s+for\b|^(?:what|who)\s+(?:is|are)\s+(?!the\b|its?\b|their\b)\S+"
    r"(?:\s+(?:in|for|of)\b.*)?$",
    re.IGNORECASE,
)
MANNER_WANTED = re.compile(r"^how\s+(?:do|does|did|is|are|can|to)\b", re.IGNORECASE)
FOCUS = re.compile(
    r"\b(?:how\s+many|how\s+much|which|what(?:\s+(?:is|was|are|were)\s+(?:the|its|their|an?))?)\s+"
    r"((?:(?!(?:does|do|did|is|are|was|were|can|has|have|in|on|of|from|for|between|the|a|an)\b)[\w-]+\s*){1,3})",
    re.IGNORECASE,
)


ELLIPSIS = re.compile(
    r"^(?:what|which|how\s+much|out\s+of\s+how\s+many)(?:\s+(?:do|does|did)\b|$)", re.IGNORECASE
)


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
        definition: whether the meaning of a name is wanted.
        manner: whether it asks how something works.
        names: names it mentions, or those of the whole question if it mentions none.
    """

    text: str
    vector: Vectors
    idf: Mapping[int, float]
    focus: Mapping[int, float]
    phrase: re.Pattern[str] | None
    number: bool
    definition: bool
    manner: bool
    names: tuple[str, ...]


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
            definition=DEFINITION_WANTED.search(text) is not None,
            manner=MANNER_WANTED.search(text) is not None,
            names=mentioned,
        )
        clauses.append(_inherit(clause, clauses[-1]) if clauses and ELLIPSIS.search(text) else clause)
    return clauses


def _inherit(clause: Clause, before: Clause) -> Clause:
    return replace(clause, focus=before.focus, phrase=before.phrase, number=clause.number or before.number)


def _phrase(words: str) -> re.Pattern[str] | None:
    """Matches the words in a row, their last two letters free ("accuracies" finds "accuracy")."""
    stems = [re.escape(word[: max(3, len(word) - 2)]) + r"\w*" for word in re.findall(r"\w+", words)]
    return re.compile(r"\b" + r"\W+".join(stems), re.IGNORECASE) if stems else None
