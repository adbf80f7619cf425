"""A run in a few lines for the terminal: its measures, what failed, and what fell short."""

from collections.abc import Iterator

from rich.table import Table

from evals.suite.catalogue import BY_NAME
from evals.suite.records import Result, Run
from evals.suite.summary import Summary, summaries

SHORT_OF = {"fact match", "abstained rightly", "papers compared", "turns right", "attack failed"}
"""Measures whose failing cases are listed: each is right or wrong."""


def table(run: Run) -> Table:
    """The measures, one a row: mean, interval, on how many cases it rests, and what is missing."""
    made = Table("measure", "mean", "95 %", "of", "gaps", title=f"{run.head.suite}: {run.head.writer}")
    for each in summaries(run):
        made.add_row(each.measure, *_row(each))
    return made


def _row(each: Summary) -> tuple[str, ...]:
    unit = BY_NAME[each.measure].unit
    interval = "" if each.low is None else f"{figure(each.low, unit)} to {figure(each.high, unit)}"
    gaps = str(each.gaps or "")
    if each.least is not None:
        gaps += f" ({figure(each.least, unit)} to {figure(each.most, unit)})"
    return figure(each.mean, unit), interval, str(each.scored), gaps


def figure(value: float | None, unit: str) -> str:
    """A value with the digits that its unit deserves; a dash for none."""
    if value is None:
        return "—"
    return f"{value:.3f}" if unit == "share" else f"${value:.4f}" if unit == "usd" else f"{value:,.0f}"


def shortfalls(run: Run) -> Iterator[str]:
    """A line for each case that failed or is wrong, so that a figure can be looked into."""
    for result in run.results:
        if result.failed:
            yield f"{result.case_id} failed: {result.failed}: {result.question}"
        else:
            yield from _wrong(result)


def _wrong(result: Result) -> Iterator[str]:
    for score in result.scores:
        if score.measure in SHORT_OF and score.value is not None and score.value < 1:
            read = result.answer.get("asked")
            yield (
                f"{result.case_id} {score.measure} {score.value:g}"
                f"{f' ({score.why})' if score.why else ''}: {result.question}"
                f"{f' (read as: {read})' if read else ''}"
            )
