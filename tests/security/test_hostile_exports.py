# ruff: noqa: RUF001 - signs of full width are what some of these tests are about
"""Exports of records that were made to act on their readers: no link but to the web, no formula."""

import csv
import io
import json
from dataclasses import replace

import pytest

from rag.types import Answer, Citation, Paper, Span, Statement
from ui.chat import page
from ui.cli.terminal import render_papers
from ui.exports import FORMATS
from ui.exports.contract import dumps, paper_form
from ui.exports.sheet import COLUMNS, cell
from ui.safe import web_address

PAPER = Paper("p", "Tea heat", "Tea was steeped.", authors=("Jane Doe",), venue="Tea", year=2024)
CITED = Citation("p", PAPER.title, "p#0", PAPER.abstract, Span(0, len(PAPER.abstract)))
ANSWER = Answer(
    "how was tea made?",
    "fact",
    abstained=False,
    statements=(Statement(PAPER.abstract, "supported", (CITED,)),),
    receipt={"id": "0" * 10},
)

ACTING = (
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    " javascript:alert(1)",
    "java\nscript:alert(1)",
    "java\tscript:alert(1)",
    "\x01javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "ftp://example.org/x",
    "smb://example.org/x",
    "//example.org/x",
    "http:alert(1)",
    "http://",
    "https:///path",
    "http://:80/x",
    "http://[::1",
    "x",
)
SAFE = (
    "http://example.org",
    "https://example.org/a_b?c=1&d=%20#e",
    "HTTPS://EXAMPLE.ORG/",
    "http://[::1]:80/",
)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("url", ACTING)
def test_an_address_that_leads_to_no_web_page_is_in_no_export(form, url):
    written = FORMATS[form].write(ANSWER, [replace(PAPER, url=url)])
    assert written == FORMATS[form].write(ANSWER, [PAPER])


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("url", SAFE)
def test_an_address_of_a_web_page_is_in_every_export(form, url):
    written = FORMATS[form].write(ANSWER, [replace(PAPER, url=url)])
    assert url in written.replace("\\", "")


@pytest.mark.parametrize("url", [*ACTING, *SAFE])
def test_page_terminal_and_exports_have_one_rule_of_what_is_an_address(url):
    paper = replace(PAPER, url=url)
    assert page.source(paper, None).url == web_address(url) == (url if url in SAFE else "")


FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "＝1+1", "＋1", "－1", "＠SUM(A1)", "﹦1", "﹣1", "﹢1", "﹫A")


@pytest.mark.parametrize("before", ["", " ", "\t", "\r", "\n", "\r\n\t ", "\x00", "\u3000", "\u00a0"])
@pytest.mark.parametrize("formula", FORMULAS)
def test_no_spreadsheet_takes_a_cell_for_a_formula_in_whatever_width_it_is_typed(formula, before):
    assert cell(before + formula) == f"'{formula}"
    hostile = Paper(
        before + formula, before + formula, before + formula, authors=(before + formula,), venue=formula
    )
    rows = list(csv.reader(io.StringIO(FORMATS["csv"].write(ANSWER, [hostile]), newline="")))
    for column in ("paper_id", "title", "authors", "venue", "abstract"):
        assert rows[1][COLUMNS.index(column)] == f"'{formula}"


MANY = tuple(f"Given{number} Family{number}" for number in range(3000))


def test_of_thousands_of_authors_a_reader_is_shown_a_few_and_how_many_more_there_are(console):
    paper = replace(PAPER, authors=MANY)
    render_papers(console, [paper])
    source = page.source(paper, None)
    markdown = FORMATS["md"].write(ANSWER, [paper])
    for shown in (" ".join(console.file.getvalue().split()), source.byline, source.reference, markdown):
        assert "Family9 and 2,990 more" in shown
        assert "Family10" not in shown


def test_a_few_authors_are_all_shown():
    assert page.source(replace(PAPER, authors=MANY[:11]), None).byline.count("Family") == 11


@pytest.mark.parametrize("form", ["bib", "ris", "csv", "json"])
def test_of_thousands_of_authors_programs_are_given_every_one(form):
    written = FORMATS[form].write(ANSWER, [replace(PAPER, authors=MANY)])
    assert all(f"Family{number}" in written for number in range(3000))


@pytest.fixture
def console():
    from rich.console import Console

    return Console(file=io.StringIO(), width=100, markup=False, highlight=False, emoji=False)


UNWRITABLE = (float("inf"), float("-inf"), float("nan"), 10**5000)


@pytest.mark.parametrize("number", UNWRITABLE, ids=["inf", "-inf", "nan", "5000 digits"])
def test_a_number_that_json_cannot_hold_costs_nothing_but_itself(number):
    extra = {"a": [1, {"b": number}], "kept": 1.5, "flag": True, "big": 10**400}
    form = json.loads(dumps(paper_form(replace(PAPER, extra=extra))))
    assert form["extra"] == {"a": [1, {"b": None}], "kept": 1.5, "flag": True, "big": 10**400}
    assert form["title"] == PAPER.title


@pytest.mark.parametrize("text", ["\ud800", "a\x00b", "\u2028", "\x1b[2J", "\U0010ffff", "é"])
def test_whatever_a_text_holds_json_is_one_line_of_ascii_that_reads_back(text):
    line = dumps(paper_form(replace(PAPER, title=text, extra={text: [text]})))
    assert line.isascii()
    assert len(line.splitlines()) == 1
    form = json.loads(line)
    assert (form["title"], form["extra"]) == (text, {text: [text]})
