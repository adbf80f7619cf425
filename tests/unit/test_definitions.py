"""What is X: the sentence that defines it."""

import pytest
from collection import FERRY, FIRST, SIFTER, SMALL, evidence_for, open_small, quoted

from rag.selection.definitions import defining, definition_strength, spells_out, term_asked
from rag.types import Paper

HARBOR = Paper(
    "harbor",
    "Ranking Ships with Prompts",
    "Ranking with HPR is popular and HPR was tested on ships. "
    "We reduce the burden by a technique called Harbor Prompt Ranking (HPR). "
    "HPR outperforms every baseline by 3%.",
)
MOORING = Paper(
    "mooring",
    "Mooring: Anchored Retrieval",
    "Retrieval drifts. In this work, we propose a novel framework that anchors retrieval to sections. "
    "Results improve by 4% on six tasks.",
)
TWO = Paper(
    "two",
    "Two Samplers",
    "Our first technique, Ask-Sampler, rates each example with a model. "
    "We propose Density picking, which spreads the examples. "
    "Models trained on Ask-Sampler examples outperform others.",
)
ALL = (*SMALL, HARBOR, MOORING, TWO)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("What does HPR stand for?", quoted(HARBOR, 1)),
        ("What is HPR?", quoted(HARBOR, 1)),
        ("What does HPR stand for, and by how much does HPR outperform?", quoted(HARBOR, 1)),
        ("define HPR", quoted(HARBOR, 1)),
        ("What is the meaning of HPR?", quoted(HARBOR, 1)),
        (
            "What is Mooring?",
            "In this work, we propose a novel framework that anchors retrieval to sections.",
        ),
        ("What is Ask-Sampler?", quoted(TWO, 0)),
        ("Explain Density picking", quoted(TWO, 1)),
        ("What is Ferry?", quoted(FERRY, 1)),
        ("what's FIRST?", quoted(FIRST, 1)),
        ("What is Sifter?", quoted(SIFTER, 1)),
    ],
)
async def test_a_question_for_a_name_is_answered_by_the_sentence_that_defines_it(question, answer):
    told = await (await open_small(ALL)).ask(question)
    assert told.kind == "fact"
    assert told.statements[0].text == answer


@pytest.mark.parametrize(
    "question",
    [
        "What is the accuracy of Sifter?",
        "How fast is FIRST?",
        "What is Quest used for?",
        "Who is first?",
        "What is it",
        "What is Zeppelin?",
        "What is a chatbot?",
        "What does Mooring stand for?",
    ],
)
async def test_other_questions_ask_for_no_definition_and_what_nobody_defines_gets_none(question):
    evidence = await evidence_for(question, ALL)
    assert defining(question, evidence.candidates) is None


@pytest.mark.parametrize(
    ("question", "term"),
    [
        ("What is KV cache", "KV cache"),
        ("what are reward models?", "reward models"),
        ("define the term query expansion", "query expansion"),
        ("What does “PRP” stand for?", "PRP"),
        ("what is meant by in-context learning?", "in-context learning"),
        ("what is the budget", ""),
        ("What is reported for Quest", ""),
    ],
)
def test_the_term_is_read_off_the_question(question, term):
    assert term_asked(question) == term


@pytest.mark.parametrize(
    ("text", "spelt"),
    [
        ("a new technique called Pairwise Ranking Prompting (PRP).", True),
        ("PRP (pairwise ranking prompting) is new.", True),
        ("the PRP framework, which stands for anything", False),
        ("PRP stands for anything", True),
        ("We like it (PRP).", False),
        ("PRP is fast.", False),
    ],
)
def test_a_short_form_is_spelt_out_by_words_with_its_letters(text, spelt):
    assert spells_out("PRP", text) is spelt


def test_a_name_in_passing_is_no_definition():
    assert definition_strength("Kite", "Models trained on Kite outperform others.") == 0
    assert definition_strength("Kite", "Recent works have proposed Kite, which is slow.") == 0
    assert definition_strength("Kite", "We propose Kite, which is fast.") > 0
    assert definition_strength("query expansion", "Query expansion is a way to add words.") > 0
    assert definition_strength("FIRST", "We are the first to propose it.") == 0
