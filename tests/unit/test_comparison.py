"""Comparisons as tables: which sentence fills which cell, what stays empty, where a model's words go."""

import pytest
from collection import FERRY, LANTERN, RELEVANCE, SIFTER, SMALL, evidence_for, open_small, quoted

from rag.kinds.comparison import ELSEWHERE, compared, comparison, filled_in, statements
from rag.question.aspects import ALWAYS, DOES, FILLS, HOW, RESULT, TESTED, TRAINING, aspects
from rag.question.understanding import understand
from rag.selection.selection import Selection
from rag.types import Citation, Paper, Span, Statement

GLIMPSE = Paper(
    "glimpse",
    "Glimpse: Ranking Notes with One Look",
    "Ranking notes is slow. "
    "We propose Glimpse, a novel ranker of clinical notes. "
    "Specifically, Glimpse sorts the notes by comparing their first lines. "
    "Glimpse is trained on 40,000 pairs of notes. "
    "We evaluate it on three public datasets of hospital notes. "
    "Experiments show that Glimpse improves accuracy by 12% and runs 3x faster than before. "
    "Our code is available at https://example.org/glimpse.",
)
STARE = Paper(
    "stare",
    "Stare: Patient Ranking",
    "Existing methods improve accuracy by 5% on public datasets. "
    "In this paper, we introduce Stare, a ranker that reads every note twice. "
    "Our results show that Stare outperforms all rankers across the WARD3 benchmark by 7%.",
)


async def reading_of(question, papers):
    asked = understand(question)
    evidence = await evidence_for(asked.topic, papers)
    return Selection(asked, evidence, RELEVANCE.probabilities(evidence, asked.text))


async def table_of(question, papers=(GLIMPSE, STARE)):
    reading = await reading_of(question, papers)
    return comparison(reading, compared(reading))


def row(table, aspect):
    return [cell and cell.text for cell in table.cells[table.aspects.index(aspect)]]


async def test_each_sentence_fills_the_cell_its_wording_speaks_of():
    table = await table_of("Compare Glimpse with Stare")
    assert [(paper.name, paper.paper_id) for paper in table.papers] == [
        ("Glimpse", "glimpse"),
        ("Stare", "stare"),
    ]
    assert row(table, "what it does") == [quoted(GLIMPSE, 1), quoted(STARE, 1)]
    assert row(table, "how it works") == [quoted(GLIMPSE, 2), None]
    assert row(table, "training and data") == [quoted(GLIMPSE, 3), None]
    assert row(table, "reported result") == [quoted(GLIMPSE, 5), quoted(STARE, 2)]


async def test_a_sentence_stands_in_one_cell_and_others_point_to_it():
    table = await table_of("Compare Glimpse with Stare")
    assert row(table, "evaluated on") == [quoted(GLIMPSE, 4), "see “reported result”"]
    pointer = table.cells[table.aspects.index("evaluated on")][1]
    assert pointer.reason == ELSEWHERE
    assert pointer.citations[0].quote == quoted(STARE, 2)
    said = [statement.text for statement in statements(table)]
    assert len(set(said)) == len(said)
    assert pointer.text not in said


async def test_every_cell_quotes_its_paper_word_by_word():
    abstracts = {paper.paper_id: paper.abstract for paper in (GLIMPSE, STARE)}
    table = await table_of("Compare Glimpse with Stare in speed")
    for cells in table.cells:
        for paper, cell in zip(table.papers, cells, strict=True):
            for citation in cell.citations if cell else ():
                assert citation.paper_id == paper.paper_id
                assert abstracts[paper.paper_id][citation.span.start : citation.span.end] == citation.quote


async def test_what_is_said_of_other_work_and_of_the_code_fills_no_cell():
    table = await table_of("Compare Glimpse with Stare")
    said = [statement.text for statement in statements(table)]
    assert quoted(STARE, 0) not in said
    assert not any("code is available" in text for text in said)


async def test_an_aspect_that_is_asked_for_is_a_row_even_where_nothing_says_it():
    table = await table_of("Compare Glimpse with Stare in speed and memory")
    assert row(table, "speed") == [quoted(GLIMPSE, 5), None]
    assert row(table, "memory") == [None, None]
    assert "cost" not in table.aspects


async def test_a_row_that_says_nothing_is_left_out():
    table = await table_of("Compare Lantern with Ferry", SMALL)
    assert "training and data" not in table.aspects
    assert row(table, "what it does") == [quoted(LANTERN, 1), quoted(FERRY, 1)]


async def test_the_sentence_nearest_to_the_question_is_never_lost():
    strange = Paper("strange", "Kite: Wind", "We propose Kite, a novel kite. Cellos hum in the wind of Kite.")
    table = await table_of("Compare Kite with Glimpse: cellos hum in the wind", [strange, GLIMPSE])
    assert "Cellos hum in the wind of Kite." in [cell.text for cells in table.cells for cell in cells if cell]


def test_the_topic_of_a_comparison_is_no_aspect():
    assert aspects("Compare PRP with FIRST for reranking.") == ALWAYS
    asked = [each.name for each in aspects("Compare A1 and B2 in terms of accuracy and cost")]
    assert asked[1:3] == ["accuracy", "cost"]


def test_each_usual_aspect_knows_its_sentences():
    for aspect, text in (
        (DOES, "In this work, we present Kite, a new cache."),
        (HOW, "Specifically, it first sorts the keys and then merges them by using their norms."),
        (TRAINING, "Kite is fine-tuned on synthetic data."),
        (TESTED, "We evaluate Kite on six datasets."),
        (RESULT, "Experiments show that Kite outperforms the baseline by 3.4%."),
    ):
        assert max(ALWAYS, key=lambda each: each.strength(text, ["Kite"])) == aspect
        assert aspect.strength(text, ["Kite"]) >= FILLS


def written(cell, text, paper_id=None):
    citation = cell.citations[0]
    if paper_id:
        citation = Citation(paper_id, "T", f"{paper_id}#0", "q", Span(0, 1))
    return Statement(text, "supported", (citation,))


async def test_what_a_model_wrote_takes_the_place_of_the_quote_it_cites():
    table = await table_of("Compare Glimpse with Stare")
    said = written(table.cells[0][1], "Stare reads every note twice.")
    filled, rest = filled_in(table, [said])
    assert filled.cells[0][1] == said
    assert filled.cells[0][0] == table.cells[0][0]
    assert rest == ()


async def test_a_second_statement_on_the_same_quote_goes_where_its_wording_belongs_or_below():
    table = await table_of("Compare Glimpse with Stare")
    quote = table.cells[0][0]
    first, second = (
        written(quote, "Glimpse ranks notes."),
        written(quote, "Glimpse is trained on pairs of notes."),
    )
    third = written(quote, "Notes are clinical.")
    filled, rest = filled_in(table, [first, second, third])
    assert filled.cells[0][0] == first
    assert filled.cells[filled.aspects.index("training and data")][0] == second
    assert rest == (third,)


async def test_a_statement_on_two_papers_stands_below_the_table():
    table = await table_of("Compare Glimpse with Stare")
    both = Statement("Both rank.", "supported", (*table.cells[0][0].citations, *table.cells[0][1].citations))
    filled, rest = filled_in(table, [both, written(table.cells[0][0], "Else.", "elsewhere")])
    assert filled == table
    assert [said.text for said in rest] == ["Both rank.", "Else."]


async def test_figures_that_one_paper_compares_get_a_sentence_each():
    answer = await (await open_small()).ask("accuracy of Sifter versus RegEx")
    assert answer.kind == "compare"
    assert {said.text for said in answer.statements} == {quoted(SIFTER, 2), quoted(SIFTER, 3)}


@pytest.mark.parametrize(
    ("question", "cited", "note"),
    [
        ("Compare Lantern with Zeppelin", ["lantern"], "The collection has no paper on Zeppelin."),
        ("Compare Lantern with RegEx", ["lantern"], "No paper of the collection introduces RegEx."),
        ("Compare Airship with Zeppelin", [], "The collection has no paper on Airship or Zeppelin."),
    ],
)
async def test_one_paper_makes_no_table_and_names_that_nobody_owns_are_said(question, cited, note):
    answer = await (await open_small()).ask(question)
    assert answer.table is None
    assert answer.note.startswith(note)
    assert [said.citations[0].paper_id for said in answer.statements] == cited
