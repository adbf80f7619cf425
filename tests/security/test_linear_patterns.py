"""Text from outside cannot keep the product busy: all patterns and functions that read it are linear."""

import io
import re
import sys
from contextlib import suppress
from itertools import groupby

import pytest
from collection import open_small
from pumped_patterns import (
    FIXED,
    PACKAGES,
    Found,
    TooSlowError,
    patterns,
    processor_time,
    pumped,
    slowest,
)
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


def by_module():
    """The patterns of the product by module."""
    found = groupby(patterns(), key=lambda each: re.split(r"[.:][A-Z_0-9]+\Z", each.place)[0])
    return {module: list(each) for module, each in found}


def test_every_pattern_of_the_product_is_looked_at():
    places = " ".join(found.place for found in patterns())
    held, literal, in_objects, masking = (
        "ingest.clean._RULES",
        "rag.writing.query_rewriting:",
        "rag.question.aspects.ALWAYS",
        "rag.untrusted.masking.QUERY",
    )
    assert all(known in places for known in (held, literal, in_objects, masking))
    assert len(patterns()) > 400


QUADRATIC = (r"\s+x", r"!\[[^\]]*\]\(", r"\ba\b.*\bthen\b")
LINEAR = (r"(?<!\s)\s+x", r"a[^.]{0,60}b", r"\A(?>.*?\ba\b).*\bthen\b")


@pytest.mark.parametrize("form", [*QUADRATIC, *LINEAR])
def test_a_pattern_that_takes_more_than_linear_time_is_told_from_others(form):
    assert (slowest(Found("here", re.compile(form), searched=True)) is not None) == (form in QUADRATIC)


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
        if module.split(".")[0] in PACKAGES and (compiled.pattern, compiled.flags) not in known:
            place = f"{module}:{caller.f_lineno}"
            made.setdefault(place, Found(place, compiled, use not in {"match", "fullmatch"}))
        return compiled

    assistant = await open_small()
    with monkeypatch.context() as patch:
        patch.setattr(re, "_compile", noted)
        for question in QUESTIONS:
            answer = await assistant.ask(question)
            await assistant.ask("what about Ferry?", history=assistant.remember(EMPTY, answer))
    assert len(made) >= 12
    assert {place: pump for place, found in made.items() if (pump := slowest(found))} == {}


LENGTH = 50_000
MOST = 3.0
"""Seconds of processor time for so many characters: ten times what the slowest of these takes, and far less
than a quadratic one would."""


def answered(text):
    """An answer that quotes a paper of nothing but a text."""
    record = {"authors": (text[:500],), "venue": text[:1000], "url": "https://example.org/"}
    paper = Paper("p", text[:2000], text, **record)
    cited = Citation("p", paper.title, "p#0", text, Span(0, len(text)))
    said = (Statement(text, "supported", (cited,)),)
    receipt = {
        "id": "0" * 10,
        "timings_ms": {"total": 1.0},
        "writer": text[:99],
        "understood": {"query": "q"},
    }
    return Answer(text[:9999], "fact", abstained=False, statements=said, receipt=receipt), paper


def rendered(text):
    answer, paper = answered(text)
    render_answer(Console(file=io.StringIO(), width=100, markup=False), answer, {"p": paper})


def on_the_page(text):
    answer, paper = answered(text)
    "".join(page.blocks(answer))
    page.source(paper, Span(0, 10))


def asked(text):
    for question in (f"which papers {text}"[:9999], f"{text[:9998]}?"):
        with suppress(QuestionError):
            understand(question)


READERS = {
    "clean": clean,
    "printable": printable,
    "slug": slug,
    "sentences": sentence_spans,
    "chunk": lambda text: chunk(Paper("p", "T", f"{text}a"), 256, token_counter("cl100k_base")),
    "strangers": lambda text: outliers([text[span.start : span.end] for span in sentence_spans(text)]),
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
    **{
        f"export as {name}": lambda text, form=form: form.write(answered(text)[0], [answered(text)[1]])
        for name, form in FORMATS.items()
    },
}


@pytest.mark.parametrize("reader", READERS)
def test_text_that_is_the_same_over_and_over_is_read_in_time(reader):
    late = []
    for pump in FIXED:
        try:
            with processor_time(MOST):
                READERS[reader](pumped(pump, LENGTH))
        except TooSlowError:
            late.append(pump)
    assert late == []
