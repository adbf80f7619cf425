"""What a person can get wrong at the command line: each ends in one line and the right exit code."""

import json

import pytest

PAPER = {"id": "p1", "title": "Quest", "abstract": "We propose Quest. It selects entries of the KV cache."}


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home"


def assert_one_line(outcome, code, *words):
    assert outcome.returncode == code, outcome
    assert outcome.stdout == ""
    assert outcome.stderr.startswith("pincite: ")
    assert outcome.stderr.count("\n") == 1, outcome.stderr
    assert len(outcome.stderr) < 500
    for word in words:
        assert word in outcome.stderr


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (None, "papers.jsonl"),
        (b"", "empty"),
        (b"\x00\x01\x02\xff\xfe" * 100, "papers.jsonl"),
        ("Café au lait\nA drink.\n".encode("latin-1"), "UTF-8"),
    ],
    ids=["missing", "empty", "binary", "Latin-1"],
)
def test_a_source_that_cannot_be_read_creates_nothing(pincite, home, tmp_path, content, word):
    source = tmp_path / "papers.jsonl"
    if content is not None:
        source.write_bytes(content)
    assert_one_line(pincite("ingest", source, "--home", home, "--collection", "mine"), 2, word)
    assert not home.exists()


def test_records_that_are_no_papers_are_named_and_the_others_can_be_asked(pincite, home, tmp_path):
    source = tmp_path / "papers.jsonl"
    source.write_bytes(
        json.dumps(PAPER).encode() + b'\n{"id": "p2"}\n{"id": "p3", "title": "caf\xe9"}\n{"id":'
    )
    outcome = pincite("ingest", source, "--home", home, "--collection", "mine", "--json")
    report = json.loads(outcome.stdout.splitlines()[-1])
    assert outcome.returncode == 1
    assert (report["papers"], len(report["skipped"])) == (1, 3)
    assert [f"pincite: line {n} is skipped: " in outcome.stderr for n in (2, 3, 4)] == [True] * 3
    assert "Traceback" not in outcome.stderr
    hits = json.loads(pincite("search", "KV cache", "--json", "--home", home, "--collection", "mine").stdout)[
        "hits"
    ]
    assert [hit["paper_id"] for hit in hits] == ["p1"]


def test_a_collection_that_does_not_exist_is_named(pincite, home):
    assert_one_line(
        pincite("ask", "why?", "--home", home, "--collection", "none"), 2, "'none'", "pincite ingest"
    )
    assert not home.exists()


@pytest.mark.parametrize("command", [("ask", "why?"), ("search", "why?"), ("papers",)])
def test_a_file_in_the_way_of_the_home_folder_is_named(pincite, tmp_path, command):
    (tmp_path / "file").write_text("")
    assert_one_line(pincite(*command, "--home", tmp_path / "file"), 3, "file", "--home")


def test_a_settings_file_that_cannot_be_read_is_named(pincite, home, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "pincite.toml").write_text("home = [")
    assert_one_line(pincite("ask", "why?"), 2, "pincite.toml")
