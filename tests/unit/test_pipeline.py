"""Ingest end to end: what is stored, what is left alone, and what happens to the rest."""

import asyncio
import json
import subprocess
import sys
import time
from dataclasses import fields, replace
from pathlib import Path

import pytest
from fakes import HashEncoder, MemoryStore
from hypothesis import given
from hypothesis import settings as example_settings
from hypothesis import strategies as st

from ingest import pipeline, sample_collection
from ingest.pipeline import ingest_papers, ingest_path
from ingest.records import RejectedRecord
from ingest.sample_collection import MARKER, SAMPLE_FILE, ensure_sample
from rag import build
from rag.build import load_settings
from rag.errors import ConfigError, ModelUnavailable, SourceUnavailable, StoreUnavailable
from rag.models.encoders.bm25 import Bm25Encoder
from rag.settings import ChunkSettings
from rag.text.sentences import index_text
from rag.types import Counts, Fingerprint, Paper

CHUNK = ChunkSettings(max_tokens=32)
LONG = "We measure everything with great care and report all of it here. Nobody else was in the room. " * 3


def paper(name: str, abstract: str = "It is fast. It is small.") -> Paper:
    return Paper(name, f"Title {name}", abstract)


@pytest.fixture
def encoder() -> HashEncoder:
    return HashEncoder()


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore(Fingerprint("hash-64", 64, "sentences"))


async def test_a_paper_is_stored_with_all_its_passages_and_vectors(store, encoder):
    stored = paper("a", LONG)
    report = await ingest_papers([stored], store, encoder, CHUNK)
    found = await store.fetch(["a"])
    assert report.passages == len(found) > 1
    assert "".join(item.passage.text for item in found) == LONG
    for item in found:
        text = index_text(stored.title, item.passage.text)
        sentences = [LONG[span.start : span.end] for span in item.passage.sentences]
        assert item.content_hash == stored.content_hash
        assert item.dense.tolist() == (await encoder.encode_passages([text]))[0].tolist()
        assert item.sentence_vectors.tolist() == (await encoder.encode_passages(sentences)).tolist()
        assert item.sparse == Bm25Encoder().encode_passage(text)


async def test_what_is_stored_already_is_left_alone_and_what_changed_is_replaced(store, encoder):
    papers = [paper(f"p{number}") for number in range(5)]
    first = await ingest_papers(papers, store, encoder, CHUNK, batch=2)
    assert (first.papers, first.added, first.updated, first.unchanged) == (5, 5, 0, 0)
    written, encoded = store.upserts, encoder.texts

    again = await ingest_papers(papers, store, encoder, CHUNK, batch=2)
    assert (again.added, again.updated, again.unchanged, again.passages) == (0, 0, 5, 0)
    assert (store.upserts, encoder.texts) == (written, encoded)

    changed = [replace(papers[1], abstract="It is slow."), paper("new"), *papers[2:]]
    third = await ingest_papers(changed, store, encoder, CHUNK, batch=2)
    assert (third.added, third.updated, third.unchanged) == (1, 1, 3)
    assert [item.passage.text for item in await store.fetch(["p1"])] == ["It is slow."]


async def test_a_changed_abstract_leaves_no_old_passage(store, encoder):
    await ingest_papers([paper("a", LONG)], store, encoder, CHUNK)
    await ingest_papers([paper("a", "It is short.")], store, encoder, CHUNK)
    assert await store.counts() == Counts(1, 1)


async def test_records_that_are_no_papers_are_counted_and_the_others_stored(store, encoder):
    bad = RejectedRecord(2, "not JSON", "{")
    told: list[tuple[int, int | None]] = []
    report = await ingest_papers(
        [paper("a"), bad, paper("b")],
        store,
        encoder,
        CHUNK,
        batch=2,
        total=3,
        on_progress=lambda *at: told.append(at),
    )
    assert report.skipped == (bad,)
    assert (report.papers, report.added) == (2, 2)
    assert told == [(2, 3), (3, 3)]


async def test_an_interrupted_run_goes_on_where_it_stopped(store, encoder):
    papers = [paper(f"p{number}") for number in range(10)]
    entered = asyncio.Event()

    def stop(done, total):
        if done == 4:
            entered.set()

    run = asyncio.create_task(ingest_papers(papers, store, encoder, CHUNK, batch=2, on_progress=stop))
    await entered.wait()
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    stored = (await store.counts()).papers
    assert 4 <= stored < 10
    report = await ingest_papers(papers, store, encoder, CHUNK, batch=2)
    assert (report.added, report.unchanged) == (10 - stored, stored)


async def test_a_failing_encoder_stores_no_part_of_a_batch(store, encoder, monkeypatch):
    await ingest_papers([paper("a")], store, encoder, CHUNK)

    async def fail(texts):
        raise ModelUnavailable("down")

    monkeypatch.setattr(encoder, "encode_passages", fail)
    with pytest.raises(ModelUnavailable):
        await ingest_papers([paper("b"), paper("c")], store, encoder, CHUNK)
    assert await store.counts() == Counts(1, 1)


PAPERS = st.builds(
    Paper,
    *[st.text(max_size=3)] * 3,
    st.lists(st.text(max_size=2), max_size=2).map(tuple),
    st.text(max_size=2),
    st.none() | st.integers(),
    *[st.text(max_size=2)] * 2,
    st.dictionaries(st.text(max_size=1), st.integers(), max_size=3),
)


@example_settings(max_examples=50)
@given(PAPERS, PAPERS)
def test_papers_have_the_same_hash_if_and_only_if_they_are_the_same(one, other):
    assert (one.content_hash == other.content_hash) == (one == other)
    reordered = replace(one, extra=dict(reversed(one.extra.items())))
    assert reordered.content_hash == one.content_hash


def test_every_field_of_a_paper_is_in_its_hash():
    plain = Paper("a", "T", "A.")
    changed = {"authors": ("B",), "year": 1, "extra": {"a": 1}}
    hashes = {
        replace(plain, **{field.name: changed.get(field.name, "other")}).content_hash
        for field in fields(Paper)
    }
    assert len(hashes | {plain.content_hash}) == 1 + len(fields(Paper))


@pytest.fixture
def settings(tmp_path, monkeypatch, encoder):
    """Settings for a home of its own, with the encoder of these tests."""
    for module in (pipeline, sample_collection):
        monkeypatch.setattr(module, "build_encoder", lambda _: encoder)
    return load_settings(home=tmp_path / "home", collection="sample")


def lines(path: Path, *records: object) -> Path:
    path.write_text("\n".join(json.dumps(record) for record in records), "utf-8")
    return path


def record(name: str) -> dict[str, str]:
    return {"id": name, "title": "T", "abstract": "It is fast."}


async def counts(settings, encoder) -> Counts:
    store = await build.open_store(settings, build.fingerprint(settings, encoder), create=False)
    try:
        return await store.counts()
    finally:
        await store.close()


async def test_a_file_is_ingested_and_its_bad_records_are_quarantined_anew_each_run(
    settings, encoder, tmp_path
):
    path = lines(tmp_path / "papers", record("a"), ["no paper"], record("b"), {"id": 5})
    for _ in range(2):
        report = await ingest_path(settings, path)
        quarantined = [json.loads(line) for line in report.quarantine.read_text("utf-8").splitlines()]
        assert [entry["line"] for entry in quarantined] == [2, 4]
        assert quarantined[0]["raw"] == '["no paper"]'
    assert await counts(settings, encoder) == Counts(2, 2)
    told = json.loads(json.dumps(report.as_json()))
    assert told["skipped"][0] == {"line": 2, "reason": "expected a JSON object, found ['no paper']"}
    assert (told["collection"], told["papers"], told["unchanged"]) == ("sample", 2, 2)
    clean = await ingest_path(settings, lines(path, record("a")))
    assert clean.quarantine is None
    assert not report.quarantine.exists()


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"path": "no such"}, SourceUnavailable),
        ({"chunk": {"encoding": "gpt2"}}, ConfigError),
    ],
)
async def test_what_cannot_work_creates_nothing(change, error, settings, tmp_path):
    path = tmp_path / change.pop("path", lines(tmp_path / "papers", record("a")))
    with pytest.raises(error):
        await ingest_path(load_settings(home=settings.home, **change), path)
    assert not settings.home.exists()


async def test_the_collection_is_closed_when_ingest_is_cancelled(settings, tmp_path, monkeypatch):
    opened = []

    async def open_store(*args, **options):
        opened.append(MemoryStore(Fingerprint("hash-64", 64, "sentences")))
        return opened[0]

    monkeypatch.setattr(pipeline, "open_store", open_store)
    path = lines(tmp_path / "papers", *(record(str(number)) for number in range(200)))
    started = asyncio.Event()
    run = asyncio.create_task(ingest_path(settings, path, on_progress=lambda *_: started.set()))
    await started.wait()
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert opened[0].closed


async def test_a_quarantine_that_cannot_be_written_is_one_clear_line(settings, tmp_path):
    folder = settings.home / "collections" / "sample" / pipeline.QUARANTINE
    folder.mkdir(parents=True)
    with pytest.raises(StoreUnavailable, match=r"cannot write .*use another --home"):
        await ingest_path(settings, lines(tmp_path / "papers", record("a"), 1))


@pytest.fixture
def small_sample(monkeypatch, tmp_path) -> Path:
    """The first five papers of the shipped file in its place."""
    path = tmp_path / "sample.txt"
    path.write_text("\n".join(SAMPLE_FILE.read_text("utf-8").split("\n")[:12]), "utf-8")
    monkeypatch.setattr(sample_collection, "SAMPLE_FILE", path)
    return path


async def test_the_sample_is_built_once(settings, small_sample, encoder):
    report = await ensure_sample(settings)
    assert (report.papers, report.added) == (5, 5)
    encoded = encoder.texts
    started = time.process_time()
    assert await ensure_sample(settings) is None
    assert time.process_time() - started < 0.02
    assert encoder.texts == encoded


async def test_no_other_collection_is_built(settings, small_sample):
    assert await ensure_sample(load_settings(home=settings.home, collection="mine")) is None
    assert not settings.home.exists()


async def test_a_sample_that_was_half_built_is_completed(settings, small_sample, encoder):
    await ensure_sample(settings)
    (settings.home / "collections" / "sample" / MARKER).unlink()
    encoded = encoder.texts
    report = await ensure_sample(settings)
    assert (report.added, report.unchanged) == (0, 5)
    assert encoder.texts == encoded


async def test_a_shipped_file_that_changed_is_ingested_again(settings, small_sample):
    await ensure_sample(settings)
    small_sample.write_text(small_sample.read_text("utf-8").replace("Quest", "Query"), "utf-8")
    report = await ensure_sample(settings)
    assert report.added + report.updated == 1


async def test_of_two_builders_one_builds_and_the_other_waits(settings, small_sample):
    reports = await asyncio.gather(*(ensure_sample(settings) for _ in range(3)))
    assert sorted(report is None for report in reports) == [False, True, True]


async def test_a_sample_whose_build_failed_is_not_complete(settings, small_sample, encoder, monkeypatch):
    async def fail(texts):
        raise ModelUnavailable("down")

    with monkeypatch.context() as patch:
        patch.setattr(encoder, "encode_passages", fail)
        with pytest.raises(ModelUnavailable):
            await ensure_sample(settings)
    report = await ensure_sample(settings)
    assert report.added == 5


async def test_a_server_that_lost_the_sample_gets_it_again(settings, small_sample, encoder, monkeypatch):
    server = {}

    async def open_store(settings, expected, *, create):
        return server.setdefault(settings.collection, KeptStore(expected))

    for module in (pipeline, sample_collection):
        monkeypatch.setattr(module, "open_store", open_store)
    remote = load_settings(home=settings.home, collection="sample", store={"url": "http://localhost:6333"})
    assert (await ensure_sample(remote)).added == 5
    assert await ensure_sample(remote) is None
    server.clear()
    assert (await ensure_sample(remote)).added == 5


class KeptStore(MemoryStore):
    """A store that outlives being closed, as a server does."""

    async def close(self) -> None:
        pass


def test_finding_the_sample_complete_imports_nothing_heavy():
    heavy = "tiktoken qdrant_edge onnxruntime portalocker litellm llama_index chainlit"
    code = f"import sys, ingest.sample_collection; print(*set('{heavy}'.split()) & set(sys.modules))"
    run = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, cwd=Path(__file__).parents[2]
    )
    assert run.stdout.split() == []
