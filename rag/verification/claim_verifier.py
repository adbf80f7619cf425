"""The gate: what a model wrote reaches the reader only where the sentences it cites carry it.

In order: it cites something it was shown; its quotes stand in the abstracts; its numbers, units and names
stand in the cited sentences and mean the same there; direction, comparison, negation and strength agree; and
nothing else is said than what stands there. Pure: no model is asked.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain

from rag.ports import TermEncoder
from rag.retrieval.candidates import short_name
from rag.text.quoting import locate, touched
from rag.text.stems import Words
from rag.types import Citation, Statement, Verdict
from rag.verification.agreement import Fault, disagreement
from rag.verification.drafts import Draft, Mark, Numbered, numbered
from rag.verification.lexicon import REPORTING, STRONG_KIN, SYNONYMS, words
from rag.verification.quantities import UNITS, is_number, misquoted
from rag.verification.wording import Reader, Word, Worded

VERBATIM = "verbatim quote"

MOST_SENTENCES = 3
"""Sentences of one abstract that a statement may rest on beyond those it quotes."""

NAME = re.compile(r"(?<![\w-])(?=[\w.+-]{0,80}[A-Z])\w[\w.+-]*\w|(?<![\w-])[A-Z](?![\w-])")
AMOUNT = re.compile(r"\d[\d.,]*[A-Za-z]{0,3}")
QUOTED = re.compile(r"“([^“”]+)”|\"([^\"]+)\"")
QUOTED_WORDS = 3
"""From so many words on, what stands in quotation marks is a quote and no name."""

OWN = re.compile(
    r"\b(?:this|the)\s+(?:papers?|study|work|authors?|article|research(?:ers)?|experiments?)\b|\b(?:we|our)\b",
    re.IGNORECASE,
)
ITSELF = re.compile(
    r"\b(?:we|our|ours|us|(?:this|the\s+present)\s+(?:paper|study|work|article))\b", re.IGNORECASE
)
OTHERS = re.compile(
    r"(?:^|,\s)(?:existing|current|previous|prior|traditional|conventional|most|many|recent)\s"
    r"|\b(?:recent(?:ly)?|previous(?:ly)?|prior|existing|earlier|several|many|some|other|past|traditional(?:ly)?"
    r"|current(?:ly)?|numerous|most)\s+(?:[\w-]+\s+){0,3}?(?:stud(?:y|ies)|works?|research|approach(?:es)?|methods?"
    r"|papers?|literature|efforts?|techniques?|models?)\b",
    re.IGNORECASE,
)

OPENING = 40
"""Characters at the start of a statement that say of whom it speaks."""

KIN_PREFIX, KIN_SHARE = 5, 0.7


@dataclass(frozen=True, slots=True)
class Cited:
    """A sentence that a statement rests on: number of its paper, and its place in the abstract."""

    number: int
    index: int
    source: Numbered = field(compare=False)

    @property
    def text(self) -> str:
        """The sentence."""
        return self.source.sentence(self.index)


class Gate:
    """Checks drafts against the evidence they cite. Thread-safe."""

    def __init__(self, terms: TermEncoder) -> None:
        self._reader = Reader(Words(terms))
        self._free = self._reader.stems(REPORTING)
        self._groups = [self._reader.stems(group) for group in (*map(words, SYNONYMS), *STRONG_KIN)]

    def verify(self, draft: Draft, shown: Sequence[Numbered]) -> Statement:
        """The draft as a statement with its verdict, the reason, and pinpoint citations.

        Args:
            draft: one sentence as it was written.
            shown: all evidence that the model was shown.
        """
        found = self._cited(draft, shown)
        if isinstance(found, str):
            return Statement(draft.text, "unsupported", (), found)
        fault = self._check(draft, found)
        if fault is not None and not fault[1]:
            wider = self._wider(draft, found)
            if len(wider) > len(found) and self._check(draft, wider) is None:
                found, fault = wider, None
        if fault is None:
            found = self._needed(draft, found)
        verdict: Verdict = "supported" if fault is None else "contradicted" if fault[1] else "unsupported"
        reason = fault[0] if fault else self._how(draft, found)
        return Statement(draft.text, verdict, tuple(map(_citation, found)), reason)

    def _cited(self, draft: Draft, shown: Sequence[Numbered]) -> list[Cited] | str:
        """The sentences a draft points at; or why it points at none."""
        if not draft.marks:
            return "it cites nothing"
        found: list[Cited] = []
        for mark in draft.marks:
            source = numbered(shown, mark.number)
            if source is None:
                return f"it cites [{mark.number}], which is not among the evidence"
            places = self._places(draft, mark, source)
            if not places:
                return f"the quote is not in the abstract of [{mark.number}]"
            found += [Cited(mark.number, place, source) for place in places]
        return list(dict.fromkeys(found))

    def _places(self, draft: Draft, mark: Mark, source: Numbered) -> list[int]:
        if mark.quote.strip():
            return touched(locate(mark.quote, source.paper.abstract), source.sentences)
        wanted = self._reader.read(draft.text).stems - self._free
        return self._nearest(wanted, source, 1)

    def _nearest(self, wanted: frozenset[int], source: Numbered, most: int) -> list[int]:
        """The sentences that hold most of what is wanted, each for what the ones before do not."""
        places: list[int] = []
        rest = set(wanted)
        for _ in range(most):
            gains = [
                (len(rest & self._reader.read(source.sentence(place)).stems), -place)
                for place in range(len(source.sentences))
                if place not in places
            ]
            best = max(gains, default=(0, 0))
            if not best[0]:
                break
            places.append(-best[1])
            rest -= self._reader.read(source.sentence(-best[1])).stems
        return places or [0]

    def _wider(self, draft: Draft, found: Sequence[Cited]) -> list[Cited]:
        """What a draft points at and what else of the same abstracts speaks of the same."""
        wanted = self._reader.read(draft.text).stems - self._free
        rest = wanted - frozenset(chain.from_iterable(self._reader.read(each.text).stems for each in found))
        more = [
            Cited(source.number, place, source)
            for source in {each.number: each.source for each in found}.values()
            for place in self._nearest(rest, source, MOST_SENTENCES - 1)
        ]
        return list(dict.fromkeys([*found, *more]))

    def _needed(self, draft: Draft, found: list[Cited]) -> list[Cited]:
        """Without the sentences that neither carry the statement alone nor are missed by it.

        Those are the irrelevant citations of ALCE's precision (Gao et al. 2023).
        """
        for each in list(found):
            rest = [other for other in found if other != each]
            if rest and self._check(draft, rest) is None and self._check(draft, [each]) is not None:
                found = rest
        return found

    def _check(self, draft: Draft, cited: Sequence[Cited]) -> Fault | None:
        statement = self._reader.read(draft.text)
        evidence = [self._reader.read(each.text) for each in cited]
        titles = [self._reader.read(each.source.paper.title) for each in cited]
        everything = [*evidence, *titles]
        return (
            self._empty(statement)
            or _misheard(draft.text, cited)
            or misquoted(statement, everything)
            or _foreign_name(draft.text, everything)
            or disagreement(statement, evidence)
            or _of_others(draft.text, cited)
            or self._said_beyond(statement, everything)
        )

    def _empty(self, statement: Worded) -> Fault | None:
        """A bare "No." says much in answer to a question, and holds no word that evidence could carry."""
        said = any(word.is_number or word.stem not in {None, *self._free} for word in statement.words)
        return None if said else ("it says nothing that could be checked", False)

    def _said_beyond(self, statement: Worded, evidence: Sequence[Worded]) -> Fault | None:
        """What a statement says that no word of the evidence stands for."""
        known = set(chain.from_iterable(each.stems for each in evidence))
        known |= set(chain.from_iterable(group for group in self._groups if group & known))
        spelt = {word.text for each in evidence for word in each.words}
        own = [word for word in statement.words if word.stem is not None and word.stem not in self._free]
        beyond = [word for word in own if not is_number(word) and not _known(word, known, spelt)]
        if beyond:
            return f"the evidence does not speak of “{' '.join(word.shown for word in beyond)}”", False
        return None

    def _how(self, draft: Draft, cited: Sequence[Cited]) -> str:
        if any(locate(draft.text, each.text) for each in cited):
            return VERBATIM
        return "numbers, names, direction and content agree with the quote"


def _known(word: Word, stems: Iterable[int], spelt: Iterable[str]) -> bool:
    if word.stem is None or word.stem in stems or len(word.text) == 1:
        return True
    unit = UNITS.get(word.text)
    return any(_kin(word.text, other) or (unit and UNITS.get(other) == unit) for other in spelt)


def _kin(word: str, other: str) -> bool:
    """Whether two words are likely of one family: analysis, analyse."""
    longest = max(len(word), len(other))
    if longest < KIN_PREFIX + 1 or word[:KIN_PREFIX] != other[:KIN_PREFIX]:
        return False
    same = next(
        (i for i, (a, b) in enumerate(zip(word, other, strict=False)) if a != b), min(len(word), len(other))
    )
    return same >= KIN_SHARE * longest


def _misheard(text: str, cited: Sequence[Cited]) -> Fault | None:
    """Words in quotation marks that no cited abstract holds."""
    abstracts = {each.number: each.source.paper for each in cited}.values()
    for found in QUOTED.finditer(text):
        quote = found[1] or found[2]
        if len(quote.split()) < QUOTED_WORDS:
            continue
        if not any(locate(quote, paper.abstract) or locate(quote, paper.title) for paper in abstracts):
            return f"“{quote}” is not in the abstract", False
    return None


def _of_others(text: str, cited: Sequence[Cited]) -> Fault | None:
    """What an abstract reports of other work is not its own finding."""
    names = [name for name in (short_name(each.source.paper.title) for each in cited) if name]
    own = OWN.search(text) or any(name in text for name in names)
    others = OTHERS.search(text)
    if not own or (others and others.start() < OPENING):
        return None
    if all(OTHERS.search(each.text) and not _speaks_of_itself(each) for each in cited):
        return "the abstract says it of other work", True
    return None


def _speaks_of_itself(cited: Cited) -> bool:
    name = short_name(cited.source.paper.title)
    return bool(ITSELF.search(cited.text)) or (bool(name) and name in cited.text)


def _foreign_name(text: str, evidence: Sequence[Worded]) -> Fault | None:
    """A name in the statement that its evidence does not hold."""
    there = " ".join(_bare(each.text) for each in evidence)
    for found in NAME.finditer(text):
        name = found[0].rstrip(".+-")
        first = found.start() == 0 or text[: found.start()].rstrip()[-1:] in {"“", '"'}
        if (first and _is_plain(name)) or AMOUNT.fullmatch(name):
            continue
        if not re.search(rf"(?<![^\W_]){re.escape(_bare(name))}(?:s|es)?(?![^\W_])", there):
            return f"“{name}” is not in the evidence", False
    return None


def _is_plain(name: str) -> bool:
    """A word that is capitalised only since it opens the sentence; what it says is checked as content."""
    return name[1:].islower() or len(name) == 1


def _bare(text: str) -> str:
    return re.sub(
        r"\s+", " ", re.sub(r"[-\u2010\u2011–_/]", " ", text.casefold().replace("’s", "").replace("'s", ""))
    )


def _citation(cited: Cited) -> Citation:
    source, span = cited.source, cited.source.sentences[cited.index]
    return Citation(
        source.paper.paper_id, source.paper.title, source.passage_ids[cited.index], cited.text, span
    )
