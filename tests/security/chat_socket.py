"""A chat in a process of its own, and who talks to it as its page does: over HTTP, and by the socket."""

import asyncio
import contextlib
import re
import signal
import socket
import sys
import time
import urllib.request
from pathlib import Path
from uuid import uuid4

import pytest
import socketio
from killing import END_S, environment, heed_interrupts

RUN = "import sys; from ui.cli.__main__ import main; sys.exit(main())"
START_S = 300  # the sample collection is built on first use, and strace slows everything


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def fetched(url):
    with urllib.request.urlopen(url, timeout=30) as answer:
        return answer.read().decode(errors="replace")


def wait_until_up(url, process):
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        assert process.poll() is None, process.stdout.read().decode()
        with contextlib.suppress(OSError):
            return fetched(f"{url}/healthz")
        time.sleep(0.2)
    return pytest.fail("the chat did not come up")


def load_page(url):
    """What a browser loads: the page, and what it is made of."""
    page = fetched(f"{url}/")
    parts = re.findall(r'(?:src|href)="(/[^"]+)"', page)
    assert parts
    for path in [*parts, "/project/settings?language=en-US", "/project/translations?language=en-US"]:
        fetched(url + path)


class Chat:
    """A chat in a process of its own; killed when the context is left, if it still runs then.

    Args:
        folder: holds the home, and is the current folder.
        variables: of the environment.
    """

    def __init__(self, folder, **variables):
        self._folder = folder
        self._log = Path(f"{folder}.err")
        self._variables = variables
        self._port = free_port()

    async def __aenter__(self):
        command = ["chat", "--headless", "--port", str(self._port), "--home", str(self._folder / "home")]
        with self._log.open("wb") as err:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-c", RUN, *command),
                cwd=self._folder,
                env=environment(self._folder, **self._variables),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=err,
                preexec_fn=heed_interrupts,
            )
        try:
            async with asyncio.timeout(END_S):
                up = await self._process.stdout.readline()
            assert b"pincite answers at" in up, self.said()
        except BaseException:
            await self.kill()
            raise
        return self

    async def __aexit__(self, *_):
        await self.kill()

    def said(self):
        return self._log.read_text("utf-8")

    async def kill(self):
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        return await self._process.wait()

    async def end(self):
        """Ctrl-C."""
        self._process.send_signal(signal.SIGINT)
        async with asyncio.timeout(END_S):
            assert await self._process.wait() == 0, self.said()
        assert "Traceback" not in self.said()

    @contextlib.asynccontextmanager
    async def conversation(self):
        """A new chat in a tab of its own."""
        tab = Conversation()
        try:
            await tab.open(f"http://127.0.0.1:{self._port}")
            yield tab
        finally:
            await tab.close()

    async def answer(self, question):
        """The whole answer to a question that is asked in a new chat."""
        async with self.conversation() as tab:
            await tab.ask(question)
            async with asyncio.timeout(END_S):
                return await tab.answer()

    async def kill_while_answering(self, question, wait_s):
        """Kill so many seconds after the question; where that fell."""
        async with self.conversation() as tab:
            await tab.ask(question)
            await asyncio.sleep(wait_s)
            begun, ended = tab.heard("task_start"), tab.heard("task_end")
            assert await self.kill() == -signal.SIGKILL
        return "after the end" if ended else "at work" if begun else "before the first work"


class Conversation:
    """What the page does: it connects, asks, and puts together what comes; ``events`` holds all of that."""

    def __init__(self):
        self.events = []
        self._asked_at = 0
        self._idle = asyncio.Event()
        self._client = socketio.AsyncClient(reconnection=False)
        self._client.on("*", self._note)

    async def _note(self, event, *brought):
        self.events.append((event, *brought))
        if event == "task_end":
            self._idle.set()

    async def open(self, url):
        auth = {"sessionId": str(uuid4()), "clientType": "webapp", "userEnv": "{}", "threadId": ""}
        await self._client.connect(
            url,
            socketio_path="/ws/socket.io",
            auth=auth | {"chatProfile": "pincite"},
            transports=["websocket"],
            headers={"Origin": url},
        )
        await self._client.emit("connection_successful")
        async with asyncio.timeout(END_S):
            await self._idle.wait()

    async def ask(self, question):
        self._idle.clear()
        self._asked_at = len(self.events)
        message = {"id": str(uuid4()), "name": "user", "type": "user_message", "output": question}
        message["createdAt"] = "2030-01-01T00:00:00Z"
        await self._client.emit("client_message", {"message": message, "fileReferences": []})

    async def answer(self):
        """All messages of the assistant since the question, once it has nothing more to say."""
        await self._idle.wait()
        return answers(self.events[self._asked_at :])

    def heard(self, event):
        """Whether this has come since the question."""
        return any(name == event for name, *_ in self.events[self._asked_at :])

    async def close(self):
        await self._client.disconnect()


async def converse(url, *questions):
    """Ask the questions one after the other; every event that came: its name, and what it brought."""
    tab = Conversation()
    await tab.open(url)
    for question in questions:
        await tab.ask(question)
        await asyncio.wait_for(tab.answer(), 120)
    await tab.close()
    return tab.events


def answers(events):
    """What the chat said, in order; each answer as it was at last."""
    said = {}
    for _, *brought in events:
        for each in brought:
            if isinstance(each, dict) and each.get("type") == "assistant_message":
                said[each["id"]] = each["output"]
    return list(said.values())
