"""Facts are compared as they are meant: numbers by value and unit, words by spelling."""

import pytest

from evals.cases.facts import FactMatcher

FACTS = FactMatcher()


@pytest.mark.parametrize(
    ("fact", "text"),
    [
        ("405k", "over 405k inference outcomes"),
        ("405k", "405,000 outcomes"),
        ("50%", "by 50 percent"),
        ("100", "14K examples, 100 of them curated"),
        ("100K", "a budget of 100,000 dollars"),
        ("2.23", "up to 2.23x self-attention speedup"),
        ("2.23x", "2.23 times faster"),
        ("2x", "it is twice as fast"),
        ("0.5", "half of it"),
        ("1,000", "1000 things"),
        ("3B", "a powerful 3B evaluator"),
        ("3B", "3 billion parameters"),
        ("93.42", "an accuracy of 93.42%."),
        ("500 million parameters", "with only 500M parameters"),
        ("key-value cache", "the Key–Value cache grows"),
        ("Quest", "we propose Quest, a method"),
        ("GPT-4", "compared with GPT-4."),
        ("top-1", "its top-1 accuracy"),
        ("2023", "published in 2023."),
        ("7.03x", "by 7.03×"),
    ],
)
def test_a_fact_is_found_however_it_is_written(fact, text):
    assert FACTS.states(text, fact)


@pytest.mark.parametrize(
    ("fact", "text"),
    [
        ("50%", "by 50 points"),
        ("50%", "by 5%"),
        ("100", "of 1000 examples"),
        ("100", "a budget of 100K"),
        ("2.23x", "2.23% faster"),
        ("93.4", "an accuracy of 93.42%."),
        ("3B", "a 13B evaluator"),
        ("500 million parameters", "500 million tokens"),
        ("Quest", "we propose ClusterQuest"),
        ("GPT-4", "compared with GPT-40"),
        ("7 days", "after 7 hours"),
        ("key-value cache", "the cache of keys and values"),
        ("597", ""),
    ],
)
def test_what_only_looks_like_a_fact_is_none(fact, text):
    assert not FACTS.states(text, fact)


def test_the_facts_that_are_missing_are_named_in_their_order():
    assert FACTS.missing(("91.3", "3B", "GLIDER"), "GLIDER agrees in 91.3% of cases.") == ["3B"]
    assert FACTS.missing((), "anything") == []
