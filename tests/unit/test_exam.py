"""The support exam: its measures against scikit-learn, its pairs, its judges."""

import gzip
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import balanced_accuracy_score, roc_auc_score

from evals.auroc import auroc, auroc_p, balanced_accuracy, interval, mean_ranks
from evals.exam import Sat, exam_pairs, parts, sit, table
from evals.exam_judges import Cosine, Judged, LanguageModel, Overlap
from evals.made_pair import ABSENT, CONTRADICTED, SUPPORTED
from rag.errors import MalformedRecord, SourceUnavailable
from rag.model import Completion, Usage


class Parrot:
    """A language model with one reply for each call."""

    name, context_tokens = "parrot", 1000

    def __init__(self, *replies):
        self.replies, self.asked = list(replies), []

    async def complete(self, request, on_text=None):
        self.asked.append(request.messages[0].content)
        return Completion(self.replies[len(self.asked) - 1], self.name, Usage())

    async def close(self):
        """Nothing is open."""


class Axes:
    """Encodes a text as the axis its first letter names."""

    async def encode_passages(self, texts):
        return np.array([[float(text[0] == letter) for letter in "abc"] for text in texts], np.float32)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=2, max_size=60))
def test_auroc_is_that_of_scikit_learn(rows):
    scores, positive = np.array([row[0] for row in rows], float), np.array([row[1] for row in rows])
    if positive.all() or not positive.any():
        return
    assert auroc(scores, positive) == pytest.approx(roc_auc_score(positive, scores))


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=60))
@pytest.mark.filterwarnings("ignore:y_pred contains classes not in y_true")
@pytest.mark.filterwarnings("ignore:A single label was found")
def test_balanced_accuracy_is_that_of_scikit_learn(rows):
    guesses, labels = (np.array(column) for column in zip(*rows, strict=True))
    assert balanced_accuracy(guesses, labels) == pytest.approx(balanced_accuracy_score(labels, guesses))


def test_equal_scores_share_their_mean_rank():
    assert mean_ranks(np.array([0.5, 0.1, 0.5])).tolist() == [2.5, 1.0, 2.5]


def test_the_interval_is_wider_where_pairs_come_in_clusters():
    values = np.repeat(np.random.default_rng(0).normal(size=40), 10)
    alone, together = np.arange(400), np.repeat(np.arange(40), 10)
    widths = [np.ptp(interval(lambda at: float(values[at].mean()), each)) for each in (alone, together)]
    assert widths[1] > 2 * widths[0]


def test_p_is_small_for_a_judge_that_is_right_beside_one_that_guesses():
    rng = np.random.default_rng(0)
    positive = rng.integers(2, size=300).astype(bool)
    right, guess = positive + rng.normal(size=300) * 0.5, rng.normal(size=300)
    assert auroc_p(right, guess, positive, np.arange(300)) < 0.01
    assert auroc_p(right, 10 * right + 3, positive, np.arange(300)) == 1.0


@pytest.fixture
def scifact(tmp_path):
    corpus = [{"id": number, "sentences": ["alpha helps. ", "beta harms."]} for number in (1, 2, 3)]
    with gzip.open(tmp_path / "corpus.jsonl.gz", "wt") as stream:
        stream.writelines(json.dumps(row) + "\n" for row in corpus)
    found = [{"doc": 1, "label": "SUPPORT"}, {"doc": 2, "label": "CONTRADICT"}]
    claim = {"id": 7, "claim": "alpha helps", "cited": [1, 2, 3, 99], "evidence": found}
    (tmp_path / "claims-train.jsonl").write_text(json.dumps(claim) + "\n")
    return tmp_path


def test_cited_abstracts_become_pairs_and_missing_ones_do_not(scifact):
    pairs = exam_pairs(scifact)
    assert [pair.label for pair in pairs] == [SUPPORTED, CONTRADICTED, ABSENT]
    assert pairs[0].sentences == ("alpha helps.", "beta harms.")


def test_a_label_nobody_knows_is_named(scifact):
    file = scifact / "claims-train.jsonl"
    file.write_text(file.read_text().replace("CONTRADICT", "MAYBE"))
    with pytest.raises(MalformedRecord, match="'MAYBE'"):
        exam_pairs(scifact)


def test_claims_of_another_corpus_are_refused(scifact):
    file = scifact / "claims-train.jsonl"
    file.write_text(file.read_text().replace("[1, 2, 3, 99]", "[99]"))
    with pytest.raises(SourceUnavailable):
        exam_pairs(scifact)


async def test_overlap_is_the_share_of_the_claims_words():
    judged = await Overlap().judge([("alpha helps beta", ["Alpha.", "It helps."]), ("?", ["nothing"])])
    assert judged.scores == pytest.approx([2 / 3, 0])


async def test_cosine_is_that_of_the_nearest_sentence():
    assert (await Cosine(Axes()).judge([("a", ["b", "a"]), ("a", ["c", "b"])])).scores.tolist() == [1, 0]


async def test_a_language_model_answers_in_one_word_and_mumbling_is_unknown():
    model = Parrot("Yes.", "No, it does not", "unknown", "purple")
    judged = await LanguageModel(model).judge([("claim", ["evidence"])] * 4)
    assert judged.labels.tolist() == [SUPPORTED, CONTRADICTED, ABSENT, ABSENT]
    assert judged.scores.tolist() == [1, 0, 0.5, 0.5]
    assert "claim" in model.asked[0]
    assert "evidence" in model.asked[0]


async def test_the_table_has_a_row_for_each_judge(scifact):
    pairs = exam_pairs(scifact)
    sat = await sit(Overlap(), pairs)
    right = Sat("right", Judged(np.array([1.0, 0, 0]), np.array([0, 1, 2])), 1.0)
    shown = table(pairs, [right, sat])
    assert shown.row_count == 2
    assert list(shown.columns[0].cells) == ["right", "lexical overlap"]
    assert list(shown.columns[4].cells) == ["1.000", "–"]
    assert parts(pairs, right) == "right: against contradicted 1.000, against not in context 1.000"
