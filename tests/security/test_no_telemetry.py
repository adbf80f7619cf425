"""Nothing that pincite runs on reports home, asks the network, or leaves files where nobody expects them.

Commands run under strace, with a home and a cache folder of their own, in an environment that asks every
library for telemetry, and in a current folder whose `.env` asks for it again.
"""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from chat_socket import START_S, answers, converse, fetched, free_port, load_page, wait_until_up
from scripted_model import ScriptedServer
from strace_log import conversations, opened, stray, traced, why_not

from rag import telemetry

ROOT = Path(__file__).resolve().parents[2]
RUN = [sys.executable, "-c", "import sys; from ui.cli.__main__ import main; sys.exit(main())"]
IDLE_S = 60

ASKING_FOR_IT = {
    "ORT_DISABLE_TELEMETRY": "0",
    "LITELLM_LOCAL_MODEL_COST_MAP": "False",
    "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "False",
    "LITELLM_MODE": "DEV",
    "HF_HUB_DISABLE_TELEMETRY": "0",
    "DO_NOT_TRACK": "0",
    "OTEL_SDK_DISABLED": "false",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "http://192.0.2.1:4318",
    "FASTAPI_OTEL_AUTO_CONFIGURE": "true",
    "TRACELOOP_TELEMETRY": "true",
    "TRACELOOP_API_KEY": "key-of-a-tracer",
    "LITERAL_API_KEY": "key-of-a-tracer",
    "CHAINLIT_ENV_FILE": ".env",
}
"""192.0.2.1 is of no network: RFC 5737 keeps it for examples."""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    """Folders of one command, by its name."""
    if reason := why_not():
        pytest.skip(reason)

    def made(name):
        folder = tmp_path_factory.mktemp(name).resolve()
        found = SimpleNamespace(name=name, log=folder / "strace.log", pincite=folder / "pincite")
        for part in ("cwd", "home", "cache", "tmp"):
            (folder / part).mkdir()
            setattr(found, part, folder / part)
        return found

    return made


def environment(at, **more):
    kept = {key: os.environ[key] for key in ("PATH", "LANG", "LD_LIBRARY_PATH") if key in os.environ}
    own = {"HOME": at.home, "XDG_CACHE_HOME": at.cache, "TMPDIR": at.tmp}
    own |= {"PINCITE_HOME": at.pincite, "PYTHONPATH": ROOT}
    # Bytecode is Python's own business, and an installed program has it.
    every = kept | ASKING_FOR_IT | own | more | {"PYTHONDONTWRITEBYTECODE": "1"}
    return {key: str(value) for key, value in every.items()}


def start(at, *arguments, program=RUN, **variables):
    (at.cwd / ".env").write_text("".join(f"{key}={value}\n" for key, value in ASKING_FOR_IT.items()))
    command = [*program, *arguments]
    return traced(command, at.log, cwd=at.cwd, env=environment(at, **variables), stdin=subprocess.DEVNULL)


def finished(process, code=0):
    said = process.communicate(timeout=START_S)[0].decode()
    assert process.returncode == code, said
    return said


# --- the commands -------------------------------------------------------------------------------


def chat_for_a_minute(at):
    """A chat that is opened, asked one question, and then left alone."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    process = start(at, "chat", "--headless", "--port", port)
    try:
        wait_until_up(url, process)
        load_page(url)
        (said,) = answers(asyncio.run(converse(url, "What is Quest?")))
        asked = time.monotonic()
        yield said
        time.sleep(max(0.0, IDLE_S - (time.monotonic() - asked)))
        assert fetched(f"{url}/healthz")
    finally:
        process.send_signal(signal.SIGINT)
        finished(process)


@pytest.fixture(scope="module")
def commands(places):
    """The folders of each command, all of them run while the chat idles; and what they said."""
    at = {name: places(name) for name in ("chat", "ask", "ingest", "model")}
    paper = {"id": "p1", "title": "Paging the Cache", "abstract": "We page the cache of keys and values."}
    (at["ingest"].cwd / "papers.jsonl").write_text(json.dumps(paper))
    reply = {
        "statements": [{"text": "Quest selects.", "citations": [{"number": 1, "quote": "we propose Quest"}]}]
    }
    said = {}
    with ScriptedServer(lambda _: json.dumps(reply)) as server:
        idling = chat_for_a_minute(at["chat"])
        said["chat"] = next(idling)
        running = {
            "ask": start(at["ask"], "ask", "What is Quest?", "--receipt", "receipt.json"),
            "ingest": start(at["ingest"], "ingest", "papers.jsonl"),
            "model": start(
                *(at["model"], "ask", "What is Quest?", "--model", "anthropic/scripted"),
                PINCITE_MODEL__API_BASE=server.url,
                PINCITE_MODEL__API_KEY="swordfish",
                PINCITE_MODEL__FALLBACKS='["openai/scripted"]',
                PINCITE_MODEL__RETRIES="0",
            ),
        }
        said |= {name: finished(process) for name, process in running.items()}
        assert server.requests
        assert next(idling, None) is None
    return SimpleNamespace(at=at, said=said)


NAMES = ("chat", "ask", "ingest", "model")


@pytest.mark.parametrize("name", NAMES)
def test_a_command_does_what_it_is_for_while_it_is_watched(commands, name):
    expected = {"chat": "Quest", "ask": "Quest", "ingest": "1 paper", "model": "Quest"}
    assert expected[name] in commands.said[name]
    assert len(list(opened(commands.at[name].log, "/"))) > 100


@pytest.mark.parametrize("name", NAMES)
def test_a_command_talks_to_this_machine_alone(commands, name):
    assert list(conversations(commands.at[name].log)) == []


PROBE = re.compile(r"[a-z0-9_]{8}")
"""Where Python's tempfile is asked for the folder of temporary files (portalocker and litellm ask when they
are imported, and use it for nothing here), it writes four bytes under such a name and removes them."""


@pytest.mark.parametrize("name", NAMES)
def test_a_command_writes_where_it_says_and_nowhere_else(commands, name):
    at = commands.at[name]
    written = list(stray(at.log, at.cwd, at.pincite, at.cache / "pincite"))
    probes = [path for path in written if Path(path).parent == at.tmp and PROBE.fullmatch(Path(path).name)]
    assert len(probes) <= 1
    rest = [path for path in written if path not in probes]
    receipt = re.compile(re.escape(f"{at.cwd}/") + r"(receipt\.json|\.receipt\.json\.[\w-]+\.draft)")
    assert [path for path in rest if name != "ask" or not receipt.fullmatch(path)] == []
    assert [*at.home.iterdir(), *at.tmp.iterdir()] == []
    assert set(at.cache.iterdir()) <= {at.cache / "pincite"}


@pytest.mark.parametrize("name", NAMES)
def test_a_command_reads_no_env_file_of_the_current_folder(commands, name):
    at = commands.at[name]
    assert str(at.cwd / ".env") not in set(opened(at.log, at.cwd))


# --- the library --------------------------------------------------------------------------------

PACKAGES = ("rag", "ingest", "ui", "evals", "models")


@pytest.mark.parametrize("package", PACKAGES)
def test_each_package_switches_off_what_the_libraries_below_it_would_report(places, package):
    at = places(package)
    program = f"import {package}, json, os, sys; print(json.dumps([dict(os.environ), sorted(sys.modules)]))"
    environ, modules = json.loads(finished(start(at, program=[sys.executable, "-c", program])))
    assert telemetry.LIBRARIES.items() <= environ.items()
    heavy = {"onnxruntime", "litellm", "chainlit", "pydantic", "numpy"}
    assert heavy.isdisjoint(modules)


def test_a_program_that_opens_an_encoder_by_the_library_leaves_no_trace(places):
    at = places("library")
    program = """
from rag.models.encoders.onnx_encoder import shipped_encoder
from rag.settings import EncoderSettings
import time
print(shipped_encoder("", EncoderSettings(threads=1)).dimensions)
time.sleep(5)
"""
    assert finished(start(at, program=[sys.executable, "-c", program])) == "384\n"
    assert list(conversations(at.log)) == []
    assert list(stray(at.log, at.cwd)) == []


def test_switching_off_takes_less_than_a_millisecond(monkeypatch):
    for name in telemetry.LIBRARIES:
        monkeypatch.setenv(name, "before")
    started = time.perf_counter()
    telemetry.switch_off()
    assert time.perf_counter() - started < 0.001


def test_a_session_asks_a_runtime_that_was_imported_before_us_to_be_silent_too(monkeypatch):
    import onnxruntime

    from models import folder
    from rag.models.onnx import open_session

    asked = []
    monkeypatch.setattr(onnxruntime, "disable_telemetry_events", lambda: asked.append(1))
    open_session(folder("all-MiniLM-L6-v2") / "model.onnx", 1)
    assert asked == [1]


# --- the check itself ---------------------------------------------------------------------------

CAUGHT = {
    "a foreign address": "datagrams().connect(('192.0.2.1', 9))",
    "a foreign address of six": "datagrams(socket.AF_INET6).connect(('2001:db8::1', 9))",
    "a packet without a connection": "datagrams().sendto(b'', ('192.0.2.1', 9))",
    "a name server on this machine": "datagrams().sendto(b'', ('127.0.0.1', 53))",
    "a look-up of names": "open('/etc/resolv.conf').close()",
    "another program": "socket.socket(socket.AF_UNIX).connect('/var/run/nscd/socket')",
}


@pytest.mark.parametrize("case", CAUGHT)
def test_the_check_catches_whoever_looks_beyond_this_machine(places, case):
    at = places("caught")
    program = f"""
import contextlib, socket
def datagrams(family=socket.AF_INET):
    try:
        return socket.socket(family, socket.SOCK_DGRAM)
    except OSError:
        raise SystemExit(3)
with contextlib.suppress(OSError):
    {CAUGHT[case]}
"""
    process = start(at, program=[sys.executable, "-c", program])
    process.communicate()
    if process.returncode == 3:
        pytest.skip("needs sockets of IPv6, which this system makes none of")
    assert len(list(conversations(at.log))) == 1


WRITES = {
    "open('../stray', 'w').close()": "stray",
    "os.mkdir('../stray')": "stray",
    "os.open('stray', os.O_RDWR | os.O_CREAT, dir_fd=os.open('..', os.O_RDONLY))": "stray",
    "os.rename('.env', '../stray')": "stray",
    "os.symlink('.env', '../stray')": "stray",
    "(open('../stray', 'x').close(), os.unlink('../stray'))": "stray",
    "open(os.path.expanduser('~/.cache'), 'a').close()": "home/.cache",
}


@pytest.mark.parametrize("act", WRITES)
def test_the_check_catches_whoever_writes_elsewhere(places, act):
    at = places("writes")
    finished(start(at, program=[sys.executable, "-c", f"import os; {act}"]))
    assert list(stray(at.log, at.cwd, at.cwd)) == [str(at.cwd.parent / WRITES[act])]


def test_the_check_lets_loopback_and_own_places_pass(places):
    at = places("passes")
    program = (
        "import socket; server = socket.create_server(('127.0.0.1', 0)); "
        "socket.create_connection(server.getsockname()).sendall(b'x'); open('own', 'w').close(); "
        "open('/dev/null', 'w').close()"
    )
    finished(start(at, program=[sys.executable, "-c", program]))
    assert list(conversations(at.log)) == []
    assert list(stray(at.log, at.cwd, at.cwd)) == []
