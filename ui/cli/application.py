"""The commands, gathered into one application."""

from collections.abc import Callable
from functools import cache
from inspect import cleandoc
from typing import TYPE_CHECKING, Annotated

import typer
from typer.core import TyperGroup

from ui.cli.papers import ingest, papers, restore
from ui.cli.questions import ask, search
from ui.cli.receipts import diff, replay
from ui.cli.running import chat, doctor
from ui.exports.receipts import installed

if TYPE_CHECKING:
    from typer._click.core import Command, Context  # typer has its own copy of click

PLUGGED_IN = "pincite.commands"
"""Entry points of this group are `typer.Typer` applications; each is a command under its own name."""


class _Commands(TyperGroup):
    """Ours, and those plugged in, which are looked for only when ours do not have what is asked."""

    def get_command(self, ctx: "Context", cmd_name: str) -> "Command | None":
        return super().get_command(ctx, cmd_name) or _plugged_in().get(cmd_name)

    def list_commands(self, ctx: "Context") -> list[str]:
        return [*super().list_commands(ctx), *_plugged_in()]


@cache
def _plugged_in() -> "dict[str, Command]":
    from importlib.metadata import entry_points  # looks at every installed package, which takes a while

    return {entry.name: typer.main.get_command(entry.load()) for entry in entry_points(group=PLUGGED_IN)}


app = typer.Typer(cls=_Commands, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


def _help(command: Callable[..., object]) -> str:
    r"""Its docstring; a line of \b keeps the paragraph below it as it is broken."""
    return cleandoc(command.__doc__ or "").replace(r"\b", "\b")


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"pincite {installed('pincite')}")
        raise typer.Exit


def pincite(
    context: typer.Context,
    *,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
    _debug: Annotated[  # for the help: `ui.cli.__main__` takes it out of the arguments wherever it stands
        bool, typer.Option("--debug", help="On an error, show the traceback; may stand anywhere.")
    ] = False,
) -> None:
    r"""Ask a collection of abstracts; every sentence of an answer is a quote you can check.

    \b
    Start here:
      pincite ask "which papers do KV cache compression?"
      pincite chat

    Settings come from options, then the environment (PINCITE_HOME, PINCITE_COLLECTION,
    PINCITE_STORE__URL, ...), then pincite.toml in the current folder; `pincite doctor` shows them.

    \b
    Exit codes of all commands:
      0    done
      1    done, but some records or lines were left out
      2    usage or configuration
      3    the store or a model is not available
      130  interrupted
      143  told to end (SIGTERM)
    """
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


app.callback(invoke_without_command=True, help=_help(pincite))(pincite)
for command in (ask, search, replay, diff, ingest, restore, papers, doctor, chat):
    app.command(help=_help(command))(command)
