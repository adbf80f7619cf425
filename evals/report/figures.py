"""Figures in words, and the cases of a run that are wrong, a line each."""

from collections.abc import Iterator

from rich.console import Console

from evals.records import Result, Run

SHORT_OF = {"fact match", "abstained rightly", "papers compared", "turns right", "attack failed"}
"""Measures whose failing cases are listed: each is right or wrong."""


WIDTH = 110
"""Columns where no terminal says how many there are."""


def console() -> Console:
    """Standard output."""
    found = Console()
    return found if found.is_terminal else Console(width=WIDTH)


def figure(value: float | None, unit: str) -> str:
    """A value with the digits that its unit deserves; a dash for none."""
    if value is None:
        return "—"
    return f"{value:.3f}" if unit == "share" else f"${value:.4f}" if unit == "usd" else f"{value:,.0f}"


def shortfalls(run: Run) -> Iterator[str]:
    """A line for each case that is wrong, so that a figure can be looked into."""
    for result in run.results:
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


def signed(value: float | None, unit: str) -> str:
    """A difference, with its sign."""
    if value is None:
        return "—"
    return f"{'-' if value < 0 else '+'}{figure(abs(value), unit)}"
