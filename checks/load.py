"""Measure the chat under load: `python -m checks.load`.

Starts `pincite chat` as a process of its own on loopback, with the sample collection, and lets many users
ask it at once through its socket, each one question after another. Prints errors, the time from sending a
question to its whole answer, answers a second, and what the chat's process took. With `--flood 150` one more
client asks so many questions all at once, and the times are those of the others. Seconds depend on the
machine and on what else it does: compare two versions by running them in turns.
"""

import argparse
import asyncio
import contextlib
import os
import platform
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import socketio
from rich.console import Console
from rich.table import Table
from socketio.exceptions import SocketIOError

from evals.cases.questions import CASES, read_cases
from evals.speed import QUESTION, percentile

FILES = ("dev.jsonl", "natural.jsonl", "heldout.jsonl")
"""Of questions to the sample collection: sets, facts, comparisons, and such as have no answer."""

START_S, STOP_S = 120, 30
KIB = 1 if sys.platform == "darwin" else 1024
"""Bytes in the unit that the system counts resident memory in."""


@dataclass
class Load:
    """What many users saw.

    Attributes:
        seconds: from sending a question to its whole answer, of every answered one.
        errors: what went wrong, one line each.
        wall_s: from the first question to the last answer.
        flood_answered: of the client that asked all at once: questions answered.
        flood_refused: of the same client: questions that were turned away.
    """

    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    wall_s: float = 0.0
    flood_answered: int = 0
    flood_refused: int = 0


class ResourceUsage(NamedTuple):
    """What the process of the chat took from its start to its end."""

    peak_mb: float
    cpu_s: float


class User:
    """One chat over the socket that the page uses."""

    def __init__(self) -> None:
        self._client = socketio.AsyncClient(reconnection=False)
        self._answers: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._client.on("new_message", self._heard)
        self._client.on("disconnect", self._lost)

    def _heard(self, step: dict[str, Any]) -> None:
        if step["type"] == "assistant_message":
            self._answers.put_nowait(step)

    def _lost(self, reason: str = "") -> None:
        self._answers.put_nowait({"isError": True, "output": f"the connection was lost: {reason}"})

    async def connect(self, url: str) -> None:
        """Open a new chat."""
        auth = {"clientType": "webapp", "sessionId": str(uuid4()), "threadId": "", "userEnv": "{}"}
        await self._client.connect(
            url, socketio_path="/ws/socket.io", transports=["websocket"], auth=auth, wait_timeout=60
        )
        await self._client.emit("connection_successful")

    async def send(self, question: str) -> None:
        """Ask, without waiting for the answer."""
        message = {"id": str(uuid4()), "name": "user", "type": "user_message", "output": question}
        payload = {"message": {**message, "createdAt": None, "threadId": ""}, "fileReferences": []}
        await self._client.emit("client_message", payload)

    async def answer(self) -> dict[str, Any]:
        """The next message that the chat sends."""
        return await self._answers.get()

    async def leave(self) -> None:
        """Close the connection."""
        await self._client.disconnect()


def questions(number: int) -> list[str]:
    """So many, no two alike as long as there are enough; the kinds are mixed as they stand in the files."""
    known = list(dict.fromkeys(case.question for name in FILES for case in read_cases(CASES / name)))
    random.Random(0).shuffle(known)  # noqa: S311 - repeatable, not secret
    return list(islice(cycle(known), number))


async def load(url: str, users: int, each: int, flood: int, limit_s: float) -> Load:
    """Have ``users`` ask ``each`` questions, and one more client ``flood`` questions at once."""
    seen = Load()
    asked = iter(questions(users * each + flood))
    async with _chats(url, users + bool(flood)) as chats:
        shares = [list(islice(asked, each)) for _ in range(users)]
        flooding = asyncio.create_task(_flood(chats[-1], list(asked), seen)) if flood else None
        started = time.perf_counter()
        try:
            async with asyncio.timeout(limit_s), asyncio.TaskGroup() as group:
                for chat, share in zip(chats, shares, strict=False):
                    group.create_task(_ask_in_turn(chat, share, seen))
        except TimeoutError:
            seen.errors.append(f"not done after {limit_s:g} s")
        seen.wall_s = time.perf_counter() - started
        if flooding is not None:
            flooding.cancel()
            await asyncio.wait([flooding])
    return seen


@asynccontextmanager
async def _chats(url: str, number: int) -> AsyncIterator[list[User]]:
    chats = [User() for _ in range(number)]
    try:
        for chat in chats:
            await chat.connect(url)
        yield chats
    finally:
        await asyncio.gather(*(chat.leave() for chat in chats), return_exceptions=True)


async def _ask_in_turn(chat: User, share: Sequence[str], seen: Load) -> None:
    for question in share:
        sent = time.perf_counter()
        try:
            await chat.send(question)
            step = await chat.answer()
        except SocketIOError as exc:  # sent after the connection was lost
            step = {"isError": True, "output": type(exc).__name__}
        if step.get("isError"):
            seen.errors.append(f"{question}: {step['output']}")
        else:
            seen.seconds.append(time.perf_counter() - sent)


async def _flood(chat: User, asked: Sequence[str], seen: Load) -> None:
    with contextlib.suppress(SocketIOError):  # that it is cut off is no error of the others
        for question in asked:
            await chat.send(question)
    while True:
        refused = (await chat.answer()).get("isError")
        seen.flood_refused += bool(refused)
        seen.flood_answered += not refused


@contextmanager
def running_chat(home: Path, usage: Callable[[ResourceUsage], None]) -> Iterator[str]:
    """The address of a chat on the sample collection; ``usage`` hears at the end what it took."""
    port = _free_port()
    command = [sys.executable, "-m", "ui.cli", "chat", "--headless", "--port", str(port), "--home", str(home)]
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen([*command, "--collection", "sample"], stdout=log, stderr=log)
        try:
            _wait_until_up(process, f"http://127.0.0.1:{port}/healthz")
            yield f"http://127.0.0.1:{port}"
            process.send_signal(signal.SIGINT)
            usage(_ended(process))
        except BaseException:
            process.kill()
            log.seek(0)
            print(log.read()[-2000:], file=sys.stderr)
            raise


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def _wait_until_up(process: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=5):  # noqa: S310 - our own
            return
        time.sleep(0.2)
    raise TimeoutError(f"no chat at {url} (exit code {process.poll()})")


def _ended(process: subprocess.Popen[bytes]) -> ResourceUsage:
    """What an ended process took; its exit code must be 0."""
    deadline = time.monotonic() + STOP_S
    while time.monotonic() < deadline:
        pid, status, took = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode:
                raise ChildProcessError(f"the chat ended with exit code {process.returncode}")
            return ResourceUsage(took.ru_maxrss * KIB / 2**20, took.ru_utime + took.ru_stime)
        time.sleep(0.05)
    raise TimeoutError(f"the chat did not end within {STOP_S} s")


def measure(home: Path, users: int, each: int, flood: int, limit_s: float) -> tuple[Load, ResourceUsage]:
    """One run on a chat that was just started; a question before it pays for lazy imports."""
    took: list[ResourceUsage] = []
    with running_chat(home, took.append) as url:
        seen = asyncio.run(_warmed_up(url, users, each, flood, limit_s))
    return seen, took[0]


async def _warmed_up(url: str, *what: Any) -> Load:  # noqa: ANN401 - as `load` takes them
    async with _chats(url, 1) as (chat,):
        await chat.send(QUESTION)
        await chat.answer()
    return await load(url, *what)


def figures(seen: Load, usage: ResourceUsage) -> dict[str, float]:
    """What is printed, by name."""
    times = seen.seconds or [float("nan")]
    return {
        "answered": len(seen.seconds),
        "errors": len(seen.errors),
        "p50_s": percentile(times, 0.5),
        "p95_s": percentile(times, 0.95),
        "answers_per_s": len(seen.seconds) / seen.wall_s,
        "flood_answered": seen.flood_answered,
        "flood_refused": seen.flood_refused,
        **usage._asdict(),
    }


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m checks.load", description="The chat under load.")
    parser.add_argument("--users", type=int, default=50, help="chats that ask at once (default 50)")
    parser.add_argument("--questions", type=int, default=4, help="questions of each (default 4)")
    parser.add_argument("--flood", type=int, default=0, help="questions one more client asks all at once")
    parser.add_argument("--limit", type=float, default=600, help="seconds after which it is cut off")
    parser.add_argument("--home", type=Path, help="folder of collections (default: one that is removed)")
    return parser.parse_args(given)


def main(given: Sequence[str] | None = None) -> int:
    """Measure and print; 1 if a user saw an error."""
    options = _arguments(given)
    with tempfile.TemporaryDirectory() as folder:
        home = options.home or Path(folder)
        command = [sys.executable, "-m", "ui.cli", "ask", QUESTION, "--home", str(home)]
        # In a process of its own: building the sample takes memory that is not the chat's.
        subprocess.run([*command, "--collection", "sample"], check=True, capture_output=True)
        seen, usage = measure(home, options.users, options.questions, options.flood, options.limit)
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}"
    table = Table("what", f"{options.users} users × {options.questions} questions", title=machine)
    for name, value in figures(seen, usage).items():
        table.add_row(name, f"{value:.2f}" if isinstance(value, float) else str(value))
    Console().print(table)
    for line in seen.errors[:5]:
        print(line)
    return 1 if seen.errors else 0


if __name__ == "__main__":
    sys.exit(main())
