"""A report for the terminal: the conclusion, the measures, the judge, what it took, what changed."""

from collections.abc import Iterable, Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from evals.gate.regression import why_not_qualified
from evals.judges.qualifications import read_qualifications
from evals.records import Run
from evals.report import wording
from evals.report.contents import MeasureRow, RunReport
from evals.report.gather import ReferenceRun, gather
from evals.report.wording import figure, one_line

COLOURS = {"fine": "green", "regression": "red", "inconclusive": "yellow", "not good enough": "red"}
VERDICTS = {"worse": "red", "better": "green", "inconclusive": "yellow", "not compared": "yellow"}
SHOWN = 12
"""Cases and gaps that are listed; the page and the JSON have all."""


def terminal(contents: RunReport) -> RenderableType:
    """What `rich` prints; text of papers and people is shown as it is, never as markup or control codes."""
    mark = wording.MARKS[contents.conclusion]
    head = Text(f"{mark} {wording.title(contents)}", f"bold {COLOURS.get(contents.conclusion, '')}".strip())
    lines = [*_judge(contents), *_costs(contents), *_flips(contents), *_gaps(contents)]
    return Group(head, Text(one_line(wording.summary(contents))), _measures(contents), *lines)


def _measures(contents: RunReport) -> Table:
    if contents.baseline is None:
        made = Table("measure", "mean", "95 %", "of")
        for line in contents.measures:
            made.add_row(line.measure, wording.mean(line), wording.interval(line), wording.covered(line))
        return made
    made = Table("measure", "before", "after", "difference", "95 %", "p", "finds", "of", "verdict")
    for gates in (True, False):
        for line in contents.measures:
            if line.gates is gates:
                made.add_row(*_compared(line))
        made.add_section()
    return made


def _compared(line: MeasureRow) -> tuple[RenderableType, ...]:
    verdict = wording.verdict(line)
    after = figure(line.compared.b if line.compared else None, line.unit)
    return (
        line.measure,
        wording.before(line),
        after,
        wording.difference(line),
        wording.difference_interval(line),
        wording.chance(line),
        wording.detectable(line),
        str(line.compared.n if line.compared else 0),
        Text(verdict, VERDICTS.get(verdict, "")),
    )


def _judge(contents: RunReport) -> Iterator[Text]:
    if contents.judge.name:
        yield Text(
            f"judge {one_line(contents.judge.name)}: {one_line(contents.judge.why_not) or 'qualified'}"
        )


def _costs(contents: RunReport) -> Iterator[Text]:
    every = contents.costs[-1]
    latency = f"{wording.milliseconds(every.latency_median_ms)}, 95 % below "
    latency += wording.milliseconds(every.latency_p95_ms)
    spent = f"; {every.tokens:,} tokens, {wording.dollars(every.cost_usd)}" if every.tokens else ""
    yield Text(f"median {latency}{spent}")


def _flips(contents: RunReport) -> Iterator[Text]:
    for flip in contents.flips[:SHOWN]:
        moved = ", ".join(f"{each.measure} {wording.change(each)}" for each in flip.moved)
        yield Text(f"{one_line(flip.case_id)}: {moved}: {one_line(flip.question)}")
    yield from _more(len(contents.flips), "cases changed")


def _gaps(contents: RunReport) -> Iterator[Text]:
    for gap in contents.gaps[:SHOWN]:
        what = f"{gap.measure} {gap.status}" if gap.measure else str(gap.status)
        yield Text(f"{one_line(gap.case_id)}: {what}: {one_line(gap.why)}", "yellow")
    yield from _more(len(contents.gaps), "scores are missing")


def _more(count: int, what: str) -> Iterator[Text]:
    if count > SHOWN:
        yield Text(f"… {count - SHOWN} more {what}", "dim")


def show(run: Run, more: Iterable[str], beside: ReferenceRun | None = None) -> None:
    """Print the report of a run, and further lines."""
    screen = wording.console()
    screen.print(terminal(gather(run, beside, read_qualifications(), why_not_qualified)))
    for line in more:
        screen.print(line, markup=False, highlight=False)
