"""Many clients at once: none holds up another, none waits for one that left, nothing is left at the end."""

import asyncio
import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from checks.load import User, load
from ui.chat.admission_queue import places

ROOT = Path(__file__).resolve().parents[2]
FULL = "You have 8 questions waiting; ask again when one is answered."
WITHIN_S = 60


class SlowChat:
    """A running chat whose assistant takes its time, and what it wrote."""

    def __init__(self, folder, seconds):
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self._log = folder / "log"
        program = [sys.executable, str(Path(__file__).with_name("slow_chat.py"))]
        ours = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PINCITE_", "CHAINLIT_"))
        }
        with self._log.open("w") as log:
            self.process = subprocess.Popen(
                [*program, str(folder / "home"), str(port), str(seconds)],
                cwd=folder,
                env=ours | {"PYTHONPATH": str(ROOT)},
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    @property
    def log(self):
        return self._log.read_text()

    def questions(self, what):
        """Those to which this happened, in order."""
        return re.findall(rf"^{what}\|([^|\n]*)", self.log, re.MULTILINE)

    def wait_until_up(self):
        deadline = time.monotonic() + WITHIN_S
        while time.monotonic() < deadline and self.process.poll() is None:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{self.url}/healthz", timeout=5):
                return
            time.sleep(0.1)
        pytest.fail(f"no chat:\n{self.log}")

    async def until(self, what, number):
        async with asyncio.timeout(WITHIN_S):
            while len(self.questions(what)) < number:  # noqa: ASYNC110 - another process says so
                await asyncio.sleep(0.02)

    def end(self):
        """Ask it to end, as Ctrl-C does; seconds it took."""
        started = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(WITHIN_S) == 0, self.log
        return time.monotonic() - started


@pytest.fixture
def chat_with(tmp_path):
    """Starts a chat whose answers take so many seconds; it must end cleanly and complain of nothing."""
    started = []

    def start(seconds):
        chat = SlowChat(tmp_path, seconds)
        started.append(chat)
        chat.wait_until_up()
        return chat

    yield start
    for chat in started:
        if chat.process.poll() is None:
            chat.end()
        for complaint in ("Traceback", "never retrieved", "was destroyed", "never awaited"):
            assert complaint not in chat.log, chat.log


@contextlib.asynccontextmanager
async def users(chat, number):
    opened = [User() for _ in range(number)]
    try:
        for user in opened:
            await user.connect(chat.url)
        yield opened
    finally:
        for user in opened:
            await user.leave()


async def heard(user, number):
    """What was said in so many messages, errors apart."""
    async with asyncio.timeout(WITHIN_S):
        steps = [await user.answer() for _ in range(number)]
    return (
        [step["output"] for step in steps if not step["isError"]],
        [step["output"] for step in steps if step["isError"]],
    )


async def test_150_open_questions_of_one_client_hold_up_another_by_at_most_one(chat_with):
    chat = chat_with(0.3)
    async with users(chat, 2) as (flood, other):
        for number in range(150):
            await flood.send(f"flood {number}")
        said, refused = await heard(flood, 120)
        before = len(chat.questions("began"))
        await other.send("other")
        assert len((await heard(other, 1))[0]) == 1
        assert chat.questions("began").index("other") <= before + 1
        more_said, more_refused = await heard(flood, 30)
    refused += more_refused
    answered = [name for name in chat.questions("answered") if name != "other"]
    assert set(refused) == {FULL}
    assert len(said + more_said) == len(answered) == 150 - len(refused) < 50
    assert answered == sorted(answered, key=lambda name: int(name.split()[1]))  # in the order asked


async def test_forty_clients_at_once_are_all_answered_by_as_many_places_as_there_are(chat_with):
    chat = chat_with(0.02)
    async with users(chat, 40) as asking:
        for number, user in enumerate(asking):
            await user.send(f"a {number}")
            await user.send(f"b {number}")
        for user in asking:
            said, refused = await heard(user, 2)
            assert (len(said), refused) == (2, [])
    at_once = most = 0
    for what in re.findall(r"^(began|answered)\|", chat.log, re.MULTILINE):
        at_once += 1 if what == "began" else -1
        most = max(most, at_once)
    assert most <= places(with_model=False)
    assert "began|b 7|after 1" in chat.log  # it leans on the answer before, sent while that was open


async def test_waiting_questions_of_a_client_that_left_are_never_answered(chat_with):
    chat = chat_with(0.5)
    async with users(chat, 2) as (gone, stays):
        for number in range(5):
            await gone.send(f"gone {number}")
        await chat.until("began", 1)
        await gone.leave()
        await asyncio.sleep(0.2)
        await stays.send("stays")
        assert len((await heard(stays, 1))[0]) == 1
        await stays.send("stays on")
        assert len((await heard(stays, 1))[0]) == 1
    assert chat.questions("began") == ["gone 0", "stays", "stays on"]


async def test_stop_ends_the_answer_and_what_waits_behind_it(chat_with):
    chat = chat_with(30)
    async with users(chat, 2) as (user, other):
        await user.send("long")
        await chat.until("began", 1)
        await user._client.emit("stop")
        await chat.until("stopped", 1)
        await other.send("other")
        await chat.until("began", 2)
    assert chat.questions("stopped")[:1] == ["long"]


async def test_ending_the_chat_halfway_through_answers_leaves_nothing_running(chat_with):
    chat = chat_with(30)
    async with users(chat, 5) as asking:
        for number, user in enumerate(asking):
            await user.send(f"a {number}")
            await user.send(f"b {number}")
        await chat.until("began", places(with_model=False))
        assert await asyncio.to_thread(chat.end) < 15
    assert sorted(chat.questions("stopped")) == sorted(chat.questions("began"))
    assert chat.questions("answered") == []


async def test_the_bench_counts_the_answers_of_its_users_apart_from_those_of_a_flood(chat_with):
    chat = chat_with(0.2)
    seen = await load(chat.url, users=3, each=2, flood=30, limit_s=WITHIN_S)
    assert (len(seen.seconds), seen.errors) == (6, [])
    assert max(seen.seconds) < seen.wall_s
    assert seen.flood_refused > 0
    assert seen.flood_answered < 20
    cut_off = await load(chat.url, users=1, each=9, flood=0, limit_s=0.3)
    assert cut_off.errors == ["not done after 0.3 s"]
