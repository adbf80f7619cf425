"""Rules that change a sentence: they apply where they should, and nowhere else."""

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.exam.changes import numbers, paraphrases, sense
from evals.exam.changes.scene import Scene, is_plain, own_name
from rag.types import Paper

ABSTRACT = (
    "However, caches are large, which slows every server down. To this end, we propose Quill, a cache "
    "that keeps pages by query. We show that Quill reaches up to 2.23x speedup and cuts latency by 7.03x. "
    "Our results show that Quill outperforms SlowCache by 4.5% on three datasets. Quill cannot read tables."
)
QUILL = Paper("quill", "Quill: Pages by Query", ABSTRACT)
OTHER = Paper("other", "Poems", "We collected 512 PoemBank verses about rivers, forests and evenings.")


def scene(sentence=0):
    return Scene(QUILL, sentence, [OTHER, QUILL])


def rewritten(rule, text, sentence=0, seed=0):
    return rule(text, scene(sentence), random.Random(seed))


# --- rules that keep the meaning ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "text", "told"),
    [
        (paraphrases.third_person, "In this paper, we test our code.", "The authors test their code."),
        (
            paraphrases.third_person,
            "On US exams, our model passed.",
            "On US exams, the authors' model passed.",
        ),
        (paraphrases.copula, "To this end, we propose Quill, a cache.", "Quill is a cache."),
        (
            paraphrases.passive,
            "We introduce a benchmark that bites.",
            "A benchmark is introduced that bites.",
        ),
        (paraphrases.past_tense, "We show that Quill helps.", "The authors showed that Quill helps."),
        (paraphrases.connective_dropped, "However, xFinder is slow.", "xFinder is slow."),
        (
            paraphrases.reordered,
            "With all pages, Quill can answer all.",
            "Quill can answer all with all pages.",
        ),
        (paraphrases.synonyms, "A novel cache.", "A new cache."),
    ],
)
def test_an_honest_rewording(rule, text, told):
    assert rewritten(rule, text) == told


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (paraphrases.copula, "We propose Quill, our cache."),
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
        (
            numbers.number_of_another,
            "It has 2.23x speedup and cuts all latency by 7.03x in sum.",
            "It has 7.03x speedup and cuts all latency by 2.23x in sum.",
        ),
        (numbers.unit_changed, "A web of 900 million pages.", "A web of 900 billion pages."),
    ],
)
def test_a_careless_change(rule, text, told):
    assert rewritten(rule, text, seed=2) == told


def test_the_winner_of_a_comparison_becomes_its_loser():
    told = {
        rewritten(sense.order_swapped, "Quill outperforms SlowCache on tables.", seed=seed)
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
