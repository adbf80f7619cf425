"""Abstracts that disagree: what is noticed, and what only looks alike."""

import pytest
from collection import SMALL, linear, open_small

from rag.models.encoders.bm25 import Bm25Encoder
from rag.selection.pinpoint import SIGNALS, STATED, AnswerModel
from rag.types import Answer, Citation, Paper, Span, Statement
from rag.verification.disagreement import MOST_PAIRS, DisagreementFinder, note

FINDER = DisagreementFinder(Bm25Encoder())
UP, DOWN = "Prompts improve planning accuracy of models.", "Prompts reduce planning accuracy of models."
PLAN = "Chain-of-thought prompting improves planning accuracy of large models."
GPT4 = "GPT-4 passes 87% of the bar exam questions."


def cited(quote, paper_id="p1", title="A Study"):
    return Citation(paper_id, title, f"{paper_id}#0", quote, Span(0, len(quote)))


def difference(one, other):
    return FINDER.difference(cited(one), cited(other, "p2"))


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        (
            "We find that self-consistency improves the calibration of language models.",
            "Our results show that self-consistency harms the calibration of language models.",
            "direction",
        ),
        (PLAN, PLAN.replace("improves", "does not improve"), "direction"),
        (
            "Few-shot examples are sufficient for extraction from invoices.",
            "Few-shot examples are insufficient for extraction from invoices.",
            "direction",
        ),
        (GPT4, GPT4.replace("87", "62"), "number"),
    ],
)
def test_opposite_claims_about_the_same_disagree(one, other, kind):
    assert difference(one, other) == difference(other, one) == kind
    assert difference(one, one) == ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Longer prompts increase latency of decoding.", "Longer prompts reduce accuracy of grading."),
        (GPT4, "GPT-3 passes 62% of the bar exam questions."),
        (GPT4, GPT4.replace("questions", "questions here")),
        (
            "We interview 312 nurses about chatbots at work.",
            "We interview 200 nurses about chatbots at work.",
        ),
        ("Our method improves accuracy of reading by 5%.", "Our method improves accuracy of reading by 9%."),
        ("Our model reduces latency of extraction.", "Our model increases latency of extraction."),
        ("Models pass up to 87% of bar exam questions.", "Models pass up to 62% of bar exam questions."),
        ("GPT-4 answers 20 questions of the exam.", "GPT-4 answers 20% of the questions of the exam."),
    ],
)
def test_what_differs_in_subject_setting_or_unit_does_not_disagree(one, other):
    assert difference(one, other) == ""


def test_what_a_paper_says_of_its_own_method_contradicts_nobody():
    one = cited("Quest improves accuracy of long prompts.", title="Quest: Sparsity")
    other = cited("Quest harms accuracy of long prompts.", "p2", "Quest Revisited")
    assert FINDER.difference(one, other) == ""


def test_only_different_papers_disagree_and_only_so_many_pairs_are_read():
    assert FINDER.disagreements([cited(UP), cited(DOWN)]) == []
    many = [cited(f"{UP} {n}" if n % 2 else f"{DOWN} {n}", f"p{n}") for n in range(40)]
    assert len(FINDER.disagreements(many)) <= MOST_PAIRS


def test_a_note_quotes_both_and_names_their_papers():
    found = FINDER.disagreements([cited(UP, title="Up"), cited(DOWN, "p2", "Down")])
    assert note(found) == f"These abstracts disagree: “{UP}” (Up) and “{DOWN}” (Down)."
    assert note([]) == ""


def test_an_answer_that_disagrees_with_itself_says_so_beside_its_own_note():
    up, down = (Statement(quote, "supported", (cited(quote, quote),)) for quote in (UP, DOWN))
    answer = Answer("?", "fact", abstained=False, statements=(up, down), note="Before.")
    assert FINDER.noted(answer).note.startswith("Before. These abstracts disagree: “Prompts improve")
    for other in (
        Answer("?", "fact", abstained=False, statements=(up,)),
        Answer("?", "compare", abstained=False, statements=(up, down)),
    ):
        assert FINDER.noted(other) is other


async def test_a_fact_that_two_abstracts_answer_oppositely_is_answered_by_both():
    papers = [
        Paper(
            "up", "Hints", "Hints are popular. We find that hints improve the planning accuracy of robots."
        ),
        Paper("down", "No Hints", "Robots plan. We show that hints reduce the planning accuracy of robots."),
    ]
    model = AnswerModel(linear(SIGNALS, -2.0, cover=4.0, own=1.0), linear(STATED, 0.0, logit=1.0), 0.5)
    assistant = await open_small([*SMALL, *papers], answers=model)
    answer = await assistant.ask("Do hints improve the planning accuracy of robots?")
    assert {each.citations[0].paper_id for each in answer.statements} == {"up", "down"}
    assert answer.note.startswith("These abstracts disagree: ")
