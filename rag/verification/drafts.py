"""What a model wrote, before anything of it is believed, and the numbered evidence it was shown."""

from collections.abc import Sequence
from dataclasses import dataclass

from rag.types import Paper, Span


@dataclass(frozen=True, slots=True)
class Mark:
    """A citation as written: the evidence number, and the quote where the model gave one."""

    number: int
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """One sentence as the model wrote it, without its citation marks."""

    text: str
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Numbered:
    """A paper as the model is shown it.

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


def numbered(shown: Sequence[Numbered], number: int) -> Numbered | None:
    """The evidence of this number, or None: a model may cite what it was never shown."""
    return next((each for each in shown if each.number == number), None)
