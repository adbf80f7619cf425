"""`pincite eval run` and `gate` as processes, on the real sample collection and the committed baseline."""

import json
import signal
import time

import pytest

pytestmark = pytest.mark.slow


def lines(file):
    """The whole lines of a run that is being written."""
    content = file.read_text("utf-8") if file.exists() else ""
    return content[: content.rfind("\n") + 1].splitlines()


def test_a_killed_run_goes_on_and_asks_nothing_twice(start, pincite, sample_home, tmp_path):
    out = tmp_path / "run.jsonl"
    arguments = (
        "eval",
        "run",
        "--suite",
        "dev",
        "--limit",
        "10",
        "--out",
        out,
        "--home",
        sample_home,
        "--fresh",
    )
    process = start(*arguments)
    deadline = time.monotonic() + 120
    while len(lines(out)) < 4:
        assert time.monotonic() < deadline
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    before = lines(out)
    assert 4 <= len(before) < 11
    outcome = pincite(*arguments)
    assert outcome.returncode == 0, outcome.stderr
    after = lines(out)
    assert len(after) == 11
    assert after[: len(before)] == before  # not asked again: the same milliseconds


def test_a_second_run_is_the_first_down_to_the_milliseconds_that_answers_took(pincite, sample_home, tmp_path):
    files = [tmp_path / name for name in ("one.jsonl", "two.jsonl")]
    for out in files:
        arguments = ("--suite", "dev", "--limit", "5", "--out", out, "--home", sample_home)
        assert pincite("eval", "run", *arguments).returncode == 0
    assert lines(files[0]) == lines(files[1])


def test_without_its_sparse_vectors_the_dev_suite_is_caught(pincite, sample_home, tmp_path):
    """A retriever that a mistake has halved: the head of the run is sound, the answers are not."""
    out = tmp_path / "run.jsonl"
    program = """
import sys
from rag.store.point_store import PointStore
from ui.cli.__main__ import main

async def nothing(self, *args, **kwargs):
    return []

async def worst(self, *args, **kwargs):
    return (await found(self, *args, **kwargs))[-3:]

found = PointStore.search_dense
PointStore.search_sparse = nothing
PointStore.search_sentences = nothing
PointStore.search_dense = worst
sys.exit(main())
"""
    arguments = ("eval", "run", "--suite", "dev", "--out", out, "--home", sample_home, "--fresh")
    assert pincite(*arguments, program=program).returncode == 0
    outcome = pincite("eval", "gate", out)
    assert outcome.returncode == 1
    assert "set F1: worse" in outcome.stdout
    assert json.loads(lines(out)[0])["suite"] == "dev"
