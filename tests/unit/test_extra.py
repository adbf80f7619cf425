"""Without the extra of the statistics: a command that needs it says so before it works."""

import pytest
from cli_driver import assert_one_line

RUNS = ("run.jsonl", "other.jsonl")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("run", "--out", RUNS[0]), 4),
        (("compare", *RUNS), 4),
        (("gate", RUNS[0]), 4),
        (("aa", "--out", RUNS[0]), 4),
        (("report", RUNS[0]), 4),
        (("qualify", "--judge", "lexical"), 2),
        (("retrieval",), 2),
    ],
)
def test_a_command_that_needs_scipy_says_what_to_install(run, monkeypatch, arguments, code):
    monkeypatch.setattr("evals.command_line.find_spec", lambda name: None)
    assert_one_line(run("eval", *arguments), code, "scipy: pip install 'pincite[evals]'")
