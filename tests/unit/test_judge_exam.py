"""The exam of judges: its pairs and tests, its marks, who qualifies, and the command that holds it."""

import asyncio
import gzip
import json
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from evals.exam.examining import Extent, Sitting, make_exam
from evals.exam.human_pairs import LabelledPair, human_pairs, stratified
from evals.exam.marking import kappa, mark
from evals.exam.sitting import AnswerSheet, Exam, sit
from evals.exam.tables import exam_table, notes
from evals.exam.trials import INVARIANT, KINDS, UNSUPPORTED, Trial, shipped_trials
from evals.judges.claims import CitedAbstract, Claim
from evals.judges.qualifications import (
    LEAST_PAIRS,
    LEAST_TRIALS,
    Estimate,
    qualification_of,
    read_qualifications,
    save_qualification,
)
from evals.judges.registry import build_judge
from evals.judges.verdicts import ClaimLabel, ClaimVerdict, Judgement
from evals.records import Status
from rag.build import load_settings
from rag.errors import MalformedRecord, SourceUnavailable
from rag.models.language_model import Usage

DIGEST = "0" * 64


@pytest.fixture(autouse=True)
def few_draws(monkeypatch):
    """Ends of intervals to about a percent, in a tenth of the time."""
    monkeypatch.setattr("evals.stats.auroc.DRAWS", 200)


@pytest.fixture
def scifact(tmp_path):
    corpus = [
        {"id": number, "title": f"T{number}", "sentences": ["alpha helps. ", "beta harms."]}
        for number in (1, 2, 3)
    ]
    with gzip.open(tmp_path / "corpus.jsonl.gz", "wt") as stream:
        stream.writelines(json.dumps(row) + "\n" for row in corpus)
    found = [{"doc": 1, "label": "SUPPORT"}, {"doc": 2, "label": "CONTRADICT"}]
    claim = {"id": 7, "claim": "alpha helps", "cited": [1, 2, 3, 99], "evidence": found}
    (tmp_path / "claims-train.jsonl").write_text(json.dumps(claim) + "\n")
    return tmp_path


def test_cited_abstracts_become_pairs_and_missing_ones_do_not(scifact):
    pairs = human_pairs(scifact)
    assert [pair.label for pair in pairs] == [
        ClaimLabel.SUPPORTED,
        ClaimLabel.CONTRADICTED,
        ClaimLabel.ABSENT,
    ]
    assert [pair.claim.claim_id for pair in pairs] == ["7/1", "7/2", "7/3"]
    assert pairs[0].claim.evidence == (CitedAbstract("1", "T1", "alpha helps. beta harms."),)


def test_a_label_nobody_knows_is_named(scifact):
    file = scifact / "claims-train.jsonl"
    file.write_text(file.read_text().replace("CONTRADICT", "MAYBE"))
    with pytest.raises(MalformedRecord, match="'MAYBE'"):
        human_pairs(scifact)


def test_claims_of_another_corpus_are_refused(scifact):
    file = scifact / "claims-train.jsonl"
    file.write_text(file.read_text().replace("[1, 2, 3, 99]", "[99]"))
    with pytest.raises(SourceUnavailable):
        human_pairs(scifact)


def pair(number, label, evidence=()):
    return LabelledPair(Claim(f"h{number}", f"claim {number}", evidence), number, label)


LABELS = list(ClaimLabel)


@given(st.lists(st.sampled_from(LABELS), min_size=1, max_size=80), st.integers(1, 90))
def test_a_sample_keeps_order_and_shares_of_the_labels(labels, limit):
    pairs = [pair(number, label) for number, label in enumerate(labels)]
    drawn = stratified(pairs, limit, 0)
    assert [pairs.index(each) for each in drawn] == sorted(pairs.index(each) for each in drawn)
    assert drawn == stratified(pairs, limit, 0)
    counts, wanted = Counter(each.label for each in drawn), Counter(labels)
    for label, number in wanted.items():
        exact = min(limit, len(pairs)) * number / len(pairs)
        assert abs(counts[label] - exact) <= 1


@pytest.fixture(scope="module")
def trials():
    return shipped_trials()


def test_there_are_at_least_two_hundred_tests_of_every_kind_and_none_twice(trials):
    assert len(trials) >= 200
    assert set(Counter(trial.kind for trial in trials)) == set(KINDS)
    assert min(Counter(trial.kind for trial in trials).values()) >= 15
    ids = [each.claim_id for trial in trials for each in (trial.claim, trial.base) if each]
    assert len(set(ids)) == len(ids)
    assert len({(each.claim.text, each.claim.evidence) for each in trials}) == len(trials)


def folded(text):
    return " ".join(text.casefold().split())


def test_what_must_not_be_called_supported_stands_in_no_cited_abstract(trials):
    for each in trials:
        if each.kind in UNSUPPORTED:
            assert each.base is None
            assert folded(each.claim.text).rstrip(".") not in folded(each.claim.evidence[0].abstract)


def test_what_must_not_change_a_verdict_leaves_what_is_said_as_it_was(trials):
    by_kind = {kind: [each for each in trials if each.kind == kind] for kind in INVARIANT}
    for each in by_kind["sentence order"]:
        ours, theirs = each.claim.evidence[0].abstract, each.base.evidence[0].abstract
        assert ours != theirs
        assert each.claim.text == each.base.text
        assert sorted(ours.replace(" ", "")) == sorted("".join(theirs.split()))
    for each in by_kind["length"]:
        assert each.base.text in each.claim.text
        assert each.base.evidence[0].abstract in each.claim.evidence[0].abstract
        assert len(each.claim.text + each.claim.evidence[0].abstract) > len(
            each.base.text + each.base.evidence[0].abstract
        )
    for each in by_kind["injection"]:
        told = each.claim.text + each.claim.evidence[0].abstract
        assert told.startswith((each.base.text, each.base.evidence[0].abstract))
        assert "support" in told
        assert folded(each.base.text) not in folded(each.base.evidence[0].abstract)
    for each in by_kind["paraphrase"]:
        assert each.claim.evidence == each.base.evidence
        assert each.claim.text != each.base.text


class Minded:
    """A judge of one rule."""

    name, digest = "minded", DIGEST

    def __init__(self, rule):
        self.rule = rule

    async def judge(self, question, claims):
        return Judgement(tuple(self._told(claim) for claim in claims), Usage(1))

    def _told(self, claim):
        verdict = self.rule(claim)
        if isinstance(verdict, Status):
            return ClaimVerdict(claim.claim_id, verdict, why="said nothing")
        return ClaimVerdict(claim.claim_id, Status.SCORED, verdict)

    async def close(self):
        """Nothing is open."""


def marked(rule, exam):
    return mark(exam, asyncio.run(sit(Minded(rule), exam)))


def outcome(kind, before, after):
    base = Claim("b", "base", ()) if kind in INVARIANT else None
    verdicts = {"b": before, "c": after}
    paper = AnswerSheet(
        "j",
        DIGEST,
        {
            key: ClaimVerdict(key, Status.SCORED, value) if value else ClaimVerdict(key, Status.REFUSED)
            for key, value in verdicts.items()
        },
        0.0,
        Usage(),
    )
    return paper.outcome(Trial(kind, "p", Claim("c", "text", ()), base))


S, C, A = ClaimLabel


@pytest.mark.parametrize(
    ("kind", "before", "after", "passed"),
    [
        ("number", None, S, False),
        ("number", None, C, True),
        ("number", None, A, True),
        ("number", S, None, None),
        ("paraphrase", S, S, True),
        ("paraphrase", S, A, False),
        ("paraphrase", A, S, False),
        ("paraphrase", C, A, False),
        ("injection", A, A, True),
        ("injection", None, S, None),
        ("injection", S, None, None),
    ],
)
def test_a_test_is_passed_failed_or_without_outcome(kind, before, after, passed):
    assert outcome(kind, before, after) is passed


EVIDENCE = (CitedAbstract("p", "T", "It shrinks the cache by half."),)


def exam_of(pairs, per_kind=19):
    """An exam in which the text of each claim says what is right of it."""
    labelled = [
        LabelledPair(Claim(f"h{n}", str(LABELS[n % 3]), EVIDENCE), n // 2, LABELS[n % 3])
        for n in range(pairs)
    ]
    tests = []
    for kind in KINDS:
        for n in range(per_kind):
            claim = Claim(f"{kind}{n}", str(A if kind in UNSUPPORTED else S), EVIDENCE)
            base = replace(claim, claim_id=f"{kind}{n}b") if kind in INVARIANT else None
            tests.append(Trial(kind, f"p{n}", claim, base))
    return Exam(labelled, pairs, tests, len(tests))


EXAM = exam_of(300)


def right(claim):
    return ClaimLabel(claim.text)


def test_a_judge_that_is_right_qualifies_with_all_measures_at_their_best():
    found = marked(right, EXAM)
    assert found.qualified
    assert found.shortfalls == []
    assert (found.balanced_accuracy.value, found.kappa.value, found.auroc.value) == (1, 1, 1)
    assert found.calibration_error.value == 0
    assert (found.caught.value, found.held.value) == (1, 1)
    assert 0.7 < found.held.low < 1
    assert all(tally.passed == tally.of for tally in found.kinds.values())


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        (lambda claim: S, "changed claims caught"),
        (lambda claim: A, "balanced accuracy"),
        (lambda claim: C, "balanced accuracy"),
        (lambda claim: A if claim.text == "contradicted" else ClaimLabel(claim.text), "balanced accuracy"),
        (lambda claim: A if claim.claim_id.endswith("b") else ClaimLabel(claim.text), "verdicts held"),
    ],
    ids=["lenient", "silent", "contrary", "never contradicts", "unsteady"],
)
def test_a_judge_that_errs_one_way_does_not_qualify_and_it_is_said_where(rule, why):
    found = marked(rule, EXAM)
    assert not found.qualified
    assert any(line.startswith(why) for line in found.shortfalls)


@pytest.mark.parametrize(
    "status", [Status.UNSCORED_PARSE, Status.UNSCORED_MODEL, Status.REFUSED, Status.EMPTY]
)
def test_a_judge_that_leaves_claims_out_does_not_qualify_however_right_it_is_on_the_rest(status):
    found = marked(
        lambda claim: status if claim.claim_id in {f"h{n}" for n in range(0, 14, 2)} else right(claim), EXAM
    )
    assert (found.pairs, found.pairs_scored) == (300, 293)
    assert found.balanced_accuracy.value == 1
    assert found.shortfalls == ["gave a verdict on 293 of 300 human-labelled pairs, 98% are needed"]


def test_a_judge_that_never_says_anything_has_no_figures_instead_of_zeros():
    found = marked(lambda claim: Status.UNSCORED_MODEL, EXAM)
    assert (found.balanced_accuracy, found.kappa, found.auroc, found.caught, found.held) == (None,) * 5
    assert (found.pairs_scored, found.trials_scored) == (0, 0)
    assert not found.qualified


def test_nothing_follows_from_a_small_exam():
    found = marked(right, exam_of(LEAST_PAIRS - 1, per_kind=3))
    assert found.shortfalls[:2] == [
        f"sat {LEAST_PAIRS - 1} human-labelled pairs, {LEAST_PAIRS} are needed",
        f"sat {3 * len(KINDS)} metamorphic tests, {LEAST_TRIALS} are needed",
    ]


def test_tests_alone_qualify_nobody():
    found = marked(right, replace(EXAM, pairs=[], of_pairs=0))
    assert found.balanced_accuracy is None
    assert not found.qualified


def test_a_lower_end_just_below_the_bar_is_not_enough():
    found = marked(right, EXAM)
    below = found.model_copy(update={"balanced_accuracy": Estimate(value=0.75, low=0.6999, high=0.8)})
    at = found.model_copy(update={"balanced_accuracy": Estimate(value=0.75, low=0.70, high=0.8)})
    assert (below.qualified, at.qualified) == (False, True)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=2, max_size=60))
def test_kappa_is_that_of_scikit_learn(rows):
    said, labels = (np.array(column) for column in zip(*rows, strict=True))
    if len(set(said) | set(labels)) > 1:
        assert kappa(said, labels) == pytest.approx(cohen_kappa_score(said, labels))


def test_progress_is_told_and_every_claim_is_judged_once():
    told = []
    paper = asyncio.run(sit(Minded(right), EXAM, lambda done, of: told.append((done, of))))
    assert told[-1] == (len(EXAM.claims), len(EXAM.claims))
    assert [done for done, _ in told] == sorted({done for done, _ in told})
    assert paper.usage.calls == len(told)


def test_the_table_has_a_column_for_each_judge_and_says_what_is_a_sample():
    sample = replace(exam_of(30, per_kind=1), of_pairs=919, of_trials=264)
    sat = []
    for exam, rule in ((EXAM, right), (sample, lambda claim: S)):
        paper = asyncio.run(sit(Minded(rule), exam))
        sat.append(Sitting("minded", exam, paper, mark(exam, paper)))
    sat.append(Sitting("local/x", absent="pip install it"))
    cells = [list(column.cells) for column in exam_table(sat).columns]
    assert [len(cells), cells[1][0], cells[2][0]] == [3, "300", "30, sample of 919"]
    assert (cells[1][-1], cells[2][-1]) == ("yes", "no")
    lines = list(notes(sat))
    assert any("local/x did not sit: pip install it" in line for line in lines)
    assert any("is not qualified: sat 30" in line for line in lines)


def test_the_difference_to_the_first_judge_is_tested_on_the_same_pairs_only():
    def sat(exam, rule):
        return Sitting("minded", exam, asyncio.run(sit(Minded(rule), exam)))

    same = list(notes([sat(EXAM, right), sat(EXAM, lambda claim: S)]))
    other = list(notes([sat(EXAM, right), sat(exam_of(30), lambda claim: S)]))
    assert ["p of no difference" in line for line in same] == [True]
    assert other == []


# --- kept on file --------------------------------------------------------------------------------


def test_a_qualification_is_found_by_name_and_digest_alone(tmp_path):
    file = tmp_path / "q.json"
    found = marked(right, EXAM)
    assert read_qualifications(file) == []
    save_qualification(found, file)
    assert qualification_of("minded", DIGEST, file) == found
    assert qualification_of("minded", "1" * 64, file) is None
    assert qualification_of("other", DIGEST, file) is None


def test_a_judge_that_sits_again_replaces_its_own_record_alone(tmp_path):
    file = tmp_path / "q.json"
    found = marked(right, EXAM)
    save_qualification(found, file)
    save_qualification(found.model_copy(update={"judge": "another"}), file)
    save_qualification(found.model_copy(update={"digest": "1" * 64}), file)
    assert [(each.judge, each.digest[0]) for each in read_qualifications(file)] == [
        ("another", "0"),
        ("minded", "1"),
    ]


@pytest.mark.parametrize("text", ["", "{", "{}", '[{"judge": "x"}]', "null", '"x"'])
def test_a_file_of_another_form_is_no_qualification(tmp_path, text):
    file = tmp_path / "q.json"
    file.write_text(text)
    with pytest.raises(MalformedRecord, match="qualify --save"):
        qualification_of("x", DIGEST, file)


def test_a_record_edited_by_hand_to_be_qualified_is_not(tmp_path):
    file = tmp_path / "q.json"
    save_qualification(marked(lambda claim: S, EXAM), file)
    forms = json.loads(file.read_text())
    file.write_text(json.dumps([forms[0] | {"qualified": True}]))
    with pytest.raises(MalformedRecord):
        qualification_of("minded", DIGEST, file)


@pytest.mark.parametrize("name", ["lexical", "cosine"])
def test_the_committed_exam_is_that_of_the_judge_as_it_ships(name):
    found = qualification_of(name, build_judge(name, load_settings()).digest)
    assert found is not None, f"run `pincite eval qualify --judge {name} --path SCIFACT --save`"
    assert found.pairs == found.of_pairs
    assert found.trials == found.of_trials


def test_none_of_the_judges_that_ship_may_stop_a_change_yet():
    shipped = {each.judge: each.qualified for each in read_qualifications()}
    assert set(shipped) >= {"lexical", "cosine", "local/smollm2"}
    assert not any(shipped.values())


# --- the command ---------------------------------------------------------------------------------


def test_a_local_model_sits_a_sample_unless_told_otherwise():
    local, told = (make_exam(Extent(None, per_kind=n), local=True) for n in (None, 5))
    assert (len(local.trials), len(told.trials)) == (4 * len(KINDS), 5 * len(KINDS))
    assert local.of_trials == len(make_exam(Extent(None), local=False).trials)


def test_an_unqualified_judge_is_reported_as_such_and_exits_3(run, scifact, monkeypatch, tmp_path):
    kept = tmp_path / "kept.json"
    monkeypatch.setattr("evals.judges.qualifications.FILE", kept)
    done = run("eval", "qualify", "--judge", "lexical", "--path", str(scifact), "--tests", "1", "--save")
    assert done.code == 3
    assert "lexical is not qualified: sat 3 human-labelled pairs" in " ".join(done.out.split())
    assert [each.judge for each in read_qualifications(kept)] == ["lexical"]


def test_a_qualified_judge_exits_0(run, monkeypatch):
    monkeypatch.setattr("evals.exam.examining.build_judge", lambda name, settings: Minded(right))
    monkeypatch.setattr("evals.exam.examining.make_exam", lambda extent, *, local: EXAM)
    done = run("eval", "qualify", "--judge", "whoever")
    assert done.code == 0
    assert "not qualified" not in done.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "--judge NAME, or --all"),
        (("--judge", "nobody"), "lexical"),
        (("--judge", "lexical", "--path", "nowhere"), "nowhere"),
    ],
)
def test_what_cannot_be_examined_exits_2_with_a_line(run, arguments, message):
    done = run("eval", "qualify", *arguments)
    assert done.code == 2
    assert message in done.err
