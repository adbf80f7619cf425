"""Talks to a running chat as its page does: over HTTP, and by the socket."""

import asyncio
import contextlib
import re
import socket
import time
import urllib.request
import uuid

import pytest
import socketio

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


async def converse(url, *questions):
    """Ask the questions one after the other; every event that came: its name, and what it brought."""
    client = socketio.AsyncClient()
    events, over = [], asyncio.Event()

    async def note(event, *brought):
        events.append((event, *brought))
        if event == "task_end" and any(name == "task_start" for name, *_ in events):
            over.set()

    client.on("*", note)
    auth = {"clientType": "webapp", "sessionId": str(uuid.uuid4()), "threadId": "", "userEnv": "{}"}
    await client.connect(
        url,
        socketio_path="/ws/socket.io",
        auth=auth | {"chatProfile": "pincite"},
        transports=["websocket"],
        headers={"Origin": url},
    )
    await client.emit("connection_successful")
    for question in questions:
        over.clear()
        asked = {"id": str(uuid.uuid4()), "name": "user", "type": "user_message", "output": question}
        message = asked | {"createdAt": "2026-01-01T00:00:00Z"}
        await client.emit("client_message", {"message": message, "fileReferences": []})
        await asyncio.wait_for(over.wait(), 120)
    await client.disconnect()
    return events


def answers(events):
    """What the chat said, in order; each answer as it was at last."""
    said = {}
    for _, *brought in events:
        for each in brought:
            if isinstance(each, dict) and each.get("type") == "assistant_message":
                said[each["id"]] = each["output"]
    return list(said.values())
