"""A sentence as the gate reads it: words with stems and clauses, and how well two contexts fit. Pure."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import takewhile

from rag.text.quoting import tokens
from rag.text.stems import Words
from rag.verification.lexicon import SHORT_FORMS, words

BREAK = re.compile(r"[,;:()—]|\s[-–]\s|[.!?](?=\s|$)")
LINKING = words(
    "and but while whereas which although though because since when if or nor yet however despite unlike"
)
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
class Worded:
    """A text and its words."""

    text: str
    words: tuple[Word, ...]
    stems: frozenset[int]

    def context(self, at: int) -> frozenset[int]:
        """Stems of the clause of the word at ``at``, its own left out; of the words before if that is all."""
        clause = self.words[at].clause
        near = {word.stem for place, word in enumerate(self.words) if word.clause == clause and place != at}
        near -= {None}
        if not near:  # a parenthesis or an item of a list: what stands before it
            near = {word.stem for word in self.words[max(0, at - SURROUNDING) : at]} - {None}
        return frozenset(stem for stem in near if stem is not None)

    def fit(self, context: Collection[int], at: int) -> float:
        """How well a context fits that of the word at ``at``: each stem once, the nearer the more."""
        clause = self.words[at].clause
        best: dict[int, float] = {}
        for place, word in enumerate(self.words):
            if word.stem in context and word.stem is not None and place != at:
                weight = NEIGHBOURING ** abs(word.clause - clause)
                best[word.stem] = max(best.get(word.stem, 0.0), weight)
        return sum(best.values())


def likeness(
    ours: tuple[Worded, int, int], theirs: tuple[Worded, int, int], context: Collection[int]
) -> float:
    """How well two places fit each other: the words of their clauses, and their very neighbours.

    Args:
        ours: a text, and the first and last word of what is compared.
        theirs: the same of another text.
        context: what our place stands among, as `Worded.context` gives it.
    """
    (mine, first, last), (other, start, end) = ours, theirs
    before = same_words(reversed(mine.words[:first]), reversed(other.words[:start]))
    after = same_words(mine.words[last + 1 :], other.words[end + 1 :])
    return other.fit(context, start) + min(before, BESIDE) + min(after, BESIDE)


def same_words(ours: Iterable[Word], theirs: Iterable[Word]) -> int:
    """How many words two sequences have in common before they first differ."""
    pairs = zip(ours, theirs, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0].text == pair[1].text, pairs))


class Reader:
    """Reads texts into words, remembering those of before. Thread-safe."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._known: dict[str, Worded] = {}

    def stem(self, word: str) -> int | None:
        """The stem of one word, None for a stop word."""
        found = self._words.stems(word)
        return found[0] if found else None

    def stems(self, words: Iterable[str]) -> frozenset[int]:
        """Stems of several words, stop words left out."""
        return frozenset(stem for stem in map(self.stem, words) if stem is not None)

    def read(self, text: str) -> Worded:
        """The words of a text."""
        known = self._known.get(text)
        if known is None:
            if len(self._known) > MOST_REMEMBERED:
                self._known = {}
            known = self._known[text] = self._read(text)
        return known

    def _read(self, text: str) -> Worded:
        read: list[Word] = []
        clause = end = 0
        for token in tokens(text):
            opens = BREAK.search(text[end : token.start]) or token.text in LINKING
            clause += bool(opens and read)
            shown = text[token.start : token.end]
            read += [
                Word(word, shown, token.start, clause, self._stem_of(word))
                for word in SHORT_FORMS.get(token.text, (token.text,))
            ]
            end = token.end
        stems = frozenset(word.stem for word in read if word.stem is not None)
        return Worded(text, tuple(read), stems)

    def _stem_of(self, token: str) -> int | None:
        return None if token in ("%", "x") else self.stem(token.removesuffix("'s"))
