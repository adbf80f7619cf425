"""Where two abstracts cited in one answer disagree: the other direction, a denial, another number. Pure.

Two sentences are compared only where they say nearly the same of the same: what one paper reports of its own
method does not contradict what another reports of another. Better to miss a disagreement than to invent one.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations, islice

from rag.ports import TermEncoder
from rag.question.answer_kinds import KINDS
from rag.retrieval.candidates import short_name
from rag.types import Answer, Citation
from rag.verification.agreement import ENDS, NEGATIONS, opposed
from rag.verification.quantities import is_number, quantities
from rag.verification.wording import LEXICON, Wording, WordReader, stems_of

MOST_PAIRS = 30
"""Pairs of cited sentences looked at in one answer; the first ones cited come first."""

MOST_NOTED = 3
ALIKE = 0.6
"""Share of the content words of either sentence that both must have (Jaccard) for opposite directions …"""

MEASURED_ALIKE = 0.7
"""… and for different numbers: numbers differ more easily than claims."""

LEAST_SHARED = 3

SETTING, FINDING = map(LEXICON.pattern, ("setting", "finding"))
DONE_HERE = re.compile(r"\b(?:we|our|ours|us)\b", re.IGNORECASE)
NAMED = re.compile(r"(?<![\w-])(?=[\w.-]{0,80}[A-Z])\w[\w.-]*[A-Z\d][\w.-]*\b")
"""A name of a method, model or data set: capitals or digits past the first letter (BERT, GPT-4, WMT22)."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two cited sentences of different papers that cannot both hold, and in what they differ."""

    first: Citation
    second: Citation
    reason: str


class DisagreementFinder:
    """Finds disagreements between cited sentences. Thread-safe."""

    def __init__(self, terms: TermEncoder) -> None:
        self._reader = WordReader(terms)
        self._free = self._reader.stems([*LEXICON.words("reporting"), *NEGATIONS, *ENDS])

    def noted(self, answer: Answer) -> Answer:
        """The answer to a fact or set question with what its cited abstracts disagree in, if they do."""
        traits = KINDS[answer.kind]
        if not (traits.lists or traits.facts):
            return answer
        found = self.disagreements([c for each in answer.statements for c in each.citations])
        return replace(answer, note=" ".join(filter(None, (answer.note, note(found))))) if found else answer

    def disagreements(self, citations: Sequence[Citation]) -> list[Disagreement]:
        """Pairs of different papers that disagree, in the order cited, among the first `MOST_PAIRS` pairs."""
        pairs = combinations(dict.fromkeys(citations), 2)
        read = islice(((a, b) for a, b in pairs if a.paper_id != b.paper_id), MOST_PAIRS)
        return [Disagreement(a, b, reason) for a, b in read if (reason := self.difference(a, b))]

    def difference(self, first: Citation, second: Citation) -> str:
        """In what two sentences contradict each other: "direction" or "number"; "" if they do not."""
        names, others = (set(NAMED.findall(each.quote)) for each in (first, second))
        if any(map(_is_of_its_own, (first, second))) or names != others:
            return ""
        one, other = self._reader.read(first.quote), self._reader.read(second.quote)
        mine, theirs = self._content(one), self._content(other)
        shared = len(mine & theirs)
        alike = shared / len(mine | theirs) if shared >= LEAST_SHARED else 0.0
        if alike >= ALIKE and opposed(one, other):
            return "direction"
        return "number" if alike >= MEASURED_ALIKE and _measure_differently(one, other) else ""

    def _content(self, text: Wording) -> frozenset[int]:
        """Stems that say what is spoken of: neither what is said of it, nor how much."""
        return frozenset(stems_of(word for word in text.words if not is_number(word))) - self._free


def note(found: Sequence[Disagreement]) -> str:
    """What a note says of disagreements; "" for none."""
    pairs = [
        f"“{each.first.quote}” ({each.first.title}) and “{each.second.quote}” ({each.second.title})"
        for each in found[:MOST_NOTED]
    ]
    return f"These abstracts disagree: {'; '.join(pairs)}." if pairs else ""


def _is_of_its_own(citation: Citation) -> bool:
    """Whether a sentence speaks of something that no other paper has, or of what its authors did."""
    name, finding = short_name(citation.title), FINDING.sub("", citation.quote)
    own = SETTING.search(citation.quote) or DONE_HERE.search(finding)
    return own is not None or (bool(name) and name in citation.quote)


def _measure_differently(one: Wording, other: Wording) -> bool:
    """Whether each states one number, of the same unit and among the same words, and they differ."""
    ours, theirs = quantities(one), quantities(other)
    if len(ours) != 1 or len(theirs) != 1:
        return False
    (mine,), (its,) = ours, theirs
    if mine.unit != its.unit or mine.value == its.value or mine.bound or its.bound or mine.loose or its.loose:
        return False
    # What a bare number counts is the first word with a stem after it.
    counted, others = (
        stems_of(w[q.last + 1 : q.last + 4])[:1] for w, q in ((one.words, mine), (other.words, its))
    )
    return bool(mine.unit) or counted == others
