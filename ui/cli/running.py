"""`pincite doctor` and `pincite chat`: is all well, and serve the page."""

import asyncio
from typing import Annotated

import typer

from rag.build import load_settings
from ui.cli.options import AsJson, Collection, Home, ModelName, section
from ui.exports.contract import dumps

Reach = Annotated[
    bool, typer.Option("--reach", help="Also knock at the language model's address; costs no tokens.")
]
Deep = Annotated[
    bool, typer.Option("--deep", help="Also read the whole collection and compare every paper with its hash.")
]
Headless = Annotated[bool, typer.Option("--headless", help="Do not open a browser.")]


def doctor(
    *,
    reach: Reach = False,
    deep: Deep = False,
    as_json: AsJson = False,
    home: Home = None,
    collection: Collection = None,
) -> int:
    r"""Show what is set, what can be reached and what will be used.

    Nothing is built or changed, secrets are never shown, and no language model is asked anything.

    \b
    Examples:
      pincite doctor
      pincite doctor --deep --collection mine
      PINCITE_MODEL__NAME=openai/gpt-4o-mini pincite doctor --reach
      PINCITE_STORE__URL=http://localhost:6333 pincite doctor --collection mine

    \b
    Exit codes, by the first problem:
      0  all is well
      2  a setting cannot work
      3  the home folder, the store, the encoder or the language model is not available
    """
    from ui.cli.doctor import examine

    report = asyncio.run(examine(load_settings(home=home, collection=collection), reach=reach, deep=deep))
    typer.echo(dumps(report.form()) if as_json else report.text())
    return report.exit_code


def chat(
    *,
    host: Annotated[
        str | None,
        typer.Option(metavar="H", help="Address to listen on; default: 127.0.0.1 [env: PINCITE_CHAT__HOST]."),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(metavar="P", help="Port to listen on; default: 8000 [env: PINCITE_CHAT__PORT]."),
    ] = None,
    headless: Headless = False,
    model: ModelName = None,
    home: Home = None,
    collection: Collection = None,
) -> None:
    r"""Chat with a collection in the browser.

    The page runs on this machine and loads nothing from any other. Numbered citations open the
    abstract beside the chat, with the quoted sentence highlighted. Ctrl-C ends it.

    \b
    Examples:
      pincite chat
      pincite chat --collection mine --port 9000 --headless

    \b
    Exit codes:
      0  ended by Ctrl-C
      2  usage or configuration; also where the port is taken
      3  the store or the encoder is not available
    """
    settings = load_settings(
        home=home, collection=collection, chat=section(host=host, port=port), model=section(name=model)
    )
    from ui.chat.server import run_chat

    run_chat(settings, headless=headless)
