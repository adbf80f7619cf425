"""Every entry of every file of words does what the examples beside it say."""

import re
import sys
from pathlib import Path

import pytest

from rag.phrases import Phrases

ROOT = Path(__file__).resolve().parents[2]
FILES = [
    file
    for house in ("rag", "ingest", "ui", "evals", "models")
    for file in sorted((ROOT / house).rglob("*.toml"))
    if file.name not in {"chainlit.toml", "config.toml"}
]


def phrases(file):
    return Phrases(".".join(file.parent.relative_to(ROOT).parts), file.name)


def below(table, name=""):
    """The entries of a table and of those in it, by their full names."""
    if "words" in table or "pattern" in table:
        yield name, table
    else:
        for key, inner in table.items():
            if isinstance(inner, dict):
                yield from below(inner, f"{name}.{key}".lstrip("."))


def entries():
    for file in FILES:
        held = phrases(file)
        for name, entry in below(held.entries):
            yield pytest.param(held, name, entry, id=f"{file.stem}-{name}")


def finder(held, name, entry):
    source = f"(?:{held.source(name)})"
    if "words" in entry:
        source = rf"(?<!\w){source}(?!\w)"
    return re.compile(source, 0 if entry.get("case") else re.IGNORECASE)


@pytest.mark.parametrize(("held", "name", "entry"), list(entries()))
def test_an_entry_finds_its_examples_and_not_the_others(held, name, entry):
    find = finder(held, name, entry)
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
    monkeypatch.delitem(sys.modules, "spoken", raising=False)
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


def test_words_may_stand_under_what_they_mean_and_patterns_under_their_weight(tmp_path, monkeypatch):
    held = written(
        tmp_path,
        monkeypatch,
        """
[numbers]
2 = "two twice"
"0.5" = ["half", "half of"]
[cues.praise]
weight = 0.7
pattern = 'best\\b'
""",
    )
    assert held.meanings("numbers") == {"two": "2", "twice": "2", "half": "0.5", "half of": "0.5"}
    assert held.groups("numbers")["2"] == {"two", "twice"}
    ((weight, cue),) = held.weighted("cues")
    assert (weight, bool(cue.search("the best"))) == (0.7, True)
