"""The command line as a newcomer meets it: real processes, the real sample collection."""

import json
import signal

import pytest

QUESTION = "which papers do KV cache compression?"
HEAVY = {"litellm", "llama_index", "chainlit", "qdrant_client", "torch", "openai", "fastapi"}
LIST_MODULES = (
    "import sys; from ui.cli.__main__ import main; code = main(); "
    "print(*sys.modules, file=sys.stderr); sys.exit(code)"
)

pytestmark = pytest.mark.slow


def test_a_question_is_answered_with_quotes_that_are_in_the_abstracts(pincite, sample_home):
    answer = json.loads(pincite("ask", QUESTION, "--json", "--home", sample_home).stdout)
    listing = pincite("papers", "--json", "--home", sample_home).stdout.splitlines()
    abstracts = {paper["paper_id"]: paper["abstract"] for paper in map(json.loads, listing)}
    assert len(abstracts) == 231
    assert {"Quest", "ClusterKV"} <= {paper["title"].partition(":")[0] for paper in answer["papers"]}
    citations = [cite for statement in answer["statements"] for cite in statement["citations"]]
    assert citations
    for cite in citations:
        assert abstracts[cite["paper_id"]][cite["start"] : cite["end"]] == cite["quote"]


def test_a_person_reads_titles_quotes_numbers_and_the_receipt(pincite, sample_home):
    outcome = pincite("ask", QUESTION, "--home", sample_home, COLUMNS="100")
    assert outcome.returncode == 0
    assert outcome.stderr == ""
    assert "ClusterKV" in outcome.stdout
    assert "[1]" in outcome.stdout
    assert max(map(len, outcome.stdout.splitlines())) <= 100
    assert outcome.stdout.splitlines()[-1].startswith("231 papers · ")
    assert " · extractive · receipt " in outcome.stdout
    assert "\x1b" not in outcome.stdout


def test_what_the_collection_does_not_say_is_an_answer_too(pincite, sample_home):
    outcome = pincite("ask", "Who won the 2022 World Cup?", "--json", "--home", sample_home)
    answer = json.loads(outcome.stdout)
    assert outcome.returncode == 0
    assert answer["abstained"]
    assert answer["note"]


@pytest.mark.parametrize("command", ["ask", "search"])
def test_a_question_imports_none_of_the_heavy_libraries(pincite, sample_home, command):
    outcome = pincite(command, QUESTION, "--home", sample_home, program=LIST_MODULES)
    assert outcome.returncode == 0
    loaded = {name.partition(".")[0] for name in outcome.stderr.split()}
    assert "ui" in loaded
    assert not loaded & HEAVY


def test_a_batch_goes_through_a_pipe(pincite, sample_home):
    lines = [
        {"id": "a", "question": QUESTION},
        {"id": "b", "question": ""},
        {"id": "c", "question": "为什么?"},
    ]
    given = "\n".join(map(json.dumps, lines)).encode()
    outcome = pincite("ask", "--batch", "-", "--out", "-", "--home", sample_home, given=given)
    answers = [json.loads(line) for line in outcome.stdout.splitlines()]
    assert [answer["id"] for answer in answers] == ["a", "b", "c"]
    assert [bool(answer["statements"]) for answer in answers][:2] == [True, False]


def test_a_receipt_is_replayed_identically_by_another_process(pincite, sample_home, tmp_path):
    receipt = tmp_path / "r.json"
    assert pincite("ask", QUESTION, "--receipt", receipt, "--home", sample_home).returncode == 0
    outcome = pincite("replay", receipt, "--home", sample_home)
    assert (outcome.returncode, outcome.stdout, outcome.stderr) == (0, "identical\n", "")


def test_an_export_is_whole_though_nobody_reads_the_answer(start, sample_home, tmp_path):
    bibliography = tmp_path / "a.bib"
    process = start("ask", QUESTION, "--export", bibliography, "--home", sample_home)
    process.stdout.close()
    assert process.wait(60) == 141
    assert "ClusterKV" in bibliography.read_text()


def test_a_reader_that_stops_early_gets_no_traceback(start, sample_home):
    process = start("papers", "--json", "--home", sample_home)
    assert json.loads(process.stdout.readline())["abstract"]
    process.stdout.close()
    assert process.wait(60) == 141
    assert process.stderr.read() == b""


def test_a_terminal_without_our_quotation_marks_shows_something_else(pincite, sample_home):
    outcome = pincite("ask", QUESTION, "--home", sample_home, PYTHONIOENCODING="ascii")
    assert outcome.returncode == 0
    assert outcome.stdout.isascii()
    assert "?" in outcome.stdout
    assert outcome.stderr == ""


def test_the_doctor_finds_a_fresh_home_and_a_built_one_well(pincite, sample_home, tmp_path):
    fresh = pincite("doctor", "--home", tmp_path / "fresh")
    built = pincite("doctor", "--home", sample_home)
    assert (fresh.returncode, built.returncode) == (0, 0), fresh.stdout + built.stdout
    assert "not built yet" in fresh.stdout
    assert "231 papers" in built.stdout


def test_the_first_use_says_what_it_builds_and_ctrl_c_ends_it_in_one_line(start, tmp_path):
    process = start("ask", QUESTION, "--home", tmp_path / "home")
    assert process.stderr.readline().decode() == "Building the sample collection, once …\n"
    process.send_signal(signal.SIGINT)
    _, rest = process.communicate(timeout=60)
    assert process.returncode == 130
    assert rest.decode() == "pincite: interrupted; what was stored is whole\n"
