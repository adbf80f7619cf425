"""A full disk is one line that names the place and the remedy, and the collection is whole afterwards."""

import json
import os
import shutil
import subprocess
import sys

import pytest
from processes import copy_home

QUESTION = "which papers do KV cache compression?"
SIZE_MB = 400

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="mounts a small disk, as root can on Linux"
)


@pytest.fixture
def disk(tmp_path):
    """A disk of its own that can be filled."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m", "tmpfs", place]
    if shutil.which("mount") is None or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("a disk cannot be mounted here")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def fill(disk, left=0):
    with (disk / "filler").open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(disk).free - left)


def test_asking_on_a_full_disk_ends_in_one_line_and_the_collection_stays_whole(pincite, sample_home, disk):
    copy_home(sample_home, disk / "home")
    for left in (0, 1 << 20, 32 << 20):
        fill(disk, left)
        outcome = pincite("ask", QUESTION, "--home", disk / "home")
        assert outcome.returncode == 3
        assert outcome.stderr.count("\n") == 1
        assert f"MB free where '{disk}" in outcome.stderr
        assert "make space" in outcome.stderr
        (disk / "filler").unlink()
    assert pincite("doctor", "--deep", "--home", disk / "home").returncode == 0


@pytest.mark.parametrize("left", [0, 1 << 20, 100 << 20])
def test_an_ingest_without_room_says_so_and_makes_nothing(pincite, disk, tmp_path, left):
    source = tmp_path / "bees.jsonl"
    source.write_text(json.dumps({"id": "a", "title": "Bees", "abstract": "We count bees."}) + "\n")
    fill(disk, left)
    outcome = pincite("ingest", source, "--home", disk / "home")
    assert outcome.returncode == 3
    assert str(disk) in outcome.stderr
    assert "make space" in outcome.stderr
    assert not list(disk.glob("home/collections/*/collection.json"))


def test_the_room_that_many_papers_need_is_estimated_before_any_is_stored(pincite, disk, tmp_path):
    source = tmp_path / "bees.jsonl"
    paper = {"title": "Bees", "abstract": "We count bees."}
    source.write_text("".join(json.dumps({"id": f"p{n}"} | paper) + "\n" for n in range(20_000)))
    outcome = pincite("ingest", source, "--home", disk / "home")
    assert outcome.returncode == 3
    assert "for 20,000 papers more" in outcome.stderr
    assert not list(disk.glob("home/collections/*/collection.json"))


def test_an_answer_that_cannot_be_written_names_the_file_and_the_remedy(pincite, sample_home, disk):
    fill(disk)
    outcome = pincite("ask", QUESTION, "--home", sample_home, "--export", disk / "answer.bib")
    assert outcome.returncode == 2
    assert "answer.bib" in outcome.stderr
    assert "make space" in outcome.stderr
    assert sorted(path.name for path in disk.iterdir()) == ["filler"]
