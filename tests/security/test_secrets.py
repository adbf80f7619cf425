"""No key, password or token leaves pincite, though providers, proxies, stores and models repeat them."""

import asyncio
import io
import json
import logging
import os
import random
import re
import signal
import socket
import string
import subprocess
import sys
import threading
import time
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from chat_socket import answers, converse, free_port, wait_until_up
from scripted_model import Reply, ScriptedServer, problem

from ingest.sample_collection import ensure_sample
from rag import errors
from rag.build import build_encoder, build_model, build_reranker, know_secrets, load_settings, open_store
from rag.errors import ConfigError, PinciteError
from rag.models.language_model import Completion, Message, Request, Usage
from rag.models.llm.reply_cache import ReplyCache
from rag.types import Fingerprint
from rag.untrusted import masking
from rag.untrusted.masking import Veil, know, masked, masked_reply, scrub
from ui.cli.__main__ import main
from ui.safe import mask_logs

ROOT = Path(__file__).resolve().parents[2]
KEY = "sk-proj-Qz7fK2mW9xT4vB8nL1rY6dH3pJ5sG0aE"
OTHER = "AKx9Zb2+Lw7/Rt5Vq3Nc8Md1Hf6Gs4Jp0Ty"
PASSWORD = "Tr0ub4dor-and-3-more"
TOKEN = "tok_8Xv3Rj6Pw1Ls9Qm2"
SECRETS = (KEY, OTHER, PASSWORD, TOKEN)
ADDRESS = f"http://ada:{PASSWORD}@proxy.invalid/v1?token={TOKEN}"
TOLD = f"wrong key {KEY}, it is {KEY[:12]}...{KEY[-8:]}, also {KEY[:-1]} and {KEY[9:21]}; {OTHER}; {ADDRESS}"

FACT = "By how much does Quest speed up self-attention?"
QUOTE = "We show that Quest can achieve up to 2.23x self-attention speedup"
TRUE = "Quest can achieve up to 2.23x self-attention speedup."


def windows(secret, size=8):
    return {secret[start : start + size] for start in range(len(secret) - size + 1)}


WINDOWS = set().union(*map(windows, SECRETS))


PIECE = re.compile("|".join(map(re.escape, sorted(WINDOWS))))


def leaks(text):
    return sorted(set(PIECE.findall(text)))


def leaking_files(*folders):
    """Files with a piece of a secret in them, as text or in their name, below these folders.

    The stored papers are left out but for the collection's own small files: megabytes, and none of a test.
    """
    for folder in folders:
        for file in filter(Path.is_file, folder.rglob("*")):
            large = "segments" in file.parts or "wal" in file.parts
            if found := leaks(file.name + ("" if large else file.read_bytes().decode("latin-1"))):
                yield file.name, found


@pytest.fixture(autouse=True)
def _own_register():
    masking.forget()
    yield
    masking.forget()


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A home folder with the sample collection."""
    folder = tmp_path_factory.mktemp("home")
    asyncio.run(ensure_sample(load_settings(home=folder, collection="sample")))
    return folder


@pytest.fixture
def keys(monkeypatch, tmp_path):
    """The secrets where a user may have put them."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("PINCITE_", "OPENAI_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", OTHER)
    monkeypatch.setenv("HTTPS_PROXY", ADDRESS)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")

    def put(url="", name="openai/scripted", key="PINCITE_MODEL__API_KEY"):
        monkeypatch.setenv(key, KEY)
        monkeypatch.setenv("PINCITE_MODEL__NAME", name)
        monkeypatch.setenv("PINCITE_MODEL__RETRIES", "0")
        if url:
            monkeypatch.setenv("PINCITE_MODEL__API_BASE", url)

    return put


@pytest.fixture
def run(capsys):
    """Runs a command; the code, and all that it said, which has no secret in it."""

    def command(*arguments):
        capsys.readouterr()
        code = main(list(map(str, arguments)))
        out, err = capsys.readouterr()
        assert leaks(out + err) == []
        return code, out, err

    return command


def statements(*said):
    form = [{"text": text, "citations": [{"number": n, "quote": quote}]} for text, n, quote in said]
    return json.dumps({"statements": form})


# --- what a provider says reaches answers, files and the cache without it --------------------------

FAULTS = {
    "a wrong key": problem(401, TOLD, "invalid_api_key"),
    "a bad request": problem(400, TOLD),
    "forbidden": problem(403, TOLD),
    "not found": problem(404, TOLD),
    "a context that is too long": problem(400, f"maximum context length; {TOLD}", "context_length_exceeded"),
    "a rate limit": problem(429, TOLD, "rate_limit_exceeded"),
    "no quota": problem(429, TOLD, "insufficient_quota"),
    "a provider that is down": problem(503, TOLD),
    "a proxy that says it in no JSON": Reply(status=502, body=f"<html>{TOLD}</html>".encode()),
    "a proxy that answers for it": Reply(headers={"content-type": "text/html"}, body=TOLD.encode()),
    "a stream that breaks": Reply(TOLD, drop_after=4),
    "an end for a reason": Reply("", finish=TOLD),
    "a filter": Reply(TOLD, finish="content_filter"),
    "a reply of it": Reply(TOLD),
    "a reply in the form": Reply(statements((f"Quest needs {KEY}.", 1, QUOTE), (TRUE, 1, TOLD))),
    "a reply that is right and more": Reply(statements((TRUE, 1, QUOTE), (f"Its key is {TOLD}.", 1, QUOTE))),
    "a web page": Reply(f"<html>{TOLD}"),
}


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_no_answer_and_no_file_of_it_has_a_secret(keys, run, home, tmp_path, fault):
    files = [tmp_path / f"answer.{ending}" for ending in ("md", "bib", "ris", "csv", "json")]
    exports = [each for file in files for each in ("--export", file)]
    with ScriptedServer(lambda _: FAULTS[fault]) as server:
        keys(server.url)
        arguments = ("ask", FACT, "--home", home, "--collection", "sample")
        code, out, _ = run(*arguments, "--json", "--receipt", tmp_path / "receipt.json", *exports)
        assert server.requests
    assert code == 0
    assert json.loads(out)["statements"]
    assert all(file.stat().st_size for file in [*files, tmp_path / "receipt.json"])
    assert list(leaking_files(home, tmp_path)) == []


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["a wrong key", "a reply that is right and more"])
def test_what_a_person_reads_and_what_is_asked_again_has_no_secret(keys, run, home, tmp_path, fault):
    with ScriptedServer(lambda _: FAULTS[fault]) as server:
        keys(server.url)
        asked = run("ask", FACT, "--home", home, "--collection", "sample", "--receipt", "receipt.json")
        assert (asked[0], "These are quotes" in asked[1]) == (0, fault == "a wrong key")
        assert run("replay", "receipt.json", "--home", home)[0] in {0, 1}
    assert list(leaking_files(home, tmp_path)) == []


@pytest.mark.slow
@pytest.mark.parametrize("key", ["OPENAI_API_KEY", "PINCITE_MODEL__API_KEY"])
def test_a_batch_has_no_secret_wherever_the_key_was_set(keys, run, home, tmp_path, key):
    (tmp_path / "in.jsonl").write_text(json.dumps({"id": "q1", "question": FACT}))
    with ScriptedServer(lambda _: FAULTS["a wrong key"]) as server:
        keys(server.url, key=key)
        run("ask", "--batch", "in.jsonl", "--out", "out.jsonl", "--home", home, "--collection", "sample")
    (line,) = (tmp_path / "out.jsonl").read_text().splitlines()
    assert "wrong key ***" in json.loads(line)["note"]
    assert list(leaking_files(home, tmp_path)) == []


@pytest.mark.slow
def test_a_provider_that_is_asked_by_a_fallback_and_what_is_logged_of_it(
    keys, run, home, monkeypatch, caplog
):
    with ScriptedServer([FAULTS["a wrong key"], statements((TRUE, 1, QUOTE))]) as server:
        keys(server.url)
        monkeypatch.setenv("PINCITE_MODEL__FALLBACKS", '["openai/other"]')
        monkeypatch.setenv("PINCITE_MODEL__CACHE", "false")
        with caplog.at_level(logging.DEBUG, "rag"):
            code, out, _ = run("ask", FACT, "--json", "--home", home, "--collection", "sample")
    assert (code, json.loads(out)["statements"][0]["text"]) == (0, TRUE)
    assert "asking the next model" in caplog.text
    assert leaks(caplog.text) == []


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["a wrong key", "a reply in the form"])
def test_rows_of_an_evaluation_have_no_secret(keys, run, home, tmp_path, fault):
    with ScriptedServer(lambda _: FAULTS[fault]) as server:
        keys(server.url)
        code, _, _ = run(
            *("eval", "run", "--suite", "dev", "--limit", 2, "--home", home, "--out", "run.jsonl"),
            *("--model", "openai/scripted", "--judge", "openai/scripted"),
        )
        assert server.requests
    assert code in {0, 3, 4}  # whatever the scores are, there is a row for each case
    assert len((tmp_path / "run.jsonl").read_text().splitlines()) > 2
    assert list(leaking_files(home, tmp_path)) == []


def test_the_doctor_shows_none(keys, run, tmp_path, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        keys(f"http://ada:{PASSWORD}@127.0.0.1:{port}/v1?token={TOKEN}")
        monkeypatch.setenv("PINCITE_STORE__URL", f"http://{TOKEN}@127.0.0.1:{port}/?api-key={OTHER}")
        monkeypatch.setenv("PINCITE_STORE__TIMEOUT_S", "1")
        for more in ((), ("--json",)):
            _, out, _ = run("doctor", "--reach", "--home", tmp_path / "home", "--collection", "mine", *more)
            assert f"***@127.0.0.1:{port}" in out


# --- stores, rerankers, encoders -------------------------------------------------------------------


class Echo(ThreadingHTTPServer):
    """Answers each request with a status and all that it was sent."""

    daemon_threads = True

    def __init__(self, status, form="json"):
        self.asked = []
        super().__init__(("127.0.0.1", 0), self._handler(status, form))
        self.address = f"127.0.0.1:{self.server_port}"

    def __enter__(self):
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()

    def _handler(self, status, form):
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self.rfile.read(int(self.headers.get("content-length") or 0))
                server.asked.append(self.path)
                heard = f"{self.path} {' '.join(self.headers.values())} {TOLD}"
                error = {"status": {"error": heard}, "error": {"message": heard}, "message": heard}
                body = (json.dumps(error) if form == "json" else heard).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_PUT = do_GET  # noqa: N815

            def log_message(self, *_):
                pass

        return Handler


@pytest.mark.usefixtures("keys")
@pytest.mark.parametrize("form", ["json", "text"])
@pytest.mark.parametrize("status", [200, 400, 401, 404, 500])
def test_the_store_s_address_and_key_are_in_no_error_and_no_traceback(run, home, monkeypatch, status, form):
    with Echo(status, form) as server:
        monkeypatch.setenv("PINCITE_STORE__URL", f"http://ada:{PASSWORD}@{server.address}/?token={TOKEN}")
        monkeypatch.setenv("PINCITE_STORE__API_KEY", KEY)
        code, out, err = run("ask", FACT, "--collection", "mine", "--home", home, "--debug")
        assert server.asked
    assert (code, out) == (2 if status == 401 else 3, "")
    assert "Traceback" in err
    assert "***" in err


def test_a_store_that_is_not_there_is_named_without_its_password(keys, run, home, monkeypatch):
    url = f"http://ada:{PASSWORD}@127.0.0.1:{free_port()}/?token={TOKEN}"
    monkeypatch.setenv("PINCITE_STORE__URL", url)
    code, _, err = run("papers", "--collection", "mine", "--home", home, "--debug")
    assert code == 3
    assert "http://***@127.0.0.1" in err


def chain(exc):
    """All that a traceback of somebody else's would print of an exception."""
    return "".join(traceback.format_exception(exc))


ASK = {
    "model": lambda to: build_model(to).complete(Request((Message("user", "hello"),), "test/1")),
    "reranker": lambda to: build_reranker(to).score("query", ["text"]),
    "encoder": lambda to: asyncio.to_thread(build_encoder, to),
    "store": lambda to: open_store(to, Fingerprint("e", 2, "c"), create=False),
}


@pytest.mark.parametrize("status", [400, 401, 429, 500])
@pytest.mark.parametrize("kind", ASK)
async def test_who_uses_the_library_finds_none_in_the_whole_chain_of_an_error(
    keys, monkeypatch, status, kind
):
    with Echo(status) as server:
        keys(f"http://{server.address}/v1")
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        monkeypatch.setenv("OPENAI_API_BASE", f"http://{server.address}/v1")
        monkeypatch.setenv("PINCITE_RERANKER__API_KEY", OTHER)
        monkeypatch.setenv("PINCITE_RERANKER__API_BASE", f"http://{server.address}")
        monkeypatch.setenv("PINCITE_RERANKER__NAME", "litellm/cohere/scripted")
        monkeypatch.setenv("PINCITE_ENCODER__NAME", "litellm/openai/scripted")
        url = f"http://ada:{PASSWORD}@{server.address}/?token={TOKEN}"
        settings = load_settings(collection="mine", store={"url": url, "api_key": KEY})
        with pytest.raises(PinciteError) as caught:
            await ASK[kind](settings)
        assert server.asked
    assert leaks(chain(caught.value)) == []
    assert "***" in str(caught.value)


def test_settings_that_cannot_be_read_are_told_without_secrets(keys, run, monkeypatch, tmp_path):
    keys()
    monkeypatch.setenv(
        "PINCITE_MODEL", json.dumps({"apikey": OTHER, "passphrase": PASSWORD, "api_key": [KEY]})
    )
    monkeypatch.setenv("PINCITE_STORE__TIMEOUT_S", f"http://ada:{PASSWORD}@host")
    code, _, err = run("ask", FACT, "--debug")
    assert code == 2
    assert "Traceback" in err
    assert "store__timeout_s" in err


def test_every_error_of_ours_is_without_the_keys_that_are_known():
    know([KEY])
    kinds = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, Exception)]
    assert len(kinds) > 10
    for kind in kinds:
        assert str(kind(f"see {KEY}, {KEY[:12]}…")) == "see ***, ***…"
    assert errors.BadCompletion("bad", KEY).raw == "***"


# --- the chat ----------------------------------------------------------------------------------------

FAILING = f"""
import sys
from rag.assistant import Assistant
from rag.errors import StoreUnavailable
told, asked = {TOLD!r}, Assistant.ask

async def ask(self, question, *arguments, **options):
    if "store" in question:
        raise StoreUnavailable("the store failed: " + told)
    if "bug" in question:
        raise RuntimeError("a bug: " + told)
    return await asked(self, question, *arguments, **options)

Assistant.ask = ask
from ui.cli.__main__ import main
sys.exit(main())
"""


@pytest.mark.slow
def test_neither_the_page_nor_the_log_of_the_chat_has_a_secret(keys, home):
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with ScriptedServer(lambda _: FAULTS["a wrong key"]) as server:
        keys(server.url)
        process = subprocess.Popen(
            [sys.executable, "-c", FAILING, "chat", "--headless", "--port", str(port), "--home", str(home)],
            env=os.environ | {"PYTHONPATH": str(ROOT), "PINCITE_COLLECTION": "sample"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        try:
            wait_until_up(url, process)
            events = asyncio.run(converse(url, FACT, "the store", "a bug"))
        finally:
            process.send_signal(signal.SIGINT)
            log = process.communicate(timeout=60)[0].decode()
    said = answers(events)
    assert "These are quotes" in said[0]
    assert "wrong key" in said[1]
    assert "Something went wrong" in said[2]
    assert "RuntimeError: a bug: wrong key ***" in log
    assert leaks(json.dumps(events) + log) == []


# --- logs ----------------------------------------------------------------------------------------------


class Foreign(Exception):
    """As providers' libraries make them: what they say is in attributes."""

    def __init__(self, message, body):
        super().__init__(message)
        self.message, self.content, self.source = message, body, ValueError(message)
        self.add_note(message)

    def __str__(self):
        return f"{self.message} {self.content!r} {self.source}"


def fail():
    try:
        refuse()
    except Foreign as exc:
        raise RuntimeError(TOLD) from exc


def refuse():
    raise Foreign(TOLD, TOLD.encode())


@pytest.fixture
def log():
    """What handlers of the usual form write."""
    before = logging.getLogRecordFactory()
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    logger = logging.getLogger("foreign")
    logger.addHandler(handler)
    mask_logs()
    yield logger, written
    logger.removeHandler(handler)
    logging.setLogRecordFactory(before)


def test_a_library_that_logs_a_key_logs_none(log):
    logger, written = log
    know(SECRETS)
    logger.error("sent %s to %s", KEY, {"url": ADDRESS})
    try:
        fail()
    except RuntimeError:
        logger.exception("failed: %r", TOLD)
    said = written.getvalue()
    assert leaks(said) == []
    assert "sent *** to {'url': 'http://***@proxy.invalid" in said
    assert "Traceback" in said
    assert "RuntimeError: wrong key ***" in said


def test_a_line_that_is_no_secret_is_logged_as_it_is(log):
    logger, written = log
    logger.error("%d of %s", 3, "four")
    logger.error("no arguments: 100%")
    assert written.getvalue() == "3 of four\nno arguments: 100%\n"


# --- masking by itself -----------------------------------------------------------------------------------


def test_what_is_known_is_masked_whole_and_in_pieces_of_eight_or_more():
    know([KEY])
    assert masked(f"a {KEY} b {KEY[:8]} c {KEY[-8:]} d {KEY[5:30]}") == "a *** b *** c *** d ***"
    assert masked(f"{KEY[:7]} {KEY[-7:]}") == f"{KEY[:7]} {KEY[-7:]}"
    assert masked(f"'{KEY}'{KEY}") == "'***'***"


def test_a_key_in_an_address_or_in_json_is_masked_as_it_is_written_there():
    know([OTHER])
    assert masked(OTHER.replace("+", "%2B").replace("/", "%2F")) == "***"
    assert masked(OTHER.replace("/", "\\/")) == "***"


def test_a_short_key_is_masked_where_it_stands_alone_and_no_word_is():
    know(["s3cr3t", "none", "k"])
    assert masked("refused s3cr3t, none, k; s3cr3ts") == "refused ***, none, k; s3cr3ts"


def test_prose_keeps_its_words_though_a_key_is_made_of_them():
    know(["no-key-required", "anything", KEY])
    reply = "Anything is required; anything else, REQUIRED: no key."
    assert masked_reply(reply) == reply
    assert masked_reply("send no-key-required or " + KEY) == "send *** or ***"
    assert masked("send anything") == "send ***"


def test_prose_keeps_its_addresses():
    reply = "See https://example.org/x?id=3&page=12 and mail@example.org."
    assert masked_reply(reply) == reply


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 9, 50])
def test_a_reply_that_comes_in_pieces_is_masked_as_one_that_comes_whole(size):
    know([*SECRETS, "anything"])
    text = f"so {TOLD} and anything {KEY[:7]} {KEY}{KEY[:20]}. sk-proj sk-pro"
    veil = Veil()
    pieces = [veil(text[start : start + size]) for start in range(0, len(text), size)]
    assert "".join([*pieces, veil.rest()]) == masked_reply(text)
    assert leaks(masked_reply(text)) == []
    assert all(leaks(piece) == [] for piece in pieces)


def test_pieces_that_are_no_key_are_held_back_no_longer_than_it_takes_to_see_that():
    know([KEY])
    veil = Veil()
    assert veil("sk-proj") == ""
    assert veil("ects are fine. ") == "sk-projects are fine. "


def test_a_reply_that_was_kept_before_the_key_was_known_is_given_without_it(tmp_path):
    cache = ReplyCache(tmp_path)
    cache.put("request", Completion(f"the key is {KEY}", "m", Usage()))
    know([KEY])
    assert cache.get("request").text == "the key is ***"
    cache.close()


def test_a_foreign_exception_is_scrubbed_with_all_that_it_came_from():
    know(SECRETS)
    with pytest.raises(RuntimeError) as caught:
        fail()
    scrub(caught.value)
    assert leaks(chain(caught.value)) == []
    caught.value.__cause__.__cause__ = caught.value  # a ring
    scrub(caught.value)


ENVIRONMENT = {
    "OPENAI_API_KEY": True,
    "HF_TOKEN": True,
    "AWS_SECRET_ACCESS_KEY": True,
    "AWS_ACCESS_KEY_ID": True,
    "AZURE_CLIENT_SECRET": True,
    "WATSONX_ZENAPIKEY": True,
    "PGPASSWORD": True,
    "MODEL__MAX_TOKENS": False,
    "KEYBOARD": False,
    "PWD": False,
}


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_variables_of_the_environment_are_secrets_by_their_name(monkeypatch, name):
    monkeypatch.setenv(name, KEY)
    know_secrets()
    assert (masked(KEY) == "***") is ENVIRONMENT[name]


def test_the_name_of_a_file_and_a_short_value_are_no_secrets(monkeypatch, tmp_path):
    (tmp_path / "id").write_text("")
    monkeypatch.setenv("SSH_KEY", str(tmp_path / "id"))
    monkeypatch.setenv("SOME_TOKEN", "short_1")
    know_secrets()
    assert masked(f"{tmp_path} short_1") == f"{tmp_path} short_1"


def test_the_date_of_an_api_in_its_address_is_no_secret():
    load_settings(model={"api_base": f"https://host/v1?api-version=2024-10-21&key={TOKEN}"})
    assert masked_reply(f"On 2024-10-21, {TOKEN}") == "On 2024-10-21, ***"


HARD = {
    "words": lambda: " ".join(
        "".join(random.Random(7).choices(string.ascii_lowercase, k=6)) for _ in range(70_000)
    ),
    "the key again and again": lambda: KEY * 25_000,
    "its beginning again and again": lambda: KEY[:7] * 70_000,
    "addresses that do not end": lambda: "://" * 170_000,
    "queries that do not end": lambda: "?" * 500_000,
    "queries of queries": lambda: "?a&" * 170_000,
    "users": lambda: "://a@" * 100_000,
}


@pytest.mark.parametrize("text", HARD)
def test_a_megabyte_takes_twice_as_long_as_half_of_it(text):
    know(SECRETS)
    half = HARD[text]()[:500_000]

    def seconds(mask, long):
        started = time.perf_counter()
        mask(long)
        return time.perf_counter() - started

    for mask in (masked, masked_reply):
        assert seconds(mask, 2 * half) < 10 * min(seconds(mask, half) for _ in range(2)) + 0.5


@pytest.mark.parametrize("wrong", ["a mailbox: ada@example.org", "a ratio 3:1", "x?y z=1", ""])
def test_what_is_no_address_and_no_secret_stays(wrong):
    know(SECRETS)
    assert masked(wrong) == wrong


def test_an_address_that_is_none_is_told_without_its_password(keys, run, home, monkeypatch):
    monkeypatch.setenv("PINCITE_STORE__URL", f"ftp://ada:{PASSWORD}@host/?token={TOKEN}")
    with pytest.raises(ConfigError) as caught:
        asyncio.run(open_store(load_settings(collection="mine"), Fingerprint("e", 2, "c"), create=False))
    assert leaks(chain(caught.value)) == []
    assert run("ask", FACT, "--collection", "mine", "--home", home, "--debug")[0] == 2
