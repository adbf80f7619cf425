"""What came of the exam, for a terminal: a column for each judge, and why one did not qualify."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from rich.table import Table

from evals.exam.examining import Sitting
from evals.exam.marking import SUPPORTED, columns
from evals.exam.trials import INVARIANT, UNSUPPORTED
from evals.judges.qualifications import BAR, Qualification
from evals.stats.auroc import auroc_p

NONE = "—"
Cell = Callable[[Qualification], str]


def exam_table(sat: Sequence[Sitting]) -> Table:
    """Every figure of the judges that sat, a column each."""
    found = [each.qualification for each in sat if each.qualification]
    made = Table(title=f"The exam of judges; to qualify, the lower end of each * must reach {BAR:.2f}")
    made.add_column("")
    for each in found:
        made.add_column(each.judge, justify="right")
    for rows in SECTIONS:
        for name, cell in rows.items():
            made.add_row(name, *map(cell, found))
        made.add_section()
    return made


def _figure(name: str) -> Cell:
    return lambda q: str(getattr(q, name) or NONE)


def _tallies(kinds: Sequence[str]) -> dict[str, Cell]:
    def cell(kind: str) -> Cell:
        return lambda q: f"{q.kinds[kind].passed} of {q.kinds[kind].scored}"

    return {f"  {kind}": cell(kind) for kind in kinds}


def _counts(scored: int, asked: int, of: int) -> str:
    """Those with a verdict, of those asked; and of how many these are a sample."""
    told = str(asked) if scored == asked else f"{scored} of {asked}"
    return told if asked == of else f"{told}, sample of {of}"


SECTIONS: tuple[dict[str, Cell], ...] = (
    {
        "human-labelled pairs": lambda q: _counts(q.pairs_scored, q.pairs, q.of_pairs),
        "balanced accuracy *": _figure("balanced_accuracy"),
        "kappa": _figure("kappa"),
        "AUROC": _figure("auroc"),
        "  against contradicted": _figure("auroc_contradicted"),
        "  against not in context": _figure("auroc_absent"),
        "calibration error": _figure("calibration_error"),
    },
    {
        "metamorphic tests": lambda q: _counts(q.trials_scored, q.trials, q.of_trials),
        "not called supported *": _figure("caught"),
        **_tallies(UNSUPPORTED),
    },
    {"same verdict *": _figure("held"), **_tallies(INVARIANT)},
    {
        "ms a claim": lambda q: NONE if q.latency_ms is None else f"{q.latency_ms:.0f}",
        "qualified": lambda q: "yes" if q.qualified else "no",
    },
)


def notes(sat: Sequence[Sitting]) -> Iterator[str]:
    """Lines: who did not sit, whether AUROCs differ from the first judge's, why somebody failed."""
    for each in sat:
        if each.absent:
            yield f"{each.name} did not sit: {each.absent}"
        p = _difference(sat[0], each)
        if p is not None:
            yield f"{each.name}: p of no difference to {sat[0].name}'s AUROC {p:.4f}"
    for each in sat:
        if each.qualification and not each.qualification.qualified:
            yield f"{each.name} is not qualified: {'; '.join(each.qualification.shortfalls)}"


def _difference(first: Sitting, other: Sitting) -> float | None:
    """The p of equal AUROCs, where both gave a verdict on the same pairs."""
    if first is other or not (first.exam and first.paper and other.exam and other.paper):
        return None
    one, two = columns(first.exam, first.paper), columns(other.exam, other.paper)
    positive = one.labels == SUPPORTED
    same = np.array_equal(one.clusters, two.clusters) and np.array_equal(one.labels, two.labels)
    if not same or positive.all() or not positive.any():
        return None
    return auroc_p(one.probabilities, two.probabilities, positive, one.clusters)
