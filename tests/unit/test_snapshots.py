"""Copies of a collection's files: byte for byte, holes included, on disks that know holes and others."""

import errno
import os

import pytest

from rag.store import snapshots

HOLE = 3 << 20


@pytest.fixture
def collection(tmp_path):
    """A folder with a file of bytes and holes, an empty one, one of a hole alone, and a record."""
    shard = tmp_path / "papers" / "shard" / "segments"
    shard.mkdir(parents=True)
    with (shard / "mixed").open("wb") as file:
        for number in range(3):
            file.seek(number * HOLE)
            file.write(bytes([number + 1]) * 5000)
        file.truncate(4 * HOLE)
    (shard / "empty").touch()
    with (shard / "hole").open("wb") as file:
        file.truncate(HOLE)
    (tmp_path / "papers" / "collection.json").write_text("{}")
    return tmp_path / "papers"


def content(folder):
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_snapshot_is_the_files_byte_for_byte_and_keeps_their_holes(collection):
    wanted = content(collection)
    snapshots.copy_to_snapshot(collection)
    assert content(collection / "snapshot") == wanted
    copy = collection / "snapshot" / "shard" / "segments" / "mixed"
    original = collection / "shard" / "segments" / "mixed"
    assert copy.stat().st_blocks <= original.stat().st_blocks + 8


@pytest.mark.parametrize("code", [errno.EINVAL, errno.ENOTTY, errno.EOPNOTSUPP])
def test_on_a_disk_that_knows_no_holes_all_bytes_are_copied(collection, monkeypatch, code):
    def unknown(*_):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "lseek", unknown)
    wanted = content(collection)
    snapshots.copy_to_snapshot(collection)
    assert content(collection / "snapshot") == wanted


def test_a_restore_brings_the_files_of_the_snapshot_back_and_leaves_nothing_else(collection):
    snapshots.copy_to_snapshot(collection)
    wanted = content(collection / "snapshot")
    (collection / "shard" / "segments" / "mixed").write_bytes(b"damaged")
    snapshots.restore_snapshot(collection)
    assert content(collection / "shard") | {"collection.json": b"{}"} == wanted
    assert sorted(path.name for path in collection.iterdir()) == ["collection.json", "shard", "snapshot"]


def test_what_killed_processes_left_goes_but_never_the_only_snapshot(collection):
    snapshots.copy_to_snapshot(collection)
    (collection / "snapshot").rename(collection / "snapshot.old")
    snapshots.clear_drafts(collection)
    assert snapshots.snapshot_of(collection) == collection / "snapshot.old"
    for left in ("snapshot.draft", "restored", "shard.old"):
        (collection / left).mkdir()
    snapshots.copy_to_snapshot(collection)
    snapshots.clear_drafts(collection)
    assert sorted(path.name for path in collection.iterdir()) == ["collection.json", "shard", "snapshot"]
