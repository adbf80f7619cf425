"""The house rules themselves: every gate catches what is planted, every `make` target is safe to type."""

import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks import lock, readme, size_gate, wheel

ROOT = Path(__file__).parents[2]
PIN = "rich==15.0.0 \\\n    --hash=sha256:" + "0" * 64 + "\n"
PYPROJECT = '[project]\ndependencies = ["rich>=14"]\noptional-dependencies.dev = ["pytest>=8"]\n'
TOOL = PIN.replace("rich==15.0.0", "pytest==9.2.0")


def gate(path, text):
    return [str(fault) for fault in size_gate.file_faults(path, text.encode())]


def needs(program):
    return pytest.mark.skipif(
        shutil.which(program) is None, reason=f"needs {program}, which is not on the path"
    )


# --- sizes and names ---------------------------------------------------------------------------


@given(st.integers(min_value=2, max_value=120))
def test_a_function_may_have_fifty_lines_and_no_more(lines):
    body = "\n".join(["def f():", *["    pass"] * (lines - 1)])
    assert bool(gate("rag/x.py", body)) == (lines > 50)


def test_a_module_over_four_hundred_lines_is_caught_unless_it_is_a_test():
    assert gate("rag/x.py", "a = 1\n" * 401) == ["rag/x.py:1: 401 lines; a module has at most 400"]
    assert gate("rag/x.py", "a = 1\n" * 300) == []
    assert gate("tests/unit/test_x.py", "a = 1\n" * 401) == []


@pytest.mark.parametrize("path", ["rag/utils.py", "rag/common/x.py", "ui/chat_helpers.py"])
def test_a_module_name_that_says_nothing_is_caught(path):
    assert "says nothing" in gate(path, "")[0]


def test_a_class_name_that_says_nothing_is_caught_where_it_stands():
    assert gate("rag/x.py", "\nclass StoreManager:\n    pass\n")[0].startswith("rag/x.py:2: 'Manager'")


@pytest.mark.parametrize("path", ["evals/retrieval/datasets.py", "rag/commonness.py", "rag/processing.py"])
def test_a_banned_word_inside_a_longer_word_is_no_fault(path):
    assert gate(path, "class Metadata: ...\nclass HTTPServiced: ...\n") == []


@pytest.mark.parametrize("trace", ["/work/x", "see /root", "'/tmp/a'", "https://pypi.org/simple"])
def test_a_trace_of_one_machine_is_caught_outside_the_tests(trace):
    assert gate("docs/a.md", f"fine\n{trace}\n")[0].startswith("docs/a.md:2: ")
    assert gate("tests/unit/a.md", trace) == []


@pytest.mark.parametrize("text", ["/workshop", "a/tmp", "https://example.org/work", "input/output"])
def test_an_ordinary_path_is_no_trace(text):
    assert gate("docs/a.md", text) == []


@pytest.mark.parametrize(
    "branch",
    [
        "if kind == 'fact': pass",
        "found = 'set' != answer.kind",
        "while question.kind in ('set', 'compare'): pass",
        "match answer.kind:\n    case 'other': pass",
        "text = f'{1 if turn.kind == \"set\" else 2}'",
    ],
)
def test_a_comparison_with_the_name_of_a_kind_is_caught_outside_the_kinds(branch):
    assert "compares a kind with" in gate("rag/x.py", branch)[0]
    assert gate("rag/kinds/x.py", branch) == []


@pytest.mark.parametrize("fine", ["kind == 'onnx'", "provider == 'set'", "KINDS[kind].lists", "kind = 'set'"])
def test_other_comparisons_and_what_is_looked_up_by_a_kind_are_no_fault(fine):
    assert gate("rag/x.py", fine) == []


def test_a_file_too_large_for_git_is_caught_though_it_is_no_text():
    found = list(size_gate.file_faults("models/x.onnx", b"\xff" * 26_000_001))
    assert [fault.path for fault in found] == ["models/x.onnx"]


def test_a_house_of_long_functions_is_caught_though_none_is_over_the_limit():
    of_length = [size_gate.Function("rag/x.py", 1, "f", lines) for lines in (9, 13, 40)]
    assert list(size_gate.median_faults(of_length))
    assert not list(size_gate.median_faults(of_length[:2]))


@needs("git")
def test_the_gate_reads_new_files_and_leaves_ignored_ones(tmp_path, capsys):
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / ".gitignore").write_text("ignored.py\n")
    (tmp_path / "ignored.py").write_text("a = 1\n" * 400)
    (tmp_path / "fine.py").write_text("def f():\n    pass\n")
    assert size_gate.main(tmp_path) == 0
    (tmp_path / "broken.py").write_text("def f(:\n")
    assert size_gate.main(tmp_path) == 1
    assert "broken.py:1: does not parse" in capsys.readouterr().out


# --- lock files --------------------------------------------------------------------------------


def test_locks_that_pin_everything_with_hashes_are_in_order():
    assert lock.faults(PYPROJECT, PIN, TOOL) == []


@pytest.mark.parametrize(
    "line", ["--index-url https://example.org/simple", "rich @ file:///a/rich.whl", "-e .", "rich>=14"]
)
def test_a_line_of_a_lock_that_is_no_pin_is_caught(line):
    assert any(line in fault for fault in lock.faults(PYPROJECT, f"{PIN}{line}\n", TOOL))


def test_a_pin_without_hash_is_caught():
    assert "requirements.lock: six==1 has no hash" in lock.faults(PYPROJECT, f"six==1 \\\n{PIN}", TOOL)


@pytest.mark.parametrize("package", ["torch", "nvidia-cublas-cu12", "triton"])
def test_a_package_for_graphics_cards_is_caught(package):
    heavy = PIN.replace("rich==15.0.0", f"{package}==1.0")
    assert any(package in fault for fault in lock.faults(PYPROJECT, PIN + heavy, TOOL))


def test_a_requirement_that_the_lock_does_not_fulfil_is_caught():
    assert "asks for rich>=16" in lock.faults(PYPROJECT.replace("14", "16"), PIN, TOOL)[0]
    assert "asks for pytest>=8" in lock.faults(PYPROJECT, PIN, "")[0]


# --- README ------------------------------------------------------------------------------------


def test_only_marked_blocks_are_commands_and_of_a_console_only_what_was_typed():
    text = "```sh\nnever\n```\n<!-- run -->\n```sh\na\n```\n\n<!-- run -->\n```console\n$ b\nsaid\n$ c\n```\n"
    assert readme.commands(text) == ["a\n", "b\nc\n"]


def test_a_make_target_or_module_that_does_not_exist_is_caught_in_code_and_not_in_prose(tmp_path):
    (tmp_path / "Makefile").write_text("chat: x\n")
    (tmp_path / "evals").mkdir()
    (tmp_path / "evals" / "speed.py").touch()
    text = (
        "We make sense. Type `make chat` or `python -m pytest`.\n"
        "```sh\nmake nonsense\npython -m evals.speed\npython -m evals.gone\n```\n"
    )
    assert list(readme.missing_commands(Path("docs/a.md"), text, tmp_path)) == [
        "docs/a.md: `make nonsense` is no target of the Makefile",
        "docs/a.md: `python -m evals.gone` is no module",
    ]


def test_a_link_or_picture_that_leads_nowhere_is_caught_from_the_folder_of_its_page(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text("## What, and `why`?\n")
    text = (
        "[a](a.md#what-and-why) [b](docs/a.md) [c](a.md#how) [readme](../README.md) "
        '![c](c.png) <img src="d.png"> [e](https://e.org) [f](#what-and-why)'
    )
    assert [fault.split("'")[1] for fault in readme.broken_links(Path("docs/a.md"), text, tmp_path)] == [
        "docs/a.md",
        "a.md#how",
        "../README.md",
        "c.png",
        "d.png",
    ]


def test_a_readme_of_more_than_150_lines_is_caught():
    assert list(readme.too_long("a\n" * 150)) == []
    assert list(readme.too_long("a\n" * 151)) == ["README.md: 151 lines; at most 150"]


def test_a_command_that_fails_is_caught_with_what_it_said(tmp_path):
    assert "exited 3 and said:\nwhy" in next(readme.failures(["echo why; exit 3"], tmp_path))
    assert "exited" in next(readme.failures(["false\ntrue"], tmp_path))


def test_the_commands_run_one_after_another_in_one_home_that_is_empty_at_first(tmp_path):
    first = 'test "$HOME" = "$PINCITE_HOME" && test -z "$(ls -A "$HOME")$(ls -A)"; touch "$HOME/a" b'
    assert list(readme.failures([first, 'test -e "$HOME/a" && test -e b'], tmp_path)) == []


# --- make --------------------------------------------------------------------------------------


@pytest.fixture
def house(tmp_path):
    """A copy of the Makefile with a bootstrap that only writes stamps and a pincite that only echoes."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "checks").mkdir()
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / "checks" / "bootstrap.sh").write_text(
        'echo "$1" >>steps; test "$1" = project || : >.venv/bin/python; sleep 0.02; : >".venv/.$1"\n'
    )
    for name in ("requirements.lock", "requirements-dev.lock", "pyproject.toml"):
        (tmp_path / name).touch()
    pincite = tmp_path / ".venv" / "bin" / "pincite"
    pincite.write_text('#!/bin/sh\nprintf "%s\\n" "$#" "$@"\n')
    pincite.chmod(0o755)
    return tmp_path


def touch(path):
    time.sleep(0.02)  # file times come in ticks of some milliseconds
    os.utime(path)


def make(house, *arguments, **environment):
    clean = {key: value for key, value in os.environ.items() if key not in readme.NESTED_MAKE}
    command = ["make", *arguments]
    done = subprocess.run(
        command, cwd=house, env={**clean, **environment}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    steps = house / "steps"
    taken = steps.read_text().split() if steps.exists() else []
    steps.unlink(missing_ok=True)
    return done.stdout, taken


@needs("make")
@pytest.mark.parametrize(
    "question",
    [
        "a\"b; $(touch x) `touch x` $(shell touch x) ${HOME} $$ # 'it's' \\ %s",
        "--help",
        "$(error no)",
        "two\nlines",
        "“какие” 论文?",
    ],
)
def test_make_ask_passes_a_question_as_it_was_typed_and_runs_nothing_in_it(house, question):
    for given_as in ({"arguments": [f"Q={question}"]}, {"arguments": [], "Q": question}):
        said, _ = make(house, "ask", *given_as.pop("arguments"), **given_as)
        assert said == f"3\nask\n--\n{question}\n"
    assert not (house / "x").exists()


@needs("make")
def test_a_second_make_does_nothing_and_a_change_does_what_it_must(house):
    assert make(house, "setup")[1] == ["locked", "project"]
    assert make(house, "setup")[1] == []
    touch(house / "pyproject.toml")
    assert make(house, "setup")[1] == ["project"]
    touch(house / "requirements.lock")
    assert make(house, "setup")[1] == ["locked", "project"]


@needs("make")
def test_a_vanished_interpreter_makes_the_environment_anew(house):
    make(house, "setup")
    (house / ".venv" / "bin" / "python").unlink()
    assert make(house, "setup")[1] == ["locked", "project"]


def bootstrap(folder, step, **programs):
    """Run a copy of the real bootstrap with nothing but these programs, and the basic ones, on PATH."""
    (folder / "checks").mkdir()
    shutil.copy(ROOT / "checks" / "bootstrap.sh", folder / "checks")
    (folder / "bin").mkdir()
    (folder / "requirements.lock").write_text(PIN)
    for name in ("dirname", "grep", "mkdir", "rm", "touch"):
        (folder / "bin" / name).symlink_to(shutil.which(name))
    for name, script in programs.items():
        (folder / "bin" / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / "bin" / name).chmod(0o755)
    command = ["/bin/sh", folder / "checks" / "bootstrap.sh", step]
    return subprocess.run(
        command, env={"PATH": str(folder / "bin")}, capture_output=True, text=True, check=False
    )


def test_an_old_python_is_named_with_what_to_do(tmp_path):
    old = 'test "$1" = --version && echo Python 3.9.6'
    done = bootstrap(tmp_path, "locked", python3=old)
    assert done.returncode != 0
    assert "needs Python 3.11 to 3.14 with its venv module; python3 is Python 3.9.6." in done.stderr
    assert "Traceback" not in done.stderr


def test_a_failed_installation_leaves_no_stamp(tmp_path):
    done = bootstrap(tmp_path, "locked", uv='test "$1" = venv && mkdir .venv')
    assert done.returncode != 0
    assert list((tmp_path / ".venv").iterdir()) == []


# --- the wheel ---------------------------------------------------------------------------------

SHIPPED = dict.fromkeys(wheel.LARGE, b"x" * 600_000)


def test_the_wheel_of_this_tree_is_as_small_as_it_says():
    files = wheel.packaged(ROOT)
    assert list(wheel.faults(files, wheel.packed_bytes(files))) == []


def test_a_large_file_that_nobody_listed_a_missing_model_and_a_heavy_wheel_are_caught():
    assert list(wheel.faults(SHIPPED, 35_000_000)) == []
    assert next(wheel.faults({**SHIPPED, "models/x/a.onnx": b"x" * 600_000}, 1)).startswith("models/x/")
    assert "missing" in next(wheel.faults({}, 1))
    assert list(wheel.faults(SHIPPED, 35_000_001)) == ["the wheel is 35.0 MB; at most 35 MB"]


# --- notes -------------------------------------------------------------------------------------


def test_every_decision_note_stands_in_the_index():
    folder = ROOT / "docs" / "decisions"
    index = (folder / "README.md").read_text()
    notes = {note.name for note in folder.glob("*.md")} - {"README.md"}
    assert {note for note in notes if f"]({note})" not in index} == set()


def test_every_file_that_the_page_on_security_names_is_there():
    named = set(
        re.findall(
            r"`((?:tests/|ui/|rag/|ingest/|test_)[\w/.]+)`", (ROOT / "docs" / "security.md").read_text()
        )
    )
    assert len(named) > 15
    places = {ROOT / name if "/" in name else ROOT / "tests" / "security" / name for name in named}
    assert [str(place) for place in places if not place.exists()] == []
    tests = {place.name for place in (ROOT / "tests" / "security").glob("test_*.py")}
    assert tests <= {place.name for place in places}
