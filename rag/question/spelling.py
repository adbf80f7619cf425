"""Mend slips of the pen in a topic: words no paper holds that are nearly words the collection does hold."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

FEWEST_LETTERS = 5
LONG = 10
MOST_SLIPS = 2
"""From `LONG` letters on two slips are mended, below one, …"""

REPLACED = 7
"""… and from this many on a letter replaced: "claude" is not a slip of "clause"."""

FEWEST_PAPERS = 2
"""Papers a word must be in to be mended to: one paper may have the slip itself."""

WORD = re.compile(r"(?<![\w-])[a-z]{5,40}(?![\w-]|['’]\w)")
"""Words that may be mended: small letters only, since capitals and digits make names."""

ENDING = re.compile(
    r"(?:i?ngs?|e?rs?|e[ds]|ions?|ional|ations?|ly|ally|al|ity|i?es|s|e|y|able|ment|ments|ness|ive)\Z"
)
MOST_WORDS = 100
"""Words of one text that are looked at."""


class Speller:
    """The words of a collection, to mend words of a question by.

    Args:
        words: each word of titles and abstracts, in small letters → papers that hold it.
    """

    def __init__(self, words: Mapping[str, int]) -> None:
        self._papers = words
        self._stems = {_stem(word) for word in words}
        self._by_start: dict[tuple[str, int], list[str]] = defaultdict(list)
        for word, papers in words.items():
            if papers >= FEWEST_PAPERS and len(word) >= FEWEST_LETTERS - 1:
                self._by_start[word[0], len(word)].append(word)

    def corrections(self, text: str) -> tuple[tuple[str, str], ...]:
        """Pairs (wrong, right) for the words of a text to mend, each once, in their order."""
        words = list(dict.fromkeys(WORD.findall(text)))[:MOST_WORDS]
        return tuple((word, right) for word in words if (right := self.mended(word)))

    def mended(self, word: str) -> str | None:
        """The collection's word this one is a slip of, or None: known words and their forms are right.

        The nearest counts (optimal string alignment: Damerau 1964), then the one in most papers. The first
        letter is taken to be right.
        """
        if word in self._papers or _stem(word) in self._stems or not WORD.fullmatch(word):
            return None
        slips = MOST_SLIPS if len(word) >= LONG else 1
        near = [
            (distance(word, other, slips), -self._papers[other], other) for other in self._near(word, slips)
        ]
        return min((each for each in near if each[0] <= slips), default=(0, 0, None))[2]

    def _near(self, word: str, slips: int) -> Iterable[str]:
        # Letters get lost twice, but hardly anyone adds two that do not belong.
        for length in range(len(word) - 1, len(word) + slips + 1):
            for other in self._by_start.get((word[0], length), ()):
                if length != len(word) or _slipped(word, other):
                    yield other


def mend(text: str, corrections: Iterable[tuple[str, str]]) -> str:
    """The text with each wrong word replaced by the right one."""
    for wrong, right in corrections:
        text = re.sub(rf"(?<![\w-]){wrong}(?![\w-])", right, text)
    return text


def distance(one: str, other: str, most: int) -> int:
    """Letters inserted, left out, replaced or swapped with a neighbour to turn one word into the other.

    What is above ``most`` comes back as ``most + 1``.
    """
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        current = [row]
        for column, wanted in enumerate(other, 1):
            best = min(last[column] + 1, current[-1] + 1, last[column - 1] + (letter != wanted))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == wanted:
                best = min(best, before[column - 2] + 1)
            current.append(best)
        if min(current) > most:
            return most + 1
        before, last = last, current
    return min(last[-1], most + 1)


def _slipped(word: str, other: str) -> bool:
    """Of words as long as each other: letters swapped, or in a longer word one replaced, but never two.

    "conference" is no slip of "confidence".
    """
    changed = sum(one != two for one, two in zip(word, other, strict=True))
    return sorted(word) == sorted(other) or (len(word) >= REPLACED and changed != MOST_SLIPS)


def _stem(word: str) -> str:
    """A word without its ending, so that "prunes" is known by "pruning" and "labelled" by "labeled"."""
    return re.sub(r"ll\Z", "l", ENDING.sub("", word)) if len(word) >= FEWEST_LETTERS else word
