"""The claim verifier supports what the cited sentences carry, and says why it supports nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.models.encoders.bm25 import Bm25Encoder
from rag.text.sentences import sentence_spans
from rag.types import Paper
from rag.verification.claim_verifier import ClaimVerifier, Draft, Mark, NumberedPaper

QUEST = (
    "Long contexts are slow, and recent studies show that attention dominates the latency. "
    "To this end, we propose Quest, a query-aware KV cache selection algorithm. "
    "We show that Quest can achieve up to 2.23$\\times$ self-attention speedup, which reduces inference "
    "latency by 7.03x on LongBench. It may help smaller models. Quest does not need any training. "
    "Quest outperforms H2O while some baselines run out of memory."
)
LENS = (
    "We introduce Lens, a benchmark of 1,200 questions for long-context language models. "
    "Accuracy of GPT-4 drops by 12% on it, while human accuracy stays at 95%."
)
VERIFIER = ClaimVerifier(Bm25Encoder())


def numbered(number, title, abstract):
    spans = sentence_spans(abstract)
    return NumberedPaper(number, Paper(f"p{number}", title, abstract), spans, (f"p{number}#0",) * len(spans))


SHOWN = [
    numbered(1, "Quest: Query-Aware Sparsity", QUEST),
    numbered(2, "Lens: A Long-Context Benchmark", LENS),
]


def verified(text, *marks):
    return VERIFIER.verify(Draft(text, tuple(Mark(*mark) for mark in marks)), SHOWN)


@pytest.mark.parametrize(
    ("text", "number", "quote"),
    [
        (
            "Quest is a query-aware KV cache selection algorithm.",
            1,
            "we propose Quest, a query-aware KV cache",
        ),
        ("Quest achieves up to 2.23x self-attention speedup.", 1, "up to 2.23x self-attention speedup"),
        ("Inference latency is reduced by 7.03× on LongBench.", 1, ""),
        ("Quest does not need training.", 1, "Quest does not need any training."),
        ("The authors present Lens, a benchmark of 1200 questions.", 2, ""),
        ("GPT-4's accuracy decreases by 12 percent.", 2, "Accuracy of GPT-4 drops by 12% on it"),
        ("H2O is outperformed by Quest.", 1, ""),
        ("Quest may help smaller models.", 1, "It may help smaller models."),
        ("Recent studies show that attention dominates the latency.", 1, ""),
        *((SHOWN[0].sentence(place), 1, SHOWN[0].sentence(place)) for place in range(6)),
    ],
)
def test_what_the_evidence_says_in_its_own_or_other_words_is_supported(text, number, quote):
    statement = verified(text, (number, quote))
    assert statement.verdict == "supported", statement.reason


NOTHING_TO_CHECK = ("No.", "Yes.", "It is.", "This paper.", "...", "We do.", "高速です。")


@pytest.mark.parametrize(
    ("text", "mark", "reason"),
    [
        ("Quest is query-aware.", (9, ""), "[9]"),
        ("Quest is query-aware.", (1, "Quest is the best algorithm"), "quote"),
        ("Quest is query-aware.", (2, "we propose Quest, a query-aware KV cache"), "quote"),
        ("Quest achieves up to 2.24x self-attention speedup.", (1, ""), "2.24x"),
        ("Quest achieves a 7.03x self-attention speedup.", (1, ""), "7.03x"),
        ("Quest achieves at least 2.23x self-attention speedup.", (1, ""), "2.23x"),
        ("GPT-4's accuracy drops by 12 points.", (2, ""), "12"),
        ("GPT-4's accuracy drops by 95%.", (2, ""), "95%"),
        ("Lens has 1,200 videos.", (2, ""), "1,200"),
        ("Quest reduces latency on an H100.", (1, ""), "H100"),
        ("Quest increases inference latency by 7.03x.", (1, ""), "increases"),
        ("H2O outperforms Quest.", (1, ""), "other way"),
        ("Quest needs training.", (1, ""), "denies"),
        ("Quest does not reduce inference latency.", (1, ""), "not"),
        ("Quest helps smaller models.", (1, "It may help smaller models."), "may"),
        ("Quest outperforms H2O while all baselines run out of memory.", (1, ""), "all"),
        ("Quest is the first query-aware KV cache selection algorithm.", (1, ""), "first"),
        ("Quest shows that attention dominates the latency.", (1, ""), "other work"),
        ("Quest is a query-aware KV cache compression algorithm.", (1, ""), "compression"),
        ("Quest is query-aware and was trained on eight servers.", (1, ""), "eight"),
        ("It “needs no training at all”.", (1, ""), "abstract"),
        *((text, (1, ""), "") for text in NOTHING_TO_CHECK),
    ],
)
def test_what_the_evidence_does_not_carry_is_stopped_with_the_reason(text, mark, reason):
    statement = verified(text, mark)
    assert statement.verdict != "supported"
    assert reason in statement.reason


def test_a_statement_without_a_citation_is_stopped():
    statement = verified("Quest is query-aware.")
    assert (statement.verdict, statement.citations) == ("unsupported", ())


@pytest.mark.parametrize(
    ("text", "marks", "cited"),
    [
        (
            "Quest does not need training.",
            [(1, "does not need")],
            ["Quest does not need any training."],
        ),
        (
            "Quest is a query-aware selection algorithm and Lens is a benchmark.",
            [
                (1, "a query-aware KV cache selection algorithm"),
                (2, "We introduce Lens, a benchmark"),
                (1, "Quest does not need any training."),
            ],
            [SHOWN[0].sentence(1), SHOWN[1].sentence(0)],
        ),
        (
            "Quest needs no training and outperforms H2O.",
            [(1, "Quest does not need any training.")],
            ["Quest does not need any training.", SHOWN[0].sentence(5)],
        ),
    ],
    ids=["the whole sentence", "two papers, without a quote that adds nothing", "completed"],
)
def test_the_citations_are_the_sentences_that_carry_the_statement(text, marks, cited):
    statement = verified(text, *marks)
    assert statement.verdict == "supported", statement.reason
    assert [citation.quote for citation in statement.citations] == cited


@given(st.text(max_size=200), st.integers(0, 3), st.text(max_size=60))
def test_no_draft_makes_the_verifier_fail_and_every_citation_is_verbatim(text, number, quote):
    for citation in verified(text, (number, quote)).citations:
        abstract = {"p1": QUEST, "p2": LENS}[citation.paper_id]
        assert abstract[citation.span.start : citation.span.end] == citation.quote
