"""Commands killed at random points and run again: nothing is lost, doubled or half-written."""

import asyncio
import contextlib
import json
import random
import re
import shutil
import signal
import sqlite3
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass, replace
from functools import lru_cache

import numpy as np
import pytest
from chat_socket import Chat
from killing import (
    Fall,
    Trial,
    compare,
    differing,
    finish,
    in_both,
    kill_and_finish,
    kill_between_files,
    run,
    said,
    start,
    steps,
    tree,
    uninterrupted,
    wait_until_begun,
    whole_lines,
)
from processes import copy_home
from scripted_model import Reply, ScriptedServer

from evals.suite.run_files import read_run
from ingest.pipeline import BATCH
from ingest.sample_collection import SAMPLE_FILE
from ingest.sources import read_source
from rag.build import build_encoder, fingerprint, load_settings, open_store
from rag.settings import OWN, SAMPLE

pytestmark = pytest.mark.slow

KILLS = 12
"""Of each kind of command: sixty in all."""

PAPERS = 128
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
WRITTEN = 4
"""Questions of which a language model writes the answer; without one, all are asked."""

CASES = 8
"""Of the dev suite, the first ones."""

JITTER_S = 0.2
"""What is drawn between a piece of work and a signal: less than the next piece takes."""

SOON_S = 15
"""Seconds after which a command that was told to end has ended, also on a busy machine."""


@dataclass(eq=False)
class Stored:
    """All of a collection: passages as they are, vectors as near as encoding in other company leaves them."""

    passages: Counter
    vectors: dict

    __hash__ = None

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
    if not (home / "collections" / collection / "collection.json").exists():
        return 0
    found = asyncio.run(_read(home, collection, _only_papers))
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


def undisturbed(trial, folders):
    """A run in each folder that nobody kills; both leave the same."""
    wholes = in_both(folders, lambda folder: uninterrupted(trial, folder))
    assert wholes[0].outcome == wholes[1].outcome
    assert wholes[0].names == wholes[1].names
    return wholes


def kill_all(trial, folders, wholes):
    """Kill in both folders, and see that not all kills fell where there is nothing to break."""
    numbered = list(enumerate(folders))
    both = in_both(numbered, lambda each: kill_and_finish(trial, each[1], wholes[each[0]], each[0]))
    account_for(trial.name, [fall for each in both for fall in each])


def account_for(name, falls):
    """Print where the kills fell, and refuse ones that could not have broken anything."""
    where = Counter(fall.where for fall in falls)
    sys.stdout.write("\n".join([f"{name}: {dict(where)}", *map(str, falls), ""]))
    assert len(falls) == KILLS
    assert where["at work"] >= KILLS / 4


@pytest.fixture(scope="module")
def sample():
    """The papers of the sample: title and abstract by id."""
    return {paper.paper_id: (paper.title, paper.abstract) for paper in read_source(SAMPLE_FILE).records}


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


@pytest.fixture
def built(sample_home, tmp_path):
    """Two folders in each of which something is killed, with the sample in their homes."""
    folders = [tmp_path / str(number) for number in range(2)]
    for folder in folders:
        folder.mkdir()
        copy_home(sample_home, folder / "home")
    return folders


def listed(folder):
    return ["papers", "--json", "--home", folder / "home"]


def listing(folder):
    """What `pincite papers --json` has printed, by paper."""
    papers = [json.loads(line) for line in said(folder, "out").splitlines()]
    assert len({paper["paper_id"] for paper in papers}) == len(papers)
    return {paper["paper_id"]: paper for paper in papers}


@pytest.fixture(scope="module")
def ingested(ingest, tmp_path_factory):
    """Two folders in each of which nobody disturbed the ingest, and what it left."""
    folders = [tmp_path_factory.mktemp("ingested") / str(number) for number in range(2)]
    return folders, undisturbed(ingest, folders)


def test_an_ingest_killed_at_random_points_stores_every_paper_once(ingest, ingested, shortened):
    folders, wholes = ingested
    kill_all(ingest, folders, wholes)
    for folder in folders:
        run(folder, listed(folder), **ingest.variables)
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
    folders = [tmp_path / str(number) for number in range(2)]
    kill_all(building, folders, undisturbed(building, folders))


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
    if out.exists():  # also while the batch is run once more after its end: the old one stays until then
        assert out.read_bytes().endswith(b"\n")
        assert len(whole_lines(out)) == len(QUESTIONS)
    lines = [line for file in parts or [out] for line in map(json.loads, whole_lines(file))]
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
    kill_all(trial, built, undisturbed(trial, built))
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


def evaluation(cases):
    """A run of the first cases of the dev suite."""
    return Trial(
        name="evaluation",
        arguments=lambda folder: [
            *("eval", "run", "--suite", "dev", "--limit", cases),
            *("--home", folder / "home", "--out", folder / "run.jsonl"),
        ],
        reset=without_output,
        sign=lambda folder: changed(folder, "run.jsonl"),
        progress=cases_so_far,
        outcome=results,
        total=cases,
    )


def test_an_evaluation_killed_at_random_points_has_every_case_once(built):
    before = stored(built[0] / "home")
    trial = evaluation(CASES)
    kill_all(trial, built, undisturbed(trial, built))
    assert [stored(folder / "home") for folder in built] == [before, before]


def one_answer():
    """A question whose answer goes into files."""
    files = ("answer.md", "references.bib")
    return Trial(
        name="answer",
        arguments=lambda folder: [
            *("ask", QUESTIONS[0], "--home", folder / "home", "--receipt", folder / "receipt.json"),
            *(argument for name in files for argument in ("--export", folder / name)),
        ],
        reset=without_output,
        sign=lambda folder: sorted(path.name for path in folder.iterdir()),
        progress=lambda folder: sum((folder / name).exists() for name in (*files, "receipt.json")),
        outcome=lambda folder: [(folder / name).read_text("utf-8") for name in files[1:]],
        total=len(files) + 1,
    )


@pytest.fixture
def second_ingest(ingest, source_file, shortened, tmp_path):
    """More papers for a collection that has some, with its seal and its snapshot."""
    lines = source_file.read_text("utf-8").splitlines(keepends=True)
    few, more = tmp_path / "few.jsonl", tmp_path / "more.jsonl"
    few.write_text("".join(lines[: BATCH // 2]), "utf-8")
    more.write_text("".join(lines[: BATCH + BATCH // 2]), "utf-8")
    start = tmp_path / "start"
    empty(start)
    run(start, ["ingest", few, "--home", start / "home"], **ingest.variables)

    def as_before(folder):
        empty(folder)
        copy_home(start / "home", folder / "home")

    return replace(
        ingest,
        name="second ingest",
        arguments=lambda folder: ["ingest", more, "--home", folder / "home"],
        reset=as_before,
        total=BATCH + BATCH // 2,
    )


@pytest.fixture(params=["an evaluation", "files of an answer", "a second ingest"])
def replacing(request):
    """What writes files anew that are to be whole at any time, and two folders for it."""
    if request.param == "a second ingest":
        folder = request.getfixturevalue("tmp_path")
        return request.getfixturevalue("second_ingest"), [folder / str(number) for number in range(2)]
    trial = evaluation(2) if request.param == "an evaluation" else one_answer()
    return trial, request.getfixturevalue("built")


def test_a_kill_where_one_file_takes_the_place_of_another_leaves_no_draft_behind(replacing):
    trial, folders = replacing
    wholes = undisturbed(trial, folders)
    fatal = [
        number
        for number, change in enumerate(wholes[0].moments, 1)
        if change.startswith(("os.rename", "shutil.rmtree"))
    ]
    assert len(fatal) > 1

    def kill_each(lane):
        for number in fatal[lane :: len(folders)]:
            kill_between_files(trial, folders[lane], wholes[lane], number)

    in_both(range(len(folders)), kill_each)


@pytest.mark.parametrize(
    ("number", "codes"),
    [(signal.SIGINT, {130, -signal.SIGINT}), (signal.SIGTERM, {143, -signal.SIGTERM})],
    ids=["SIGINT", "SIGTERM"],
)
def test_a_signal_at_a_random_point_ends_an_ingest_in_one_line_and_what_was_stored_is_whole(
    ingest, ingested, number, codes
):
    (folder, _), (whole, _) = ingested
    draw = random.Random(number.name)
    ingest.reset(folder)
    for step in (0, 2, 1):  # of what is left to do
        before = ingest.progress(folder)
        process = start(folder, ingest.arguments(folder), **ingest.variables)
        wait_until_begun(folder, process)
        steps(ingest, folder, process, step)
        time.sleep(draw.uniform(0, JITTER_S))
        process.send_signal(number)
        told = time.monotonic()
        assert process.wait(60) in codes, said(folder)
        assert time.monotonic() - told < SOON_S
        lines = [line for line in said(folder).splitlines() if not line.startswith("Ingesting into ")]
        assert len(lines) == 1
        assert lines[0].startswith("pincite: ")
        assert ingest.progress(folder) >= before
    finish(ingest, folder)
    compare(ingest, folder, whole, [])


def copied(request):
    """A model that quotes the last sentence of each of the first two abstracts it is shown, word by word."""
    shown = re.findall(r'^\{"number".*$', request["messages"][-1]["content"], re.MULTILINE)
    statements = []
    for each in map(json.loads, shown[:2]):
        sentence = re.split(r"(?<=\.) ", each["abstract"].strip())[-1]
        statements.append({"text": sentence, "citations": [{"number": each["number"], "quote": sentence}]})
    return Reply(json.dumps({"statements": statements}), piece_s=0.005)


def timeless(messages):
    """What was said, without the seconds that it took."""
    return [re.sub(r"[\d.\\]+ m?s\b", "", message) for message in messages]


def replies_kept(folder):
    """How many replies of a model are kept, in a file that is sound; none without a model."""
    file = folder / "home" / "cache" / "replies.sqlite"
    if not file.exists():
        return 0
    with contextlib.closing(sqlite3.connect(file)) as kept:
        assert kept.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return kept.execute("SELECT count(*) FROM replies_1").fetchone()[0]


async def ask_all(folder, questions, variables):
    """The answers of a chat that nobody disturbs, and the seconds that each took."""
    answers, seconds = {}, {}
    async with Chat(folder, **variables) as chat:
        for question in questions:
            started = time.monotonic()
            answers[question] = timeless(await chat.answer(question))
            seconds[question] = time.monotonic() - started
        await chat.end()
    return answers, seconds


async def kill_chat(folder, questions, **variables):
    """Kill a chat in the middle of each answer, start it again and ask again; where the kills fell."""
    wanted, seconds = await ask_all(folder, questions, variables)
    names, kept = tree(folder), replies_kept(folder)
    without_output(folder)
    draw, falls = random.Random(f"chat {folder.name}"), []
    for number, question in enumerate(questions):
        async with Chat(folder, **variables) as chat:
            if number:
                asked = questions[number - 1]
                assert timeless(await chat.answer(asked)) == wanted[asked]
            wait_s = draw.uniform(0, seconds[question])
            where = await chat.kill_while_answering(question, wait_s)
            falls.append(Fall("by the clock", f"{wait_s:.2f} s", where, number, number))
    again, _ = await ask_all(folder, questions, variables)
    assert again == wanted
    assert tree(folder) == names, differing(tree(folder), names)
    assert replies_kept(folder) == kept
    return falls


async def test_a_chat_killed_in_the_middle_of_an_answer_comes_up_again_and_gives_it(built):
    before = await asyncio.to_thread(stored, built[0] / "home")
    with ScriptedServer(copied) as server:
        options = {"NAME": "openai/scripted", "API_BASE": server.url, "API_KEY": "k"}
        model = {f"PINCITE_MODEL__{name}": value for name, value in options.items()}
        both = await asyncio.gather(
            kill_chat(built[0], QUESTIONS), kill_chat(built[1], QUESTIONS[:WRITTEN], **model)
        )
        assert server.requests
    account_for("chat", [fall for each in both for fall in each])
    assert [await asyncio.to_thread(stored, folder / "home") for folder in built] == [before, before]
