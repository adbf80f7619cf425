"""Drives the real chat: a process of its own, and a Chromium tab that notes all it does."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).resolve().parents[2]
OUTPUT = ROOT / "test-output"
START_S = 300  # the sample collection is built on first use
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def needs_chromium():
    if CHROMIUM is None:
        pytest.skip("needs Chromium (Debian: apt-get install chromium), which is not on the path")


def pincite(*arguments):
    """The command line of ``pincite`` with these arguments, run from this source tree."""
    return [
        sys.executable,
        "-c",
        "import sys; from ui.cli.__main__ import main; sys.exit(main())",
        *map(str, arguments),
    ]


def environment():
    own = {key: value for key, value in os.environ.items() if not key.startswith(("PINCITE_", "CHAINLIT_"))}
    return {**own, "PYTHONPATH": str(ROOT), "COLUMNS": "200"}


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


@dataclass
class Chat:
    """A running ``pincite chat``."""

    url: str
    port: int
    folder: Path
    process: subprocess.Popen

    @property
    def log(self):
        return (self.folder / "log").read_text()


@contextlib.contextmanager
def running_chat(folder, home, *arguments, ended_by=signal.SIGINT) -> Iterator[Chat]:
    """A chat on a free port, in an empty current folder; it must end cleanly and leave that folder empty."""
    port = free_port()
    command = pincite("chat", "--headless", "--port", port, "--home", home, *arguments)
    cwd = folder / "cwd"
    cwd.mkdir(parents=True)
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=cwd, env=environment(), stdout=log, stderr=subprocess.STDOUT)
    chat = Chat(f"http://127.0.0.1:{port}", port, folder, process)
    try:
        wait_until_healthy(chat)
        yield chat
        process.send_signal(ended_by)
        assert process.wait(20) == 0, chat.log
        assert "Traceback" not in chat.log
        assert list(cwd.iterdir()) == []
    finally:
        process.kill()
        process.wait()


def wait_until_healthy(chat):
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        assert chat.process.poll() is None, chat.log
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{chat.url}/healthz", timeout=5) as answer:
            assert answer.status == 200
            return
        time.sleep(0.2)
    pytest.fail(f"no chat after {START_S} s:\n{chat.log}")


@dataclass
class Tab:
    """A page of the chat, and what it asked for and complained about."""

    page: object
    foreign: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def note(self, url):
        parts = urlsplit(url)
        if parts.scheme not in {"data", "blob"} and parts.hostname != "127.0.0.1":
            self.foreign.append(url)

    def ask(self, question):
        """Ask, and return the last answer once it is complete."""
        answers = self.page.locator("[data-step-type=assistant_message]")
        before = answers.count()
        self.page.fill("#chat-input", question)
        self.page.click("#chat-submit:not([disabled])")
        last = answers.nth(before)
        last.locator("h6, .text-destructive-foreground").wait_for()
        return last

    def screenshot(self, name):
        OUTPUT.mkdir(exist_ok=True)
        self.page.wait_for_timeout(600)  # for transitions and the scroll to the question to end
        self.page.screenshot(path=OUTPUT / f"{name}.png")


def words(text):
    """Text with runs of whitespace made one space: what can be compared across line breaks."""
    return re.sub(r"\s+", " ", text).strip()
