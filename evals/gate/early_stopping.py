"""Stop a run as soon as it is known whether it may follow its baseline: what is left is not asked."""

from collections.abc import Sequence
from pathlib import Path
from statistics import fmean

from evals.cases.suites import Item
from evals.catalogue import CATALOGUE, Measure
from evals.command_line import OnDone, SuiteError
from evals.gate.comparison import ALPHA, compare
from evals.gate.decision import Verdict
from evals.gate.regression import baseline_of
from evals.records import Head, Result, Run
from evals.stats.sequential import SequentialStop, Watch
from evals.suite.answering import Answers, failed
from evals.suite.execution import RunOptions, chosen, execute
from evals.suite.run_files import read_run

NOT_ASKED = "not asked: the matter was settled before"


class EarlyStopping:
    """`Answers` of another, until a measure that gates is a regression or all of them are fine.

    Every measure is watched at its share of alpha (Bonferroni), an item at a time, in the order in which
    items are begun: that of their ends would have the quick ones first. Measures without a margin, and
    those that are no shares, are not watched.

    Args:
        head: of the run that is watched.
        inner: asks.
        baseline: what the run is to follow.

    Attributes:
        asked: items begun.
        all: items that came, asked or not.

    Raises:
        SuiteError: the two are not comparable, or there is nothing to watch.
    """

    def __init__(self, head: Head, inner: Answers, baseline: Run) -> None:
        compare(baseline, Run(head=head, results=baseline.results))
        self._inner = inner
        self._values = {each.name: baseline.values(each.name) for each in CATALOGUE if _watched(each)}
        measures = [each for each in CATALOGUE if self._values.get(each.name)]
        if not measures:
            raise SuiteError("the baseline has no measure to watch: one that gates, a share, with a margin")
        self._signs = {each.name: 1 if each.better == "higher" else -1 for each in measures}
        self._watches = {each.name: Watch(each.margin, ALPHA / len(measures)) for each in measures}
        self.asked = self.all = self._seen = 0
        self._waiting: dict[int, Sequence[Result]] = {}

    @property
    def stops(self) -> dict[str, SequentialStop]:
        """What is known of each measure."""
        return {name: watch.stop for name, watch in self._watches.items()}

    @property
    def verdict(self) -> Verdict:
        """Of all measures together."""
        found = {stop.decided for stop in self.stops.values()}
        return "regression" if "regression" in found else "inconclusive" if len(found) > 1 else found.pop()

    async def results(self, item: Item) -> tuple[list[Result], float]:
        """As `Answers.results`; where the matter is settled, failures that cost nothing."""
        self.all += 1
        if self.verdict != "inconclusive":
            return [failed(case, NOT_ASKED) for case in item], 0.0
        number, self.asked = self.asked, self.asked + 1
        results, spent = await self._inner.results(item)
        self._waiting[number] = results
        while self._seen in self._waiting:
            came = self._waiting.pop(self._seen)
            self._seen += 1
            if self.verdict == "inconclusive":
                self._see(came)
        return results, spent

    def _see(self, results: Sequence[Result]) -> None:
        """Take the mean difference over an item's cases that both runs scored."""
        for name, watch in self._watches.items():
            scored = ((result.case_id, result.score(name)) for result in results)
            differences = [
                score.value - self._values[name][case_id]
                for case_id, score in scored
                if score and score.value is not None and case_id in self._values[name]
            ]
            if differences:
                watch.see(self._signs[name] * fmean(differences))


def _watched(measure: Measure) -> bool:
    return measure.gates and measure.unit == "share" and measure.margin > 0


async def run_watched(
    wanted: RunOptions, baseline: Path | None, on_done: OnDone
) -> tuple[EarlyStopping, int]:
    """Carry out a run that stops when the matter is settled.

    Args:
        wanted: what is run; its file must not be there yet, since what is in it would not be looked at.
        baseline: a run, None for that of the suite in git.
        on_done: told how far it is.

    Returns:
        What was found, and how many cases failed for another reason than that they were not asked.

    Raises:
        PinciteError: nothing could be run, or the runs are not comparable.
    """
    if wanted.out.exists():
        raise SuiteError(f"{str(wanted.out)!r} is there already: name a new file, replies are kept elsewhere")
    before = read_run(baseline or baseline_of(chosen(wanted).name))
    made: list[EarlyStopping] = []

    def around(head: Head, answers: Answers) -> Answers:
        made.append(EarlyStopping(head, answers, before))
        return made[0]

    run = await execute(wanted, on_done, around)
    return made[0], sum(bool(each.failed) and each.failed != NOT_ASKED for each in run.results)
