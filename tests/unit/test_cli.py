"""The commands, on a fake assistant: what they print, and how each mistake ends."""

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from cli_driver import CLUSTER, PAPERS, QUEST, assert_one_line

from ingest.records import IngestReport, RejectedRecord
from rag.errors import CollectionMismatch, ModelUnavailable, StoreLocked, StoreUnavailable

COMMANDS = ("ask", "search", "ingest", "papers", "doctor", "chat")
EVERYWHERE = pytest.mark.parametrize("command", ["ask", "search"])


def test_ask_prints_the_answer_and_closes_the_collection(run, assistant):
    outcome = run("ask", "which papers do KV cache compression?")
    assert outcome.code == 0
    assert outcome.err == ""
    assert " 1. Quest — “We propose Quest, a KV cache selection algorithm.” [1]\n" in outcome.out
    assert "[1] Quest · 2024 · p1\n" in outcome.out
    assert outcome.out.endswith("2 papers · 0.14 s · extractive · receipt 3f9a1c2b\n")
    assert (assistant.opened, assistant.closed) == (1, 1)


def test_ask_json_prints_one_object_whose_quotes_are_where_it_says(run, assistant):
    outcome = run("ask", "which papers?", "--json")
    answer = json.loads(outcome.out)
    abstracts = {paper.paper_id: paper.abstract for paper in PAPERS}
    citations = [citation for statement in answer["statements"] for citation in statement["citations"]]
    assert len(citations) == 2
    assert all(abstracts[c["paper_id"]][c["start"] : c["end"]] == c["quote"] for c in citations)


def test_search_prints_as_many_papers_as_asked_for(run, assistant):
    assert run("search", "caches", "--top-k", "1").out == "  1. 0.5000  Quest · p1\n"
    hits = json.loads(run("search", "caches", "--json").out)["hits"]
    assert [hit["paper_id"] for hit in hits] == ["p1", "p2"]


def test_papers_lists_by_title_or_as_json_with_whole_abstracts(run, assistant):
    assert run("papers").out == "ClusterKV · p2\nQuest · 2024 · p1\n"
    listed = [json.loads(line) for line in run("papers", "--json").out.splitlines()]
    assert [paper["abstract"] for paper in listed] == [QUEST.abstract, CLUSTER.abstract]


def test_options_reach_the_settings(run, assistant, tmp_path):
    run("search", "caches", "--home", str(tmp_path / "other"), "--collection", "mine", "--top-k", "7")
    assert assistant.settings.home == tmp_path / "other"
    assert assistant.settings.collection == "mine"
    assert assistant.settings.retrieval.top_k == 7


def test_a_model_that_is_named_on_the_command_line_beats_the_environment(run, assistant, monkeypatch):
    monkeypatch.setenv("PINCITE_MODEL__NAME", "openai/of-the-environment")
    monkeypatch.setenv("PINCITE_MODEL__MAX_TOKENS", "77")
    run("ask", "which papers?", "--model", "local/smollm2")
    assert (assistant.settings.model.name, assistant.settings.model.max_tokens) == ("local/smollm2", 77)
    run("ask", "which papers?")
    assert assistant.settings.model.name == "openai/of-the-environment"


@EVERYWHERE
@pytest.mark.parametrize("question", ["", "   ", "\x00\x07\x1b", "?!"])
def test_a_question_without_words_is_refused_before_anything_is_opened(run, assistant, command, question):
    assert_one_line(run(command, question), 2, "question is empty")
    assert assistant.opened == 0


@EVERYWHERE
def test_a_question_of_100_kb_is_refused_in_a_short_line(run, assistant, command):
    assert_one_line(run(command, "why " * 25_000), 2, "100,000 characters", "10,000")
    assert assistant.opened == 0


@EVERYWHERE
def test_control_characters_in_a_question_become_spaces(run, assistant, command):
    assert run(command, "which\x00papers\x1b[31m?\udcff").code == 0
    assert assistant.asked == ["which papers [31m?"]


@pytest.mark.parametrize("question", ["哪些论文压缩KV缓存", "ما هي الأوراق التي تضغط ذاكرة KV؟"])
def test_a_question_in_another_script_is_asked_as_it_is(run, assistant, question):
    assert json.loads(run("ask", question, "--json").out)["question"] == question


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("ask",), ("QUESTION", "--batch", "pincite ask --help")),
        (("ask", "why?", "--batch", "in", "--out", "out"), ("QUESTION", "--batch")),
        (("ask", "--batch", "in"), ("--out",)),
        (("ask", "why?", "--out", "out"), ("--batch",)),
        (("ask", "why?", "--frobnicate"), ("--frobnicate", "pincite ask --help")),
        (("aks", "why?"), ("'aks'", "'ask'")),
        (("search", "why?", "--top-k", "0"), ("top_k", "0", "1")),
        (("search", "why?", "--top-k", "ten"), ("--top-k", "integer")),
        (("ask", "why?", "--collection", "../etc"), ("'../etc'",)),
        (("ingest",), ("PATH",)),
        (("chat", "--port", "70000"), ("70000", "65535")),
    ],
)
def test_a_wrong_command_line_is_told_in_one_line(run, assistant, arguments, words):
    assert_one_line(run(*arguments), 2, *words)
    assert assistant.opened == 0


@pytest.mark.parametrize("command", COMMANDS[:2])
def test_a_wrong_setting_is_told_in_one_line(run, monkeypatch, command):
    monkeypatch.setenv("PINCITE_CHAT__PORT", "abc")
    assert_one_line(run(command, "why?"), 2, "PINCITE_CHAT__PORT", "'abc'")


@pytest.mark.parametrize(
    ("error", "code"),
    [(StoreUnavailable, 3), (StoreLocked, 3), (CollectionMismatch, 2), (ModelUnavailable, 3)],
)
def test_an_error_ends_in_its_line_and_its_code_and_the_collection_is_closed(run, assistant, error, code):
    assistant.fault = error("cannot, at http://ada:s3cret@host:6333")
    outcome = run("ask", "why?")
    assert_one_line(outcome, code, "cannot, at http://***@host:6333")
    assert assistant.closed == 1


def test_a_bug_is_one_line_and_with_debug_its_traceback_wherever_debug_stands(run, assistant):
    assistant.fault = ZeroDivisionError("by\x1bzero")
    assert_one_line(run("ask", "why?"), 70, "ZeroDivisionError", "--debug")
    for arguments in (("--debug", "ask", "why?"), ("ask", "why?", "--debug")):
        outcome = run(*arguments)
        assert outcome.code == 70
        assert "Traceback" in outcome.err
        assert outcome.err.splitlines()[-1].startswith("pincite: a bug: ZeroDivisionError: by zero")


def test_ctrl_c_is_one_line_and_the_collection_is_closed(run, assistant):
    assistant.fault = KeyboardInterrupt()
    assert_one_line(run("ask", "why?"), 130, "interrupted")
    assert assistant.closed == 1


def test_the_version_is_one_line(run):
    outcome = run("--version")
    assert outcome.code == 0
    assert outcome.out.startswith("pincite ")


def test_no_command_shows_the_help(run):
    assert run() == run("--help")
    assert "pincite chat" in run().out


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_every_command_has_an_example_and_the_exit_codes(run, command):
    text = run(command, "--help").out
    assert f"\n    pincite {command}" in text
    assert "\n  Exit codes" in text
    assert "--home DIR" in text
    assert "--collection NAME" in text


def ingested(monkeypatch, *skipped):
    async def ingest_path(settings, path, *, on_progress):
        on_progress(1, 2)
        on_progress(2, 2)
        quarantine = Path("quarantine.jsonl") if skipped else None
        return IngestReport(settings.collection, 2, 1, 0, 1, 3, skipped, quarantine, 0.5)

    monkeypatch.setattr("ingest.pipeline.ingest_path", ingest_path)


def test_ingest_sums_up_what_it_did(run, monkeypatch):
    ingested(monkeypatch)
    outcome = run("ingest", "papers.jsonl", "--collection", "mine")
    assert outcome.code == 0
    assert outcome.out == "mine: 2 papers (1 added, 0 updated, 1 unchanged), 3 passages, 0.5 s\n"


def test_ingest_names_what_it_skipped_and_ends_with_one_line_of_json(run, monkeypatch):
    ingested(monkeypatch, *(RejectedRecord(n, "no title\x1b[2J", "{}") for n in range(1, 31)))
    outcome = run("ingest", "papers.jsonl", "--json")
    assert outcome.code == 1
    report = json.loads(outcome.out)
    assert (report["papers"], report["passages"], len(report["skipped"])) == (2, 3, 30)
    assert "pincite: line 20 is skipped: no title [2J\n" in outcome.err
    assert "line 21 " not in outcome.err
    assert outcome.err.endswith("pincite: 30 records skipped, kept in quarantine.jsonl\n")


def test_chat_gets_its_address_from_options_then_the_environment(run, monkeypatch):
    served = []
    chat = SimpleNamespace(run_chat=lambda settings, *, headless: served.append((settings, headless)))
    monkeypatch.setitem(sys.modules, "ui.chat.server", chat)
    monkeypatch.setenv("PINCITE_CHAT__HOST", "::1")
    monkeypatch.setenv("PINCITE_CHAT__PORT", "9000")
    assert run("chat", "--port", "9001", "--headless", "--model", "local/smollm2").code == 0
    [(settings, headless)] = served
    assert (settings.chat.host, settings.chat.port, headless) == ("::1", 9001, True)
    assert settings.model.name == "local/smollm2"
