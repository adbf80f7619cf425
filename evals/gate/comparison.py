"""What two runs say of a change: measure by measure, and case by case where something flipped."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from typing import Annotated, Any

from pydantic import Field

from evals.catalogue import BY_NAME, CATALOGUE, Measure
from evals.command_line import SuiteError
from evals.files import Record
from evals.gate.decision import Change, Decision, decide_all
from evals.gate.summary import COVERED, MeasureTally, tally
from evals.records import Head, Result, Run
from evals.stats.bounded import DIFFERENCE
from evals.stats.inference import holm, mcnemar_p, paired_p

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


AGREEING = ("collection", "cases", "prompts", "judge")
"""Fields of the heads of two runs that must agree, or the difference is not that of the system."""

ALPHA = 0.05
EQUAL = 1e-9
LONGEST = 40
"""Characters of a setting that are shown."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Values of a measure for the cases that both runs scored, in the order of the first run."""

    measure: Measure
    ours: tuple[float, ...]
    theirs: tuple[float, ...]
    clusters: tuple[str, ...]

    @property
    def sign(self) -> int:
        """1 where higher is better, else -1."""
        return 1 if self.measure.better == "higher" else -1

    def change(self) -> Change:
        """The differences, theirs minus ours, oriented so that higher is better."""
        differences = [self.sign * (b - a) for a, b in zip(self.ours, self.theirs, strict=True)]
        bounds = DIFFERENCE if self.measure.unit == "share" else None
        return Change(differences, self.measure.margin, self.clusters, bounds)

    def p(self) -> float:
        """Two-sided, of no difference: exact for right and wrong without clusters, else by sign flips."""
        if self.measure.binary and len(set(self.clusters)) == len(self.clusters):
            won = [b - a for a, b in zip(self.ours, self.theirs, strict=True)]
            return mcnemar_p(won.count(1.0), won.count(-1.0))
        return paired_p(self.theirs, self.ours, self.clusters)


def compare(
    a: Run, b: Run, allow: Collection[str] = (), refused: Mapping[str, str] | None = None
) -> RunComparison:
    """The second run beside the first.

    Args:
        a: the baseline.
        b: what is compared with it.
        allow: of `AGREEING`, what may differ.
        refused: measures that nothing may be concluded from, each with the reason.

    Raises:
        SuiteError: they are not comparable, or a case of the first is missing in the second.
    """
    if strange := sorted(set(allow) - set(AGREEING)):
        raise SuiteError(
            f"--allow {strange[0]!r}: expected one of {', '.join(AGREEING)}; all else may differ"
        )
    allowed = _require_agreement(a, b, allow)
    if "cases" in allow:
        a, b = _in_common(a, b), _in_common(b, a)
    families = (_compared(a, b, gates=gates, refused=refused or {}) for gates in (True, False))
    order = [measure.name for measure in CATALOGUE]
    return RunComparison(
        a=a.head,
        b=b.head,
        measures=tuple(sorted(chain(*families), key=lambda each: order.index(each.measure))),
        flips=tuple(sorted(_flips(a, b), key=_loss)),
        changed=tuple(changed(a.head, b.head)),
        allowed=tuple(allowed),
    )


def _require_agreement(a: Run, b: Run, allow: Collection[str]) -> list[str]:
    wrong = [name for name in AGREEING if not _agree(a.head, b.head, name)]
    refused = [name for name in wrong if name not in allow]
    if refused:
        raise SuiteError(
            f"the runs are not comparable: {', '.join(refused)} differ; run both alike, or allow it with "
            + " ".join(f"--allow {name}" for name in refused)
        )
    missing = {each.case_id for each in a.results} - {each.case_id for each in b.results}
    if missing and "cases" not in allow:
        raise SuiteError(
            f"the run is not complete: {len(missing)} of {len(a.results)} cases are missing, such as "
            f"{min(missing)!r}; run it again with the same --out"
        )
    return wrong


def _in_common(run: Run, other: Run) -> Run:
    """The run with the cases that the other has too, asked alike."""
    asked = {(each.case_id, each.question) for each in other.results}
    kept = tuple(each for each in run.results if (each.case_id, each.question) in asked)
    return run.model_copy(update={"results": kept})


def _agree(a: Head, b: Head, name: str) -> bool:
    """Prompts agree where one of the two runs used none: then the writer is what is compared."""
    if name == "prompts" and "extractive" in (a.writer, b.writer):
        return True
    return bool(getattr(a, name) == getattr(b, name))


def _compared(a: Run, b: Run, *, gates: bool, refused: Mapping[str, str]) -> Iterator[MeasureComparison]:
    """The measures that gate, or those that do not: each family is tested together."""
    family = [measure for measure in CATALOGUE if measure.gates is gates]
    counted = [(tally(measure, a), tally(measure, b)) for measure in family]
    rows = {each.measure.name: (each, other) for each, other in counted if each.expected or other.expected}
    why = {name: refused.get(name) or _obstacle(*row) for name, row in rows.items()}
    pairs = {name: paired(rows[name][0].measure, a, b) for name, reason in why.items() if not reason}
    pairs = {name: each for name, each in pairs.items() if each.ours}
    decisions = decide_all({name: each.change() for name, each in pairs.items()}, ALPHA)
    two_sided = {name: each.p() for name, each in pairs.items()}
    adjusted = holm(two_sided)
    for name, row in rows.items():
        plain = _plain(*row, why[name])
        if name not in pairs:
            lost = MeasureVerdict.NOT_COMPARED if why[name] else MeasureVerdict.INCONCLUSIVE
            yield plain.model_copy(
                update={"verdict": lost, "why": why[name] or "no case has a value in both"}
            )
            continue
        figures = _figures(pairs[name], decisions[name], adjusted[name])
        yield plain.model_copy(update=figures | {"p": two_sided[name], "p_holm": adjusted[name]})


def _obstacle(a: MeasureTally, b: MeasureTally) -> str:
    """Why nothing may be concluded from a measure; empty where something may."""
    for name, each in (("first", a), ("second", b)):
        if each.coverage < COVERED:
            return f"{each.gaps} of {each.expected} cases of the {name} run have no value"
    return "" if a.values else "the first run has no values of it"


def paired(measure: Measure, a: Run, b: Run) -> Pairs:
    """The values of the cases that both runs scored."""
    ours, theirs = a.values(measure.name), b.values(measure.name)
    both = [each for each in a.results if each.case_id in ours and each.case_id in theirs]
    return Pairs(
        measure,
        tuple(ours[each.case_id] for each in both),
        tuple(theirs[each.case_id] for each in both),
        tuple(each.cluster for each in both),
    )


def _plain(a: MeasureTally, b: MeasureTally, why: str) -> MeasureComparison:
    """A measure with what is known of each run by itself."""
    least, most = b.bounds or (None, None)
    return MeasureComparison(
        measure=a.measure.name,
        gates=a.measure.gates,
        margin=a.measure.margin,
        coverage_a=a.coverage,
        coverage_b=b.coverage,
        least_b=least,
        most_b=most,
        why=why,
    )


def _figures(pairs: Pairs, decision: Decision, p_holm: float) -> dict[str, Any]:
    low, high = sorted((pairs.sign * decision.low, pairs.sign * decision.high))
    return {
        "a": sum(pairs.ours) / len(pairs.ours),
        "b": sum(pairs.theirs) / len(pairs.theirs),
        "difference": pairs.sign * decision.difference,
        "low": low,
        "high": high,
        "p_loss": decision.p_loss_adjusted,
        "p_margin": decision.p_margin,
        "mde": decision.detectable,
        "n": decision.count,
        "verdict": _verdict(decision, p_holm),
    }


def _verdict(decision: Decision, p_holm: float) -> MeasureVerdict:
    if decision.verdict == "regression":
        return MeasureVerdict.WORSE
    if decision.verdict == "inconclusive":
        return MeasureVerdict.INCONCLUSIVE
    return MeasureVerdict.BETTER if decision.difference > 0 and p_holm <= ALPHA else MeasureVerdict.SAME


def _flips(a: Run, b: Run) -> Iterator[ScoreFlip]:
    """Cases that a measure of right and wrong, or one that gates, scores otherwise in the second run."""
    before = {each.case_id: each for each in a.results}
    for after in b.results:
        if after.case_id in before:
            for measure in CATALOGUE:
                if measure.gates or measure.binary:
                    yield from _flip(measure, before[after.case_id], after)


def _flip(measure: Measure, before: Result, after: Result) -> Iterator[ScoreFlip]:
    ours, theirs = before.score(measure.name), after.score(measure.name)
    a, b = ours.value if ours else None, theirs.value if theirs else None
    if a == b or (a is not None and b is not None and abs(a - b) <= EQUAL):
        return
    yield ScoreFlip(
        case_id=after.case_id,
        measure=measure.name,
        question=after.question,
        a=a,
        b=b,
        why_a=ours.why if ours else before.failed,
        why_b=theirs.why if theirs else after.failed,
        answer_a=before.answer,
        answer_b=after.answer,
    )


def _loss(flip: ScoreFlip) -> tuple[float, str, str]:
    """Greatest loss first; what has a value in one run only stands between losses and gains."""
    sign = 1 if BY_NAME[flip.measure].better == "higher" else -1
    lost = sign * (flip.a - flip.b) if flip.a is not None and flip.b is not None else 0.0
    return -lost, flip.case_id, flip.measure


def changed(a: Head, b: Head) -> Iterator[tuple[str, str, str]]:
    """What is not the same in two runs: settings, writer, seed, versions."""
    ours, theirs = dict(_leaves(_compared_fields(a))), dict(_leaves(_compared_fields(b)))
    for name in dict.fromkeys((*ours, *theirs)):
        if ours.get(name) != theirs.get(name):
            yield name, _shown(ours.get(name)), _shown(theirs.get(name))


def _compared_fields(head: Head) -> dict[str, Any]:
    return head.model_dump(mode="json", exclude={"settings": True, "schema_version": True})


def _leaves(tree: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, object]]:
    for name, value in tree.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


def _shown(value: object) -> str:
    text = "—" if value in (None, "") else str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
