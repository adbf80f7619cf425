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
from dataclasses import asdict, replace
from functools import lru_cache

import numpy as np
import pytest
from chat_socket import Chat
from killing import Fall, Lane, Trial, differing, in_each, tree, whole_lines
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


class Vectors:
    """Of a collection; equal where they are as near as encoding in other company leaves them."""

    __hash__ = None

    def __init__(self, found):
        self._rows = [np.vstack([each.dense, each.sentence_vectors]) for each in found]

    def __eq__(self, other):
        return all(
            np.allclose(mine, others, atol=2e-3) for mine, others in zip(self._rows, other._rows, strict=True)
        )


@lru_cache
def encoder():
    return build_encoder(load_settings())


async def _passages(home, collection):
    passage = {"max_tokens": PASSAGE_TOKENS} if collection == OWN else None
    settings = load_settings(home=home, collection=collection, chunk=passage)
    store = await open_store(settings, fingerprint(settings, encoder()), create=False)
    try:
        papers = [paper.paper_id async for paper in store.papers()]
        found = await store.fetch(sorted(papers))
        counts = await store.counts()
    finally:
        await store.close()
    assert len(papers) == len(set(papers))
    assert (counts.papers, counts.passages) == (len(papers), len(found))
    return found


def stored(home, collection=SAMPLE):
    """All that is stored in a collection."""
    found = asyncio.run(_passages(home, collection))
    parts = ([asdict(each.passage), each.content_hash, asdict(each.sparse)] for each in found)
    return [json.dumps(part, default=dict) for part in parts], Vectors(found)


def papers_in(home, collection, source):
    """How many papers are stored, each of them as it is in the source."""
    if not (home / "collections" / collection / "collection.json").exists():
        return 0
    papers = [each.passage.paper for each in asyncio.run(_passages(home, collection))]
    assert all(source[paper.paper_id] == (paper.title, paper.abstract) for paper in papers)
    return len({paper.paper_id for paper in papers})


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
    lanes = in_each(lambda folder: Lane(trial, folder), folders)
    assert lanes[0].outcome == lanes[1].outcome
    assert lanes[0].names == lanes[1].names
    return lanes


def kill_all(lanes):
    falls = in_each(Lane.kill_and_finish, lanes, range(len(lanes)))
    account_for(lanes[0].trial.name, [fall for each in falls for fall in each])


def account_for(name, falls):
    """Print where the kills fell, and refuse ones that could not have broken anything."""
    where = Counter(fall.where for fall in falls)
    sys.stdout.write("\n".join([f"{name}: {dict(where)}", *map(str, falls), ""]))
    assert len(falls) == KILLS
    assert where["at work"] >= KILLS / 4


def two_folders(place):
    return [place / str(number) for number in range(2)]


def json_lines(file, lines):
    file.write_text("".join(f"{json.dumps(line)}\n" for line in lines), "utf-8")
    return file


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
def source(shortened, tmp_path_factory):
    """The shortened papers as lines."""
    return [{"id": key, "title": title, "abstract": text} for key, (title, text) in shortened.items()]


@pytest.fixture(scope="module")
def ingest(source, shortened, tmp_path_factory):
    file = json_lines(tmp_path_factory.mktemp("source") / "papers.jsonl", source)
    return Trial(
        name="ingest",
        arguments=lambda folder: ["ingest", file, "--home", folder / "home"],
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
    folders = two_folders(tmp_path)
    for folder in folders:
        folder.mkdir()
        copy_home(sample_home, folder / "home")
    yield folders
    homes = [stored(home) for home in (sample_home, *(folder / "home" for folder in folders))]
    assert homes[0] == homes[1] == homes[2]


def listed(folder):
    return ["papers", "--json", "--home", folder / "home"]


def listing(folder):
    """What `pincite papers --json` has printed, by paper."""
    papers = whole_lines(folder.with_suffix(".out"))
    assert len({paper["paper_id"] for paper in papers}) == len(papers)
    return {paper["paper_id"]: paper for paper in papers}


@pytest.fixture(scope="module")
def ingested(ingest, tmp_path_factory):
    return undisturbed(ingest, two_folders(tmp_path_factory.mktemp("ingested")))


def test_an_ingest_killed_at_random_points_stores_every_paper_once(ingested, shortened):
    kill_all(ingested)
    for lane in ingested:
        lane.finish(listed(lane.folder))
        found = listing(lane.folder).items()
        assert {key: (paper["title"], paper["abstract"]) for key, paper in found} == shortened


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
    kill_all(undisturbed(building, two_folders(tmp_path)))


def answers(folder):
    """The replies of a batch without the time they took."""
    lines = whole_lines(folder / "out.jsonl")
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
    lines = [line for file in parts or [out] for line in whole_lines(file)]
    assert [line["id"] for line in lines] == [f"q{number}" for number in range(len(lines))]
    return len(lines)


def without_output(folder):
    """Leave nothing in the folder but the collection."""
    for path in folder.iterdir():
        if path.is_file():
            path.unlink()
    shutil.rmtree(folder / "home" / "cache", ignore_errors=True)


def test_a_batch_killed_at_random_points_answers_every_question_once(built, tmp_path):
    questions = [{"id": f"q{number}", "question": question} for number, question in enumerate(QUESTIONS)]
    batch = json_lines(tmp_path / "questions.jsonl", questions)
    output = ("--out", "out.jsonl", "--home", "home")
    trial = Trial(
        name="batch",
        arguments=lambda folder: ["ask", "--batch", batch, *output],
        reset=without_output,
        sign=lambda folder: changed(folder, "out.jsonl*"),
        progress=replies_so_far,
        outcome=answers,
        total=len(QUESTIONS),
    )
    kill_all(undisturbed(trial, built))


def cases_so_far(folder):
    """Of a run: those whose result is on file, each once."""
    _, *lines = whole_lines(folder / "run.jsonl") or [None]
    results = [line["case_id"] for line in lines]
    if lines:
        assert [result.case_id for result in read_run(folder / "run.jsonl").results] == results
    assert len(set(results)) == len(results)
    return len(results)


def results(folder):
    """The results of a run without the time they took."""
    lines = whole_lines(folder / "run.jsonl")
    for line in lines[1:]:
        line.pop("latency_ms")
        line["answer"]["receipt"].pop("timings_ms")
        line["scores"] = [score for score in line["scores"] if score["measure"] != "latency"]
    return lines


def test_an_evaluation_killed_at_random_points_has_every_case_once(built):
    command = ["eval", "run", "--suite", "dev", "--limit", CASES, "--home", "home", "--out", "run.jsonl"]
    trial = Trial(
        name="evaluation",
        arguments=lambda folder: command,
        reset=without_output,
        sign=lambda folder: changed(folder, "run.jsonl"),
        progress=cases_so_far,
        outcome=results,
        total=CASES,
    )
    kill_all(undisturbed(trial, built))


FILES = ("answer.md", "references.bib", "receipt.json")


@pytest.fixture
def answer(built):
    """A question whose answer goes into files."""
    exports = [argument for name in FILES[:2] for argument in ("--export", name)]
    trial = Trial(
        name="answer",
        arguments=lambda folder: ["ask", QUESTIONS[0], "--home", "home", "--receipt", FILES[2], *exports],
        reset=without_output,
        sign=lambda folder: sorted(path.name for path in folder.iterdir()),
        progress=lambda folder: sum((folder / name).exists() for name in FILES),
        outcome=lambda folder: (folder / "references.bib").read_text("utf-8"),
        total=len(FILES),
    )
    return undisturbed(trial, built)


@pytest.fixture
def second_ingest(ingest, source, tmp_path):
    """More papers for a collection that has some, with its seal and its snapshot."""
    few = json_lines(tmp_path / "few.jsonl", source[: BATCH // 2])
    more = json_lines(tmp_path / "more.jsonl", source[: BATCH + BATCH // 2])
    arguments = lambda folder: ["ingest", few, "--home", folder / "home"]  # noqa: E731 - as of a trial
    first = Lane(replace(ingest, arguments=arguments, total=BATCH // 2), tmp_path / "first")

    def as_before(folder):
        empty(folder)
        copy_home(first.folder / "home", folder / "home")

    second = replace(ingest, reset=as_before, total=BATCH + BATCH // 2)
    return undisturbed(
        replace(second, arguments=lambda folder: ["ingest", more, "--home", folder / "home"]),
        two_folders(tmp_path),
    )


@pytest.mark.parametrize("replacing", ["answer", "second_ingest"])
def test_a_kill_where_one_file_takes_the_place_of_another_leaves_no_draft_behind(replacing, request):
    lanes = request.getfixturevalue(replacing)
    changes = enumerate(lanes[0].moments, 1)
    fatal = [number for number, each in changes if each.startswith(("os.rename", "shutil.rmtree"))]
    assert len(fatal) > 1

    def kill_each(lane, numbers):
        for number in numbers:
            lane.kill_before(number)

    in_each(kill_each, lanes, [fatal[::2], fatal[1::2]])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_a_signal_at_a_random_point_ends_an_ingest_in_one_line_and_what_was_stored_is_whole(ingested, number):
    lane, draw = ingested[0], random.Random(number.name)
    trial, folder = lane.trial, lane.folder
    trial.reset(folder)
    for step in (0, 2, 1):  # of what is left to do
        before = trial.progress(folder)
        with lane.running() as process:
            while not folder.with_suffix(".begun").exists():  # what goes on then is pincite's own doing
                assert process.poll() is None, lane.said()
                time.sleep(0.001)
            lane.steps(process, step)
            time.sleep(draw.uniform(0, JITTER_S))
            process.send_signal(number)
            assert process.wait(SOON_S) in {128 + number, -number}, lane.said()
        (line,) = (line for line in lane.said().splitlines() if not line.startswith("Ingesting into "))
        assert line.startswith("pincite: ")
        assert trial.progress(folder) >= before
    lane.finish()
    lane.compare()


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
            falls.append(Fall("by the clock", f"{wait_s:.2f} s", where))
    again, _ = await ask_all(folder, questions, variables)
    assert again == wanted
    assert tree(folder) == names, differing(tree(folder), names)
    assert replies_kept(folder) == kept
    return falls


async def test_a_chat_killed_in_the_middle_of_an_answer_comes_up_again_and_gives_it(built):
    with ScriptedServer(copied) as server:
        options = {"NAME": "openai/scripted", "API_BASE": server.url, "API_KEY": "k"}
        model = {f"PINCITE_MODEL__{name}": value for name, value in options.items()}
        both = await asyncio.gather(
            kill_chat(built[0], QUESTIONS), kill_chat(built[1], QUESTIONS[:WRITTEN], **model)
        )
        assert server.requests
    account_for("chat", [fall for each in both for fall in each])
