"""Stemmed words in the order of the text; every word is stemmed once."""

import re

from rag.ports import TermEncoder

WORD = re.compile(r"\w+")
MOST_WORDS = 500_000
"""Words remembered before all are forgotten: a vocabulary is far smaller, an attack is not."""


class Words:
    """Splits texts into stems of a term encoder, remembering those of words seen before. Thread-safe."""

    def __init__(self, terms: TermEncoder) -> None:
        self._terms = terms
        self._known: dict[str, tuple[int, ...]] = {}

    def stems(self, text: str) -> tuple[int, ...]:
        """Ids of the stems of a text in order, repeats kept, stop words left out."""
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
