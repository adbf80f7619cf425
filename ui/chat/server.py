"""`pincite chat`: opens the assistant, prepares Chainlit's folder, and serves the page until Ctrl-C."""

import asyncio
import contextlib
import errno
import json
import logging
import os
import shutil
import signal
import socket
import threading
import webbrowser
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import typer
import uvicorn
from starlette.types import ASGIApp

from rag.errors import ConfigError
from rag.files import temporary_folder
from rag.settings import Settings
from ui.chat.admission_queue import THREADS
from ui.chat.own_site import Site, is_loopback
from ui.chat.socket_gate import MOST_BYTES
from ui.session import session

_PLACEHOLDER = "Ask about the papers…"
_CONTAINER_MARK = Path("/etc/pincite-container")
"""A file of our own image, written when it is built; see the Dockerfile."""
_ALL_ADDRESSES = "0.0.0.0"  # noqa: S104 - what is listened on there is what `_require_private` lets pass
_FOOTNOTE = "Every sentence is quoted from an abstract and checked against it. Click a number to see where."


def run_chat(settings: Settings, *, headless: bool) -> None:
    """Serve the chat at ``settings.chat`` until it is told to stop (Ctrl-C or SIGTERM).

    Raises:
        ConfigError: the address or port cannot be used or is open to other machines, or the user's cache
            cannot be written.
        StoreError: the collection cannot be opened.
        ModelError: the encoder cannot be loaded.
        KeyboardInterrupt: interrupted before the page was up.
    """
    with _listen(settings.chat.host, settings.chat.port) as listener:
        signal.signal(signal.SIGINT, signal.default_int_handler)  # shells have background jobs ignore it
        signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
        with chainlit_folder():
            asyncio.run(_serve(settings, listener, headless=headless))


async def _serve(settings: Settings, listener: socket.socket, *, headless: bool) -> None:
    # Asyncio's own default has as many threads as would make them wait for each other, each with memory.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS))
    async with session(settings) as assistant:
        from ui.chat.app import build_app

        site = Site(settings.chat.port, settings.chat.public_host)
        config = server_config(build_app(assistant, settings.collection, site))
        # In a task of its own: after Ctrl-C, uvicorn shuts down and raises the signal again, which cancels
        # what this waits for. Were it to cancel this task itself, closing the collection would be cut off.
        serving = asyncio.create_task(uvicorn.Server(config).serve(sockets=[listener]))
        _announce(settings, headless=headless)
        with contextlib.suppress(asyncio.CancelledError):
            await serving


def server_config(app: ASGIApp) -> uvicorn.Config:
    """How the chat is served; its socket's messages are small, and come uncompressed so that they stay so."""
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=2,
        ws_max_size=MOST_BYTES,
        ws_per_message_deflate=False,
    )


def _announce(settings: Settings, *, headless: bool) -> None:
    host = settings.chat.host
    host = "localhost" if host in {_ALL_ADDRESSES, "127.0.0.1", "::1"} else host
    url = f"http://{host}:{settings.chat.port}"
    typer.echo(f"pincite answers at {url} (Ctrl-C ends it)")
    if not headless:
        # In a thread: a text browser would hold up the very server it waits for.
        threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()


def _listen(host: str, port: int) -> socket.socket:
    """A listening socket: browsers that come early wait in its queue."""
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        _require_private(host, str(address[0]), port)
        return socket.create_server(address[:2], family=family)
    except OSError as exc:
        if exc.errno == errno.EADDRINUSE:
            raise ConfigError(f"port {port} is taken by another program; choose another with --port") from exc
        raise ConfigError(f"cannot listen on {host!r}, port {port}: {exc.strerror or exc}") from exc


def _require_private(host: str, address: str, port: int) -> None:
    """Refuse an address that other machines reach: the chat has no sign-in.

    Our container has a network of its own, which only what its host publishes leads into; there the chat has
    to listen on all addresses. Nobody can say "container" by a switch: the image says it.
    """
    in_container = host == _ALL_ADDRESSES and _CONTAINER_MARK.exists()
    if not is_loopback(address) and not in_container:
        raise ConfigError(
            f"listening on {host!r} would open the chat to other machines, and it has no sign-in; "
            f"listen on 127.0.0.1 and come in by a tunnel: ssh -L {port}:localhost:{port} THIS_MACHINE"
        )


@contextlib.contextmanager
def chainlit_folder() -> Iterator[Path]:
    """A private folder with what Chainlit reads, for as long as it runs; Chainlit must not be imported yet.

    Chainlit keeps the files of open chats there, in ``.files``. Neither holds anything else of anybody's.

    Raises:
        ConfigError: the user's cache cannot be written.
    """
    with ExitStack() as stack:
        try:
            folder = stack.enter_context(temporary_folder("chat"))
            _prepare(folder)
        except OSError as exc:
            raise ConfigError(f"cannot write to the user's cache: {exc.strerror}: {exc.filename!r}") from exc
        yield folder


def _prepare(folder: Path) -> None:
    """Fill ``folder`` with what Chainlit reads, and point Chainlit at it."""
    translations = folder / ".chainlit" / "translations"
    translations.mkdir(parents=True)
    shutil.copyfile(str(files("ui.chat") / "chainlit.toml"), folder / ".chainlit" / "config.toml")
    (translations / "en-US.json").write_text(json.dumps(_wording()), encoding="utf-8")
    (folder / ".files").mkdir(mode=0o700)
    os.environ["CHAINLIT_APP_ROOT"] = str(folder)
    logging.getLogger("chainlit").setLevel(logging.ERROR)  # it warns of optional files that we do without


def _wording() -> dict[str, Any]:
    """Chainlit's English words with ours in the two places where they speak of the answers."""
    spec = find_spec("chainlit")  # finds without importing
    if spec is None or spec.origin is None:
        raise ConfigError("the package chainlit is not installed; install pincite with all its dependencies")
    path = Path(spec.origin).parent / "translations" / "en-US.json"
    words: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    words["chat"]["watermark"] = _FOOTNOTE
    words["chat"]["input"]["placeholder"] = _PLACEHOLDER
    return words
