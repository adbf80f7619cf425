"""`pincite eval noise`: only over the papers of the run, and what rows do not suffice for is not run."""

import json

import pytest
from collection import open_small
from test_rejudging import RUN

from evals.judging.noise_command import standing
from evals.judging.offline import LexicalJudge
from evals.suite.files import write_run
from rag.receipt import collection_digest


@pytest.fixture
async def digest():
    return await collection_digest((await open_small()).papers())


@pytest.fixture
def opened(monkeypatch):
    """The command opens the small collection."""

    async def open_assistant(settings):
        return await open_small()

    async def ensure_sample(settings):
        return None

    monkeypatch.setattr("evals.judging.noise_command.open_assistant", open_assistant)
    monkeypatch.setattr("evals.judging.noise_command.ensure_sample", ensure_sample)


def written(tmp_path, collection):
    file = tmp_path / "run.jsonl"
    head = RUN.head.model_copy(update={"collection": collection, "writer": "openai/gpt-4o"})
    write_run(file, RUN.model_copy(update={"head": head}))
    return str(file)


def test_the_rows_of_each_judge_are_reported_with_how_far_they_agree(run, tmp_path, opened, digest):
    done = run(
        "eval",
        "noise",
        written(tmp_path, digest),
        "--judge",
        "lexical",
        "--judge",
        "cosine",
        "--repeats",
        "1",
    )
    assert done.code == 0
    told = " ".join(done.out.split())
    assert "2 of 2 asks scored, 2 questions" in told
    assert "judges call an item the same" in told
    assert "lexical is not qualified; on a panel it weighs" in told
    assert "one family" not in told


def test_a_run_of_other_papers_is_refused(run, tmp_path, opened):
    done = run("eval", "noise", written(tmp_path, "0" * 64), "--judge", "lexical")
    assert done.code == 2
    assert "other papers" in done.err


def test_a_limit_that_leaves_an_answer_judges_that_one_alone(run, tmp_path, opened, digest):
    done = run("eval", "noise", written(tmp_path, digest), "--judge", "lexical", "--limit", "1")
    assert done.code == 0
    assert "1 questions" in " ".join(done.out.split())


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ((), 2, "--judge NAME"),
        (("--judge", "lexical"), 4, "cannot be read"),
        (("--paraphrases", "4"), 2, "less than or equal to 3"),
    ],
)
def test_what_cannot_be_measured_ends_in_a_line(run, opened, arguments, code, message):
    done = run("eval", "noise", "nowhere.jsonl", *arguments)
    assert done.code == code
    assert message in done.err


def test_a_judge_that_never_sat_the_exam_is_said_to():
    assert "never sat the exam" in standing(LexicalJudge("f" * 64))


def test_what_was_collected_elsewhere_is_read_from_files(run, tmp_path, opened, digest):
    pairs, labels = tmp_path / "pairs.jsonl", tmp_path / "labels.jsonl"
    rows = [
        {"pair": str(n), "swapped": swapped, "choice": "first"}
        for n in range(12)
        for swapped in (True, False)
    ]
    pairs.write_text("\n".join(map(json.dumps, rows)))
    labels.write_text('{"item": "a", "annotator": "ann", "label": "supported"}\n')
    named = ("--pairs", str(pairs), "--labels", str(labels))
    done = run("eval", "noise", written(tmp_path, digest), "--judge", "lexical", "--repeats", "1", *named)
    told = " ".join(done.out.split())
    assert done.code == 0
    assert "preference fairness (-1 first, 1 second) │ -1.000" in told
    assert "not run: labels of 1 people" in told


def test_a_file_of_other_rows_is_refused_before_anything_is_judged(run, tmp_path):
    pairs = tmp_path / "pairs.jsonl"
    pairs.write_text('{"pair": "a", "swapped": true, "choice": "left"}\n')
    done = run("eval", "noise", str(tmp_path / "none.jsonl"), "--judge", "lexical", "--pairs", str(pairs))
    assert "pairs.jsonl row 1: choice" in done.err
    assert done.code == 2
