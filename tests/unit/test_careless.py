"""The careless exam: its labels hold, its rules apply where they should and nowhere else."""

import asyncio
import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.careless import degree, form, numbers, sense, trimming, wording
from evals.careless.chain import through_chain
from evals.careless.making import KINDS, make_cases
from evals.careless.report import judged, report, sample_papers, timing, wilson_interval
from evals.careless.scene import Scene, as_shown, is_plain, own_name, told_by
from evals.careless.supported import SUPPORTED
from evals.careless.unsupported import UNSUPPORTED
from rag.adapters.bm25 import Bm25Encoder
from rag.drafts import numbered
from rag.types import Paper, Statement
from rag.verify import Gate

ABSTRACT = (
    "However, caches are large, which slows every server down. To this end, we propose Quill, a cache "
    "that keeps pages by query. We show that Quill reaches up to 2.23x speedup and cuts latency by 7.03x. "
    "Our results show that Quill outperforms SlowCache by 4.5% on three datasets. Quill cannot read tables."
)
QUILL = Paper("quill", "Quill: Pages by Query", ABSTRACT)
OTHER = Paper("other", "Poems", "We collected 512 PoemBank verses about rivers, forests and evenings.")
UNCHANGED = {
    "verbatim",
    "quote retyped",
    "quote shortened",
    "quote runs on",
    "no quote",
    "paper not shown",
    "no citation",
}
ELSEWHERE = {"claim invented", "quote from elsewhere", "quote irrelevant"}


@pytest.fixture(scope="module")
def papers():
    return sample_papers()


@pytest.fixture(scope="module")
def cases(papers):
    return make_cases(papers[::2], 120, 0)


def scene(sentence=0):
    return Scene(as_shown([OTHER, QUILL]), 2, sentence, [OTHER, QUILL])


def rewritten(rule, text, sentence=0, seed=0):
    return rule(text, scene(sentence), random.Random(seed))


def every(cases, label=None):
    return [(case, each) for case in cases for each in case.drafts if label in (None, each.label)]


def plain(text):
    return " ".join(text.split())


# --- the cases ---------------------------------------------------------------------------------


def test_the_same_seed_makes_the_same_cases_and_another_seed_others(papers):
    assert make_cases(papers[:12], 14, 3) == make_cases(papers[:12], 14, 3)
    assert make_cases(papers[:12], 14, 3) != make_cases(papers[:12], 14, 4)


def test_too_few_papers_are_refused():
    with pytest.raises(ValueError, match="expected at least 6"):
        make_cases([QUILL, OTHER], 1, 0)


def test_half_of_the_drafts_are_supported_and_every_kind_occurs(cases):
    kinds = {label: {each.kind for _, each in every(cases, label)} for label in KINDS}
    assert kinds == {"supported": set(SUPPORTED), "unsupported": set(UNSUPPORTED)}
    share = len(every(cases, "supported")) / len(every(cases))
    assert 0.45 < share < 0.55


def test_all_papers_have_their_turn_and_stand_anywhere_among_three_to_six(papers, cases):
    asked_about = [case.question for case in make_cases(papers[:20], 20, 0)]
    for paper in papers[:20]:
        assert any((own_name(paper) or paper.title) in question for question in asked_about)
    assert {len(case.shown) for case in cases} == {3, 4, 5, 6}
    assert {mark.number for _, each in every(cases, "supported") for mark in each.draft.marks} == set(
        range(1, 7)
    )
    for case in cases:
        assert [item.number for item in case.shown] == list(range(1, len(case.shown) + 1))


def test_nothing_is_written_twice_under_one_kind(cases):
    written = [(each.kind, each.draft.text) for _, each in every(cases) if each.kind != "claim invented"]
    assert len(set(written)) > 0.97 * len(written)


def test_supported_drafts_cite_what_was_shown_and_quote_it(cases):
    for case, each in every(cases, "supported"):
        assert each.draft.marks
        for mark in each.draft.marks:
            item = numbered(case.shown, mark.number)
            assert item is not None
            if each.kind not in {"quote retyped", "quote shortened"}:
                assert plain(mark.quote) in plain(item.paper.abstract)


def test_a_changed_statement_stands_in_no_abstract_it_cites(cases):
    for case, each in every(cases, "unsupported"):
        if each.kind in UNCHANGED:
            continue
        for mark in each.draft.marks:
            assert plain(each.draft.text) not in plain(numbered(case.shown, mark.number).paper.abstract)


def test_a_reworded_statement_differs_from_its_quote(cases):
    for _, each in every(cases, "supported"):
        if each.kind not in UNCHANGED:
            assert each.draft.text not in {plain(mark.quote) for mark in each.draft.marks}


def test_numbers_of_supported_statements_stand_in_their_abstracts(cases):
    for case, each in every(cases, "supported"):
        if each.kind in {"number formatted", "unit spelled"}:
            continue
        shown = " ".join(numbered(case.shown, mark.number).paper.abstract for mark in each.draft.marks)
        assert set(re.findall(r"\d+(?:\.\d+)?", each.draft.text)) <= set(re.findall(r"\d+(?:\.\d+)?", shown))


def test_new_numbers_stand_nowhere_in_the_abstract(cases):
    for case, each in every(cases, "unsupported"):
        if each.kind not in {"number off", "digits swapped", "magnitude"}:
            continue
        abstract = numbered(case.shown, each.draft.marks[0].number).paper.abstract
        assert set(re.findall(r"\d+(?:[.,]\d+)*", each.draft.text)) - set(
            re.findall(r"\d+(?:[.,]\d+)*", abstract)
        )


def test_papers_not_shown_have_numbers_that_nobody_has(cases):
    drafts = [(case, each.draft) for case, each in every(cases) if each.kind == "paper not shown"]
    assert all(numbered(case.shown, draft.marks[0].number) is None for case, draft in drafts)
    assert all(not each.draft.marks for _, each in every(cases) if each.kind == "no citation")


def test_foreign_statements_are_about_something_else_than_the_paper_they_cite(cases):
    for case, each in every(cases):
        if each.kind in ELSEWHERE - {"claim invented"}:
            paper = numbered(case.shown, each.draft.marks[0].number).paper
            assert (
                told_by(each.draft.text.removeprefix("The authors"), f"{paper.title} {paper.abstract}") < 0.5
            )


# --- rules that keep the meaning ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "text", "told"),
    [
        (wording.third_person, "In this paper, we test our code.", "The authors test their code."),
        (wording.third_person, "On US exams, our model passed.", "On US exams, the authors' model passed."),
        (wording.copula, "To this end, we propose Quill, a cache.", "Quill is a cache."),
        (wording.passive, "We introduce a benchmark that bites.", "A benchmark is introduced that bites."),
        (wording.finding_alone, "We find that caches of pages help.", "Caches of pages help."),
        (wording.past_tense, "We show that Quill helps.", "The authors showed that Quill helps."),
        (wording.name_as_subject, "Our method reads pages.", "Quill reads pages."),
        (trimming.connective_dropped, "However, xFinder is slow.", "xFinder is slow."),
        (trimming.parenthesis_dropped, "Caches (of any kind) help.", "Caches help."),
        (trimming.trailing_clause_dropped, "The new cache keeps all pages at hand, thereby saving time.",
         "The new cache keeps all pages at hand."),
        (trimming.reordered, "With all pages, Quill can answer all.", "Quill can answer all with all pages."),
        (trimming.adverb_dropped, "Quill significantly helps.", "Quill helps."),
        (trimming.abbreviated, "Many LLMs err.", "Many large language models err."),
        (trimming.synonyms, "A novel cache.", "A new cache."),
        (form.number_formatted, "It read 1,018 questions.", "It read 1018 questions."),
        (form.number_formatted, "It has three parts.", "It has 3 parts."),
        (form.unit_spelled, "A model with 7B parameters.", "A model with 7 billion parameters."),
    ],
)  # fmt: skip
def test_an_honest_rewording(rule, text, told):
    assert rewritten(rule, text) == told


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (wording.finding_alone, "Previous studies show that caches help."),
        (wording.finding_alone, "We find that most of them fail."),
        (trimming.adverb_dropped, "Quill does not significantly help."),
        (trimming.parenthesis_dropped, "Caches (but not tables) help."),
        (wording.copula, "We propose Quill, our cache."),
    ],
)
def test_a_rule_keeps_off_where_it_would_change_the_meaning(rule, text):
    assert rewritten(rule, text) is None


# --- rules that change it ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "text", "told"),
    [
        (sense.direction_flipped, "Quill increases accuracy.", "Quill decreases accuracy."),
        (sense.negation_inserted, "Quill can read pages.", "Quill cannot read pages."),
        (sense.negation_removed, "Quill cannot read tables.", "Quill can read tables."),
        (degree.strengthened, "Quill reaches up to 2x.", "Quill reaches at least 2x."),
        (degree.strengthened, "Caches may help.", "Caches will always help."),
        (degree.generalised, "It wins on three datasets.", "It wins on all existing datasets."),
        (degree.generalised, "It wins on GSM8K and MMLU.", "It wins on every benchmark."),
        (degree.superlative, "We propose Quill, a novel cache.", "We propose Quill, the first cache."),
        (degree.attributed, "Existing caches often ignore pages.", "Quill often ignores pages."),
        (numbers.number_of_another, "It has 2.23x speedup and cuts all latency by 7.03x in sum.",
         "It has 7.03x speedup and cuts all latency by 2.23x in sum."),
        (numbers.unit_changed, "A web of 900 million pages.", "A web of 900 billion pages."),
    ],
)  # fmt: skip
def test_a_careless_change(rule, text, told):
    assert rewritten(rule, text, seed=2) == told


def test_the_winner_of_a_comparison_becomes_its_loser():
    told = {
        rewritten(degree.order_swapped, "Quill outperforms SlowCache on tables.", seed=seed)
        for seed in range(9)
    }
    assert told == {"SlowCache outperforms Quill on tables.", "Quill is outperformed by SlowCache on tables."}


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (sense.direction_flipped, "We ask whether Quill increases accuracy."),
        (sense.direction_flipped, "Quill does not increase accuracy."),
        (
            sense.direction_flipped,
            "Quill increases what others increases, and decreases.",
        ),
        (sense.negation_inserted, "Quill is not only fast."),
        (numbers.number_of_another, "They range from 7 billion to 70 billion parameters."),
        (numbers.number_off, "It was shown in 2023 papers of GPT-4 and Llama 2."),
        (numbers.unit_changed, "It has more than 10 times the pages."),
        (degree.attributed, "Previous studies have found caches."),
    ],
)
def test_a_change_that_would_not_be_false_is_not_made(rule, text):
    assert rewritten(rule, text) is None


@given(st.integers(min_value=2, max_value=99_999), st.sampled_from(["%", "x", " pages"]), st.integers(0, 50))
def test_a_changed_number_is_never_the_same(value, unit, seed):
    for rule in (numbers.number_off, numbers.digits_swapped, numbers.magnitude):
        text = f"It reads {value}{unit} of all there are."
        assert rule(text, scene(), random.Random(seed)) != text


@given(st.integers(min_value=10, max_value=999), st.integers(0, 50))
def test_a_number_that_is_a_lower_bound_is_never_lowered(value, seed):
    told = numbers.number_off(f"It gains more than {value}% here.", scene(), random.Random(seed))
    assert told is None or int(re.findall(r"\d+", told)[0]) > value


def test_sentences_with_addresses_formulae_or_questions_are_left_alone():
    assert is_plain("This is a sentence of quite a few plain words.")
    for odd in (
        "See all the code at https://example.org for more of it.",
        "Is this a question of a few words or more?",
    ):
        assert not is_plain(odd)


def test_a_name_is_the_papers_own_by_its_title_or_where_it_is_proposed():
    assert own_name(QUILL) == "Quill"
    assert own_name(Paper("a", "A Cache", "We propose PageHog, a cache. PageHog helps.")) == "PageHog"
    assert not own_name(Paper("a", "A Cache", "We use PageHog. It helps."))


# --- the report --------------------------------------------------------------------------------


def test_the_report_counts_both_kinds_of_error(papers):
    cases = make_cases(papers[:30], 30, 1)
    everything = judged(cases, lambda draft, shown: Statement(draft.text, "supported", ()))
    nothing = judged(
        cases, lambda draft, shown: Statement(draft.text, "unsupported", (), "“7x” is not in [2]")
    )
    assert "100.0%" in next(report(everything))
    lines = list(report(nothing, wrong=1))
    assert "0.0%" in lines[0]
    assert "100.0%" in lines[1]
    assert any(line.startswith("  … is not in …") for line in lines)
    assert any(line.startswith("\nsupported, verbatim") for line in lines)


def test_the_interval_of_a_share_is_wilsons():
    low, high = wilson_interval(8, 10)
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)
    assert wilson_interval(0, 10)[0] == 0
    with pytest.raises(ValueError, match="no trials"):
        wilson_interval(0, 0)


# --- the exam through a model ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def chained(cases):
    return asyncio.run(through_chain(cases[:12], Bm25Encoder()))


@pytest.mark.slow
def test_what_reaches_the_reader_through_a_model_is_what_the_gate_alone_lets_through(cases, chained):
    found, seconds = chained
    alone = judged(cases[:12], Gate(Bm25Encoder()).verify)
    assert [each.labelled for each in found] == [each.labelled for each in alone]
    assert [each.shown for each in found] == [each.shown for each in alone]
    assert any(each.shown for each in found)
    assert not all(each.shown for each in found)
    assert len(seconds) <= len(found)


@pytest.mark.slow
def test_a_removed_draft_keeps_the_reason_of_the_gate(chained):
    removed = [each for each in chained[0] if not each.shown]
    assert all(each.statement.reason for each in removed)
    assert any("not in the evidence" in each.statement.reason for each in removed)


@pytest.mark.slow
def test_an_unsupported_draft_is_shown_where_a_gate_lets_everything_through(cases, monkeypatch):
    def credulous(_self, draft, _shown):
        return Statement(draft.text, "supported", (), "")

    monkeypatch.setattr(Gate, "verify", credulous)
    found, _ = asyncio.run(through_chain(cases[:3], Bm25Encoder()))
    assert all(each.shown for each in found)


def test_the_time_of_the_gate_is_told_in_percentiles():
    assert timing([0.001, 0.002, 0.003]) == "one statement takes the gate 2.00 ms (p50), 2.90 ms (p95)"
    with pytest.raises(ValueError, match="at least one"):
        timing([])
