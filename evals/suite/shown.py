"""Runs in a few lines for the terminal: measures, what failed or fell short, and what changed."""

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table

from evals.suite.catalogue import BY_NAME
from evals.suite.comparison import Compared, Comparison
from evals.suite.records import Result, Run
from evals.suite.summary import Summary, summaries

SHORT_OF = {"fact match", "abstained rightly", "papers compared", "turns right", "attack failed"}
"""Measures whose failing cases are listed: each is right or wrong."""


WIDTH = 110
"""Columns where no terminal says how many there are."""


def console() -> Console:
    """Standard output."""
    found = Console()
    return found if found.is_terminal else Console(width=WIDTH)


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


def comparison_table(comparison: Comparison) -> Table:
    """The measures of two runs, one a row, those that gate first."""
    heads = ("measure", "before", "after", "difference", "95 %", "p (Holm)", "finds", "of", "")
    made = Table(*heads, title=f"{comparison.b.suite}: {comparison.a.writer} → {comparison.b.writer}")
    for gates in (True, False):
        for each in comparison.measures:
            if each.gates is gates and (gates or each.n):
                made.add_row(*_compared_row(each))
        made.add_section()
    return made


def _compared_row(each: Compared) -> tuple[str, ...]:
    if each.difference is None:
        return each.measure, "—", "—", "—", "", "", "", "0", f"{each.verdict}: {each.why}"
    unit = BY_NAME[each.measure].unit
    return (
        each.measure,
        figure(each.a, unit),
        figure(each.b, unit),
        signed(each.difference, unit),
        f"{signed(each.low, unit)} to {signed(each.high, unit)}",
        "" if each.p_holm is None else f"{each.p_holm:.3f}",
        figure(each.mde, unit),
        str(each.n),
        str(each.verdict),
    )


def signed(value: float | None, unit: str) -> str:
    """A difference, with its sign."""
    if value is None:
        return "—"
    return f"{'-' if value < 0 else '+'}{figure(abs(value), unit)}"


def notes(comparison: Comparison) -> Iterator[str]:
    """What is not the same in the two runs, and the cases that changed."""
    for name, before, after in comparison.changed:
        yield f"{name}: {before} → {after}"
    for each in comparison.flips:
        why = each.why_b or each.why_a
        values = f"{figure(each.a, 'share')} → {figure(each.b, 'share')}"
        yield f"{each.case_id} {each.measure} {values}{f' ({why})' if why else ''}: {each.question}"
