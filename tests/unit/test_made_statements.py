"""Statements made by rule: what each change changes, and that labels follow from the construction."""

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.support.effect_clauses import STATES
from evals.support.effect_words import AGENTS, TARGETS, VERBS
from evals.support.finding_words import FINDINGS
from evals.support.made_effects import SIGNS, effect, told
from evals.support.made_findings import draw_slots, make_findings, renamed, say
from evals.support.made_pair import ABSENT, CONTRADICTED, SUPPORTED
from evals.support.made_statements import (
    Draw,
    corners,
    make_statements,
    nearest,
    read_abstract,
    title_phrases,
)
from evals.support.statement_changes import NUMBER, POLES, TURNS, clauses_swapped, passive, reword, shortened
from evals.support.statement_words import forms
from rag.types import Paper

PAPERS = [
    Paper(
        f"p{number}",
        f"{subject} pruning for fast transformer inference",
        f"Large transformers are slow at inference. We propose {subject} pruning for attention heads. "
        f"We show that {subject} pruning improves accuracy by {number + 3}% on four benchmarks. "
        f"It outperforms magnitude selection on all tasks. The memory cost is lower than before.",
    )
    for number, subject in enumerate(["gradient", "spectral", "bayesian", "cluster", "entropy", "token"])
]


def seeded(seed=0):
    return random.Random(seed)


def test_the_pole_of_a_verb_is_turned_in_its_own_form():
    turned = TURNS["pole"]("The drug increases pain.", seeded())
    assert re.fullmatch(r"The drug (decreases|reduces|lowers|diminishes|lessens) pain\.", turned)


def test_a_negation_is_put_in_and_taken_out_again():
    negated = TURNS["negation"]("The gene is required.", seeded())
    assert negated == "The gene is not required."
    assert TURNS["negation"](negated, seeded()) == "The gene is required."


def test_a_verb_without_auxiliary_is_negated_in_its_base_form():
    negated = TURNS["negation"]("Insulin reduces glucose.", seeded())
    assert negated in {f"Insulin {words} reduce glucose." for words in ("does not", "fails to", "cannot")}


@given(st.integers(0, 100_000), st.integers(0, 1000))
def test_a_turned_number_is_always_another_number(value, seed):
    turned = TURNS["number"](f"We gain {value} points.", seeded(seed))
    (put,) = NUMBER.findall(turned)
    assert float(put) != value


def test_a_turned_unit_keeps_its_number():
    turned = TURNS["unit"]("It takes 12 ms a query.", seeded())
    assert "12 " in turned
    assert "ms" not in turned


def test_sides_of_a_comparison_change_places():
    assert (
        TURNS["sides"]("Our model outperforms BERT on GLUE.", seeded())
        == "BERT outperforms our model on GLUE."
    )


@pytest.mark.parametrize("kind", [kind for kind in TURNS if kind != "negation"])
def test_a_sentence_without_anything_to_turn_is_none(kind):
    assert TURNS[kind]("Cats sleep on mats.", seeded()) is None


def test_the_two_poles_of_a_word_share_no_word():
    assert all(not set(same) & set(other) for same, other in POLES.values())


def test_rewording_drops_frame_and_aside_and_keeps_poles():
    said = reword("However, we show that the drug (see below) reduces pain.", seeded(), 1.0)
    assert not said.startswith(("However", "We"))
    assert "below" not in said
    assert any(word in said for word in POLES["reduces"][0])


def test_rewording_of_no_strength_only_drops_the_lead():
    assert reword("Moreover, cats sleep (often).", seeded(), 0.0) == "Cats sleep (often)."


def test_passive_agrees_in_number():
    assert passive("We propose a method for tests.") == "a method is proposed for tests."
    assert passive("We study networks in mice.") == "networks are studied in mice."


def test_clauses_change_places():
    assert (
        clauses_swapped("While it is small, it is very accurate.") == "it is very accurate while it is small."
    )


def test_corners_are_two_supported_and_two_contradicted_and_neither_side_tells():
    pairs = corners(Draw(seeded()), read_abstract(PAPERS[0]), 4)
    assert [pair.label for pair in pairs] == [SUPPORTED, CONTRADICTED, CONTRADICTED, SUPPORTED]
    as_it_was, altered = pairs[0].evidence, pairs[2].evidence
    assert [pair.evidence for pair in pairs] == [as_it_was, as_it_was, altered, altered]
    assert as_it_was != altered


@given(st.integers(0, 400))
def test_what_is_turned_is_turned_within_its_whole_sentence(seed):
    sentence = "We prune heads, and the memory cost is lower than before on all four benchmarks."
    paper = Paper("p", "Pruning", f"Models are slow. They need memory. {sentence} That is what we found.")
    pairs = corners(Draw(seeded(seed)), read_abstract(paper), 2)
    altered = next(each for each in pairs[2].evidence if "prune" in each or "memory cost" in each)
    assert altered.startswith("We ")
    assert altered.endswith("benchmarks.")
    assert altered != sentence


def test_a_shortened_sentence_is_the_clause_that_tells_a_direction():
    long = "In this work, we study mice, and using an assay, aspirin increased tumor growth in all of them."
    assert shortened(long, seeded()) == "Aspirin increased tumor growth in all of them."


def test_the_same_seed_makes_the_same_pairs():
    first, second = (list(make_statements(PAPERS, 3, 60)) for _ in range(2))
    assert first == second
    assert len(first) == 60
    assert {pair.label for pair in first} == {SUPPORTED, CONTRADICTED, ABSENT}


def test_whole_evidence_is_as_long_as_an_abstract():
    pairs = [
        pair for pair in make_statements(PAPERS, 0, 80, whole=True) if not pair.kind.startswith("finding")
    ]
    assert pairs
    assert all(len(pair.evidence) >= 4 for pair in pairs)


def test_a_sentence_missing_from_its_abstract_is_not_in_the_evidence():
    pairs = [pair for pair in make_statements(PAPERS, 0, 400) if pair.kind == "own-rest"]
    assert pairs
    assert all(pair.label == ABSENT and pair.statement not in pair.evidence for pair in pairs)


def test_the_nearest_papers_are_others_that_share_rare_words():
    abstracts = [read_abstract(paper) for paper in PAPERS]
    assert all(place not in near for place, near in enumerate(nearest(abstracts)))


def test_title_phrases_are_cut_at_small_words():
    phrases = title_phrases([read_abstract(PAPERS[0])])
    assert phrases == ["fast transformer inference", "gradient pruning"]


def test_findings_come_in_threes_of_which_each_label_has_one():
    for seed in range(30):
        assert [pair.label for pair in make_findings(seeded(seed), [])] == [SUPPORTED, CONTRADICTED, ABSENT]


def test_supported_and_contradicted_statements_stand_beside_the_same_evidence_words():
    for seed in range(30):
        words = [
            set(" ".join(pair.evidence).lower().split()) for pair in make_findings(seeded(seed), [], (0,))
        ]
        assert len(words[0] & words[1]) > len(words[0]) / 2


def test_every_wording_of_every_finding_can_be_said():
    slots = draw_slots(seeded(), ["soft attention"])
    for relation, findings in FINDINGS.items():
        for found in findings:
            assert "{" not in say(seeded(), relation, found, slots)


def test_no_wording_says_two_different_findings():
    for findings in FINDINGS.values():
        wordings = [wording for each in findings.values() for wording in each]
        assert len(wordings) == len(set(wordings))


def test_another_name_replaces_a_known_one():
    assert renamed("Smoking causes influenza.", seeded(1)) in {
        "Smoking causes flu.",
        "Cigarette use causes influenza.",
        "Tobacco causes influenza.",
    }


@pytest.mark.parametrize("kind", list(TARGETS))
@pytest.mark.parametrize("found", list(SIGNS))
@given(st.integers(0, 10_000))
def test_effects_fill_every_slot(kind, found, seed):
    slots = draw_slots(seeded(seed), [])
    assert not set("{}") & set(told(seeded(seed), effect(seeded(seed), found, slots, kind), slots, 1.0))


def test_no_state_of_one_direction_is_one_of_the_other():
    assert not set(STATES[1]) & set(STATES[-1])
    assert all(not set(VERBS[kind][1]) & set(VERBS[kind][-1]) for kind in VERBS)
    assert not set(AGENTS[1]) & set(AGENTS[-1])


def test_less_of_the_agent_turns_what_is_done():
    slots = draw_slots(seeded(), [])
    less = "|".join(re.escape(each.format(**slots)) for each in AGENTS[-1])
    texts = (effect(seeded(seed), "up", slots, "amount") for seed in range(4000))
    found = (re.fullmatch(rf"(?:{less}) (\w+ed) {re.escape(slots['b'])}", text) for text in texts)
    verbs = {match[1] for match in found if match}
    assert verbs
    assert not verbs & {forms(verb)[2] for group in ("any", "amount") for verb in VERBS[group][1]}
