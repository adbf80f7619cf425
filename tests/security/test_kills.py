"""Commands killed at random points and run again: nothing is lost, doubled or half-written."""

import asyncio
import contextlib
import json
import shutil
from collections import Counter
from dataclasses import asdict, dataclass
from functools import lru_cache

import numpy as np
import pytest
from killing import (
    ROUNDS,
    WAYS,
    Trial,
    finish,
    in_both,
    kill_and_finish,
    said,
    tree,
    uninterrupted,
    whole_lines,
)

from evals.suite.files import read_run
from ingest.sample_collection import SAMPLE_FILE
from ingest.sources import read_source
from rag.build import build_encoder, fingerprint, load_settings, open_store
from rag.errors import StoreUnavailable
from rag.settings import OWN, SAMPLE

pytestmark = pytest.mark.slow

PAPERS = 200
CHARACTERS = 320
"""Of an abstract that is ingested: two or three passages of `PASSAGE_TOKENS`."""

PASSAGE_TOKENS = 48
QUESTIONS = (
    "Which papers do KV cache compression?",
    "What accuracy does the smallest xFinder model reach?",
    "Which papers rerank with one token?",
    "surveys of efficient LLM inference",
    "Which papers are about quantum error correction?",
    "Which papers train rewards for reasoning?",
    "Who won the 2022 World Cup?",
    "Which papers prune attention heads?",
)
CASES = 8
"""Of the dev suite, the first ones."""


@dataclass
class Stored:
    """All of a collection: passages as they are, vectors as near as encoding in other company leaves them."""

    passages: Counter
    vectors: dict

    def __eq__(self, other):
        return self.passages == other.passages and all(
            np.allclose(mine, others, atol=2e-3)
            for key, vectors in self.vectors.items()
            for mine, others in zip(vectors, other.vectors[key], strict=True)
        )


def settings_of(home, collection):
    passage = {"max_tokens": PASSAGE_TOKENS} if collection == OWN else None
    return load_settings(home=home, collection=collection, chunk=passage)


@lru_cache
def encoder():
    return build_encoder(load_settings())


async def _read(home, collection, wanted):
    settings = settings_of(home, collection)
    store = await open_store(settings, fingerprint(settings, encoder()), create=False)
    try:
        papers = [paper async for paper in store.papers()]
        return await wanted(store, papers)
    finally:
        await store.close()


async def _all_of(store, papers):
    found = await store.fetch([paper.paper_id for paper in papers])
    counts = await store.counts()
    assert (counts.papers, counts.passages) == (len(papers), len(found))
    passages = Counter(
        json.dumps([asdict(each.passage), each.content_hash, asdict(each.sparse)], default=dict)
        for each in found
    )
    vectors = {each.passage.passage_id: (each.dense, each.sentence_vectors) for each in found}
    return Stored(passages, vectors)


async def _only_papers(store, papers):
    return papers


def stored(home, collection=SAMPLE):
    """All that is stored in a collection."""
    return asyncio.run(_read(home, collection, _all_of))


def papers_in(home, collection, source):
    """How many papers are stored, each of them as it is in the source."""
    try:
        found = asyncio.run(_read(home, collection, _only_papers))
    except StoreUnavailable:  # not made yet
        return 0
    abstracts = {paper.paper_id: (paper.title, paper.abstract) for paper in found}
    assert len(abstracts) == len(found)
    assert all(source[key] == text for key, text in abstracts.items())
    return len(found)


def written(folder, collection):
    """The engine's log of writes."""
    return changed(folder, f"home/collections/{collection}/shard/wal/open-*")


def changed(folder, pattern):
    """Files that differ from what they are now differ in this."""
    found = []
    for path in sorted(folder.glob(pattern)):
        with contextlib.suppress(FileNotFoundError):  # its last name is another
            found.append((path.stat().st_size, path.stat().st_mtime_ns))
    return found


def empty(folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()


def kill_all(trial, folders):
    """Kill in both folders, and see that not all kills fell where there is nothing to break."""
    wholes = in_both(folders, lambda folder: uninterrupted(trial, folder))
    assert wholes[0].outcome == wholes[1].outcome
    assert wholes[0].names == wholes[1].names
    numbered = list(enumerate(folders))
    both = in_both(numbered, lambda each: kill_and_finish(trial, each[1], wholes[each[0]], each[0]))
    falls = [fall for each in both for fall in each]
    where = Counter(fall.where for fall in falls)
    print(f"{trial.name}: {dict(where)}", *falls, sep="\n")
    assert len(falls) == 2 * ROUNDS * len(WAYS) == 12
    assert where["at work"] >= 4, falls
    assert where["after the end"] <= 6, falls
    return wholes


@pytest.fixture(scope="module")
def sample():
    """The papers of the sample: title and abstract by id."""
    return {
        paper.paper_id: (paper.title, paper.abstract) for paper in read_source(SAMPLE_FILE).records
    }


@pytest.fixture(scope="module")
def shortened(sample):
    """Some of them, shortened."""
    first = list(sample.items())[:PAPERS]
    return {key: (title, abstract[:CHARACTERS].strip()) for key, (title, abstract) in first}


@pytest.fixture(scope="module")
def source_file(shortened, tmp_path_factory):
    """The shortened papers as JSON Lines."""
    file = tmp_path_factory.mktemp("source") / "papers.jsonl"
    lines = ({"id": key, "title": title, "abstract": text} for key, (title, text) in shortened.items())
    file.write_text("".join(f"{json.dumps(line)}\n" for line in lines), "utf-8")
    return file


@pytest.fixture(scope="module")
def ingest(source_file, shortened):
    return Trial(
        name="ingest",
        arguments=lambda folder: ["ingest", source_file, "--home", folder / "home"],
        reset=empty,
        sign=lambda folder: written(folder, OWN),
        progress=lambda folder: papers_in(folder / "home", OWN, shortened),
        outcome=lambda folder: stored(folder / "home", OWN),
        total=PAPERS,
        variables={"PINCITE_CHUNK__MAX_TOKENS": str(PASSAGE_TOKENS)},
    )


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Two folders in each of which something is killed, with a home each."""
    return [tmp_path_factory.mktemp("killed") / str(number) for number in range(2)]


@pytest.fixture(scope="module")
def built(folders, sample):
    """The two folders, with the sample in their homes."""
    building = Trial("first use", listed, lambda _: None, lambda _: 0, lambda _: 0, stored, 0)
    for folder in folders:
        folder.mkdir(exist_ok=True)
    in_both(folders, lambda folder: finish(building, folder))
    return folders


def listed(folder):
    return ["papers", "--json", "--home", folder / "home"]


def listing(folder):
    """What `pincite papers --json` has printed, by paper."""
    papers = [json.loads(line) for line in said(folder, "out").splitlines()]
    assert len({paper["paper_id"] for paper in papers}) == len(papers)
    return {paper["paper_id"]: paper for paper in papers}


def test_an_ingest_killed_at_random_points_stores_every_paper_once(ingest, shortened, tmp_path):
    folders = [tmp_path / str(number) for number in range(2)]
    kill_all(ingest, folders)
    listing_again = Trial("papers", listed, empty, len, len, len, 0, ingest.variables)
    for folder in folders:
        finish(listing_again, folder)
        assert {key: (p["title"], p["abstract"]) for key, p in listing(folder).items()} == shortened


def test_a_first_use_killed_while_the_sample_is_built_builds_it_once(sample, tmp_path):
    building = Trial(
        name="first use",
        arguments=listed,
        reset=empty,
        sign=lambda folder: written(folder, SAMPLE),
        progress=lambda folder: papers_in(folder / "home", SAMPLE, sample),
        outcome=lambda folder: (listing(folder), stored(folder / "home")),
        total=len(sample),
    )
    kill_all(building, [tmp_path / str(number) for number in range(2)])


def answers(folder):
    """The replies of a batch without the time they took."""
    lines = list(map(json.loads, whole_lines(folder / "out.jsonl")))
    for line in lines:
        line["receipt"].pop("timings_ms")
    return lines


def replies_so_far(folder):
    """Of a batch: those in the file that is kept until it is done, or all once they are where they belong."""
    out = folder / "out.jsonl"
    parts = list(folder.glob("out.jsonl.*.part"))
    if out.exists():
        assert not parts
        assert out.read_bytes().endswith(b"\n")
        assert len(whole_lines(out)) == len(QUESTIONS)
    lines = [line for file in (out, *parts) for line in map(json.loads, whole_lines(file))]
    assert [line["id"] for line in lines] == [f"q{number}" for number in range(len(lines))]
    return len(lines)


def without_output(folder):
    """Leave nothing in the folder but the collection."""
    for path in folder.iterdir():
        if path.is_file():
            path.unlink()
    shutil.rmtree(folder / "home" / "cache", ignore_errors=True)


def test_a_batch_killed_at_random_points_answers_every_question_once(built, tmp_path):
    batch = tmp_path / "questions.jsonl"
    lines = ({"id": f"q{number}", "question": question} for number, question in enumerate(QUESTIONS))
    batch.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    before = stored(built[0] / "home")
    trial = Trial(
        name="batch",
        arguments=lambda folder: [
            *("ask", "--batch", batch, "--out", folder / "out.jsonl", "--home", folder / "home")
        ],
        reset=without_output,
        sign=lambda folder: changed(folder, "out.jsonl*"),
        progress=replies_so_far,
        outcome=answers,
        total=len(QUESTIONS),
    )
    kill_all(trial, built)
    assert [stored(folder / "home") for folder in built] == [before, before]


def cases_so_far(folder):
    """Of a run: those whose result is on file, each once."""
    file = folder / "run.jsonl"
    lines = whole_lines(file)
    if not lines:
        return 0
    results = [json.loads(line)["case_id"] for line in lines[1:]]
    assert [result.case_id for result in read_run(file).results] == results
    assert len(set(results)) == len(results)
    return len(results)


def results(folder):
    """The results of a run without the time they took."""
    head, *rest = map(json.loads, whole_lines(folder / "run.jsonl"))
    for line in rest:
        line.pop("latency_ms")
        line["answer"]["receipt"].pop("timings_ms")
        line["scores"] = [score for score in line["scores"] if score["measure"] != "latency"]
    return head, rest


def test_an_evaluation_killed_at_random_points_has_every_case_once(built):
    before = stored(built[0] / "home")
    trial = Trial(
        name="evaluation",
        arguments=lambda folder: [
            *("eval", "run", "--suite", "dev", "--limit", CASES),
            *("--home", folder / "home", "--out", folder / "run.jsonl"),
        ],
        reset=without_output,
        sign=lambda folder: changed(folder, "run.jsonl"),
        progress=cases_so_far,
        outcome=results,
        total=CASES,
    )
    kill_all(trial, built)
    assert [stored(folder / "home") for folder in built] == [before, before]
