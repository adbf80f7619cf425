"""The questions of `questions.toml`, as parameters: ``text`` and, of a table, what is ``expected``."""

import tomllib
from pathlib import Path

import pytest

TABLES = tomllib.loads(Path(__file__).with_name("questions.toml").read_text("utf-8"))


def written(name):
    """A mark that runs a test for every entry of a table or list."""
    held = TABLES[name]
    if isinstance(held, dict):
        return pytest.mark.parametrize(("text", "expected"), held.items())
    return pytest.mark.parametrize("text", held)
