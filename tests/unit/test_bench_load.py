"""The bench of the chat under load: what it asks, and what it makes of what it saw."""

import math

import pytest

from checks import load as bench_load
from checks.load import Load, ResourceUsage


def test_no_question_is_asked_twice_as_long_as_there_are_others():
    asked = bench_load.questions(500)
    assert len(set(asked)) == len(asked)
    assert bench_load.questions(200) == asked[:200]
    assert len(bench_load.questions(2000)) == 2000


def test_the_figures_are_those_of_the_users_and_of_the_process():
    seen = Load([float(second) for second in range(1, 101)], [], 50.0, 9, 141)
    found = bench_load.figures(seen, ResourceUsage(512.0, 30.0))
    assert found == {
        "answered": 100,
        "errors": 0,
        "p50_s": 51.0,
        "p95_s": 96.0,
        "answers_per_s": 2.0,
        "flood_answered": 9,
        "flood_refused": 141,
        "peak_mb": 512.0,
        "cpu_s": 30.0,
    }
    assert math.isnan(bench_load.figures(Load(errors=["no"], wall_s=1.0), ResourceUsage(1.0, 1.0))["p95_s"])


@pytest.mark.parametrize(("errors", "code"), [([], 0), (["which?: no chat"], 1)])
def test_an_error_of_a_user_is_one_of_the_bench(monkeypatch, capsys, tmp_path, errors, code):
    monkeypatch.setattr(bench_load.subprocess, "run", lambda *_, **__: None)
    monkeypatch.setattr(
        bench_load, "measure", lambda *_: (Load([1.0], errors, 1.0), ResourceUsage(100.0, 2.0))
    )
    assert bench_load.main(["--users", "1", "--home", str(tmp_path)]) == code
    assert "1 users × 4 questions" in capsys.readouterr().out
