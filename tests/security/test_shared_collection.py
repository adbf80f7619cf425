"""Reading a collection excludes nobody: commands beside each other, a writer and an open chat."""

import json
import os
import socket
import stat
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager, suppress

import pytest
from processes import copy_home

from rag.store.shard_owner import SOCKET

QUESTION = "which papers do KV cache compression?"
AT_ONCE = 16


def lines(*papers):
    return "".join(
        json.dumps(
            {"id": name, "title": f"{name} for bees", "abstract": f"We present {name}. It counts bees."}
        )
        + "\n"
        for name in papers
    )


@contextmanager
def open_chat(start, home, *arguments):
    """A chat on a free port; its process and address."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    process = start("chat", "--headless", "--port", port, "--home", home, *arguments)
    url = f"http://127.0.0.1:{port}"
    for _ in range(600):
        assert process.poll() is None, process.stderr.read()
        with suppress(OSError), urllib.request.urlopen(f"{url}/healthz", timeout=5):
            break
        time.sleep(0.1)
    yield process, url


def similar(url, paper):
    with urllib.request.urlopen(f"{url}/similar?paper={paper}", timeout=30) as reply:
        return json.load(reply)


def test_sixteen_simultaneous_questions_are_all_answered_alike(start, pincite, sample_home):
    alone = json.loads(pincite("ask", QUESTION, "--json", "--home", sample_home).stdout)
    running = [start("ask", QUESTION, "--json", "--home", sample_home) for _ in range(AT_ONCE)]
    outcomes = [(*process.communicate(timeout=300), process.returncode) for process in running]
    assert [(code, error) for _, error, code in outcomes] == [(0, b"")] * AT_ONCE
    answers = [json.loads(out) for out, _, _ in outcomes]
    assert all(answer["statements"] == alone["statements"] for answer in answers)


def test_commands_succeed_beside_an_open_chat_which_sees_new_papers(start, pincite, tmp_path):
    home, source = tmp_path / "home", tmp_path / "bees.jsonl"
    source.write_text(lines("Waggle", "Hive"))
    assert pincite("ingest", source, "--home", home).returncode == 0
    with open_chat(start, home) as (_, url):
        assert len(similar(url, "Waggle")) == 1
        source.write_text(lines("Waggle", "Hive", "Nectar"))
        for command in (["ingest", source], ["ask", "what is Nectar?"], ["search", "bees"], ["papers"]):
            outcome = pincite(*command, "--home", home)
            assert (outcome.returncode, outcome.stderr.replace("Ingesting into 'papers' …\n", "")) == (0, "")
        assert len(similar(url, "Waggle")) == 2


def test_a_reader_goes_on_when_the_chat_that_it_read_through_is_killed(start, pincite, sample_home):
    with open_chat(start, sample_home) as (process, _):
        process.kill()
        process.wait()
        assert pincite("ask", QUESTION, "--home", sample_home).returncode == 0


def test_the_owners_socket_is_for_its_user_alone_and_takes_no_garbage(start, pincite, sample_home):
    with open_chat(start, sample_home) as (_, url):
        address = sample_home / "collections" / "sample" / SOCKET
        assert stat.S_IMODE(address.stat().st_mode) == 0o600
        for garbage in (
            b"",
            b"\0" * 8,
            b"\xff" * 64,
            b"GET / HTTP/1.1\r\n\r\n",
            forged("close"),
            forged("__class__"),
        ):
            assert b'"result"' not in said_to(address, garbage)
        assert b'"result"' in said_to(address, forged("version"))
        assert pincite("ask", QUESTION, "--home", sample_home).returncode == 0
        assert urllib.request.urlopen(f"{url}/healthz", timeout=5).status == 200


def said_to(address, message):
    """What the owner answers; nothing where it hangs up."""
    with socket.socket(socket.AF_UNIX) as connection, suppress(ConnectionError):
        connection.connect(str(address))
        connection.sendall(message)
        connection.shutdown(socket.SHUT_WR)
        return connection.recv(10_000)
    return b""


def forged(call):
    text = json.dumps({"version": 1, "call": call, "with": []}).encode()
    return len(text).to_bytes(4, "big") + bytes(4) + text


def test_a_home_with_a_very_long_path_is_shared_too(start, pincite, tmp_path):
    home, source = tmp_path / ("long-" * 30) / "home", tmp_path / "bees.jsonl"
    home.parent.mkdir()
    source.write_text(lines("Waggle", "Hive"))
    cache = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    assert pincite("ingest", source, "--home", home, **cache).returncode == 0
    running = [start("ask", "what is Waggle?", "--home", home, **cache) for _ in range(4)]
    assert [process.wait(120) for process in running] == [0] * 4


@pytest.fixture
def read_only_home(sample_home, tmp_path):
    """A home with the sample on a disk that nobody can write to."""
    home = tmp_path / "home"
    copy_home(sample_home, home)
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("mounts a folder read-only, as root can on Linux")
    subprocess.run(["mount", "--bind", home, home], check=True)
    if subprocess.run(["mount", "-o", "remount,ro,bind", home], check=False).returncode:
        pytest.skip("a folder cannot be mounted read-only here")
    yield home
    subprocess.run(["umount", "-l", home], check=True)


def test_a_read_only_home_is_read_and_leaves_no_copy_behind(start, pincite, read_only_home, tmp_path):
    cache = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    outcome = pincite("ask", QUESTION, "--home", read_only_home, **cache)
    assert (outcome.returncode, outcome.stderr) == (0, "")
    assert "ClusterKV" in outcome.stdout
    copies = tmp_path / "cache" / "pincite" / "read-only"
    assert list(copies.iterdir()) == []
    running = [start("ask", QUESTION, "--home", read_only_home, **cache) for _ in range(3)]
    running[0].kill()  # leaves its copy, which the next command removes
    assert [process.wait(120) for process in running[1:]] == [0, 0]
    assert pincite("papers", "--home", read_only_home, **cache).returncode == 0
    assert list(copies.iterdir()) == []
