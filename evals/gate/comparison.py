"""What two runs say of a change: measure by measure, and case by case where something flipped."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from evals.files import Record
from evals.records import Head

Share = Annotated[float, Field(ge=0, le=1)]


class MeasureVerdict(StrEnum):
    """What becomes of a measure from the first run to the second."""

    BETTER = "better"
    WORSE = "worse"
    SAME = "same"
    INCONCLUSIVE = "inconclusive"
    NOT_COMPARED = "not compared"


class MeasureComparison(Record):
    """A measure over two runs, on the cases that both scored; figures are in the unit of the measure.

    Attributes:
        measure: its name.
        gates: whether it may stop a change.
        margin: the loss that a change may cost.
        a: mean of the first run; None where no case is scored in both.
        b: mean of the second.
        difference: b - a: whether that is good, the measure's direction says.
        low: of the 95 % interval of the difference; ``high``: its other end.
        p: two-sided, of no difference (paired sign flips by cluster).
        p_holm: the same after Holm over the measures that gate, or over those that do not.
        p_loss: one-sided, of H0: nothing is lost; after Holm as above.
        p_margin: one-sided, of H0: the loss is the margin or more.
        mde: the least loss that would be found in 80 % of such comparisons.
        n: cases compared.
        coverage_a: share of the cases of the first run that have a value of those that should.
        coverage_b: the same of the second.
        least_b: mean of the second run if each of its gaps scored worst; None without gaps.
        most_b: mean of the second run if each of its gaps scored best.
        verdict: what follows.
        why: why it was not compared; else empty.
    """

    measure: str
    gates: bool
    margin: float
    a: float | None = None
    b: float | None = None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    p: Share | None = None
    p_holm: Share | None = None
    p_loss: Share | None = None
    p_margin: Share | None = None
    mde: float | None = None
    n: Annotated[int, Field(ge=0)] = 0
    coverage_a: Share = 1.0
    coverage_b: Share = 1.0
    least_b: float | None = None
    most_b: float | None = None
    verdict: MeasureVerdict = MeasureVerdict.NOT_COMPARED
    why: str = ""


class ScoreFlip(Record):
    """A case that a measure scores otherwise in the second run.

    Attributes:
        case_id: which.
        measure: which.
        question: as asked.
        a: value in the first run, None where it has none.
        b: value in the second.
        why_a: what was missing or wrong in the first; ``why_b``: in the second.
        answer_a: of the first run, in its JSON form; empty where asking failed.
        answer_b: of the second.
    """

    case_id: str
    measure: str
    question: str
    a: float | None
    b: float | None
    why_a: str = ""
    why_b: str = ""
    answer_a: dict[str, Any] = Field(default_factory=dict)
    answer_b: dict[str, Any] = Field(default_factory=dict)


class RunComparison(Record):
    """Two runs beside each other.

    Attributes:
        a: head of the first run, the baseline.
        b: head of the second.
        measures: those that apply to either, in the order of the catalogue.
        flips: cases that changed, the greatest loss first.
        changed: what is not the same in the two: setting, then what the first and the second have.
        allowed: what should agree and does not, and was allowed.
    """

    a: Head
    b: Head
    measures: tuple[MeasureComparison, ...]
    flips: tuple[ScoreFlip, ...] = ()
    changed: tuple[tuple[str, str, str], ...] = ()
    allowed: tuple[str, ...] = ()
