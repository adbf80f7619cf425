"""Fixtures of the unit tier: commands run in this process, on a fake assistant."""

import pytest
from cli_driver import FakeAssistant, Outcome

from ui.cli.__main__ import main


@pytest.fixture
def commands_open(monkeypatch):
    """Has the commands of this test open what the given coroutine makes of their settings."""

    async def ensure_sample(settings, on_progress):
        return None

    def patch(open_assistant):
        monkeypatch.setattr("ui.session.open_assistant", open_assistant)
        monkeypatch.setattr("ui.session.ensure_sample", ensure_sample)

    return patch


@pytest.fixture
def assistant(commands_open):
    """The assistant that commands of this test open."""
    fake = FakeAssistant()

    async def open_assistant(settings):
        fake.opened += 1
        fake.settings = settings
        return fake

    commands_open(open_assistant)
    return fake


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    """Runs a command with a home of its own, far from any pincite.toml."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PINCITE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "100")

    def command(*arguments: str) -> Outcome:
        capsys.readouterr()
        code = main(arguments)
        return Outcome(code, *capsys.readouterr())

    return command
