"""The prompts: versioned texts, one file each."""

from functools import cache
from importlib.resources import files


@cache
def prompt(name: str) -> str:
    """The text of a prompt by name and version, like "write/1"."""
    return (files(__package__) / f"{name.replace('/', '-')}.txt").read_text(encoding="utf-8").strip()
