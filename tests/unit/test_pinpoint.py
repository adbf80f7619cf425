"""Which sentence is shown: the one that proves it."""

from dataclasses import replace

import numpy as np
import pytest
from collection import (
    ANSWERS,
    FERRY,
    LANTERN,
    SIFTER,
    STUDY,
    candidate_of,
    evidence_for,
    linear,
    quoted,
    terms_of,
)
from fakes import HashEncoder

from rag.question.clauses import analyse
from rag.question.understanding import understand
from rag.selection.pinpoint import (
    SIGNALS,
    STATED,
    AnswerModel,
    PaperStanding,
    answering,
    read_signals,
    standings,
    stated_signals,
)
from rag.types import Paper

KNOWN = PaperStanding(logit=3.0, share=1.0, link=1.0, other=0.0)


async def clause_of(question, idf=None):
    asked = understand(question)
    vectors = await HashEncoder(256).encode_queries(asked.clauses)
    return analyse(asked, vectors, idf or {}, terms_of)[0]


def table(clause, item, standing=KNOWN):
    """Signals by name, a list over the sentences each."""
    return dict(zip(SIGNALS, read_signals(clause, [(item, standing)]).T.tolist(), strict=True))


async def test_the_thing_asked_for_is_matched_and_missed():
    item = await candidate_of(SIFTER)
    found = table(await clause_of("What accuracy does Sifter reach?"), item)
    assert found["cover_focus"] == found["focus_phrase"] == [0, 0, 1, 1]
    assert found["focus_absent"] == [0, 0, 0, 0]
    absent = table(await clause_of("Which GPU does Sifter need?"), item)
    assert absent["cover_focus"] == [0, 0, 0, 0]
    assert absent["focus_absent"] == [1, 1, 1, 1]


async def test_context_counts_the_title_and_the_sentences_around():
    found = table(await clause_of("extracting million permutations?"), await candidate_of(SIFTER))
    assert found["cover_context"][0] > found["cover"][0]
    assert found["cover_context"][3] == pytest.approx(1 / 3)  # of the three only the title's is near


@pytest.mark.parametrize(
    "text",
    [
        "Passage Ranking Prompting (PRP) is new.",
        "PRP (pairwise) is new.",
        "PRP, a prompt, is new.",
        "PRP - a new one.",
    ],
)
async def test_a_definition_is_recognised(text):
    item = await candidate_of(Paper("prp", "On Prompts", f"{text} We use PRP."))
    found = table(await clause_of("What does PRP stand for?"), item)
    assert (found["definition"], found["no_definition"]) == ([1, 0], [0, 1])


async def test_papers_the_question_does_not_name_are_held_against_it():
    candidates = [await candidate_of(SIFTER), await candidate_of(STUDY)]
    named, other = standings(candidates, [0.8, 0.4], {"sifter": 1.0})
    assert (named.link, named.other, named.share) == (1.0, 0.0, 1.0)
    assert (other.link, other.other, other.share) == (0.0, 1.0, 0.5)
    assert named.logit == pytest.approx(np.log(4))
    assert [each.other for each in standings(candidates, [0.8, 0.4], {})] == [0.0, 0.0]


async def test_sentences_come_most_probable_first_and_ties_by_paper_and_place():
    papers = [(await candidate_of(paper), KNOWN) for paper in (STUDY, SIFTER)]
    clause = await clause_of("What accuracy does Sifter reach?")
    model = AnswerModel(linear(SIGNALS, -1.0, cover_focus=2.0), linear(STATED, 0.0, logit=1.0), 0.5)
    ranked, stated = answering(clause, papers, model)
    places = [(each.candidate.paper.paper_id, each.sentence.text) for each in ranked]
    right = [("sifter", quoted(SIFTER, 2)), ("sifter", quoted(SIFTER, 3))]
    rest = [
        *(("sifter", quoted(SIFTER, n)) for n in (0, 1)),
        *(("study", quoted(STUDY, n)) for n in (0, 1, 2)),
    ]
    assert places == right + rest
    assert ranked[0].score == stated == pytest.approx(1 / (1 + np.exp(-1)))


async def test_the_shipped_model_finds_the_sentence_that_answers():
    clause = await clause_of("How many nurses are interviewed?")
    papers = [(await candidate_of(paper, "nurses interviewed"), KNOWN) for paper in (SIFTER, STUDY)]
    ranked, stated = answering(clause, papers, ANSWERS)
    assert ranked[0].sentence.text == quoted(STUDY, 1)
    assert stated > ANSWERS.threshold


async def test_of_two_numbers_the_one_that_counts_the_thing_asked_for_is_likelier():
    text = "Kiln has 5 types of questions on it. We have 40 ovens answer 1,018 hard questions of Kiln."
    item = await candidate_of(Paper("kiln", "Kiln: A Benchmark", text))
    clause = await clause_of("How many questions does Kiln hold?")
    assert [bool(clause.count.search(each.text)) for each in item.sentences] == [False, True]
    (standing,) = standings([item], [0.9], {"kiln": 1.0})
    first = answering(clause, [(item, standing)], ANSWERS)[0][0]
    assert first.sentence.span.start > 0


async def test_without_a_sentence_that_holds_what_it_must_nothing_is_stated():
    clause = replace(await clause_of("What accuracy does Sifter reach?"), must="nowhere")
    assert answering(clause, [(await candidate_of(SIFTER), KNOWN)], ANSWERS) == ([], 0.0)
    assert answering(clause, [], ANSWERS) == ([], 0.0)


async def test_whether_something_is_stated_is_read_off_the_best_sentence_and_its_paper():
    papers = [(await candidate_of(paper), KNOWN) for paper in (SIFTER, STUDY)]
    rows = read_signals(await clause_of("What accuracy does Sifter reach?"), papers)
    owners = [item.paper.paper_id for item, _ in papers for _ in item.sentences]
    odds = np.full(len(owners), 0.1)
    odds[2], odds[5] = 0.5, 0.2
    found = dict(zip(STATED, stated_signals(rows, odds, owners), strict=True))
    assert found["logit"] == pytest.approx(0)
    assert found["ahead"] == pytest.approx(np.log(4))  # 0.5 against 0.2
    assert found["paper_mass"] == pytest.approx(np.log(0.8), abs=1e-5)
    assert found["paper_cover"] == rows[: len(papers[0][0].sentences), 0].max()
    assert list(found.values())[5:] == rows[2].tolist()


@pytest.mark.parametrize(
    ("question", "signal", "sentence"),
    [
        ("Why are kilns slow?", "background_reason", "Kilns are slow because heat is lost."),
        ("Why are kilns slow?", "reason_cause", "Kilns are slow because heat is lost."),
        ("What is wrong with kilns?", "trouble_named", "Kilns suffer from losses."),
        ("Are kilns any good?", "yes_no_finding", "We find that kilns are slow."),
        ("Which benchmark is used?", "thing_named", "We use the test OvenBench."),
        ("Which three kinds are there?", "several_listed", "There are red, blue, and green ones."),
        ("How large is it?", "only_sharing", "The code of kilns is available online."),
    ],
)
async def test_wording_that_fits_what_is_asked_is_a_signal(question, signal, sentence):
    texts = [sentence, "We study kilns.", "They are old."]
    texts = texts if signal.startswith("background") else [*texts[1:], texts[0]]
    item = await candidate_of(Paper("kilns", "On Kilns", " ".join(texts)))
    assert [value > 0 for value in table(await clause_of(question), item)[signal]] == [
        text == sentence for text in texts
    ]


SINKS = Paper("p", "On Sinks", "Heat sinks are hot. Attention sinks are the first tokens. Sinks drain.")


@pytest.mark.parametrize(
    ("paper", "query", "place"),
    [
        (LANTERN, "cache compression", 1),
        (FERRY, "cache compression", 1),
        (
            Paper("p", "On Sinks", "Heat sinks are hot. Attention sinks are the first tokens. Sinks drain."),
            "attention sinks",
            1,
        ),
        (Paper("p", "On Echoes", "We study echoes. We study echoes."), "echoes", 0),
    ],
)
async def test_the_sentence_shown_is_the_first_that_says_most_of_the_papers_own_work(paper, query, place):
    evidence = await evidence_for(query, [paper])
    (item,) = evidence.candidates
    assert item.showing(evidence.idf) == item.sentences[place]


FLM = Paper("flm", "FLM-101B: A Model", "FLM-101B is cheap. FLM-101B costs 10 dollars.")
EXAM = Paper(
    "exam",
    "Sciex",
    "Five experts label Sciex and they grade it. The best model of Sciex reaches 59.4% of the points. "
    "The exams in it hold 154 hard questions for Sciex.",
)


@pytest.mark.parametrize(
    ("question", "paper", "number"),
    [
        ("What accuracy does Sifter reach?", SIFTER, [0, 1, 1, 1]),
        ("Who uses Sifter?", SIFTER, [0, 0, 0, 0]),
        ("How much does FLM-101B cost?", FLM, [0, 1]),
        ("How many experts grade Sciex?", EXAM, [1, 0, 1]),
        ("How accurate are models on Sciex?", EXAM, [0, 1, 1]),
    ],
    ids=["wanted", "not wanted", "no digits of a name", "a count is no share", "a measurement is no count"],
)
async def test_a_number_is_looked_for_where_one_is_wanted(question, paper, number):
    assert table(await clause_of(question), await candidate_of(paper))["number"] == number


async def test_where_code_is_is_an_answer_to_who_asks_for_it():
    item = await candidate_of(Paper("kilns", "On Kilns", "We study kilns. The code is available online."))
    assert table(await clause_of("Is the code available?"), item)["only_sharing"] == [0, 0]
