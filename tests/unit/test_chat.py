"""What `pincite chat` does before its page is up."""

import errno
import os
import socket

import pytest

from rag.errors import ConfigError
from ui import chat


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


def test_an_address_of_another_machine_cannot_be_listened_on(monkeypatch):
    def refuse(*_, **__):
        raise OSError(errno.EADDRNOTAVAIL, "Cannot assign requested address")

    monkeypatch.setattr(socket, "create_server", refuse)
    with pytest.raises(ConfigError, match=r"cannot listen on '192\.0\.2\.1', port 8000: Cannot assign"):
        chat._listen("192.0.2.1", 8000)


def test_the_folder_of_the_chat_holds_what_chainlit_reads(tmp_path):
    chat._prepare(tmp_path / "chat")
    config = (tmp_path / "chat" / ".chainlit" / "config.toml").read_text()
    words = (tmp_path / "chat" / ".chainlit" / "translations" / "en-US.json").read_text()
    assert 'name = "pincite"' in config
    assert "LLMs can make mistakes" not in words
    assert os.environ["CHAINLIT_APP_ROOT"] == str(tmp_path / "chat")


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "chat").write_text("a file where the folder should be")
    with pytest.raises(ConfigError, match=r"cannot write '.*chat': .*; choose another folder with --home"):
        chat._prepare(tmp_path / "chat")
