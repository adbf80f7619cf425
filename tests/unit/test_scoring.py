"""Replies are scored by the gold of their case; what does not apply has no value."""

import pytest
from collection import FERRY, FIRST, LANTERN, SIFTER

from evals.cases.questions import Case
from evals.records import Status
from evals.suite.asking import Reply
from evals.suite.scoring import Scorer

PAPERS = {paper.paper_id: paper for paper in (LANTERN, FERRY, FIRST, SIFTER)}
SCORER = Scorer(PAPERS)
SENTENCE = "Lantern shrinks the cache by 8.5 times on long prompts."


def citation(paper, quote):
    start = paper.abstract.index(quote) if quote in paper.abstract else 0
    return {
        "paper_id": paper.paper_id,
        "title": paper.title,
        "quote": quote,
        "start": start,
        "end": start + len(quote),
    }


def statement(paper=LANTERN, text=SENTENCE, quote=None):
    return {"text": text, "verdict": "supported", "citations": [citation(paper, quote or text)]}


def reply(*statements, papers=(), ranking=(), removed=0, written=0, calls=(), abstained=None, **stages):
    answer = {
        "abstained": not statements if abstained is None else abstained,
        "statements": list(statements),
        "partial": [],
        "papers": [{"paper_id": paper.paper_id, "title": paper.title} for paper in papers],
        "removed": [{"text": "x", "reason": "y"}] * removed,
        "receipt": {"timings_ms": {}, "model": {"calls": list(calls), "failure": ""}} | stages,
    }
    titles = tuple(paper.title for paper in ranking)
    return Reply(answer=answer, ranking=titles, written=written, latency_ms=12.0)


def scored(case, given):
    return {score.measure: score for score in SCORER.scores(case, given)}


def values(case, given):
    return {name: score.value for name, score in scored(case, given).items()}


FACT = Case("f1", "fact", "How much?", (LANTERN.title,), facts=("8.5x",))
SET = Case("s1", "set", "Which papers?", (LANTERN.title, FERRY.title), (SIFTER.title,))
NONE = Case("u1", "unanswerable", "Who won?")


def test_a_fact_question_needs_all_its_facts_and_says_which_it_lacks():
    assert values(FACT, reply(statement()))["fact match"] == 1.0
    two = Case("f1", "fact", "How much?", (LANTERN.title,), facts=("8.5x", "312"))
    found = scored(two, reply(statement()))["fact match"]
    assert (found.value, found.of, found.why) == (0.0, 2, "lacks: 312")


def test_an_abstention_is_right_only_where_there_is_no_answer():
    assert values(FACT, reply())["abstained rightly"] == 0.0
    assert values(FACT, reply(statement()))["abstained rightly"] == 1.0
    assert values(NONE, reply())["abstained rightly"] == 1.0
    assert values(NONE, reply(statement()))["abstained rightly"] == 0.0


def test_abstention_precision_is_of_abstentions_and_recall_of_questions_without_an_answer():
    wrongly, rightly, missed = (
        values(*each) for each in ((FACT, reply()), (NONE, reply()), (NONE, reply(statement())))
    )
    assert (wrongly["abstention precision"], "abstention recall" in wrongly) == (0.0, False)
    assert (rightly["abstention precision"], rightly["abstention recall"]) == (1.0, 1.0)
    assert ("abstention precision" in missed, missed["abstention recall"]) == (False, 0.0)
    assert "abstention precision" not in values(FACT, reply(statement()))


def test_an_answer_that_says_nothing_has_no_citation_measures_rather_than_perfect_or_zero_ones():
    found = scored(FACT, reply())
    for name in ("citation precision", "citation recall", "citation F1", "quotes verbatim"):
        assert (found[name].value, found[name].status, found[name].of) == (None, Status.NO_CLAIMS, 0)
    assert found["fact match"].value == 0.0


def test_a_set_is_scored_with_partial_papers_neither_right_nor_wrong():
    given = reply(statement(), papers=(LANTERN, SIFTER, FIRST), ranking=(LANTERN, SIFTER, FERRY))
    found = scored(SET, given)
    assert found["set precision"].value == 0.5
    assert found["set precision"].why == f"wrong: {FIRST.title}"
    assert found["set recall"].value == 0.5
    assert found["set F1"].value == 0.5
    assert found["R-precision"].value == 0.5
    assert 0.9 < found["nDCG@10"].value < 1.0


def test_a_set_that_was_not_answered_has_recall_0_and_no_precision():
    found = scored(SET, reply(ranking=(LANTERN,)))
    assert (found["set precision"].value, found["set recall"].value, found["set F1"].value) == (
        None,
        0.0,
        0.0,
    )


def test_a_comparison_counts_the_papers_it_cites():
    case = Case("c1", "compare", "Compare.", (LANTERN.title, FERRY.title))
    assert values(case, reply(statement()))["papers compared"] == 0.5
    assert values(case, reply())["papers compared"] == 0.0


def turn(relevant, facts=()):
    return Case("t1#2", "conversation", "And?", tuple(paper.title for paper in relevant), facts=facts)


def test_a_turn_is_right_with_every_relevant_paper_one_of_them_first_and_every_fact():
    ferry = statement(FERRY, "Experiments on four benchmarks show that Ferry halves the cache.")
    sifter = statement(SIFTER, "Sifter reaches an accuracy of 91.3% on held-out tasks.")
    both = reply(statement(), ferry)
    assert values(turn([FERRY, LANTERN], ("8.5",)), both)["turns right"] == 1.0
    assert values(turn([FERRY, LANTERN]), reply(statement()))["turns right"] == 0.0
    assert values(turn([LANTERN]), reply(sifter, statement()))["turns right"] == 0.0
    assert values(turn([LANTERN], ("7.03",)), reply(statement()))["turns right"] == 0.0


def test_a_turn_without_relevant_papers_is_right_where_it_abstains():
    assert values(turn([]), reply())["turns right"] == 1.0
    assert values(turn([]), reply(statement()))["turns right"] == 0.0


def test_a_quote_that_is_not_where_it_is_said_to_be_is_not_verbatim():
    shifted = statement()
    shifted["citations"][0]["start"] += 1
    assert values(FACT, reply(shifted))["quotes verbatim"] == 0.0
    assert values(FACT, reply(statement(), shifted))["quotes verbatim"] == 0.5
    strange = statement()
    strange["citations"][0]["paper_id"] = "nobody"
    assert values(FACT, reply(strange))["quotes verbatim"] == 0.0


def test_what_the_claim_verifier_removed_counts_of_what_a_model_drafted():
    assert values(FACT, reply(statement(), removed=1, written=3))["statements removed"] == 0.25
    assert "statements removed" not in values(FACT, reply(statement()))


def test_tokens_and_cost_are_added_up_over_all_calls_also_of_answers_in_parts():
    call = {"model": "m", "prompt_tokens": 10, "completion_tokens": 2, "cost_usd": 0.5}
    part = {"model": {"calls": [call], "failure": ""}}
    found = values(FACT, reply(statement(), calls=(call,), parts=[part, {}]))
    assert (found["tokens"], found["cost"], found["latency"]) == (24.0, 1.0, 12.0)
    assert "tokens" not in values(FACT, reply(statement()))


@pytest.mark.parametrize(
    ("stages", "words"),
    [
        ({"rewrite": {"calls": [], "failure": "late"}}, "the query could not be rewritten: late"),
        ({"model": {"calls": [], "failure": "no key"}}, "the model could not be used: no key"),
        ({"reranker": {"name": "r", "failed": "timeout"}}, "the reranker could not be used: timeout"),
        ({"parts": [{}, {"model": {"calls": [], "failure": "late"}}]}, "the model could not be used: late"),
    ],
)
def test_an_answer_that_a_part_of_the_system_took_no_part_in_is_known(stages, words):
    assert reply(statement(), **stages).fault == words
    assert not reply(statement()).fault


def test_scores_come_in_the_order_of_the_catalogue():
    names = [score.measure for score in SCORER.scores(SET, reply(statement(), papers=(LANTERN,)))]
    assert names[:3] == ["nDCG@10", "R-precision", "set precision"]
    assert names[-1] == "latency"
