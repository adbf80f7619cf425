"""Questions about a paper as a whole: what stands for it, what is wanted, and the sentences that say it."""

import pytest
from collection import FERRY, LANTERN, SMALL, candidate_of, evidence_for, open_small, quoted

from rag.question.purposes import IDEA, OUTCOME, PROBLEM, TRAINED, WHOLE, WORKING, purpose, subjects
from rag.question.understanding import understand
from rag.selection.overview import by_purpose, sentences
from rag.selection.selection import Selection
from rag.types import Paper

FORMS = {
    "How does Quest work?": (WORKING, "Quest"),
    "explain to me how Quest works": (WORKING, "Quest"),
    "What is the mechanism behind Quest?": (WORKING, "Quest"),
    "what does the Quest paper do?": (IDEA, "the Quest paper"),
    "What is the main idea of Quest?": (IDEA, "Quest"),
    "what are Quest's main contributions?": (IDEA, "Quest"),
    "Tell me about Quest.": (WHOLE, "Quest"),
    "summarize LLM+P": (WHOLE, "LLM+P"),
    "give me more on the second": (WHOLE, "the second"),
    "What problems does u-LLaVA address?": (PROBLEM, "u-LLaVA"),
    "Why was RouterBench introduced?": (PROBLEM, "RouterBench"),
    "what is the motivation behind Quest": (PROBLEM, "Quest"),
    "What are the results of MINI-LLM?": (OUTCOME, "MINI-LLM"),
    "How well does Quest perform?": (OUTCOME, "Quest"),
    "how is xFinder trained?": (TRAINED, "xFinder"),
}
OTHERS = (
    "How many queries are in LitSearch?",
    "What self-attention speedup does Quest report?",
    "How does Quest estimate the criticality of a page?",
    "Which papers explain how attention works on pages?",
    "Why do language models hallucinate?",
)
SUBJECTS = {
    "Quest": ("Quest",),
    "the Quest paper": ("Quest",),
    "the paper “Quest”": ("Quest",),
    "the authors of Quest": ("Quest",),
    "TICK and EvalGen": ("TICK and EvalGen", "TICK", "EvalGen"),
    "FIRST, Sifter and Lantern": ("FIRST, Sifter and Lantern", "FIRST", "Sifter", "Lantern"),
}
KILN = Paper(
    "kiln",
    "Kiln: Baking Prompts",
    "However, existing ovens are expensive and limited to small prompts. "
    "We propose Kiln, a novel method for baking prompts. "
    "Specifically, Kiln first heats a prompt and then cools it by using a fan. "
    "Experiments show that Kiln outperforms ovens by 20% on four tasks. "
    "Our code is available online.",
)


@pytest.mark.parametrize(("question", "wanted"), FORMS.items())
def test_what_is_asked_of_a_paper_as_a_whole_is_read_off_the_form(question, wanted):
    assert purpose(question) == wanted


@pytest.mark.parametrize("question", OTHERS)
def test_a_question_for_something_in_particular_asks_of_no_paper_as_a_whole(question):
    assert purpose(question) is None


@pytest.mark.parametrize(("words", "names"), SUBJECTS.items())
def test_what_stands_for_papers_is_read_whole_and_in_parts(words, names):
    assert subjects(words) == names


@pytest.mark.parametrize(
    ("wanted", "places"),
    [(IDEA, [1, 2]), (WORKING, [1, 2]), (WHOLE, [1, 2, 3]), (PROBLEM, [0]), (OUTCOME, [3])],
)
async def test_each_purpose_gets_its_sentences_in_the_order_of_the_abstract(wanted, places):
    item = await candidate_of(KILN)
    assert sentences(item, wanted, "Kiln") == [item.sentences[place] for place in places]


async def test_what_no_wording_shows_is_not_told_but_what_a_paper_is_about_always_is():
    plain = await candidate_of(Paper("plain", "On Sinks", "Sinks drain. Sinks are round. Sinks shine."))
    assert sentences(plain, PROBLEM) == sentences(plain, OUTCOME) == []
    assert sentences(plain, WHOLE) == list(plain.sentences[:2])


async def told_of(question, papers=SMALL):
    asked = understand(question)
    evidence = await evidence_for(asked.topic, papers)
    selection = Selection(asked, evidence, [0.5] * len(evidence.candidates))
    return [(said.citations[0].paper_id, said.text) for said in by_purpose(selection)]


@pytest.mark.parametrize("name", ["Lantern", "lantern", "the Lantern paper", f"“{LANTERN.title}”"])
async def test_the_paper_is_found_by_its_name_in_any_case_and_by_its_title(name):
    assert ("lantern", quoted(LANTERN, 1)) in await told_of(f"How does {name} work?")


async def test_of_two_papers_both_are_told_of():
    found = await told_of("Describe FIRST and Sifter.")
    assert list(dict.fromkeys(paper_id for paper_id, _ in found)) == ["first", "sifter"]


async def test_how_a_named_method_works_is_answered_by_what_it_does_and_not_by_its_background():
    assistant = await open_small()
    answer = await assistant.ask("how does ferry work")
    assert [said.text for said in answer.statements] == [quoted(FERRY, 1)]
    assert not answer.abstained


@pytest.mark.parametrize("name", ["Zeppelin", "cache compression", "FIRST and Zeppelin", "language models"])
async def test_where_a_name_is_nobodys_or_a_topic_nothing_is_told(name):
    survey = Paper("survey", "Language Models: A Survey", "We survey language models. They are many.")
    assert await told_of(f"How does {name} work?", [*SMALL, survey]) == []
    assert await told_of(f"Tell me about “{survey.title}”.", [*SMALL, survey])
