"""Part questions: what is asked for, in which form, about which names."""

import numpy as np
import pytest
from collection import terms_of

from rag.question.clauses import analyse
from rag.question.understanding import understand


def clauses(question, idf=None):
    asked = understand(question)
    vectors = np.eye(len(asked.clauses), 4, dtype=np.float32)
    return analyse(asked, vectors, idf or {}, terms_of)


FOCUS = {
    "How many queries does the benchmark hold?": "queries",
    "What accuracy does Sifter reach?": "accuracy",
    "Which two datasets were used?": "two datasets",
    "What is the compression ratio of Lantern?": "compression ratio",
    "What are its training costs?": "training costs",
    "How much memory is saved?": "memory",
    "How does it work?": "",
    "Who pays?": "",
}


@pytest.mark.parametrize(("question", "focus"), FOCUS.items())
def test_the_thing_asked_for_is_known(question, focus):
    (clause,) = clauses(question)
    assert set(clause.focus) == terms_of(focus)
    assert (clause.phrase is not None) == bool(focus)


def test_the_thing_asked_for_is_found_in_any_inflection_but_only_word_by_word():
    (clause,) = clauses("What is the training accuracy of Sifter?")
    assert clause.phrase.search("Its training accuracies are high.")
    assert not clause.phrase.search("Training takes long and accuracy is high.")


def test_an_ellipsis_inherits_what_was_asked_for():
    full, short = clauses("What accuracy does Sifter reach, and what does RegEx reach?")
    assert (short.focus, short.phrase, short.number) == (full.focus, full.phrase, True)
    assert (full.names, short.names) == (("Sifter",), ("RegEx",))


def test_a_second_part_with_a_focus_of_its_own_inherits_nothing():
    first, second = clauses("What accuracy does Sifter reach, and how many layers does it have?")
    assert set(first.focus) == terms_of("accuracy")
    assert set(second.focus) == terms_of("layers")


def test_a_part_without_a_name_is_about_all_names():
    _, second = clauses("What accuracy does Sifter reach, and how many layers does it have?")
    assert second.names == ("Sifter",)


def test_names_are_left_out_of_the_words_to_match_unless_they_are_asked_for():
    (clause,) = clauses("How fast is Lantern?")
    assert not terms_of("Lantern") & set(clause.idf)
    (clause,) = clauses("Which GPT models were used?")
    assert terms_of("GPT") <= set(clause.idf)


def test_a_word_that_was_not_searched_for_counts_as_the_rarest():
    accuracy, layers = terms_of("accuracy"), terms_of("layers")
    (clause,) = clauses("What accuracy do layers reach?", dict.fromkeys(accuracy, 2.0) | {-1: 5.0})
    assert [clause.idf[term] for term in (*accuracy, *layers)] == [2.0, 5.0]


@pytest.mark.parametrize(
    ("question", "definition", "manner"),
    [
        ("What is PRP?", True, False),
        ("What does PRP stand for?", True, False),
        ("What is the cost of PRP?", False, False),
        ("How does PRP rank?", False, True),
        ("How many pairs does PRP rank?", False, False),
    ],
)
def test_definitions_and_manners_are_told_from_facts(question, definition, manner):
    (clause,) = clauses(question)
    assert (clause.definition, clause.manner) == (definition, manner)


def test_each_part_keeps_its_own_vector():
    first, second = clauses("How fast is it and how large is it?")
    assert first.vector.tolist() == [1, 0, 0, 0]
    assert second.vector.tolist() == [0, 1, 0, 0]
