"""Text from outside cannot keep the product busy: all patterns and functions that read it are linear."""

import io
import re
import sys
import time
from functools import cache
from itertools import groupby

import pytest
from collection import open_small
from pumped_patterns import PACKAGES, Found, TooSlowError, patterns, processor_time, slowest
from rich.console import Console

from ingest.chunk import chunk
from ingest.clean import clean, printable
from ingest.sources.saved_page import slug
from rag.conversation.standalone import EMPTY
from rag.errors import QuestionError
from rag.question.aspects import ALWAYS, NAMED, trouble
from rag.question.understanding import understand
from rag.retrieval.candidates import short_name
from rag.text.quoting import locate
from rag.text.sentences import sentence_spans
from rag.text.tokens import token_counter
from rag.types import Answer, Citation, Paper, Span, Statement
from rag.untrusted.instructions import is_instruction, is_plea
from rag.untrusted.language_outliers import outliers
from rag.untrusted.solicitation import advertises, solicits
from rag.writing.reply_parser import parse
from ui.chat import page
from ui.chat.markup import chip, escape
from ui.cli.terminal import render_answer
from ui.exports import FORMATS
from ui.exports.records import name_of, plain
from ui.safe import inert, masked


@cache
def by_module() -> dict[str, list[Found]]:
    """The patterns of the product by module."""
    found = groupby(patterns(), key=lambda each: re.split(r"[.:][A-Z_0-9]+\Z", each.place)[0])
    return {module: list(each) for module, each in found}


def test_every_pattern_of_the_product_is_looked_at():
    places = " ".join(found.place for found in patterns())
    for known in (
        "ingest.clean._RULES",
        "ingest.sources.jsonl:",
        "rag.question.aspects.ALWAYS",
        "rag.untrusted.instructions.ANYWHERE",
        "rag.writing.query_rewriting:",
        "rag.untrusted.solicitation.READER_CUES",
        "ui.chat.markup._MARKUP",
        "rag.untrusted.masking.QUERY",
    ):
        assert known in places
    assert len(patterns()) > 400


QUADRATIC = (r"\s+x", r"!\[[^\]]*\]\(", r"\ba\b.*\bthen\b")
LINEAR = (r"(?<!\s)\s+x", r"a[^.]{0,60}b", r"\A(?>.*?\ba\b).*\bthen\b")


@pytest.mark.parametrize(
    ("form", "slow"), [*((form, True) for form in QUADRATIC), *((form, False) for form in LINEAR)]
)
def test_a_pattern_that_takes_more_than_linear_time_is_told_from_others(form, slow):
    assert (slowest(Found("here", re.compile(form), searched=True)) is not None) == slow


@pytest.mark.parametrize("module", by_module())
def test_no_pattern_of_a_module_takes_more_than_linear_time(module):
    slow = {found.place: pump for found in by_module()[module] if (pump := slowest(found))}
    assert slow == {}


QUESTIONS = (
    "What is Lantern?",
    "What does KV stand for?",
    "How many parameters does Sifter have?",
    "How does Lantern compare to Ferry in speed, accuracy and size?",
    "papers by Ada Nordmann since 2020",
    "Which papers do cache compresion?",
)


async def test_no_pattern_that_is_made_of_a_question_or_a_name_takes_more_than_linear_time(monkeypatch):
    known = {(found.pattern.pattern, found.pattern.flags) for found in patterns()}
    made = {}
    compiling = re._compile

    def noted(form, flags):
        compiled = compiling(form, flags)
        use, caller = sys._getframe(1).f_code.co_name, sys._getframe(2)
        module = caller.f_globals.get("__name__", "")
        key = (compiled.pattern, compiled.flags)
        if module.split(".")[0] in PACKAGES and key not in known:
            begun = use in {"match", "fullmatch"}
            made.setdefault(
                (module, caller.f_lineno), Found(f"{module}:{caller.f_lineno}", compiled, not begun)
            )
        return compiled

    assistant = await open_small()
    with monkeypatch.context() as patch:
        patch.setattr(re, "_compile", noted)
        for question in QUESTIONS:
            answer = await assistant.ask(question)
            await assistant.ask("what about Ferry?", history=assistant.remember(EMPTY, answer))
    assert len(made) >= 12
    assert {place: pump for place, found in made.items() if (pump := slowest(found))} == {}


LENGTH = 100_000
MOST = 6.0
"""Seconds of processor time for so many characters: ten times what the slowest of these takes, and a tenth of
what a quadratic one would."""

PUMPS = (
    *(
        "![",
        "\\href{",
        "{",
        "(",
        "a.",
        "a ",
        " ",
        "\n",
        "\r",
        "$_",
        "``",
        "''",
        "\\",
        "a",
        "A",
        "1",
        "1.",
        "<a ",
        '"',
    ),
    *("“", "a-", ", ", ". ", " \n", "http://", "a@", "{\\bf ", "\\footnote{", "$a\\n"),
    *("\u200b", "x\u200d", "漢", "[1] ", "[1, ", "](//", "No. ", "? "),
)


def answered(text: str) -> tuple[Answer, Paper]:
    """An answer that quotes a paper of nothing but a text."""
    paper = Paper(
        "p", text[:2000], text, authors=(text[:500],), venue=text[:1000], url="https://example.org/"
    )
    cited = Citation("p", paper.title, "p#0", text, Span(0, len(text)))
    receipt = {
        "id": "0" * 10,
        "timings_ms": {"total": 1.0},
        "writer": text[:99],
        "understood": {"query": "q"},
    }
    said = (Statement(text, "supported", (cited,)),)
    return Answer(text[:9999], "fact", abstained=False, statements=said, receipt=receipt), paper


def exported(form):
    def write(text):
        answer, paper = answered(text)
        FORMATS[form].write(answer, [paper])

    return write


def rendered(text):
    answer, paper = answered(text)
    render_answer(Console(file=io.StringIO(), width=100, markup=False), answer, {"p": paper})


def on_the_page(text):
    answer, paper = answered(text)
    "".join(page.blocks(answer))
    page.source(paper, Span(0, 10))


def asked(text):
    for question in (f"which papers {text}"[:9999], f"{text[:9998]}?"):
        try:
            understand(question)
        except QuestionError:
            continue


READERS = {
    "clean": clean,
    "printable": printable,
    "slug": slug,
    "sentences": sentence_spans,
    "chunk": lambda text: chunk(Paper("p", "T", f"{text}a"), 256, token_counter("cl100k_base")),
    "outliers": lambda text: outliers([text[span.start : span.end] for span in sentence_spans(text)]),
    "instruction": is_instruction.__wrapped__,
    "plea": is_plea.__wrapped__,
    "solicits": solicits,
    "advertises": advertises,
    "aspects": lambda text: [aspect.strength(text, ["Quest"]) for aspect in (*ALWAYS, *NAMED)],
    "trouble": trouble,
    "short name": short_name,
    "reply": parse,
    "quote": lambda text: locate(text[:2000], text),
    "question": asked,
    "escape": escape,
    "chip": chip,
    "inert": inert,
    "masked": masked,
    "plain": plain,
    "name": lambda text: name_of(plain(text)),
    "terminal": rendered,
    "page": on_the_page,
    **{f"export as {form}": exported(form) for form in FORMATS},
}


@pytest.mark.parametrize("reader", READERS)
def test_text_that_is_the_same_over_and_over_is_read_in_time(reader):
    late = {}
    for pump in PUMPS:
        started = time.process_time()
        try:
            with processor_time(MOST):
                READERS[reader]((pump * (LENGTH // len(pump) + 1))[:LENGTH])
        except TooSlowError:
            late[pump] = time.process_time() - started
    assert late == {}
