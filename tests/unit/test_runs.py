"""Runs in the format of TREC."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.retrieval.experiment import read_run, write_run
from rag.errors import MalformedRecord, SourceUnavailable

IDS = st.text(st.characters(whitelist_categories=["L", "N", "P"]), min_size=1, max_size=8)
RUNS = st.dictionaries(
    IDS, st.dictionaries(IDS, st.floats(allow_nan=False), min_size=1, max_size=5), max_size=4
)


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


@pytest.mark.parametrize("line", ["q1 Q0 p1 1 0.5", "q1 Q0 p1 first 0.5 t", "q1 Q0 p1 1 high t"])
def test_a_line_that_is_no_hit_is_named(tmp_path, line):
    file = tmp_path / "x.run"
    file.write_text(f"q1 Q0 p1 1 0.5 t\n{line}\n")
    with pytest.raises(MalformedRecord, match="x.run line 2: 'q1 Q0 p1"):
        read_run(file)


def test_a_run_that_cannot_be_read_or_written_is_unavailable(tmp_path):
    with pytest.raises(SourceUnavailable, match="cannot read"):
        read_run(tmp_path / "missing.run")
    (tmp_path / "file").touch()
    with pytest.raises(SourceUnavailable, match="cannot write"):
        write_run(tmp_path / "file" / "x.run", {}, "t")
