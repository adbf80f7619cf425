"""The claim verifier: what a model wrote is supported only where the sentences it cites carry it.

In order: it cites something it was shown; its quotes stand in the abstracts; its numbers, units and names
stand in the cited sentences and mean the same there; direction, comparison, negation and strength agree; and
nothing else is stated than what stands there. Pure: no model is asked.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from itertools import chain
from math import ceil

from rag.ports import TermEncoder
from rag.retrieval.candidates import short_name
from rag.text.quoting import locate, touched
from rag.types import Citation, Paper, Span, Statement, Verdict
from rag.verification.agreement import STRONG_KIN, Fault, misrepresented
from rag.verification.quantities import UNITS, is_number, misquoted
from rag.verification.wording import LEXICON, Word, Wording, WordReader

VERBATIM = "verbatim quote"
AGREES = "numbers, names, direction and content agree with the quote"
REPORTING = LEXICON.words("reporting")
SYNONYMS = [group.split() for group in LEXICON.ordered("synonyms.groups")]
OWN, ITSELF, OTHERS = map(LEXICON.pattern, ("own", "itself", "others"))

MOST_SENTENCES = 3
"""Sentences of one abstract that a statement may rest on beyond those it quotes."""

NAME = re.compile(r"(?<![\w-])(?=[\w.+-]{0,80}[A-Z])\w[\w.+-]*\w|(?<![\w-])[A-Z](?![\w-])")
AMOUNT = re.compile(r"\d[\d.,]*[A-Za-z]{0,3}")
QUOTED = re.compile(r"“([^“”]+)”|\"([^\"]+)\"")
QUOTED_WORDS = 3
"""From so many words on, what stands in quotation marks is a quote and no name."""

OPENING = 40
"""Characters at the start of a statement that say of whom it speaks."""

KIN_PREFIX, KIN_SHARE = 5, 0.7


@dataclass(frozen=True, slots=True)
class Mark:
    """A citation as written: the evidence number, and the quote where the model gave one."""

    number: int
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """One sentence as a model wrote it, before anything of it is believed, without its citation marks."""

    text: str
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class NumberedPaper:
    """A paper as a model is shown it.

    Attributes:
        number: from 1; what a citation mark refers to.
        paper: whose title and whole abstract were shown.
        sentences: of the abstract, in order, as offsets into it.
        passage_ids: of the passage that each sentence stands in; as many.
    """

    number: int
    paper: Paper
    sentences: tuple[Span, ...]
    passage_ids: tuple[str, ...]

    def sentence(self, index: int) -> str:
        """The text of one sentence."""
        span = self.sentences[index]
        return self.paper.abstract[span.start : span.end]


def numbered(shown: Sequence[NumberedPaper], number: int) -> NumberedPaper | None:
    """The evidence of this number, or None: a model may cite what it was never shown."""
    return next((each for each in shown if each.number == number), None)


@dataclass(frozen=True, slots=True)
class CitedSentence:
    """A sentence that a statement rests on: number of its paper, and its place in the abstract."""

    number: int
    index: int
    source: NumberedPaper = field(compare=False)

    @property
    def text(self) -> str:
        """The sentence."""
        return self.source.sentence(self.index)

    def citation(self) -> Citation:
        """It as a pinpoint citation."""
        source, paper = self.source, self.source.paper
        span = source.sentences[self.index]
        return Citation(paper.paper_id, paper.title, source.passage_ids[self.index], self.text, span)


class ClaimVerifier:
    """Checks drafts against the evidence they cite. Thread-safe."""

    def __init__(self, terms: TermEncoder) -> None:
        self._reader = WordReader(terms)
        self._free = self._reader.stems(REPORTING)
        self._groups = [self._reader.stems(group) for group in (*SYNONYMS, *STRONG_KIN)]

    def verify(self, draft: Draft, shown: Sequence[NumberedPaper]) -> Statement:
        """The draft as a statement with its verdict, the reason, and pinpoint citations.

        Args:
            draft: one sentence as it was written.
            shown: all evidence that the model was shown.
        """
        found = self._cited(draft, shown)
        if isinstance(found, str):
            return Statement(draft.text, "unsupported", (), found)
        fault = self._fault(draft, found)
        if fault is not None and not fault[1]:
            wider = self._wider(draft, found)
            if len(wider) > len(found) and self._fault(draft, wider) is None:
                found, fault = wider, None
        if fault is None:
            found = self._needed(draft, found)
        verdict: Verdict = "supported" if fault is None else "contradicted" if fault[1] else "unsupported"
        verbatim = not fault and any(locate(draft.text, each.text) for each in found)
        reason = fault[0] if fault else VERBATIM if verbatim else AGREES
        return Statement(draft.text, verdict, tuple(each.citation() for each in found), reason)

    def _cited(self, draft: Draft, shown: Sequence[NumberedPaper]) -> list[CitedSentence] | str:
        """The sentences a draft points at; or why it points at none."""
        if not draft.marks:
            return "it cites nothing"
        found: list[CitedSentence] = []
        for mark in draft.marks:
            source = numbered(shown, mark.number)
            if source is None:
                return f"it cites [{mark.number}], which is not among the evidence"
            if mark.quote.strip():
                places = touched(locate(mark.quote, source.paper.abstract), source.sentences)
            else:
                places = self._nearest(self._content(draft), source, 1)
            if not places:
                return f"the quote is not in the abstract of [{mark.number}]"
            found += [CitedSentence(mark.number, place, source) for place in places]
        return list(dict.fromkeys(found))

    def _content(self, draft: Draft) -> frozenset[int]:
        return self._reader.read(draft.text).stems - self._free

    def _nearest(self, wanted: frozenset[int], source: NumberedPaper, most: int) -> list[int]:
        """The sentences that hold most of what is wanted, each for what the ones before do not."""
        read = self._reader.read
        left = {place: read(source.sentence(place)).stems for place in range(len(source.sentences))}
        places: list[int] = []
        while left and len(places) < most:
            best = max(left, key=lambda place: len(wanted & left[place]))
            if not wanted & left[best]:
                break
            places.append(best)
            wanted -= left.pop(best)
        return places or [0]

    def _wider(self, draft: Draft, found: Sequence[CitedSentence]) -> list[CitedSentence]:
        """What a draft points at and what else of the same abstracts speaks of the same."""
        rest = self._content(draft).difference(*(self._reader.read(each.text).stems for each in found))
        more = [
            CitedSentence(source.number, place, source)
            for source in {each.number: each.source for each in found}.values()
            for place in self._nearest(rest, source, MOST_SENTENCES - 1)
        ]
        return list(dict.fromkeys([*found, *more]))

    def _needed(self, draft: Draft, found: list[CitedSentence]) -> list[CitedSentence]:
        """Without the sentences that neither carry the statement alone nor are missed by it.

        Those are the irrelevant citations of ALCE's precision (Gao et al. 2023).
        """
        for each in list(found):
            rest = [other for other in found if other != each]
            if rest and self._fault(draft, rest) is None and self._fault(draft, [each]) is not None:
                found = rest
        return found

    def _fault(self, draft: Draft, cited: Sequence[CitedSentence]) -> Fault | None:
        statement = self._reader.read(draft.text)
        evidence = [self._reader.read(each.text) for each in cited]
        everything = [*evidence, *(self._reader.read(each.source.paper.title) for each in cited)]
        return (
            self._empty(statement)
            or _unfounded_quote(draft.text, cited)
            or misquoted(statement, everything)
            or _foreign_name(draft.text, everything)
            or misrepresented(statement, evidence)
            or _of_others(draft.text, cited)
            or self._beyond(statement, everything)
        )

    def _empty(self, statement: Wording) -> Fault | None:
        """A bare "No." says much in answer to a question, and holds no word that evidence could carry."""
        says = any(word.is_number or word.stem not in {None, *self._free} for word in statement.words)
        return None if says else ("it says nothing that could be checked", False)

    def _beyond(self, statement: Wording, evidence: Sequence[Wording]) -> Fault | None:
        """What a statement says that no word of the evidence stands for."""
        known = set(chain.from_iterable(each.stems for each in evidence))
        known |= set(chain.from_iterable(group for group in self._groups if group & known))
        spelt = {word.text for each in evidence for word in each.words}
        own = (word for word in statement.words if word.stem is not None and word.stem not in self._free)
        beyond = [word.shown for word in own if not is_number(word) and not _known(word, known, spelt)]
        return (f"the evidence does not speak of “{' '.join(beyond)}”", False) if beyond else None


def _known(word: Word, stems: Collection[int], spelt: Collection[str]) -> bool:
    if word.stem in stems or len(word.text) == 1:
        return True
    unit = UNITS.get(word.text)
    return any(_kin(word.text, other) or (unit and UNITS.get(other) == unit) for other in spelt)


def _kin(word: str, other: str) -> bool:
    """Whether two words are likely of one family: analysis, analyse."""
    longest = max(len(word), len(other))
    same = max(KIN_PREFIX, ceil(KIN_SHARE * longest))
    return longest > KIN_PREFIX and word[:same] == other[:same]


def _unfounded_quote(text: str, cited: Sequence[CitedSentence]) -> Fault | None:
    """Words in quotation marks that no cited abstract holds."""
    papers = [each.source.paper for each in cited]
    for found in QUOTED.finditer(text):
        quote = found[1] or found[2]
        held = (locate(quote, paper.abstract) or locate(quote, paper.title) for paper in papers)
        if len(quote.split()) >= QUOTED_WORDS and not any(held):
            return f"“{quote}” is not in the abstract", False
    return None


def _of_others(text: str, cited: Sequence[CitedSentence]) -> Fault | None:
    """What an abstract reports of other work is not its own finding."""
    own = OWN.search(text) or any(_names_itself(text, each) for each in cited)
    others = OTHERS.search(text)
    if not own or (others and others.start() < OPENING):
        return None
    if all(
        OTHERS.search(each.text) and not ITSELF.search(each.text) and not _names_itself(each.text, each)
        for each in cited
    ):
        return "the abstract says it of other work", True
    return None


def _names_itself(text: str, cited: CitedSentence) -> bool:
    """Whether a text holds the name that a paper gives to what it is about."""
    name = short_name(cited.source.paper.title)
    return bool(name) and name in text


def _foreign_name(text: str, evidence: Sequence[Wording]) -> Fault | None:
    """A name in the statement that its evidence does not hold."""
    there = " ".join(_bare(each.text) for each in evidence)
    for found in NAME.finditer(text):
        name = found[0].rstrip(".+-")
        first = found.start() == 0 or text[: found.start()].rstrip()[-1:] in {"“", '"'}
        # A word may be capitalised only since it opens the sentence; what it says is checked as content.
        if (first and (name[1:].islower() or len(name) == 1)) or AMOUNT.fullmatch(name):
            continue
        if not re.search(rf"(?<![^\W_]){re.escape(_bare(name))}(?:s|es)?(?![^\W_])", there):
            return f"“{name}” is not in the evidence", False
    return None


def _bare(text: str) -> str:
    """Without case, hyphens and possessive endings."""
    plain = text.casefold().replace("’s", "").replace("'s", "")
    return re.sub(r"\s+", " ", re.sub(r"[-\u2010\u2011–_/]", " ", plain))
