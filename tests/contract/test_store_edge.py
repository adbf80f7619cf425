"""What only the embedded store promises: its folder, its lock, and what happens when things break."""

import asyncio
import json
import os
import shutil
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from stores import DIMENSIONS, FINGERPRINT, library, passages_of, vector

from rag.errors import CollectionMismatch, StoreLocked, StoreUnavailable
from rag.ports import Store
from rag.store.embedded_store import open_edge_store
from rag.types import Counts, Paper

Opener = Callable[..., Awaitable[Store]]
CHILD = Path(__file__).with_name("edge_child.py")
ROOT = CHILD.parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "collections" / "papers"


@pytest.fixture
def opener(folder: Path) -> Opener:
    async def opener(expected=FINGERPRINT, *, create: bool = True, wait_s: float = 0) -> Store:
        return await open_edge_store(folder, expected, create=create, lock_timeout_s=wait_s)

    return opener


@asynccontextmanager
async def other_process(folder: Path) -> AsyncIterator[Process]:
    """A process that has the collection open and is writing to it."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    child = await asyncio.create_subprocess_exec(sys.executable, CHILD, folder, stdout=PIPE, env=environment)
    try:
        assert await child.stdout.readline() == b"open\n"
        yield child
    finally:
        if child.returncode is None:
            child.kill()
        await child.wait()


async def made(opener: Opener) -> None:
    """Make the collection, with papers in it."""
    store = await opener()
    await store.upsert(library(5))
    await store.close()


async def test_of_two_writers_the_second_is_told_who_writes(folder, opener):
    async with other_process(folder) as child:
        with pytest.raises(StoreLocked, match=rf"'papers' is being written by process {child.pid}; .*--home"):
            await opener()


async def test_what_another_process_writes_is_read_beside_it(folder, opener):
    async with other_process(folder) as child:
        written = [(await child.stdout.readline()).decode().strip() for _ in range(5)]
        store = await opener(create=False)
        assert len(await store.fetch(written)) == 3 * len(written)
        before = (await store.counts()).papers
        while (await store.counts()).papers == before:
            await child.stdout.readline()
        await store.close()


async def test_a_reader_outlives_the_killed_owner_and_loses_nothing(folder, opener):
    async with other_process(folder) as child:
        written = [(await child.stdout.readline()).decode().strip() for _ in range(5)]
        store = await opener(create=False)
        assert len(await store.fetch(written)) == 3 * len(written)
        child.kill()
        await child.wait()
        assert len(await store.fetch(written)) == 3 * len(written)
        await store.close()


async def test_a_closed_owner_hands_over_to_whoever_reads_on(opener):
    await made(opener)
    owner, others = await opener(create=False), [await opener(create=False) for _ in range(3)]
    counts = await owner.counts()
    for closing, *reading in (others[n:] for n in range(3)):
        await owner.close()
        assert [await store.counts() for store in (closing, *reading)] == [counts] * (1 + len(reading))
        owner = closing
    await owner.close()


async def test_a_catalogue_and_counts_show_what_another_writer_wrote(opener):
    await made(opener)
    reader, writer = await opener(create=False), await opener()
    assert (await reader.counts()).papers == 5
    assert (await reader.catalogue()).years is None
    await writer.upsert(passages_of(Paper("new", "T", "", year=2020), ["One. "]))
    assert (await reader.counts()).papers == 6
    assert (await reader.catalogue()).years == (2020, 2020)
    await writer.close()
    await reader.close()


async def test_a_killed_process_leaves_no_lock_and_loses_nothing_acknowledged(folder, opener):
    async with other_process(folder) as child:
        written = [(await child.stdout.readline()).decode().strip() for _ in range(12)]
        child.kill()
        written += (await child.stdout.read()).decode().split()
    store = await opener(create=False)
    read = await store.fetch(written)
    assert len(read) == 3 * len(written)
    assert [item.passage.paper.paper_id for item in read[::3]] == written
    await store.upsert(library(2))
    await store.close()


async def test_opening_waits_for_the_holder_to_let_go(opener):
    first = await opener()
    waiting = asyncio.create_task(opener(wait_s=10))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    await first.close()
    await (await waiting).close()


async def test_giving_up_waiting_leaves_the_lock_alone(opener):
    first = await opener()
    waiting = asyncio.create_task(opener(wait_s=10))
    await asyncio.sleep(0.1)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await first.close()
    await (await opener()).close()


async def test_a_failed_opening_lets_go_of_the_lock(opener):
    await made(opener)
    with pytest.raises(CollectionMismatch):
        await opener(replace(FINGERPRINT, chunker="another"))
    await (await opener()).close()


@pytest.mark.parametrize("delay_s", [0, 0.005, 0.03])
async def test_closing_waits_for_what_was_cancelled_and_is_still_at_work(opener, delay_s):
    store = await opener()
    tasks = [asyncio.create_task(store.upsert(library(200))), asyncio.create_task(store.fetch(["p1"]))]
    await asyncio.sleep(delay_s)
    for task in tasks:
        task.cancel()
    await store.close()
    again = await opener(create=False)
    assert await again.counts() in {Counts(0, 0), Counts(200, len(library(200)))}
    await again.close()


async def test_the_record_says_what_the_collection_was_made_with(folder, opener):
    await made(opener)
    assert json.loads((folder / "collection.json").read_text()) == asdict(FINGERPRINT)


async def test_a_half_made_collection_is_none_until_it_is_made_afresh(folder, opener):
    await made(opener)
    (folder / "collection.json").unlink()
    with pytest.raises(StoreUnavailable, match=r"no collection 'papers'.*there is none yet"):
        await opener(create=False)
    store = await opener()
    assert await store.counts() == Counts(0, 0)
    await store.close()


async def test_looking_for_a_missing_collection_makes_nothing(folder, opener):
    with pytest.raises(StoreUnavailable, match="no collection"):
        await opener(create=False)
    assert not folder.parent.exists()


@pytest.mark.parametrize("create", [True, False])
async def test_a_file_in_the_way_is_unavailable(folder, opener, create):
    folder.parent.parent.joinpath("collections").write_text("not a folder")
    with pytest.raises(StoreUnavailable, match="collections"):
        await opener(create=create)


@pytest.mark.skipif(os.geteuid() == 0, reason="permission bits do not bind root")
async def test_a_read_only_home_is_unavailable(folder, opener):
    folder.parent.mkdir()
    folder.parent.chmod(0o500)
    with pytest.raises(StoreUnavailable, match=r"cannot write .*--home"):
        await opener()


async def test_nothing_is_made_or_written_on_a_full_disk(opener, monkeypatch):
    store = await opener()
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=3 << 20))
    with pytest.raises(StoreUnavailable, match="only 3 MB free"):
        await store.upsert(library(1))
    assert await store.counts() == Counts(0, 0)
    await store.close()


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[]", b"null"])
async def test_a_damaged_record_is_unavailable_and_says_to_ingest_again(folder, opener, content):
    await made(opener)
    (folder / "collection.json").write_bytes(content)
    with pytest.raises(StoreUnavailable, match=r"delete .*papers' and ingest again"):
        await opener()


@pytest.mark.parametrize(
    ("pattern", "size"),
    [
        ("edge_config.json", 20),
        ("segments/*/segment.json", 9),
        ("segments/*/vector_storage-dense/**/status.dat", 4),
    ],
)
async def test_a_damaged_shard_is_unavailable_and_says_to_ingest_again(folder, opener, pattern, size):
    await made(opener)
    for path in (folder / "shard").glob(pattern):
        os.truncate(path, size)
    with pytest.raises(StoreUnavailable, match=r"delete .*papers' and ingest again"):
        await opener()


async def test_a_shard_without_its_record_holder_is_locked(folder, opener, tmp_path):
    store = await opener()
    (folder / "lock").unlink()
    with pytest.raises(StoreLocked, match="open elsewhere"):
        await opener(create=False)
    await store.close()


async def test_vectors_of_another_length_are_refused_and_nothing_is_written(opener):
    store = await opener()
    [item] = passages_of(Paper("a", "T", ""), ["One. "])
    with pytest.raises(StoreUnavailable, match=str(DIMENSIONS)):
        await store.upsert([replace(item, dense=vector("x")[:3])])
    assert await store.counts() == Counts(0, 0)
    await store.close()
