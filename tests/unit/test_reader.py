"""Answers in verbatim sentences: the fewest that answer."""

from dataclasses import replace

import numpy as np
import pytest
from collection import ANSWERS, FIRST, RELEVANCE, SIFTER, SMALL, evidence_for, linear, quoted, terms_of
from fakes import HashEncoder

from rag.kinds.comparison import compared
from rag.kinds.fact import not_stated
from rag.question.clauses import analyse
from rag.question.understanding import understand
from rag.selection.facts import READ_PAPERS, find_facts, read_closely, worth_reading
from rag.selection.pinpoint import SIGNALS, STATED, AnswerModel
from rag.selection.selection import Selection
from rag.types import Paper, Span

SIFTER_1, SIFTER_2 = quoted(SIFTER, 1), quoted(SIFTER, 2)


async def selection_for(question, papers=SMALL):
    asked = understand(question)
    evidence = await evidence_for(asked.topic, papers)
    return Selection(asked, evidence, RELEVANCE.probabilities(evidence, asked.text))


async def clauses_of(selection):
    vectors = await HashEncoder(256).encode_queries(selection.question.clauses)
    return analyse(selection.question, vectors, selection.evidence.idf, terms_of)


async def facts_of(question, papers=SMALL, model=ANSWERS):
    selection = await selection_for(question, papers)
    return find_facts(selection, await clauses_of(selection), model)


async def answers(question, papers=SMALL, model=ANSWERS):
    return [each.text for each in (await facts_of(question, papers, model)).statements]


async def test_a_part_without_an_answer_is_named():
    found = await facts_of("What accuracy does Sifter reach, and which GPU was used for Lantern?")
    assert [each.text for each in found.statements] == [quoted(SIFTER, 2)]
    assert found.open_parts == ("which GPU was used for Lantern",)
    assert [each.candidate.paper.paper_id for each in found.closest] == ["lantern"]
    said = not_stated(found.open_parts)
    assert said == "Found no sentence that answers “which GPU was used for Lantern?”"


async def test_statements_come_most_probable_first():
    model = AnswerModel(
        linear(SIGNALS, -4.0, cover_focus=3.0, named=3.0), linear(STATED, 0.0, logit=1.0), 0.2
    )
    question = "What accuracy does RegEx reach, and how many nurses are there?"
    found = await answers(question, model=model)
    assert found == [quoted(SIFTER, 3), "In the first part of this study we interview 312 nurses."]


async def test_nothing_is_said_below_the_threshold():
    question = "By how much does FIRST accelerate listwise reranking?"
    assert await answers(question, model=replace(ANSWERS, threshold=1.0)) == []
    assert await answers(question, model=replace(ANSWERS, threshold=0.0))


async def test_a_named_paper_is_read_however_improbable():
    crowd = [Paper(f"p{n:02}", f"Caches {n}", "We study the accuracy of caches.") for n in range(30)]
    found = await selection_for("What accuracy does Sifter reach?", [*crowd, SIFTER])
    improbable = [0.0 if item.paper == SIFTER else 0.9 for item in found.evidence.candidates]
    papers = worth_reading(replace(found, probabilities=improbable), (await clauses_of(found))[0])
    read = [item.paper.paper_id for item, _ in papers]
    assert read == [*(f"p{n:02}" for n in range(READ_PAPERS)), "sifter"]


@pytest.mark.parametrize(
    ("question", "cited"),
    [
        ("Compare Lantern with EssayNet", ["lantern", "grades"]),
        ("Compare Lantern with Zeppelin", ["lantern"]),
        ("Compare Kite with KiteBench", ["both"]),
    ],
)
async def test_a_comparison_is_of_the_paper_of_each_name_once(question, cited):
    both = Paper("both", "Kite: A Tool", "We introduce KiteBench for Kite.")
    columns = compared(await selection_for(question, [*SMALL, both]))
    assert [item.paper.paper_id for _, item in columns] == cited


async def test_a_quote_that_is_not_where_it_says_is_never_cited():
    item = (await selection_for("What is Sifter?")).evidence.candidates[0]
    moved = item.sentences[0].__class__(
        Span(1, 9), item.sentences[0].text, item.sentences[0].passage_id, frozenset(), 0.0, own=False
    )
    with pytest.raises(ValueError, match="is not at"):
        item.cite(moved)


async def test_the_next_sentence_of_the_paper_is_quoted_too_where_it_is_about_as_probable():
    kiln = Paper("kiln", "On Kilns", "Kilns are hot. The accuracy of kilns is 4. The accuracy of ovens is 5.")
    model = AnswerModel(linear(SIGNALS, -3.0, cover_focus=4.0), linear(STATED, 0.0, logit=1.0), 0.5)
    assert await answers("What is the accuracy?", [kiln], model) == [
        "The accuracy of kilns is 4.",
        "The accuracy of ovens is 5.",
    ]
    surer = replace(model, sentence=linear(SIGNALS, -1.0, cover_focus=4.0, place=-4.0))
    assert await answers("What is the accuracy?", [kiln], surer) == ["The accuracy of kilns is 4."]


async def test_every_sentence_of_a_paper_worth_reading_gets_the_vector_of_its_own_words():
    selection = await selection_for("What accuracy does Sifter reach?")
    encoder = HashEncoder(256)
    read = await read_closely(selection, await clauses_of(selection), encoder)
    assert len(read.evidence.candidates) == len(SMALL)
    for item in read.evidence.candidates:
        alone = await encoder.encode_passages([sentence.text for sentence in item.sentences])
        assert np.allclose(item.vectors, alone)
    assert await read_closely(selection, [], encoder) is selection


KILN = Paper(
    "kiln",
    "Kiln: Grading of Bread",
    "Bakers change their minds while they grade. In Kiln we ask bakers to grade bread, and we dub it crust "
    "drift that grading changes what bakers want from bread. Kiln is in use at two schools.",
)


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("By how much does FIRST accelerate listwise reranking?", [quoted(FIRST, 2)]),
        ("What accuracy does Sifter reach, and how many parameters does it have?", [SIFTER_2, SIFTER_1]),
        ("What accuracy does Sifter reach, and what does RegEx reach?", [SIFTER_2, quoted(SIFTER, 3)]),
        ("What accuracy does Sifter reach, compared with RegEx?", [SIFTER_2, quoted(SIFTER, 3)]),
        ("How many parameters does Sifter have, and how many layers does it have?", [SIFTER_1]),
        ("Which GPU was used for Lantern?", []),
        ("How many nurses does Ferry interview?", []),
        ("What name does the Kiln paper give to bakers changing what they want?", [quoted(KILN, 1)]),
        ("What name does the Kiln paper give to its telescope?", []),
    ],
)
async def test_each_part_of_a_question_gets_the_one_sentence_that_answers_it_and_each_stands_once(
    question, found
):
    assert await answers(question, (*SMALL, KILN)) == found
