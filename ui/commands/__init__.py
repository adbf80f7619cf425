"""The commands, gathered into one application."""

from collections.abc import Callable
from inspect import cleandoc
from typing import Annotated

import typer

from ui.commands.papers import ingest, papers
from ui.commands.questions import ask, search
from ui.commands.running import chat, doctor
from ui.versions import installed

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


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
    _debug: Annotated[  # for the help: `ui.cli` takes it out of the arguments wherever it stands
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
    """
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


app.callback(invoke_without_command=True, help=_help(pincite))(pincite)
for command in (ask, search, ingest, papers, doctor, chat):
    app.command(help=_help(command))(command)
