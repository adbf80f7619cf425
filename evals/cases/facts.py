"""Whether a text states a fact: numbers and units as they are meant, words as they are spelt. Pure."""

import re
import unicodedata
from collections.abc import Sequence

from rag.models.encoders.bm25 import Bm25Encoder
from rag.verification.quantities import UNITS, Quantity, quantities
from rag.verification.wording import Wording, WordReader

SAME = 1e-9
"""How far two numbers that are equal may be off as a share: what binary fractions do to decimal ones."""


class FactMatcher:
    """Looks for facts in texts. Thread-safe."""

    def __init__(self) -> None:
        self._reader = WordReader(Bm25Encoder())

    def missing(self, facts: Sequence[str], text: str) -> list[str]:
        """Those of the facts that a text does not state, in order."""
        return [fact for fact in facts if not self.states(text, fact)]

    def states(self, text: str, fact: str) -> bool:
        """Whether a text states a fact.

        A number matches where one of the same value stands ("405k" and "405,000"; "50%" and "50 percent"), of
        the same unit if the fact has one; never a part of another number. Words match where they stand in
        this order, whatever case, hyphens and white space do; the numbers among them as above.
        """
        worded = self._reader.read(text)
        return self._holds(worded, fact) or _bounded(text, fact)

    def _holds(self, text: Wording, fact: str) -> bool:
        wanted = self._reader.read(fact)
        numbers = quantities(wanted)
        if not all(any(_equal(number, other) for other in quantities(text)) for number in numbers):
            return False
        spoken = {at for number in numbers for at in range(number.at, number.last + 1)}
        units = {number.last + 1 for number in numbers if _has_unit(wanted, number)}
        rest = [word.text for at, word in enumerate(wanted.words) if at not in spoken | units]
        return _in_order(rest, [word.text for word in text.words]) if rest else bool(numbers)


def _equal(wanted: Quantity, other: Quantity) -> bool:
    near = abs(wanted.value - other.value) <= SAME * max(abs(wanted.value), abs(other.value))
    return near and wanted.unit in ("", other.unit)


def _has_unit(wanted: Wording, number: Quantity) -> bool:
    """Whether the word after a number is its unit, which is compared with the number."""
    after = wanted.words[number.last + 1 : number.last + 2]
    return bool(number.unit) and bool(after) and after[0].text in UNITS


def _in_order(wanted: Sequence[str], there: Sequence[str]) -> bool:
    size = len(wanted)
    return any(list(there[at : at + size]) == list(wanted) for at in range(len(there) - size + 1))


def _bounded(text: str, fact: str) -> bool:
    """Whether a fact stands in a text as it is written, and is no part of a longer word or number."""
    return re.search(rf"(?<![\w.,]){re.escape(_folded(fact))}(?!\w|[.,]\d)", _folded(text)) is not None


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
