"""Abstracts that disagree: what is noticed, and what only looks alike."""

import pytest
from collection import SMALL, linear, open_small

from rag.models.encoders.bm25 import Bm25Encoder
from rag.selection.pinpoint import SIGNALS, STATED, AnswerModel
from rag.types import Answer, Citation, Paper, Span, Statement
from rag.verification.disagreement import MOST_PAIRS, DisagreementFinder, note

ARBITER = DisagreementFinder(Bm25Encoder())


def cited(quote, paper_id="p1", title="A Study"):
    return Citation(paper_id, title, f"{paper_id}#0", quote, Span(0, len(quote)))


def difference(one, other):
    return ARBITER.difference(cited(one), cited(other, "p2"))


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        (
            "We find that self-consistency improves the calibration of language models.",
            "Our results show that self-consistency harms the calibration of language models.",
            "direction",
        ),
        (
            "Chain-of-thought prompting improves planning accuracy of large models.",
            "Chain-of-thought prompting does not improve planning accuracy of large models.",
            "direction",
        ),
        (
            "Few-shot examples are sufficient for extraction from invoices.",
            "Few-shot examples are insufficient for extraction from invoices.",
            "direction",
        ),
        (
            "GPT-4 passes 87% of the bar exam questions.",
            "GPT-4 passes 62% of the bar exam questions.",
            "number",
        ),
    ],
)
def test_opposite_claims_about_the_same_disagree(one, other, kind):
    assert difference(one, other) == kind
    assert difference(other, one) == kind
    assert difference(one, one) == ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Longer prompts increase latency of decoding.", "Longer prompts reduce accuracy of grading."),
        ("GPT-4 passes 87% of the bar exam questions.", "GPT-3 passes 62% of the bar exam questions."),
        (
            "We interview 312 nurses about chatbots at work.",
            "We interview 200 nurses about chatbots at work.",
        ),
        (
            "Our method improves accuracy of extraction by 5%.",
            "Our method improves accuracy of extraction by 9%.",
        ),
        ("Our model reduces latency of extraction.", "Our model increases latency of extraction."),
        ("Models pass up to 87% of bar exam questions.", "Models pass up to 62% of bar exam questions."),
        ("GPT-4 passes 87% of the bar exam questions.", "GPT-4 passes 87% of the bar exam questions here."),
        (
            "GPT-4 answers 20 questions of the bar exam.",
            "GPT-4 answers 20% of the questions of the bar exam.",
        ),
    ],
)
def test_what_differs_in_subject_setting_or_unit_does_not_disagree(one, other):
    assert difference(one, other) == ""


def test_what_a_paper_says_of_its_own_method_contradicts_nobody():
    one = cited("Quest improves accuracy of long prompts.", title="Quest: Sparsity")
    other = cited("Quest harms accuracy of long prompts.", "p2", "Quest Revisited")
    assert ARBITER.difference(one, other) == ""


def test_only_different_papers_disagree_and_only_so_many_pairs_are_read():
    up, down = "Prompts improve planning accuracy of models.", "Prompts reduce planning accuracy of models."
    assert ARBITER.disagreements([cited(up), cited(down)]) == []
    assert len(ARBITER.disagreements([cited(up), cited(down, "p2")])) == 1
    many = [cited(f"{up} {n}" if n % 2 else f"{down} {n}", f"p{n}") for n in range(40)]
    assert len(ARBITER.disagreements(many)) <= MOST_PAIRS


def test_a_note_quotes_both_and_names_their_papers():
    found = ARBITER.disagreements(
        [
            cited("Prompts improve planning accuracy of models.", title="Up"),
            cited("Prompts reduce planning accuracy of models.", "p2", "Down"),
        ]
    )
    assert note(found) == (
        "These abstracts disagree: “Prompts improve planning accuracy of models.” (Up) and "
        "“Prompts reduce planning accuracy of models.” (Down)."
    )
    assert note([]) == ""


def test_an_answer_that_disagrees_with_itself_says_so_beside_its_own_note():
    said = [
        Statement(quote, "supported", (cited(quote, paper_id),))
        for quote, paper_id in (
            ("Prompts improve planning accuracy of models.", "p1"),
            ("Prompts reduce planning accuracy of models.", "p2"),
        )
    ]
    answer = Answer("?", "fact", abstained=False, statements=tuple(said), note="Before.")
    assert ARBITER.noted(answer).note.startswith("Before. These abstracts disagree: “Prompts improve")
    alone = Answer("?", "fact", abstained=False, statements=(said[0],))
    assert ARBITER.noted(alone) is alone
    compared = Answer("?", "compare", abstained=False, statements=tuple(said))
    assert ARBITER.noted(compared) is compared


async def test_a_fact_that_two_abstracts_answer_oppositely_is_answered_by_both():
    up = Paper(
        "up",
        "Hints and Planning",
        "Hints are popular. We find that hints improve the planning accuracy of robots.",
    )
    down = Paper(
        "down",
        "Planning without Hints",
        "Robots plan. We show that hints reduce the planning accuracy of robots.",
    )
    model = AnswerModel(linear(SIGNALS, -2.0, cover=4.0, own=1.0), linear(STATED, 0.0, logit=1.0), 0.5)
    answer = await (await open_small([*SMALL, up, down], answers=model)).ask(
        "Do hints improve the planning accuracy of robots?"
    )
    assert {said.citations[0].paper_id for said in answer.statements} == {"up", "down"}
    assert answer.note.startswith("These abstracts disagree: ")
