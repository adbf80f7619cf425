"""Differences between two receipts as a table in the terminal."""

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ui.cli.terminal import counted
from ui.exports.differences import Difference
from ui.safe import inert

NOTHING = "—"


def render_differences(console: Console, found: Sequence[Difference], took: Sequence[Difference]) -> None:
    """Print what differs and, where anything does, what each answer took; one line where nothing does.

    Args:
        console: where to print; its width is respected.
        found: what differs.
        took: time, tokens and cost, whether they differ or not.
    """
    if not found:
        console.print("Nothing differs but the time.")
        return
    table = Table(box=None, pad_edge=False, show_edge=False, header_style="dim")
    for name, share in (("", 1), ("", 2), ("A", 4), ("B", 4)):
        table.add_column(name, overflow="fold", ratio=share)
    part = ""
    for difference in (*found, *took):
        heading = Text(difference.part if difference.part != part else "", style="bold")
        part = difference.part
        row = (difference.what, difference.first, difference.second)
        table.add_row(heading, *(Text(_shown(value)) for value in row))
    console.print(table)
    console.print(f"\n{counted(len(found), 'difference')}.")


def _shown(value: Any) -> str:  # noqa: ANN401 - any value of JSON
    if value is None or value in ("", [], {}):
        return NOTHING
    if isinstance(value, list):
        return inert("; ".join(map(_shown, value)))
    return inert(f"{value:,.4g}" if isinstance(value, float) else str(value))
