"""Part questions: what is asked for, in which form, about which names."""

import numpy as np
from collection import terms_of
from written_questions import written

from rag.question.clauses import analyse
from rag.question.understanding import understand


def clauses(question, idf=None):
    asked = understand(question)
    vectors = np.eye(len(asked.clauses), 4, dtype=np.float32)
    return analyse(asked, vectors, idf or {}, terms_of)


@written("focus")
def test_the_thing_asked_for_is_known(text, expected):
    (clause,) = clauses(text)
    assert set(clause.focus) == terms_of(expected)
    assert (clause.phrase is not None) == bool(expected)


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
    assert second.names == ("Sifter",), "without a name of its own it is about all"


def test_names_are_left_out_of_the_words_to_match_unless_they_are_asked_for():
    (clause,) = clauses("How fast is Lantern?")
    assert not terms_of("Lantern") & set(clause.idf)
    (clause,) = clauses("Which GPT models were used?")
    assert terms_of("GPT") <= set(clause.idf)


def test_a_word_that_was_not_searched_for_counts_as_the_rarest():
    accuracy, layers = terms_of("accuracy"), terms_of("layers")
    (clause,) = clauses("What accuracy do layers reach?", dict.fromkeys(accuracy, 2.0) | {-1: 5.0})
    assert [clause.idf[term] for term in (*accuracy, *layers)] == [2.0, 5.0]


@written("definition_manner")
def test_definitions_and_manners_are_told_from_facts(text, expected):
    (clause,) = clauses(text)
    assert [clause.definition, clause.manner] == expected


def test_each_part_keeps_its_own_vector():
    first, second = clauses("How fast is it and how large is it?")
    assert first.vector.tolist() == [1, 0, 0, 0]
    assert second.vector.tolist() == [0, 1, 0, 0]
