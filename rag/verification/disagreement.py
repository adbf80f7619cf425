"""Where two abstracts cited in one answer disagree: the other direction, a denial, another number. Pure.

Two sentences are compared only where they say nearly the same of the same: what one paper reports of its own
method does not contradict what another reports of another. Better to miss a disagreement than to invent one.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, islice

from rag.answer_kinds import KINDS
from rag.ports import TermEncoder
from rag.retrieval.candidates import short_name
from rag.text.stems import Words
from rag.types import Answer, Citation
from rag.verification.agreement import ENDS, opposed
from rag.verification.lexicon import NEGATIONS, REPORTING
from rag.verification.quantities import is_number, quantities
from rag.verification.wording import Reader, Word, Worded

MOST_PAIRS = 30
"""Pairs of cited sentences looked at in one answer; the first ones cited come first."""

MOST_SAID = 3
ALIKE = 0.6
"""Share of the content words of either sentence that both must have (Jaccard) for opposite directions …"""

MEASURED_ALIKE = 0.7
"""… and for different numbers: numbers differ more easily than claims."""

LEAST_SHARED = 3

SETTING = re.compile(
    r"\b(?:our|ours|the\s+proposed|this|these|its|their)\s+(?:[\w-]+\s+){0,3}?(?:approach\w*|methods?|frameworks?|models?"
    r"|algorithms?|techniques?|systems?|strateg\w+|benchmarks?|datasets?|surveys?|reviews?|collections?|corp\w+"
    r"|experiments?|papers?)\b|\bup\s+to\b",
    re.IGNORECASE,
)
"""Speaks of what only this paper has, or of the best that was seen."""

FINDING = re.compile(
    r"^(?:[\w\s]+,\s+)?(?:(?:we|our|the|this|these)\s+)?(?:[\w-]+\s+){0,3}?(?:find|finds|found|show|shows|shown|reveal\w*"
    r"|demonstrate\w*|observe\w*|indicate\w*|suggest\w*|conclude\w*|confirm\w*|report\w*)\s+that\s",
    re.IGNORECASE,
)
"""Before what is found of the world: "our results show that"."""

DONE_HERE = re.compile(r"\b(?:we|our|ours|us)\b", re.IGNORECASE)
NAMED = re.compile(r"(?<![\w-])(?=[\w.-]{0,80}[A-Z])\w[\w.-]*[A-Z\d][\w.-]*\b")
"""A name of a method, model or data set: capitals or digits past the first letter (BERT, GPT-4, WMT22)."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two cited sentences of different papers that cannot both hold, and in what they differ."""

    first: Citation
    second: Citation
    reason: str


class Arbiter:
    """Finds disagreements between cited sentences. Thread-safe."""

    def __init__(self, terms: TermEncoder) -> None:
        self._reader = Reader(Words(terms))
        self._free = self._reader.stems([*REPORTING, *NEGATIONS, *ENDS])

    def told(self, answer: Answer) -> Answer:
        """The answer to a fact or set question with what its cited abstracts disagree in, if they do."""
        traits = KINDS[answer.kind]
        if not (traits.lists or traits.facts):
            return answer
        found = self.disagreements([c for said in answer.statements for c in said.citations])
        return replace(answer, note=" ".join(filter(None, (answer.note, say(found))))) if found else answer

    def disagreements(self, citations: Sequence[Citation]) -> list[Disagreement]:
        """Pairs of different papers that disagree, in the order cited, among the first `MOST_PAIRS` pairs."""
        return list(self._found(tuple(dict.fromkeys(citations))))

    def _found(self, citations: Sequence[Citation]) -> Iterator[Disagreement]:
        pairs = ((a, b) for a, b in combinations(citations, 2) if a.paper_id != b.paper_id)
        for first, second in islice(pairs, MOST_PAIRS):
            if reason := self.difference(first, second):
                yield Disagreement(first, second, reason)

    def difference(self, first: Citation, second: Citation) -> str:
        """In what two sentences contradict each other: "direction" or "number"; "" if they do not."""
        if any(map(_is_of_its_own, (first, second))) or _names(first) != _names(second):
            return ""
        one, other = self._reader.read(first.quote), self._reader.read(second.quote)
        likeness = self._likeness(one, other)
        if likeness >= ALIKE and opposed(one, other):
            return "direction"
        if likeness >= MEASURED_ALIKE and _measure_differently(one, other):
            return "number"
        return ""

    def _likeness(self, one: Worded, other: Worded) -> float:
        mine, theirs = self._content(one), self._content(other)
        shared = len(mine & theirs)
        return shared / len(mine | theirs) if shared >= LEAST_SHARED else 0.0

    def _content(self, worded: Worded) -> frozenset[int]:
        """Stems that say what is spoken of: neither what is said of it, nor how much."""
        words = (word.stem for word in worded.words if word.stem is not None and not is_number(word))
        return frozenset(words) - self._free


def say(found: Sequence[Disagreement]) -> str:
    """What a note says of disagreements; "" for none."""
    pairs = [
        f"“{each.first.quote}” ({each.first.title}) and “{each.second.quote}” ({each.second.title})"
        for each in found[:MOST_SAID]
    ]
    return f"These abstracts disagree: {'; '.join(pairs)}." if pairs else ""


def _is_of_its_own(citation: Citation) -> bool:
    """Whether a sentence speaks of something that no other paper has, or of what its authors did."""
    name, said = short_name(citation.title), FINDING.sub("", citation.quote)
    own = SETTING.search(citation.quote) or DONE_HERE.search(said)
    return own is not None or (bool(name) and name in citation.quote)


def _names(citation: Citation) -> frozenset[str]:
    return frozenset(NAMED.findall(citation.quote))


def _measure_differently(one: Worded, other: Worded) -> bool:
    """Whether each states one number, of the same unit and among the same words, and they differ."""
    ours, theirs = quantities(one), quantities(other)
    if len(ours) != 1 or len(theirs) != 1:
        return False
    (mine,), (its,) = ours, theirs
    if mine.unit != its.unit or mine.value == its.value or mine.bound or its.bound or mine.loose or its.loose:
        return False
    return bool(mine.unit) or _counted(one.words[mine.last + 1 :]) == _counted(other.words[its.last + 1 :])


def _counted(words: Sequence[Word]) -> int | None:
    """The stem of what a bare number counts."""
    return next((word.stem for word in words[:3] if word.stem is not None), None)
