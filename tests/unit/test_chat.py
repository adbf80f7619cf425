"""What `pincite chat` does before its page is up."""

import errno
import os
import re
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from rag import files
from rag.build import load_settings
from rag.errors import ConfigError
from ui.chat import server as chat


@pytest.fixture(autouse=True)
def keep_environment(monkeypatch):
    """`_prepare` points Chainlit at its folder by environment variables; each is put back."""
    for name in ("CHAINLIT_APP_ROOT", "CHAINLIT_ENV_FILE", "TRACELOOP_TELEMETRY", "OTEL_SDK_DISABLED"):
        monkeypatch.setenv(name, "")


def test_a_taken_port_is_a_configuration_error_that_names_the_way_out():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ConfigError, match=f"port {port} is taken by another program; .* --port"):
            chat._listen("127.0.0.1", port)


def test_an_address_that_cannot_be_listened_on_is_named(monkeypatch):
    def refuse(*_, **__):
        raise OSError(errno.EADDRNOTAVAIL, "Cannot assign requested address")

    monkeypatch.setattr(socket, "create_server", refuse)
    with pytest.raises(ConfigError, match=r"cannot listen on '127\.0\.0\.9', port 8000: Cannot assign"):
        chat._listen("127.0.0.9", 8000)


@pytest.fixture
def listened(monkeypatch):
    """Addresses that were listened on; nothing is."""
    addresses = []
    monkeypatch.setattr(socket, "create_server", lambda address, **_: addresses.append(address))
    return addresses


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "10.0.0.5", "fe80::1", "2001:db8::1", "0"])
def test_an_address_that_other_machines_reach_is_refused_with_the_way_in(listened, host):
    with pytest.raises(ConfigError, match=r"no sign-in; .*: ssh -L 8000:localhost:8000 ") as refused:
        chat._listen(host, 8000)
    assert "\n" not in str(refused.value)
    assert listened == []


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "localhost", "::1"])
def test_loopback_addresses_are_listened_on(listened, host):
    chat._listen(host, 8000)
    assert len(listened) == 1


def test_a_name_counts_as_the_address_it_stands_for(listened, monkeypatch):
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 8000))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(ConfigError, match="listening on 'localhost' would open the chat to other machines"):
        chat._listen("localhost", 8000)
    assert listened == []


def test_our_image_and_nothing_else_listens_on_all_addresses_of_its_network(listened, monkeypatch, tmp_path):
    assert f"touch {chat._CONTAINER_MARK}\n" in Path(__file__).parents[2].joinpath("Dockerfile").read_text()
    monkeypatch.setattr(chat, "_CONTAINER_MARK", tmp_path / "mark")
    with pytest.raises(ConfigError):
        chat._listen("0.0.0.0", 8000)
    (tmp_path / "mark").touch()
    chat._listen("0.0.0.0", 8000)
    assert listened == [("0.0.0.0", 8000)]
    for other in ("192.0.2.1", "::", "0"):
        with pytest.raises(ConfigError):
            chat._listen(other, 8000)


def test_no_setting_lets_other_machines_in(listened, monkeypatch):
    for name in ("PINCITE_CHAT__PUBLIC_HOST", "PINCITE_CONTAINER", "container", "DOCKER"):
        monkeypatch.setenv(name, "1")
    settings = load_settings(chat={"host": "0.0.0.0", "public_host": "papers.example"})
    with pytest.raises(ConfigError):
        chat.run_chat(settings, headless=True)
    assert listened == []


@pytest.mark.parametrize(
    ("host", "name"),
    [("127.0.0.1", "localhost"), ("::1", "localhost"), ("0.0.0.0", "localhost"), ("127.0.0.7", "127.0.0.7")],
)
def test_the_address_that_is_told_is_one_that_answers(capsys, host, name):
    chat._announce(load_settings(chat={"host": host}), headless=True)
    assert capsys.readouterr().out == f"pincite answers at http://{name}:8000 (Ctrl-C ends it)\n"


@pytest.mark.parametrize(
    "host", ["https://papers.example", "papers.example/x", "*", "a b", "x:y", ".example"]
)
def test_a_public_host_is_a_host(host):
    with pytest.raises(ConfigError, match="public_host"):
        load_settings(chat={"public_host": host})


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """The user's cache of pincite."""
    monkeypatch.setattr(files, "user_cache_path", lambda _: tmp_path / "cache")
    return tmp_path / "cache"


def test_the_folder_of_the_chat_holds_what_chainlit_reads_and_goes_with_it(cache):
    with chat.chainlit_folder() as folder:
        config = (folder / ".chainlit" / "config.toml").read_text()
        words = (folder / ".chainlit" / "translations" / "en-US.json").read_text()
        assert 'name = "pincite"' in config
        assert "LLMs can make mistakes" not in words
        assert os.environ["CHAINLIT_APP_ROOT"] == str(folder)
        for private in (folder, folder / ".files"):
            assert stat.S_IMODE(private.stat().st_mode) == 0o700
        assert list((folder / ".files").iterdir()) == []
        (folder / ".files" / "export").write_text("an answer")
    assert list((cache / "chat").iterdir()) == []


def test_what_a_killed_chat_has_left_is_removed_by_the_next(cache):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    (cache / "chat" / f"{gone.pid}-left" / ".files").mkdir(parents=True)
    with chat.chainlit_folder() as folder:
        assert list((cache / "chat").iterdir()) == [folder]


def test_two_chats_share_no_folder(cache):
    with chat.chainlit_folder() as one, chat.chainlit_folder() as other:
        assert one != other


def test_where_the_cache_cannot_be_written_the_place_is_named(cache):
    cache.write_text("a file in the way")
    with (
        pytest.raises(ConfigError, match="cannot write to the user's cache: .*cache"),
        chat.chainlit_folder(),
    ):
        pass


def test_what_compose_publishes_reaches_this_machine_only():
    compose = (Path(__file__).parents[2] / "docker-compose.yml").read_text()
    published = re.findall(r'^ +- "([\d.:]+:\d+)"$', compose, re.MULTILINE)
    assert "127.0.0.1:8000:8000" in published
    assert all(each.startswith("127.0.0.1:") for each in published)
