"""Runs in the format of TREC."""

import ir_measures
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.retrieval.experiment import write_run
from rag.errors import MalformedRecord, SourceUnavailable

IDS = st.text(st.characters(whitelist_categories=["L", "N", "P"]), min_size=1, max_size=8)
RUNS = st.dictionaries(
    IDS, st.dictionaries(IDS, st.floats(allow_nan=False), min_size=1, max_size=5), max_size=4
)


def read_run(file):
    """As `ir_measures` reads it: for each query its papers with scores, in the order of the file."""
    found = {}
    for hit in ir_measures.read_trec_run(str(file)):
        found.setdefault(hit.query_id, []).append((hit.doc_id, hit.score))
    return found


@given(RUNS)
def test_a_run_that_is_written_reads_as_it_was(tmp_path_factory, scored):
    run = {query: sorted(hits.items(), key=lambda hit: (-hit[1], hit[0])) for query, hits in scored.items()}
    file = tmp_path_factory.mktemp("runs") / "deeper" / "x.run"
    write_run(file, run, "tag")
    assert read_run(file) == run


def test_lines_are_those_of_trec(tmp_path):
    write_run(tmp_path / "x.run", {"q1": [("p2", 0.5), ("p1", 0.25)]}, "pincite")
    assert (tmp_path / "x.run").read_text() == "q1 Q0 p2 1 0.5 pincite\nq1 Q0 p1 2 0.25 pincite\n"
    assert [each.name for each in tmp_path.iterdir()] == ["x.run"]


@pytest.mark.parametrize(("query", "paper", "tag"), [("a b", "p", "t"), ("q", "", "t"), ("q", "p", "t\n")])
def test_an_id_that_the_format_cannot_say_is_refused_and_nothing_written(tmp_path, query, paper, tag):
    with pytest.raises(MalformedRecord, match="white space"):
        write_run(tmp_path / "x.run", {query: [(paper, 1.0)]}, tag)
    assert not list(tmp_path.iterdir())


def test_a_run_that_cannot_be_written_is_unavailable(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(SourceUnavailable, match="cannot write"):
        write_run(tmp_path / "file" / "x.run", {}, "t")
