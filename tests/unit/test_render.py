"""What a person reads in the terminal."""

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from rag.types import Answer, Citation, ComparedPaper, Paper, RankedPaper, ScoredPaper, Span, Statement, Table
from ui.cli.terminal import render_answer, render_papers, render_ranking
from ui.safe import inert

RECEIPT = {"id": "3f9a1c2bffff", "writer": "extractive", "timings_ms": {"total": 140.0}}


def citing(paper_id, title, quote):
    return Citation(paper_id, title, f"{paper_id}#0", quote, Span(0, len(quote)))


def titled(citation):
    return stating(citation, text=f"{citation.title} — “{citation.quote}”")


def stating(*citations, text=None):
    return Statement(text or citations[0].quote, "supported", citations)


QUEST = citing("p1", "Quest: Query-Aware Sparsity", "We propose Quest, a KV cache selection algorithm.")
CLUSTER = citing("p2", "ClusterKV", "We introduce ClusterKV.")
LOTTERY = citing("p3", "The Lottery LLM Hypothesis", "KV cache compression has attracted attention.")
SET = Answer(
    "which papers do KV cache compression?",
    "set",
    abstained=False,
    statements=(titled(QUEST), titled(CLUSTER)),
    papers=(ScoredPaper("p1", QUEST.title, 0.9), ScoredPaper("p2", CLUSTER.title, 0.8)),
    partial=(titled(LOTTERY),),
    judged=37,
    searched=231,
    receipt=RECEIPT,
)


def shown(render, what, *rest, width=80, terminal=False):
    console = Console(
        file=io.StringIO(),
        width=width,
        force_terminal=terminal,
        color_system="truecolor" if terminal else None,
        markup=False,
        highlight=False,
        emoji=False,
        _environ={},
    )
    render(console, what, *rest)
    return console.file.getvalue()


def test_a_set_answer_counts_lists_and_keeps_the_partial_match_apart():
    assert shown(render_answer, SET, {}, width=90) == (
        "2 papers, and 1 that touches it. Judged 37 of 231.\n"
        "\n"
        " 1. Quest: Query-Aware Sparsity — “We propose Quest, a KV cache selection algorithm.” [1]\n"
        "\n"
        " 2. ClusterKV — “We introduce ClusterKV.” [2]\n"
        "\n"
        "Touches it:\n"
        "\n"
        "  - The Lottery LLM Hypothesis — “KV cache compression has attracted attention.” [3]\n"
        "\n"
        "[1] Quest: Query-Aware Sparsity · p1\n"
        "[2] ClusterKV · p2\n"
        "[3] The Lottery LLM Hypothesis · p3\n"
        "\n"
        "231 papers · 0.14 s · extractive · receipt 3f9a1c2b\n"
    )


def test_the_sentences_of_a_fact_answer_are_quotes_and_one_paper_has_one_number():
    second = citing("p1", QUEST.title, "It is 2.23x faster.")
    answer = Answer("how fast?", "fact", abstained=False, statements=(stating(second), stating(QUEST)))
    paper = Paper("p1", QUEST.title, "", ("J. Tang", "Y. Zhao"), "ICML", 2024, "https://example.org/quest")
    text = shown(render_answer, answer, {"p1": paper}, width=120)
    assert "“It is 2.23x faster.” [1]\n\n“We propose Quest, a KV cache selection algorithm.” [1]\n" in text
    assert (
        "[1] Quest: Query-Aware Sparsity · J. Tang, Y. Zhao · ICML · 2024 · https://example.org/quest · p1"
        in text
    )


def test_a_sentence_that_is_not_a_quote_stands_before_its_evidence():
    answer = Answer("?", "fact", abstained=False, statements=(stating(CLUSTER, text="It is ClusterKV."),))
    assert shown(render_answer, answer, {}).startswith("It is ClusterKV. “We introduce ClusterKV.” [1]\n")


def test_a_sentence_drawn_from_two_quotes_shows_each_number_once():
    more = citing("p2", "ClusterKV", "It recalls tokens.")
    both = stating(CLUSTER, more, QUEST, text="We introduce ClusterKV. It recalls tokens.")
    text = shown(render_answer, Answer("?", "fact", abstained=False, statements=(both,)), {}, width=150)
    quest = "“We propose Quest, a KV cache selection algorithm.”"
    assert text.startswith(f"We introduce ClusterKV. It recalls tokens. [1] {quest} [2]\n")


def test_an_abstention_says_why_and_names_the_nearest_papers():
    near = (ScoredPaper("p1", QUEST.title, 0.1),)
    answer = Answer(
        "?", "fact", abstained=True, note="The collection does not say.", nearest=near, searched=231
    )
    assert shown(render_answer, answer, {}) == (
        "The collection does not say.\n\nNearest:\n  - Quest: Query-Aware Sparsity\n\n231 papers\n"
    )


def test_a_contradicted_sentence_is_never_shown_as_fact():
    doubtful = Statement("We introduce ClusterKV.", "contradicted", (CLUSTER,))
    answer = Answer("?", "fact", abstained=False, statements=(doubtful,))
    assert "[1] (contradicted)" in shown(render_answer, answer, {})


def test_titles_are_bold_and_quotes_italic_on_a_terminal_and_plain_in_a_pipe():
    text = shown(render_answer, SET, {}, width=200, terminal=True)
    assert "\x1b[1mClusterKV\x1b[0m — “\x1b[3mWe introduce ClusterKV.\x1b[0m” \x1b[36m[2]\x1b[0m" in text
    assert "\x1b" not in shown(render_answer, SET, {})


@pytest.mark.parametrize("hostile", ["[red]sale[/red]", "[link=https://evil.example]x[/link]", ":smile: [/]"])
def test_markup_in_a_paper_is_shown_and_does_not_act(hostile):
    answer = Answer("?", "fact", abstained=False, statements=(stating(citing("p1", hostile, hostile)),))
    text = shown(render_answer, answer, {}, terminal=True)
    assert hostile in text
    assert "evil.example\x1b\\" not in text


def test_terminal_commands_in_a_paper_do_not_reach_the_terminal():
    hostile = "a\x1b]0;owned\x07b\x1b[2Jc\x9b31md\u202ee"
    paper = Paper(
        "p1\x1b[2J", hostile, hostile, (hostile,), hostile, 2024, "https://x.example/\x1b]0;owned\x07"
    )
    answer = Answer(
        "?", "fact", abstained=False, statements=(stating(citing(paper.paper_id, hostile, hostile)),)
    )
    text = shown(render_answer, answer, {paper.paper_id: paper}, terminal=True)
    rest = re.sub(r"\x1b\[[\d;]*m|\x1b\]8;[^\x1b\x07]*\x1b\\", "", text)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", rest)


@given(st.text(min_size=1, max_size=300), st.integers(40, 120))
def test_no_line_is_wider_than_the_terminal_and_no_word_is_lost(quote, width):
    answer = Answer("?", "fact", abstained=False, statements=(stating(citing("p1", "A title", quote)),))
    lines = shown(render_answer, answer, {}, width=width).split("\n")
    assert max(map(cell_len, lines)) <= width
    assert "".join(inert(quote).split()) in "".join("".join(lines).split())


def test_a_ranking_shows_rank_score_title_and_id():
    ranking = [RankedPaper("p1", "Quest", 0.03125), RankedPaper("p2", "ClusterKV", 0.01)]
    assert shown(render_ranking, ranking) == "  1. 0.0312  Quest · p1\n  2. 0.0100  ClusterKV · p2\n"


def test_a_paper_is_listed_with_its_year_and_id():
    assert shown(render_papers, [Paper("p1", "Quest", "…", year=2024)]) == "Quest · 2024 · p1\n"


@given(st.text())
def test_inert_text_keeps_its_length_and_what_is_not_a_command(text):
    safe = inert(text)
    assert len(safe) == len(text)
    assert all(ours in (theirs, " ") for ours, theirs in zip(safe, text, strict=True))


def compared(*rest):
    papers = (ComparedPaper("Quest", "p1", QUEST.title), ComparedPaper("CKV", "p2", "ClusterKV"))
    pointer = Statement("see “does”", "supported", (CLUSTER,))
    cells = ((stating(QUEST), stating(CLUSTER)), (None, pointer))
    return Answer(
        "compare",
        "compare",
        abstained=False,
        statements=(stating(QUEST), stating(CLUSTER), *rest),
        table=Table(("does", "data"), papers, cells),
        note="A note.",
        searched=231,
        receipt=RECEIPT,
    )


def test_a_comparison_is_a_table_and_says_what_is_not_stated():
    text = shown(render_answer, compared(), {}, width=100)
    lines = [line.split() for line in text.splitlines()]
    assert ["Quest:", "Query-Aware", "Sparsity", "CKV:", "ClusterKV"] in lines
    assert "“We introduce ClusterKV.” [2]" in text
    assert "not stated in the abstract" in text
    assert "see “does” [2]" in text
    assert text.index("ClusterKV.") < text.index("A note.") < text.index("[1] Quest")


def test_what_stands_in_no_cell_is_printed_below_the_table():
    text = shown(render_answer, compared(stating(QUEST, CLUSTER, text="Both compress.")), {}, width=100)
    assert text.count("“We introduce ClusterKV.”") == 2
    assert text.index("Both compress.") > text.index("see “does”")


@pytest.mark.parametrize("width", [24, 40, 60, 200])
def test_a_table_keeps_to_the_width_and_falls_apart_into_papers_where_it_must(width):
    text = shown(render_answer, compared(), {}, width=width)
    assert all(cell_len(line) <= width for line in text.splitlines())
    assert text.count("does") >= (2 if width < 42 else 1)


def test_titles_are_bold_and_quotes_italic_in_a_table_of_a_terminal():
    text = shown(render_answer, compared(), {}, width=100, terminal=True)
    assert re.search(r"\x1b\[1m[^\x1b]*Quest: Query-Aware", text)
    assert "\x1b[3m" in text
    assert "\x1b[2mnot stated in the abstract" in text


def test_a_hostile_title_does_nothing_in_a_table():
    papers = (ComparedPaper("A", "p1", "[red]A\x1b[31m"), ComparedPaper("B", "p2", "B"))
    table = Table(("[bold]",), papers, ((stating(citing("p1", "A", "a\x1b]0;x\x07")), None),))
    text = shown(
        render_answer, Answer("q", "compare", abstained=False, table=table, statements=table.cells[0][:1]), {}
    )
    assert "\x1b" not in text
    assert "[red]A" in text
    assert "[bold]" in text
