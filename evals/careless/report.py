"""What the gate did with the careless drafts: error rates with intervals, by kind and by reason."""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rag.drafts import Draft, Numbered
from rag.types import Paper, Statement

if TYPE_CHECKING:
    from evals.careless.making import Case, LabelledDraft

Verify = Callable[[Draft, Sequence[Numbered]], Statement]
NORMAL_95 = 1.959964
"""Quantile of the normal distribution for 95 %, two-sided."""

PARTICULARS = re.compile(r"[\"“‘][^\"”’]*[\"”’]|\[\d+\]|\d[\d.,]*")
"""What a reason says of one statement only."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A draft and the statement the gate made of it."""

    case: "Case"
    labelled: "LabelledDraft"
    statement: Statement

    @property
    def shown(self) -> bool:
        """Whether the reader sees it."""
        return self.statement.verdict == "supported"

    @property
    def right(self) -> bool:
        """Whether the reader should."""
        return self.shown == (self.labelled.label == "supported")


def sample_papers() -> list[Paper]:
    """The papers of the shipped collection, in its order."""
    from ingest.sample_collection import SAMPLE_FILE
    from ingest.sources import read_source

    return [record for record in read_source(SAMPLE_FILE).records if isinstance(record, Paper)]


def judged(cases: Sequence["Case"], verify: Verify) -> list[Judged]:
    """Every draft of every case, verified against what its case shows, in order."""
    return [
        Judged(case, labelled, verify(labelled.draft, case.shown))
        for case in cases
        for labelled in case.drafts
    ]


def wilson_interval(hits: int, of: int) -> tuple[float, float]:
    """95 % score interval of a share, 0 to 1 (Wilson 1927).

    Raises:
        ValueError: ``of`` is 0.
    """
    if not of:
        raise ValueError("no trials: an interval needs at least one")
    share, z2 = hits / of, NORMAL_95**2
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = NORMAL_95 * math.sqrt(share * (1 - share) / of + z2 / (4 * of * of)) / (1 + z2 / of)
    return max(0.0, middle - half), min(1.0, middle + half)


def report(found: Sequence[Judged], wrong: int = 0) -> Iterator[str]:
    """Lines: both error rates, a table by kind, the reasons given, ``wrong`` examples of each kind."""
    for label, what in (("unsupported", "unsupported, yet shown"), ("supported", "supported, yet removed")):
        of = [each for each in found if each.labelled.label == label]
        yield (
            f"{what:24}{_share(sum(not each.right for each in of), len(of))}" if of else f"{what:24}none made"
        )
    for label, kept in (("unsupported", "caught"), ("supported", "kept")):
        yield f"\n{label:28}{'made':>6}{kept:>8}{'share':>8}"
        yield from _by_kind([each for each in found if each.labelled.label == label])
    yield f"\n{'reason of what was removed':60}{'rightly':>9}{'wrongly':>9}"
    yield from _by_reason([each for each in found if not each.shown])
    yield from _examples([each for each in found if not each.right], wrong)


def timing(seconds: Sequence[float]) -> str:
    """One line: median and 95th percentile of the gate's time for a statement.

    Raises:
        ValueError: there are no seconds.
    """
    if not seconds:
        raise ValueError("no seconds: percentiles need at least one")
    p50, p95 = np.percentile(np.asarray(seconds) * 1000, [50, 95])
    return f"one statement takes the gate {p50:.2f} ms (p50), {p95:.2f} ms (p95)"


def _share(hits: int, of: int) -> str:
    low, high = wilson_interval(hits, of)
    return f"{hits:4} of {of:4} = {hits / of:6.1%}  (95 %: {low:.1%} to {high:.1%})"


def _by_kind(found: Sequence[Judged]) -> Iterator[str]:
    made = Counter(each.labelled.kind for each in found)
    right = Counter(each.labelled.kind for each in found if each.right)
    for kind in sorted(made, key=lambda kind: (right[kind] / made[kind], kind)):
        yield f"  {kind:26}{made[kind]:6}{right[kind]:8}{right[kind] / made[kind]:8.0%}"


def _by_reason(removed: Sequence[Judged]) -> Iterator[str]:
    reasons = {id(each): PARTICULARS.sub("…", each.statement.reason)[:58] or "none given" for each in removed}
    rightly = Counter(reasons[id(each)] for each in removed if each.right)
    wrongly = Counter(reasons[id(each)] for each in removed if not each.right)
    for reason, _ in (rightly + wrongly).most_common():
        yield f"  {reason:58}{rightly[reason]:9}{wrongly[reason]:9}"


def _examples(wrong: Sequence[Judged], number: int) -> Iterator[str]:
    told: Counter[str] = Counter()
    for each in wrong:
        told[each.labelled.kind] += 1
        if told[each.labelled.kind] <= number:
            yield f"\n{each.labelled.label}, {each.labelled.kind}: {each.statement.reason or 'no reason'}"
            yield from _lines(each.case, each.labelled.draft)


def written_out(cases: Sequence["Case"]) -> Iterator[str]:
    """Lines: every question and its drafts with label, kind, text and quotes."""
    for case in cases:
        yield f"\n{case.question}"
        for labelled in case.drafts:
            yield f"  {labelled.label}, {labelled.kind}:"
            yield from _lines(case, labelled.draft)


def _lines(case: "Case", draft: Draft) -> Iterator[str]:
    yield f"    {draft.text} {''.join(f'[{mark.number}]' for mark in draft.marks)}"
    titles = {item.number: item.paper.title for item in case.shown}
    for mark in draft.marks:
        yield f"      [{mark.number}] {titles.get(mark.number, 'not shown')}: “{mark.quote}”"
