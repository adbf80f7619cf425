"""Whatever a language model does, `pincite ask` ends in quotes and a line that says why, or in one line."""

import asyncio
import json
import time

import pytest
import scripted_model as server_says
from scripted_model import Reply, ScriptedServer

from rag.build import load_settings, open_assistant
from ui.cli.__main__ import main

FACT = "By how much does Quest speed up self-attention?"
QUOTE = "We show that Quest can achieve up to 2.23x self-attention speedup"
TRUE = "Quest can achieve up to 2.23x self-attention speedup."
INVENTED = "Quest reaches up to 9.5x self-attention speedup."

pytestmark = pytest.mark.slow


def statements(*said):
    form = [{"text": text, "citations": [{"number": n, "quote": quote}]} for text, n, quote in said]
    return json.dumps({"statements": form}, ensure_ascii=False)


def echo(request):
    return "\n".join(turn["content"] for turn in request["messages"])


@pytest.fixture(scope="module")
def abstracts(sample_home):
    """Abstracts of the sample by the id of their paper."""

    async def read():
        assistant = await open_assistant(load_settings(home=sample_home, collection="sample"))
        try:
            return {paper.paper_id: paper.abstract async for paper in assistant.papers()}
        finally:
            await assistant.close()

    return asyncio.run(read())


@pytest.fixture
def model(monkeypatch, tmp_path):
    """Sets options of the language model: small limits, no cache, no key but the one that is given."""
    monkeypatch.chdir(tmp_path)
    for name in ("OPENAI_API_KEY", "OPENAI_API_BASE", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)

    def set_options(**options):
        usual = {"name": "openai/scripted", "api_key": "swordfish", "cache": "false", "retries": "1"}
        limits = {"timeout_s": "20", "max_tokens": "200"}
        for name, value in (usual | limits | options).items():
            monkeypatch.setenv(f"PINCITE_MODEL__{name.upper()}", value)

    return set_options


@pytest.fixture
def ask(capsys, sample_home):
    """Asks the fact question; the answer as JSON, after checks that hold whatever the model did."""

    def command():
        capsys.readouterr()
        code = main(["ask", FACT, "--json", "--collection", "sample", "--home", str(sample_home)])
        out, err = capsys.readouterr()
        assert (code, err) == (0, "")
        assert "swordfish" not in out
        return json.loads(out)

    return command


def assert_quotes(answer, abstracts, *words):
    """The answer is the extractive reader's, and one line says why."""
    assert answer["writer"] == "extractive"
    assert answer["statements"]
    for said in answer["statements"]:
        (cite,) = said["citations"]
        assert abstracts[cite["paper_id"]][cite["start"] : cite["end"]] == cite["quote"]
        assert cite["quote"] in said["text"]
    assert "These are quotes" in answer["note"]
    assert "\n" not in answer["note"]
    assert len(answer["note"]) < 400
    for word in words:
        assert word in answer["note"]


FAILURES = {
    "rate limited forever": (lambda _: server_says.rate_limited(), "slow down"),
    "out of quota": (lambda _: server_says.no_quota(), "check your billing"),
    "a wrong key": (lambda _: server_says.unauthorized(), "Incorrect API key"),
    "HTML": (lambda _: server_says.html(), "web page"),
    "a body cut in the middle": (lambda _: server_says.half_json(), "scripted"),
    "the provider is broken": (lambda _: server_says.server_error(), "had an error"),
    "refused by a filter": (lambda _: server_says.refusal(), "declined to answer"),
    "nothing": (lambda _: Reply(""), "without text"),
    "cut mid-JSON": (lambda _: server_says.dropped(statements((INVENTED, 1, "x")), after=4), "broke off"),
}

NONSENSE = {
    "JSON that does not end": '{"statements": [{"text": "Quest reaches up to 9.5x self-att',
    "another language": statements(
        ("Quest accélère l’auto-attention jusqu’à neuf fois.", 1, ""), ("Quest 将自注意力加速了九倍。", 1, "")
    ),
    "a citation of nothing": f"{TRUE} [99]",
    "an invented quote": statements((INVENTED, 1, "Quest reaches up to 9.5x self-attention speedup")),
    "a true quote of another sentence": statements((INVENTED, 1, QUOTE)),
    "a refusal in words": "I cannot help with that. [1]",
    "a bare yes or no": "No. [1]",
    "the prompt": echo,
    "50,000 tokens": Reply(" ".join(f"w{number}" for number in range(25_000)), usage=None),
    "the same for ever": server_says.endless(f"{INVENTED} [1] "),
}


@pytest.mark.parametrize("script", FAILURES)
def test_a_model_that_fails_leaves_quotes_and_one_line_that_says_why(model, ask, abstracts, script):
    reply, word = FAILURES[script]
    with ScriptedServer(reply) as server:
        model(api_base=server.url)
        assert_quotes(ask(), abstracts, "could not be used", word)
        assert len(server.requests) <= 2


@pytest.mark.parametrize("script", NONSENSE)
def test_what_the_collection_does_not_carry_never_reaches_the_reader_as_its_answer(
    model, ask, abstracts, script
):
    reply = NONSENSE[script]
    with ScriptedServer(reply if callable(reply) else lambda _: reply) as server:
        model(api_base=server.url)
        answer = ask()
        assert_quotes(answer, abstracts, "supported by the collection")
        assert server.words < 3000
    shown = " ".join(said["text"] for said in answer["statements"])
    assert all(said["text"] not in shown for said in answer["removed"])


def test_of_true_and_invented_sentences_only_the_true_ones_are_the_answer(model, ask):
    with ScriptedServer(lambda _: statements((INVENTED, 1, QUOTE), (TRUE, 1, QUOTE))) as server:
        model(api_base=server.url)
        answer = ask()
    assert [said["text"] for said in answer["statements"]] == [TRUE]
    assert [said["text"] for said in answer["removed"]] == [INVENTED]
    assert answer["writer"] == "openai/scripted"


def test_a_model_that_is_down_is_named(model, ask, abstracts):
    model(api_base=server_says.refused_url())
    assert_quotes(ask(), abstracts, "'openai/scripted'", "Connection error")


def test_a_model_that_is_slow_is_left_when_its_time_is_up(model, ask, abstracts):
    with ScriptedServer(lambda _: server_says.slow(statements((TRUE, 1, QUOTE)), 30)) as server:
        model(api_base=server.url, timeout_s="1")
        started = time.monotonic()
        assert_quotes(ask(), abstracts, "did not answer in time")
        assert time.monotonic() - started < 15


def test_a_key_that_is_missing_is_named_by_its_variable(model, ask, abstracts, monkeypatch):
    model()
    monkeypatch.delenv("PINCITE_MODEL__API_KEY")
    assert_quotes(ask(), abstracts, "OPENAI_API_KEY")


def test_a_context_smaller_than_one_abstract_is_said_before_anything_is_sent(model, ask, abstracts):
    with ScriptedServer() as server:
        model(api_base=server.url, context_tokens="950")
        assert_quotes(ask(), abstracts, "cannot read a whole abstract")
        assert server.requests == []


def test_a_server_whose_window_is_smaller_than_one_abstract_is_asked_with_less_and_less(
    model, ask, abstracts
):
    with ScriptedServer(lambda _: server_says.too_long()) as server:
        model(api_base=server.url)
        assert_quotes(ask(), abstracts, "maximum context length")
        shown = [request["messages"][-1]["content"].count('{"number"') for request in server.requests]
    assert shown == sorted(set(shown), reverse=True)
    assert shown[-1] == 1


def test_a_model_that_is_missing_leaves_quotes_too(model, ask, abstracts):
    model(name="local/nowhere.gguf")
    assert_quotes(ask(), abstracts, "No such file")


def test_the_removed_sentences_of_a_model_that_raves_do_not_fill_the_screen(
    model, capsys, sample_home, monkeypatch
):
    monkeypatch.setenv("COLUMNS", "100")
    raving = " ".join(f"Quest cures illness number {number}. [1]" for number in range(1, 40))
    with ScriptedServer(lambda _: raving) as server:
        model(api_base=server.url, max_tokens="2000")
        assert main(["ask", FACT, "--collection", "sample", "--home", str(sample_home)]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert "39 sentences removed" in out
    assert "and 34 more" in out
    assert out.count("cures illness") == 5


def test_a_model_of_no_provider_ends_the_command_at_its_start(pincite, sample_home):
    outcome = pincite("ask", FACT, "--home", sample_home, PINCITE_MODEL__NAME="nonsense")
    assert (outcome.returncode, outcome.stdout) == (2, "")
    assert outcome.stderr.startswith("pincite: ")
    assert outcome.stderr.count("\n") == 1
    assert "PINCITE_MODEL__NAME" in outcome.stderr


def test_a_process_with_a_model_that_is_down_prints_quotes_and_no_traceback(pincite, sample_home):
    url = server_says.refused_url()
    outcome = pincite(
        *("ask", FACT, "--model", "openai/x", "--home", sample_home),
        PINCITE_MODEL__API_BASE=url,
        PINCITE_MODEL__API_KEY="swordfish",
    )
    assert (outcome.returncode, outcome.stderr) == (0, "")
    assert "2.23x" in outcome.stdout
    assert "These are quotes" in outcome.stdout
    assert "swordfish" not in outcome.stdout
