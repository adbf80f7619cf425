"""Where a model rewrote what is searched for, the page, the terminal, the JSON form and receipts say so."""

import io
import json
from urllib.parse import parse_qs

import pytest
from collection import SETTINGS, open_small
from fakes import HashEncoder, ScriptedModel
from markdown_it import MarkdownIt
from rich.console import Console

from rag.forms import answer_form
from rag.models.budget import MeteredModel
from rag.types import Answer
from rag.writing.query_rewriting import Rewriter
from ui.chat import page
from ui.cli.terminal import render_answer
from ui.exports.differences import differences, effort
from ui.exports.receipts import make_receipt

QUESTION, REWRITTEN = "Which papers squeeze the cache?", "squeeze cache compression"
HOSTILE = "squeeze the cache [1](javascript:x) <img src=x> ![y](http://evil.example) \u202e**b**"
markdown = MarkdownIt("commonmark").enable(["table", "strikethrough"])


async def rewriting(query=REWRITTEN, settings=SETTINGS):
    """An assistant whose every query becomes this one."""
    model = ScriptedModel(lambda _: json.dumps({"query": query}))
    rewriter = Rewriter(lambda spending: MeteredModel(model, spending), HashEncoder(256))
    return await open_small(settings=settings, rewriter=rewriter)


def answer_of(rewritten, kind="set", question=QUESTION, query="squeeze the cache"):
    receipt = {"id": "3f9a1c2b", "writer": "extractive", "timings_ms": {"total": 1.0}}
    receipt["understood"] = {"query": query}
    return Answer(question, kind, abstained=False, rewritten=rewritten, receipt=receipt)


def links(source):
    """Kinds of all tokens of rendered markdown, and what its links lead to."""
    tokens = [token for block in markdown.parse(source) for token in block.children or ()]
    kinds = {token.type for token in tokens}
    return kinds, [token.attrGet("href") for token in tokens if token.type == "link_open"]


def terminal_of(answer):
    console = Console(file=io.StringIO(), width=200, markup=False, highlight=False, emoji=False, _environ={})
    render_answer(console, answer, {})
    return console.file.getvalue()


async def test_page_and_terminal_say_what_was_searched_for():
    answer = await (await rewriting()).ask(QUESTION)
    assert "*Searched for\\: “squeeze cache compression”*" in "".join(page.blocks(answer))
    assert "Searched for: “squeeze cache compression”" in terminal_of(answer)
    typed = await (await rewriting()).ask(QUESTION, as_typed=True)
    assert "Searched for: “" not in "".join(page.blocks(typed)) + terminal_of(typed)


def test_nothing_in_a_rewritten_query_acts_on_the_page_or_in_the_terminal():
    answer = answer_of(f"{HOSTILE}\x1b[31m")
    kinds, targets = links("".join(page.blocks(answer)))
    assert kinds == links("".join(page.blocks(answer_of(REWRITTEN))))[0]
    assert [target.partition("?")[0] for target in targets] == ["#edit"]
    assert not {"\x1b", "\u202e"} & set(terminal_of(answer) + "".join(page.blocks(answer)))


@pytest.mark.parametrize(
    ("answer", "question"),
    [
        (answer_of(REWRITTEN), "Which papers squeeze cache compression?"),
        (answer_of("Quest speed", "fact", "How fast is Quest?", "fast Quest"), "How fast is Quest?"),
        (answer_of(REWRITTEN, question="Which papers sqeeze the cache?"), "Which papers sqeeze the cache?"),
    ],
)
def test_what_was_searched_for_can_be_changed_in_a_question_of_its_kind(answer, question):
    """The link of the page puts it into the box."""
    _, (target,) = links("".join(page.blocks(answer)))
    assert parse_qs(target.removeprefix("#edit?"))["question"] == [question]


async def test_the_json_form_holds_the_query_and_is_empty_where_there_is_none():
    assert answer_form(await (await rewriting()).ask(QUESTION))["rewritten"] == REWRITTEN
    assert answer_form(await (await open_small()).ask(QUESTION))["rewritten"] == ""


@pytest.fixture
def rewritten(commands_open):
    """Commands ask a small collection, with every query rewritten to ``query``."""

    class Rewritten:
        query = REWRITTEN

    async def open_assistant(settings):
        return await rewriting(Rewritten.query, settings)

    commands_open(open_assistant)
    return Rewritten


def test_the_command_prints_it_in_words_and_as_json(run, rewritten):
    assert f"Searched for: “{REWRITTEN}”" in run("ask", QUESTION).out
    form = json.loads(run("ask", QUESTION, "--json").out)
    assert (form["question"], form["rewritten"]) == (QUESTION, REWRITTEN)
    assert form["receipt"]["rewrite"]["query"] == REWRITTEN


def test_a_replay_is_identical_while_the_model_says_the_same_and_shows_where_it_does_not(run, rewritten):
    run("ask", QUESTION, "--receipt", "r.json")
    assert run("replay", "r.json") == (0, "identical\n", "")
    rewritten.query = "squeeze cache compression of values"
    outcome = run("replay", "r.json")
    assert outcome.code == 1
    changed = [line for line in outcome.out.splitlines() if '"rewritten"' in line]
    assert [line[0] for line in changed] == ["-", "+"]
    assert REWRITTEN in changed[0]
    assert "of values" in changed[1]


async def test_receipts_with_and_without_it_differ_by_the_query_and_by_the_call_it_took():
    made = [
        await make_receipt(assistant, SETTINGS, QUESTION, await assistant.ask(QUESTION, as_typed=as_typed))
        for assistant, as_typed in [(await rewriting(), True), (await rewriting(), False)]
    ]
    found = {(each.part, each.what): (each.first, each.second) for each in differences(*made)}
    assert found["answer", "rewritten"] == ("", REWRITTEN)
    assert found["stages", "rewrite.query"] == (None, REWRITTEN)
    assert not any(what == "rewrite.calls" for _, what in found)
    took = {each.what: (each.first, each.second) for each in effort(*made)}
    assert took["calls of a model"] == (None, 1)
    assert took["rewrite ms"][0] is None
