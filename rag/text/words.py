"""The words of a text: as tokens in their place, and as stems. Pure."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from rag.ports import TermEncoder

FORMATTING = re.compile(r"\\(?:text\w*|math\w*|emph|rm|bf|it|em|left|right|[,;!])\b")
INVISIBLE = "\u00ad\u200b-\u200f\u2060\ufeff"
TOKEN = re.compile(
    rf"\d+(?:[.,]\d+)*|[^\W\d_](?:[^\W\d_{INVISIBLE}]|[{INVISIBLE}])*(?:['’](?:s|t|re|ve|ll|d|m)\b)?|[%×]"
)
SPELLED = {"times": "x", "×": "x", "percent": "%", "per cent": "%"}

WORD = re.compile(r"\w+")
MOST_WORDS = 500_000
"""Words remembered, the least recently seen forgotten: a vocabulary is far smaller, an attack is not."""

MOST_TEXTS, MOST_CHARACTERS = 16_384, 1_000
"""Texts remembered, and the longest of them: sentences come again."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it is compared, and where it stands: characters ``start`` to ``end`` of its text."""

    text: str
    start: int
    end: int


def tokens(text: str) -> list[Token]:
    """The tokens of a text, in order: words without case, numbers, per cent signs."""
    blank = FORMATTING.sub(lambda found: " " * len(found[0]), text)
    return [Token(_folded(found[0]), found.start(), found.end()) for found in TOKEN.finditer(blank)]


def _folded(token: str) -> str:
    plain = unicodedata.normalize("NFKC", re.sub(f"[{INVISIBLE}]", "", token)).casefold().replace("’", "'")
    if plain[:1].isdigit():
        return re.sub(r",(?=\d{3}(?:\D|$))", "", plain)
    return SPELLED.get(plain, plain)


class Words:
    """Splits texts into stems of a term encoder, remembering words and texts seen before. Thread-safe."""

    def __init__(self, terms: TermEncoder) -> None:
        self._of_word = lru_cache(MOST_WORDS)(lambda word: terms.encode_query(word).indices)
        self._of_text = lru_cache(MOST_TEXTS)(self._stems)

    def stems(self, text: str) -> tuple[int, ...]:
        """Ids of the stems of a text in order, repeats kept, stop words left out."""
        return self._of_text(text) if len(text) <= MOST_CHARACTERS else self._stems(text)

    def _stems(self, text: str) -> tuple[int, ...]:
        return tuple(stem for word in WORD.findall(text.lower()) for stem in self._of_word(word))
