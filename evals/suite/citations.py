"""Citation precision and recall after ALCE (Gao et al. 2023), with what its program gets wrong mended. Pure.

A statement is recalled where its citations together carry it. A citation is precise where its statement is
carried and either the citation carries it alone or the others do not carry it without this one. Unlike the
published program this one counts a citation of something that was never shown, or of a quote that does not
stand there, against precision, and still reads the citations beside it; takes a citation given twice for one;
and leaves none out, however many a statement has. Plain text is read by `rag.writing.reply_parser`: every
line, each number of ``[1, 2]`` and ``[1-3]``, and marks after a full stop with the sentence they follow.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Any

from rag.models.encoders.bm25 import Bm25Encoder
from rag.text.quoting import locate
from rag.text.sentences import sentence_spans
from rag.text.words import tokens
from rag.types import Paper
from rag.verification.claim_verifier import ClaimVerifier, Draft, Mark, NumberedPaper, numbered

Carries = Callable[[Draft], bool]
"""Whether the marks of a draft carry its text; all of them point at evidence that exists."""


@dataclass(frozen=True, slots=True)
class CitationCounts:
    """What was counted over the statements of an answer.

    Attributes:
        statements: how many there are; ``carried``: how many of them their citations carry.
        citations: how many there are, each once a statement; ``precise``: how many of them are.
        invented: citations of what was never shown, or of a quote that does not stand there.
    """

    statements: int = 0
    carried: int = 0
    citations: int = 0
    precise: int = 0
    invented: int = 0

    def __add__(self, other: "CitationCounts") -> "CitationCounts":
        return CitationCounts(
            *(mine + theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True))
        )

    @property
    def recall(self) -> float | None:
        """Share of statements that are carried; None without statements."""
        return self.carried / self.statements if self.statements else None

    @property
    def precision(self) -> float | None:
        """Share of citations that are precise; None without citations."""
        return self.precise / self.citations if self.citations else None

    @property
    def f1(self) -> float | None:
        """Harmonic mean; 0 where one is 0 or nothing is cited, None without statements."""
        recall, precision = self.recall, self.precision or 0.0
        if recall is None:
            return None
        return 2 * recall * precision / (recall + precision) if recall and precision else 0.0


def count_citations(
    statements: Iterable[Draft], shown: Sequence[NumberedPaper], carries: Carries
) -> CitationCounts:
    """Judge every statement with its citations.

    Args:
        statements: with the marks that each carries.
        shown: the evidence that marks may point at; a number that is not among it is invented.
        carries: decides whether marks carry a text.
    """
    counted = [_count(statement, shown, carries) for statement in statements]
    return sum(counted, CitationCounts())


def _count(statement: Draft, shown: Sequence[NumberedPaper], carries: Carries) -> CitationCounts:
    marks = list(dict.fromkeys(statement.marks))
    real = [mark for mark in marks if _stands(mark, shown)]
    carried = bool(real) and carries(Draft(statement.text, tuple(real)))
    precise = [mark for mark in real if carried and _needed(mark, real, statement.text, carries)]
    return CitationCounts(1, int(carried), len(marks), len(precise), len(marks) - len(real))


def _stands(mark: Mark, shown: Sequence[NumberedPaper]) -> bool:
    source = numbered(shown, mark.number)
    if source is None:
        return False
    return not mark.quote.strip() or bool(locate(mark.quote, source.paper.abstract))


def _needed(mark: Mark, marks: Sequence[Mark], text: str, carries: Carries) -> bool:
    if carries(Draft(text, (mark,))):
        return True
    others = tuple(other for other in marks if other != mark)
    return not carries(Draft(text, others))


class CitationSupport:
    """Decides without a model whether citations carry a statement. Thread-safe.

    A statement that is one of its quotes, word for word, is carried by it; of others the claim verifier
    decides.
    """

    def __init__(self) -> None:
        self._verifier = ClaimVerifier(Bm25Encoder())

    def count(self, answer: Mapping[str, Any], papers: Mapping[str, Paper]) -> CitationCounts:
        """Judge an answer in its JSON form, with the papers of the collection by id."""
        said = [*answer["statements"], *answer["partial"]]
        ids = list(dict.fromkeys(each["paper_id"] for one in said for each in one["citations"]))
        shown = shown_as([papers[key] for key in ids if key in papers])
        place = {source.paper.paper_id: source.number for source in shown}
        drafts = [
            Draft(one["text"], tuple(Mark(place.get(c["paper_id"], 0), c["quote"]) for c in one["citations"]))
            for one in said
        ]
        return self.count_drafts(drafts, shown)

    def count_drafts(self, drafts: Iterable[Draft], shown: Sequence[NumberedPaper]) -> CitationCounts:
        """Judge statements that were written about numbered evidence."""
        return count_citations(drafts, shown, lambda draft: self.carries(draft, shown))

    def carries(self, draft: Draft, shown: Sequence[NumberedPaper]) -> bool:
        """Whether the marks of a draft, which all point at evidence, carry its text."""
        if any(_is_quotation(draft.text, mark, shown) for mark in draft.marks):
            return True
        return self._verifier.verify(draft, shown).verdict == "supported"


def _is_quotation(text: str, mark: Mark, shown: Sequence[NumberedPaper]) -> bool:
    """Whether a text is the quote, or the title of its paper and the quote."""
    source = numbered(shown, mark.number)
    if source is None or not mark.quote.strip():
        return False
    return _words(text) in (_words(mark.quote), _words(f"{source.paper.title} {mark.quote}"))


def _words(text: str) -> list[str]:
    return [token.text for token in tokens(text)]


def shown_as(papers: Iterable[Paper]) -> tuple[NumberedPaper, ...]:
    """Papers as evidence, numbered from 1."""
    return tuple(_numbered(number, paper) for number, paper in enumerate(papers, 1))


def _numbered(number: int, paper: Paper) -> NumberedPaper:
    spans = tuple(sentence_spans(paper.abstract))
    return NumberedPaper(number, paper, spans, (paper.paper_id,) * len(spans))
