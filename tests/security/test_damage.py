"""Whatever happens to a collection's files, nothing is lost without a word, and all can be brought back."""

import json
import os
import shutil

import pytest
import qdrant_edge as qe
from processes import copy_home

from rag.build import load_settings, open_assistant, restore_collection
from rag.errors import StoreLocked

QUESTION = "which papers do KV cache compression?"


@pytest.fixture
def home(sample_home, tmp_path):
    """A home of its own with the sample, without what its files do not hold."""
    copy = tmp_path / "home"
    copy_home(sample_home, copy)
    return copy


def halve(home, pattern):
    for path in (home / "collections" / "sample" / "shard").glob(pattern):
        os.truncate(path, path.stat().st_size // 2)


def falsify(home):
    """Change one word of a stored abstract, as no ingest would; its paper's id."""
    shard = qe.EdgeShard.load(str(home / "collections" / "sample" / "shard"))
    found, _ = shard.scroll(qe.ScrollRequest(limit=1000, with_payload=True, with_vector=False))
    [record] = [each for each in found if "we propose Quest," in each.payload.get("abstract", "")]
    wrong = record.payload["abstract"].replace("To this end", "To that end")
    assert wrong != record.payload["abstract"]
    shard.update(qe.UpdateOperation.set_payload([record.id], {"abstract": wrong}))
    shard.close()
    return record.payload["paper_id"]


def test_half_an_id_file_is_one_clear_line_and_a_restore_brings_all_back(pincite, home):
    halve(home, "segments/*/mutable_id_tracker.mappings")
    outcome = pincite("ask", QUESTION, "--home", home)
    assert outcome.returncode == 3
    assert outcome.stderr.count("\n") == 1
    assert "is damaged" in outcome.stderr
    assert "expected 231" in outcome.stderr
    assert "pincite restore --collection sample" in outcome.stderr
    for command in (["papers"], ["search", "caches"], ["doctor"]):
        assert pincite(*command, "--home", home).returncode == 3
    assert pincite("restore", "--home", home).returncode == 0
    assert len(pincite("papers", "--json", "--home", home).stdout.splitlines()) == 231
    assert pincite("doctor", "--deep", "--home", home).returncode == 0


def test_ingesting_again_mends_what_is_missing(pincite, tmp_path):
    home, source = tmp_path / "home", tmp_path / "bees.jsonl"
    papers = [{"id": f"p{n}", "title": f"Bee {n}", "abstract": f"We count bee {n}."} for n in range(40)]
    source.write_text("".join(json.dumps(paper) + "\n" for paper in papers))
    assert pincite("ingest", source, "--home", home).returncode == 0
    [ids] = (home / "collections" / "papers" / "shard").glob("segments/*/mutable_id_tracker.mappings")
    os.truncate(ids, ids.stat().st_size // 2)
    assert pincite("papers", "--home", home).returncode == 3
    assert pincite("ingest", source, "--home", home).returncode == 0
    assert len(pincite("papers", "--json", "--home", home).stdout.splitlines()) == 40
    assert pincite("doctor", "--deep", "--home", home).returncode == 0


def test_a_falsified_abstract_is_never_quoted(pincite, home):
    paper_id = falsify(home)
    outcome = pincite("ask", "What does Quest do?", "--home", home)
    assert outcome.returncode == 3
    assert "is not what was ingested" in outcome.stderr
    assert "To that end" not in outcome.stdout
    deep = pincite("doctor", "--deep", "--home", home)
    assert deep.returncode == 3
    assert repr(paper_id) in deep.stdout


@pytest.mark.parametrize("file", ["edge_config.json", "segments/*/segment.json", "segments/*/version.info"])
def test_a_collection_that_cannot_be_opened_is_one_line_with_the_remedy(pincite, home, file):
    halve(home, file)
    outcome = pincite("ask", QUESTION, "--home", home)
    assert outcome.returncode == 3
    assert "pincite restore --collection sample" in outcome.stderr.splitlines()[-1]
    assert pincite("restore", "--home", home).returncode == 0
    assert pincite("ask", QUESTION, "--home", home).returncode == 0


def test_an_interrupted_ingest_is_no_damage_and_goes_on(pincite, home):
    seal = home / "collections" / "sample" / "complete.json"
    fields = json.loads(seal.read_text())
    seal.write_text(json.dumps(fields | {"ingesting": True, "papers": 200}))
    assert pincite("papers", "--home", home).returncode == 0
    assert json.loads(seal.read_text())["papers"] == 231


def test_without_a_snapshot_a_restore_says_to_ingest_again(pincite, home):
    shutil.rmtree(home / "collections" / "sample" / "snapshot")
    outcome = pincite("restore", "--home", home)
    assert outcome.returncode == 3
    assert "ingest its papers again" in outcome.stderr


async def test_a_collection_in_use_is_not_restored(home):
    settings = load_settings(home=home, collection="sample", store={"lock_timeout_s": 0})
    assistant = await open_assistant(settings)
    with pytest.raises(StoreLocked, match=f"in use by process {os.getpid()}"):
        await restore_collection(settings)
    await assistant.close()
    await restore_collection(settings)
