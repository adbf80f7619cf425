"""A sentence as the claim verifier reads it: words, stems, clauses, and how well two places fit. Pure."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile

from rag.phrases import Phrases
from rag.ports import TermEncoder
from rag.text.words import Words, tokens

LEXICON = Phrases(__package__, "lexicon.toml")
LINKING = LEXICON.words("linking")
SHORT_FORMS = {form: tuple(words.split()) for form, words in LEXICON.meanings("short_forms").items()}

BREAK = re.compile(r"[,;:()—]|\s[-–]\s|[.!?](?=\s|$)")
NEIGHBOURING = 0.5
"""What a word of the next clause counts for beside one of the same clause; halved again for each further."""

SURROUNDING = 6
BESIDE = 4
"""Neighbouring words on each side that count when two places are compared."""

MOST_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class Word:
    """A word in its place.

    Attributes:
        text: without case, numbers without thousands separators.
        shown: as it was written; the words that a short form stands for share it.
        start: first character in the sentence.
        clause: from 0; commas and linking words open the next.
        stem: None for stop words.
    """

    text: str
    shown: str
    start: int
    clause: int
    stem: int | None

    @property
    def is_number(self) -> bool:
        """Whether it is written in digits."""
        return self.text[:1].isdigit()


@dataclass(frozen=True, slots=True)
class Wording:
    """A text and its words."""

    text: str
    words: tuple[Word, ...]
    stems: frozenset[int]

    def context(self, at: int) -> frozenset[int]:
        """Stems of the clause of the word at ``at``, its own left out; of the words before if that is all."""
        clause = self.words[at].clause
        near = stems_of(w for place, w in enumerate(self.words) if w.clause == clause and place != at)
        # In a parenthesis or an item of a list: what stands before it.
        return frozenset(near or stems_of(self.words[max(0, at - SURROUNDING) : at]))

    def fit(self, context: Collection[int], at: int) -> float:
        """How well a context fits that of the word at ``at``: each stem once, the nearer the more."""
        clause = self.words[at].clause
        best: dict[int, float] = {}
        for place, word in enumerate(self.words):
            if word.stem in context and word.stem is not None and place != at:
                weight = NEIGHBOURING ** abs(word.clause - clause)
                best[word.stem] = max(best.get(word.stem, 0.0), weight)
        return sum(best.values())


def stems_of(words: Iterable[Word]) -> list[int]:
    """The stems of words in order, stop words left out."""
    return [word.stem for word in words if word.stem is not None]


def likeness(
    ours: tuple[Wording, int, int], theirs: tuple[Wording, int, int], context: Collection[int]
) -> float:
    """How well two places fit each other: the words of their clauses, and their very neighbours.

    Args:
        ours: a text, and the first and last word of what is compared.
        theirs: the same of another text.
        context: what our place stands among, as `Wording.context` gives it.
    """
    (mine, first, last), (other, start, end) = ours, theirs
    before = _in_common(reversed(mine.words[:first]), reversed(other.words[:start]))
    after = _in_common(mine.words[last + 1 :], other.words[end + 1 :])
    return other.fit(context, start) + min(before, BESIDE) + min(after, BESIDE)


def _in_common(ours: Iterable[Word], theirs: Iterable[Word]) -> int:
    """How many words two sequences have in common before they first differ."""
    pairs = zip(ours, theirs, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0].text == pair[1].text, pairs))


class WordReader:
    """Reads texts into words, remembering those of before. Thread-safe."""

    def __init__(self, terms: TermEncoder) -> None:
        self._words = Words(terms)
        self.read = lru_cache(MOST_REMEMBERED)(self._read)

    def stems(self, words: Iterable[str]) -> frozenset[int]:
        """First stems of several words, stop words left out."""
        return frozenset(stem for stem in map(self._stem, words) if stem is not None)

    def _stem(self, word: str) -> int | None:
        return next(iter(self._words.stems(word)), None)

    def _read(self, text: str) -> Wording:
        """The words of a text."""
        read: list[Word] = []
        clause = end = 0
        for token in tokens(text):
            opens = BREAK.search(text[end : token.start]) or token.text in LINKING
            clause += bool(opens and read)
            shown = text[token.start : token.end]
            read += [
                Word(word, shown, token.start, clause, self._meaning(word))
                for word in SHORT_FORMS.get(token.text, (token.text,))
            ]
            end = token.end
        return Wording(text, tuple(read), frozenset(stems_of(read)))

    def _meaning(self, token: str) -> int | None:
        return None if token in ("%", "x") else self._stem(token.removesuffix("'s"))
