"""Every entry of every file of words does what the examples beside it say."""

import re
from pathlib import Path

import pytest

from rag.phrases import Phrases

ROOT = Path(__file__).resolve().parents[2]
FILES = [
    file
    for house in ("rag", "ingest", "ui", "evals")
    for file in sorted((ROOT / house).rglob("*.toml"))
    if file.name not in {"chainlit.toml", "config.toml"}
]


def phrases(file):
    return Phrases(".".join(file.parent.relative_to(ROOT).parts), file.name)


def entries():
    for file in FILES:
        held = phrases(file)
        for name, entry in held.entries.items():
            if "words" in entry or "pattern" in entry:
                yield pytest.param(held, name, id=f"{file.stem}-{name}")


def finder(held, name):
    entry = held.entries[name]
    source = f"(?:{held.source(name)})"
    if "words" in entry:
        source = rf"(?<!\w){source}(?!\w)"
    return re.compile(source, 0 if entry.get("case") else re.IGNORECASE)


@pytest.mark.parametrize(("held", "name"), entries())
def test_an_entry_finds_its_examples_and_not_the_others(held, name):
    entry, find = held.entries[name], finder(held, name)
    if not entry.get("part"):
        assert entry["matches"]
        assert entry["rejects"]
    assert [text for text in entry.get("matches", ()) if not find.search(text)] == []
    assert [text for text in entry.get("rejects", ()) if find.search(text)] == []


def written(tmp_path, monkeypatch, text):
    (tmp_path / "spoken").mkdir()
    (tmp_path / "spoken" / "__init__.py").touch()
    (tmp_path / "spoken" / "words.toml").write_text(text, "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    return Phrases("spoken", "words.toml")


def test_a_pattern_may_be_made_of_other_entries(tmp_path, monkeypatch):
    held = written(
        tmp_path,
        monkeypatch,
        """
[papers]
words = "paper papers"
[asks]
pattern = '''
    ^which\\s+
    {{papers}}\\b
'''
""",
    )
    assert held.pattern("asks").match("Which papers do it?")
    assert not held.pattern("asks").match("which paperbacks do it?")
    assert held.words("papers") == {"paper", "papers"}
