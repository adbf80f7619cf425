"""Citation measures: as in ALCE (Gao et al. 2023), without the defects of its program."""

import pytest
from collection import FERRY, LANTERN, SIFTER
from hypothesis import given
from hypothesis import strategies as st

from evals.suite.citations import CitationSupport, count_citations, shown_as
from rag.verification.claim_verifier import Draft, Mark
from rag.writing.reply_parser import parse

SUPPORT = CitationSupport()
PAPERS = (LANTERN, FERRY, SIFTER)
SHRINKS = "Lantern shrinks the cache by 8.5 times on long prompts"
HALVES = "Ferry halves the cache"
REACHES = "Sifter reaches an accuracy of 91.3% on held-out tasks"


def counted(text):
    return SUPPORT.count_drafts(parse(text), shown_as(PAPERS))


def test_a_statement_that_its_citation_carries_is_recalled_and_precise():
    found = counted(f"{SHRINKS} [1].")
    assert (found.recall, found.precision, found.f1, found.invented) == (1.0, 1.0, 1.0, 0)


def test_a_statement_that_its_citation_does_not_carry_is_neither():
    found = counted(f"{SHRINKS} [2].")
    assert (found.recall, found.precision, found.f1) == (0.0, 0.0, 0.0)


def test_a_citation_that_its_statement_does_not_need_is_not_precise():
    found = counted(f"{SHRINKS} [1][3].")
    assert (found.recall, found.precision) == (1.0, 0.5)


def test_citations_that_carry_a_statement_only_together_are_both_precise():
    def carries(draft):
        return {mark.number for mark in draft.marks} >= {1, 2}

    found = count_citations([Draft("both", (Mark(1), Mark(2), Mark(3)))], shown_as(PAPERS), carries)
    assert (found.carried, found.precise, found.citations) == (1, 2, 3)


def test_an_invented_number_counts_against_precision():
    """ALCE: a statement with a number out of range adds none of its citations to the denominator."""
    found = counted(f"{SHRINKS} [1]. {HALVES} [7].")
    assert (found.precision, found.recall, found.invented) == (0.5, 0.5, 1)


def test_an_invented_number_does_not_hide_the_citations_beside_it():
    """ALCE: the statement is called unsupported, though [1] carries it."""
    found = counted(f"{SHRINKS} [1][7].")
    assert (found.recall, found.precision) == (1.0, 0.5)


def test_several_numbers_in_one_pair_of_brackets_are_all_read():
    """ALCE: `[3, 1]` is 3, and the statement fails."""
    assert counted(f"{SHRINKS} [3, 1].").recall == 1.0
    assert counted(f"{SHRINKS} [3, 1].").citations == 2
    assert counted(f"{SHRINKS} [1-3].").citations == 3


def test_number_0_is_no_paper_and_not_the_last_one():
    """ALCE: index -1, so that the last document is judged."""
    found = counted(f"{REACHES} [0].")
    assert (found.recall, found.precision, found.invented) == (0.0, 0.0, 1)


def test_what_stands_after_the_first_line_counts():
    """ALCE: all after the first newline is dropped."""
    found = counted(f"{SHRINKS} [1].\n{HALVES} [3].\n\n- {REACHES} [3].")
    assert (found.statements, found.carried) == (3, 2)


def test_a_citation_after_the_full_stop_belongs_to_the_sentence_before_it():
    """ALCE: its sentence splitter hands it to the next sentence."""
    found = counted(f"{SHRINKS}. [1] {HALVES}. [2] {REACHES}. [3]")
    assert (found.statements, found.recall, found.precision) == (3, 1.0, 1.0)


def test_a_citation_given_twice_is_one_citation():
    """ALCE: `[1][1]` counts twice, and where two papers are needed neither copy of the first seems to be."""
    found = counted(f"{SHRINKS} [1][1].")
    assert (found.citations, found.precision) == (1, 1.0)


def test_a_fourth_citation_counts():
    """ALCE: only the first three of a statement are looked at."""
    found = counted(f"{SHRINKS} [2][3][7][1].")
    assert (found.citations, found.recall, found.precision) == (4, 1.0, 0.25)


def test_brackets_that_are_no_citation_stay_in_the_statement():
    """ALCE: every closing bracket is deleted from the claim, and `, 2` of `[1, 2]` stays in it."""
    abstract = LANTERN.abstract
    assert "array x[i]" not in abstract
    found = counted(f"{SHRINKS[:-1]}s [see] [1, 2].")
    assert found.recall == 0.0  # "[see]" is still there, and no evidence speaks of it
    assert counted(f"{SHRINKS} [1, 2].").recall == 1.0  # no ", 2" is left behind


def test_an_answer_that_says_nothing_has_no_value_rather_than_vanishing_or_scoring_0():
    """ALCE: an empty answer is skipped, so that the mean rises by saying nothing."""
    found = counted("")
    assert (found.recall, found.precision, found.f1) == (None, None, None)


def test_an_answer_without_citations_has_recall_0_and_no_precision():
    found = counted(f"{SHRINKS}.")
    assert (found.recall, found.precision, found.f1) == (0.0, None, 0.0)


@pytest.mark.parametrize(
    "text", ["Lantern shrinks the cache by 9.5 times.", "Lantern grows the cache by 8.5 times."]
)
def test_a_wrong_number_or_direction_is_not_carried(text):
    assert counted(f"{text[:-1]} [1].").recall == 0.0


def answer(*statements):
    return {"statements": list(statements), "partial": []}


def said(text, *cited):
    return {"text": text, "citations": [{"paper_id": key, "quote": quote} for key, quote in cited]}


BY_ID = {paper.paper_id: paper for paper in PAPERS}


def test_a_quote_is_carried_by_itself_with_or_without_the_title():
    quote = "Cache compression has become popular, and many cache compression methods exist for long prompts."
    for text in (quote, f"{LANTERN.title} — “{quote}”"):
        found = SUPPORT.count(answer(said(text, ("lantern", quote))), BY_ID)
        assert (found.recall, found.precision) == (1.0, 1.0)
    wrong = f"{FERRY.title} — “{quote}”"
    assert SUPPORT.count(answer(said(wrong, ("lantern", quote))), BY_ID).recall == 0.0


def test_a_citation_of_an_unknown_paper_or_of_words_that_stand_nowhere_is_invented():
    quote = f"{SHRINKS}."
    unknown = said(quote, ("lantern", quote), ("nobody", quote))
    forged = said(quote, ("lantern", quote), ("ferry", "Ferry is the best method of all."))
    for statement in (unknown, forged):
        found = SUPPORT.count(answer(statement), BY_ID)
        assert (found.recall, found.precision, found.invented) == (1.0, 0.5, 1)


MARKS = st.lists(st.integers(0, 5).map(Mark), max_size=6).map(tuple)


@given(st.lists(MARKS, max_size=5), st.sets(st.integers(0, 5)))
def test_whatever_is_cited_the_counts_hold_together(marks, carrying):
    drafts = [Draft(str(place), each) for place, each in enumerate(marks)]
    found = count_citations(
        drafts, shown_as(PAPERS), lambda draft: bool({m.number for m in draft.marks} & carrying)
    )
    assert found.statements == len(marks)
    assert found.citations == sum(len(set(each)) for each in marks)
    assert 0 <= found.precise <= found.citations - found.invented
    assert found.carried <= found.statements
    assert found.invented == sum(mark.number not in {1, 2, 3} for each in marks for mark in set(each))
