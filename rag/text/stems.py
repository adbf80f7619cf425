"""Stemmed words in the order of the text; every word is stemmed once, every sentence split once."""

import re
from functools import lru_cache

from rag.ports import TermEncoder

WORD = re.compile(r"\w+")
MOST_WORDS = 500_000
"""Words remembered before all are forgotten: a vocabulary is far smaller, an attack is not."""

MOST_TEXTS, MOST_CHARACTERS = 16_384, 1_000
"""Texts remembered, the least recently seen forgotten, and the longest of them: sentences come again."""


class Words:
    """Splits texts into stems of a term encoder, remembering words and texts seen before. Thread-safe."""

    def __init__(self, terms: TermEncoder) -> None:
        self._terms = terms
        self._known: dict[str, tuple[int, ...]] = {}
        self._remembered = lru_cache(MOST_TEXTS)(self._stems)

    def stems(self, text: str) -> tuple[int, ...]:
        """Ids of the stems of a text in order, repeats kept, stop words left out."""
        return self._remembered(text) if len(text) <= MOST_CHARACTERS else self._stems(text)

    def _stems(self, text: str) -> tuple[int, ...]:
        if len(self._known) > MOST_WORDS:
            self._known = {}
        known = self._known
        found: list[int] = []
        for word in WORD.findall(text.lower()):
            stems = known.get(word)
            if stems is None:
                stems = known[word] = self._terms.encode_query(word).indices
            found += stems
        return tuple(found)
