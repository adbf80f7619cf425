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
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import typer
import uvicorn

from rag.errors import ConfigError
from rag.settings import Settings
from ui.admission_queue import THREADS
from ui.session import session

_PLACEHOLDER = "Ask about the papers…"
_FOOTNOTE = "Every sentence is quoted from an abstract and checked against it. Click a number to see where."


def run_chat(settings: Settings, *, headless: bool) -> None:
    """Serve the chat at ``settings.chat`` until it is told to stop (Ctrl-C or SIGTERM).

    Args:
        settings: the whole tree.
        headless: do not open a browser.

    Raises:
        ConfigError: the address or port cannot be used, or the chat's folder cannot be written.
        StoreError: the collection cannot be opened.
        ModelError: the encoder cannot be loaded.
        KeyboardInterrupt: interrupted before the page was up.
    """
    with _listen(settings.chat.host, settings.chat.port) as listener:
        _prepare(settings.home / "chat")
        signal.signal(signal.SIGINT, signal.default_int_handler)  # shells have background jobs ignore it
        signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
        asyncio.run(_serve(settings, listener, headless=headless))


async def _serve(settings: Settings, listener: socket.socket, *, headless: bool) -> None:
    # Asyncio's own default has as many threads as would make them wait for each other, each with memory.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS))
    async with session(settings) as assistant:
        from ui.app import build_app

        app = build_app(assistant, settings.collection)
        config = uvicorn.Config(
            app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=2
        )
        # In a task of its own: after Ctrl-C, uvicorn shuts down and raises the signal again, which cancels
        # what this waits for. Were it to cancel this task itself, closing the collection would be cut off.
        serving = asyncio.create_task(uvicorn.Server(config).serve(sockets=[listener]))
        _announce(settings, headless=headless)
        with contextlib.suppress(asyncio.CancelledError):
            await serving


def _announce(settings: Settings, *, headless: bool) -> None:
    host = "localhost" if settings.chat.host in {"0.0.0.0", "::", "127.0.0.1", "::1"} else settings.chat.host  # noqa: S104
    url = f"http://{host}:{settings.chat.port}"
    typer.echo(f"pincite answers at {url} (Ctrl-C ends it)")
    if not headless:
        # In a thread: a text browser would hold up the very server it waits for.
        threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()


def _listen(host: str, port: int) -> socket.socket:
    """A listening socket: browsers that come early wait in its queue."""
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address[:2], family=family)
    except OSError as exc:
        if exc.errno == errno.EADDRINUSE:
            raise ConfigError(f"port {port} is taken by another program; choose another with --port") from exc
        raise ConfigError(f"cannot listen on {host!r}, port {port}: {exc.strerror or exc}") from exc


def _prepare(folder: Path) -> None:
    """Fill ``folder`` with what Chainlit reads, and point Chainlit at it; it must not be imported yet.

    Raises:
        ConfigError: the folder cannot be written.
    """
    try:
        translations = folder / ".chainlit" / "translations"
        translations.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(str(files("ui") / "chainlit.toml"), folder / ".chainlit" / "config.toml")
        (translations / "en-US.json").write_text(json.dumps(_wording()), encoding="utf-8")
    except OSError as exc:
        raise ConfigError(
            f"cannot write {str(folder)!r}: {exc.strerror}; choose another folder with --home"
        ) from exc
    os.environ["CHAINLIT_APP_ROOT"] = str(folder)
    os.environ["CHAINLIT_ENV_FILE"] = os.devnull  # else it loads a .env of the current folder
    os.environ["TRACELOOP_TELEMETRY"] = "false"
    os.environ["OTEL_SDK_DISABLED"] = "true"
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
