"""`pincite replay` and `pincite diff`: ask again for what a receipt holds; what differs between two."""

import asyncio
import difflib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from rag.build import load_settings
from rag.conversation.standalone import EMPTY
from rag.settings import Settings
from rag.writing.receipt import own_settings
from ui.answers import counted
from ui.cli.options import AsJson, Home
from ui.cli.terminal import terminal
from ui.exports.contract import dumps
from ui.exports.differences import Discrepancy, differences, effort
from ui.exports.receipts import Receipt, make_receipt, read_receipt
from ui.safe import inert
from ui.session import session

File = Annotated[Path, typer.Argument(metavar="FILE", help="A receipt of `pincite ask --receipt`.")]
First = Annotated[Path, typer.Argument(metavar="A", help="A receipt.")]
Second = Annotated[Path, typer.Argument(metavar="B", help="Another.")]

NOTHING = "—"


def replay(file: File, *, home: Home = None) -> int:
    r"""Ask the question of a receipt again and compare the answers, byte for byte but for the time.

    The question is asked of the collection of that name with the settings of the receipt. Where the
    papers have changed since, that is said first.

    \b
    Examples:
      pincite ask "which papers do KV cache compression?" --receipt kv.json
      pincite replay kv.json

    \b
    Exit codes:
      0  identical
      1  not identical: the difference is printed, - the receipt, + now
      2  usage or configuration; also where FILE is not a receipt
      3  the store or a model is not available
    """
    receipt = read_receipt(file)
    known = {
        name: value for name, value in own_settings(receipt.settings).items() if name in Settings.model_fields
    }
    settings = load_settings(home=home, **known | {"collection": receipt.collection.name})
    return asyncio.run(_replay(settings, receipt))


async def _replay(settings: Settings, receipt: Receipt) -> int:
    async with session(settings) as assistant:
        history = EMPTY
        for question in receipt.history:
            history = assistant.remember(history, await assistant.ask(question, history=history))
        answer = await assistant.ask(receipt.question, history=history)
        now = await make_receipt(assistant, settings, receipt.question, answer, receipt.history)
    for line in _changed(receipt, now):
        typer.echo(inert(line))
    if _lines(receipt) == _lines(now):
        typer.echo("identical")
        return 0
    for line in difflib.unified_diff(_lines(receipt), _lines(now), "receipt", "now", lineterm=""):
        typer.echo(inert(line))
    return 1


def _changed(then: Receipt, now: Receipt) -> list[str]:
    """What explains another answer: other papers, other programs."""
    changed = []
    if then.collection != now.collection:
        counts = f"{then.collection.papers:,} papers then, {now.collection.papers:,} now"
        changed.append(f"The collection {now.collection.name!r} has changed: {counts}.")
    for package, version in then.versions.items():
        if (installed := now.versions.get(package)) != version:
            changed.append(f"{package} was {version} then and is {installed or 'not installed'} now.")
    return changed


def _lines(receipt: Receipt) -> list[str]:
    return json.dumps(receipt.timeless(), indent=1, sort_keys=True, ensure_ascii=False).split("\n")


def diff(first: First, second: Second, *, as_json: AsJson = False) -> int:
    r"""Show what differs between two receipts: settings, papers, candidates, statements, effort.

    What it took (time, tokens, cost) is shown where anything else differs, and never counts as a difference.

    \b
    Examples:
      pincite ask "which papers prune attention heads?" --receipt balanced.json
      pincite ask "which papers prune attention heads?" --receipt recall.json --favour recall
      pincite diff balanced.json recall.json

    \b
    Exit codes:
      0  nothing differs
      1  something does
      2  usage; also where A or B is not a receipt
    """
    one, other = read_receipt(first), read_receipt(second)
    found = differences(one, other)
    took = effort(one, other)
    if as_json:
        listed = {"differences": found, "effort": took}
        forms = {name: [each._asdict() for each in part] for name, part in listed.items()}
        typer.echo(dumps({"same": not found} | forms))
    else:
        _render(terminal(), found, took)
    return 1 if found else 0


def _render(console: Console, found: Sequence[Discrepancy], took: Sequence[Discrepancy]) -> None:
    """Print what differs and, where anything does, what each answer took; one line where nothing does."""
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
