"""Suites by name and by file, whole or in part."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_suite import RECORDS, SMALL_SUITE, suite_file

from evals.cases.questions import CaseRecord
from evals.cases.suites import Suite, first, load_suite, stratified
from rag.errors import ConfigError


def test_the_dev_suite_has_all_36_cases_conversations_turn_by_turn():
    suite = load_suite("dev")
    assert len(suite.records) == 36
    assert Counter(record.kind for record in suite.records) == {
        "set": 21,
        "fact": 8,
        "unanswerable": 4,
        "compare": 2,
        "conversation": 1,
    }
    turns = next(item for item in suite.items if len(item) > 1)
    assert [case.case_id.partition("#")[2] for case in turns] == ["1", "2", "3"]
    assert len({case.cluster for case in turns}) == 1


@pytest.mark.parametrize("name", ["dev", "heldout", "calibration", "injection"])
def test_every_shipped_suite_is_read_and_has_a_digest_of_its_own(name):
    suite = load_suite(name)
    assert suite.name == name
    assert suite.records
    assert suite.digest != load_suite("dev" if name != "dev" else "heldout").digest


def test_a_file_is_a_suite_under_its_own_name(tmp_path):
    suite = load_suite(str(suite_file(tmp_path)))
    assert (suite.name, suite.records) == ("small.jsonl", RECORDS)


def test_what_is_no_suite_is_named_with_those_there_are():
    with pytest.raises(
        ConfigError, match=r"no suite 'nothing': expected dev, heldout, calibration, injection"
    ):
        load_suite("nothing")


def test_cases_that_nobody_looked_at_are_counted():
    made = [record.model_copy(update={"made": "by rule"}) for record in RECORDS[:3]]
    made[0] = made[0].model_copy(update={"reviewed": "accepted"})
    assert Suite("s", (*made, *RECORDS[3:])).unreviewed == 2


KINDS = ("set", "fact", "compare")


@given(st.lists(st.sampled_from(KINDS), min_size=1, max_size=60), st.integers(1, 70), st.integers(0, 3))
def test_a_part_has_its_size_and_every_kind_its_share(kinds, count, seed):
    records = [
        CaseRecord(id=str(place), kind=kind, question="q", relevant=("T",))
        for place, kind in enumerate(kinds)
    ]
    suite = Suite("s", tuple(records))
    part = stratified(suite, count, seed)
    assert len(part.records) == min(count, len(records))
    assert [r for r in records if r in part.records] == list(part.records)
    whole, drawn = Counter(kinds), Counter(record.kind for record in part.records)
    for kind, size in whole.items():
        exact = min(count, len(records)) * size / len(records)
        if count >= len(whole):
            assert drawn[kind] >= 1
            assert abs(drawn[kind] - exact) <= max(1, len(whole) - 1)


def test_a_part_depends_on_its_seed_alone():
    suite = load_suite("dev")
    one, again, other = (stratified(suite, 12, seed) for seed in (1, 1, 2))
    assert one.digest == again.digest != other.digest
    assert {record.kind for record in one.records} == {record.kind for record in suite.records}


def test_the_first_cases_are_those_of_the_file():
    assert first(SMALL_SUITE, 2).records == RECORDS[:2]
