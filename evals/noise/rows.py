"""What the analyses of bias and noise read: one row for each time a judge was asked."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """A judge scored an answer.

    Attributes:
        question: id of the case; answers to one question are compared with each other.
        score: 0 to 1, higher is better; None where the judge gave no score (never a number in its place).
        length: of the answer, in words.
        judge: who scored, for panels; one name throughout where there is no panel.
        repeat: 0, 1 …; asks with everything else equal differ in it.
        paraphrase: 0, 1 …; the wording of the judge's prompt.
        order: 0, 1 …; the order in which the passages were shown.
    """

    question: str
    score: float | None
    length: int = 0
    judge: str = ""
    repeat: int = 0
    paraphrase: int = 0
    order: int = 0


@dataclass(frozen=True, slots=True)
class PairRow:
    """A judge compared two answers.

    Attributes:
        pair: id of the pair of answers; it is shown in both orders.
        swapped: whether the second answer of the pair was shown first.
        choice: the place of the answer that it preferred, as shown; None where it gave no choice.
        length_difference: words of the pair's first answer minus words of its second.
        repeat: 0, 1 …; asks with everything else equal differ in it.
    """

    pair: str
    swapped: bool
    choice: Literal["first", "second", "tie"] | None
    length_difference: int = 0
    repeat: int = 0


@dataclass(frozen=True, slots=True)
class OptionRow:
    """A judge's log-probabilities of option ids (A, B, C …), from one ask.

    Attributes:
        question: id of the question; each of its cyclic orders is asked once.
        shown: which option stood at each id: a permutation of 0 … k - 1.
        log_probabilities: natural, of each id, in the order of the ids; k values.
    """

    question: str
    shown: tuple[int, ...]
    log_probabilities: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class LabelRow:
    """A label that a person or a judge gave an item.

    Attributes:
        item: id of what was labelled.
        annotator: who.
        label: a verdict; labels are equal or not, there is no scale.
    """

    item: str
    annotator: str
    label: str
