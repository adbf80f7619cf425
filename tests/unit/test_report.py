"""What reports say: the contents, in words, in Markdown, JUnit, JSON and on the terminal."""

import json
from io import StringIO
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from reported import CASES, EVIL, baseline, contents, exam, head, result, with_gaps, worse
from rich.console import Console

from evals.records import Run
from evals.report import wording
from evals.report.answers import shown_answer
from evals.report.contents import FILE, schema, to_json
from evals.report.gather import costs
from evals.report.junit import junit
from evals.report.markdown import JOINER, escaped, markdown
from evals.report.terminal import terminal
from evals.report.wording import REPLACEMENT, one_line, sanitize
from evals.suite.run_files import write_run

BEFORE, WORSE, GAPS = baseline(), worse(), with_gaps()


def printed(found):
    stream = StringIO()
    Console(file=stream, width=120, force_terminal=False).print(terminal(found))
    return stream.getvalue()


@pytest.mark.parametrize(
    ("run", "before", "conclusion"),
    [
        (WORSE, BEFORE, "regression"),
        (BEFORE, BEFORE, "fine"),
        (GAPS, BEFORE, "not good enough"),
        (WORSE, None, "not compared"),
    ],
)
def test_every_form_begins_with_the_conclusion(run, before, conclusion):
    found = contents(run, before)
    assert found.conclusion == conclusion
    title = wording.TITLES[conclusion]
    assert title in printed(found).splitlines()[0]
    assert markdown(found).startswith(f"## {wording.MARKS[conclusion]} {title}\n")


def test_the_summary_names_what_got_worse_and_who_wrote():
    told = wording.summary(contents(WORSE, BEFORE))
    assert told.startswith(f"{CASES} cases of made, written by openai/tiny.")
    assert "Worse: fact match." in told


def test_of_many_measures_the_summary_gives_the_number():
    assert wording._names(["a", "b", "c", "d"]) == "a, b, c, d"
    assert wording._names(["a"] * 5) == "5 measures"


def test_a_flip_has_both_answers_and_says_which_way_it_went():
    flips = contents(WORSE, BEFORE).flips
    assert len(flips) == CASES // 2
    first = flips[0]
    assert (first.case_id, first.moved[0].lost, wording.change(first.moved[0])) == ("m000", True, "1 → 0")
    assert first.before.sentences[0].text == "Lantern shrinks the cache by 8.5 times."
    assert first.after.sentences[0].quotes[0].quote == "Lantern is a method."
    back = contents(BEFORE, WORSE).flips
    assert {moved.lost for flip in back for moved in flip.moved} == {False}


def test_what_could_not_be_scored_is_listed_and_never_a_number():
    found = contents(GAPS)
    listed = {(gap.case_id, gap.measure, str(gap.status)) for gap in found.gaps}
    assert listed == {("m003", "faithfulness", "refused"), ("m039", "", "failed")}
    line = next(line for line in found.measures if line.measure == "faithfulness")
    assert wording.covered(line) == "38 of 40, mean 0.938 to 0.988"
    assert next(case for case in found.cases if case.case_id == "m003").values["faithfulness"] is None


def test_sentences_the_judge_did_not_find_supported_are_kept_with_their_quote():
    assert [(each.claim, each.verdict, each.quote) for each in contents(GAPS).doubts] == [
        ("Lantern doubles the cache.", "contradicted", "We shrink the cache")
    ]


def test_costs_are_summed_by_kind_and_over_all():
    found = costs(GAPS)
    assert [(row.kind, row.cases, row.tokens, row.cost_usd) for row in found] == [
        ("fact", CASES, 1200, 0.25),
        ("all", CASES, 1200, 0.25),
    ]
    assert found[-1].latency_median_ms == 119.0  # the failed case took no time that means anything
    assert costs(Run(head=head(), results=()))[-1].latency_p95_ms is None
    assert costs(Run(head=head(), results=(result(5),)))[-1].latency_p95_ms == 105.0


def test_the_judge_stands_with_its_own_exam_and_the_qualified_first():
    found = contents(WORSE, BEFORE)
    assert found.judge.exam == exam()
    assert [each.judge for each in found.exams] == ["cosine", "lexical"]
    other = contents(WORSE, exams=(exam(digest="f" * 64),))
    assert other.judge.exam is None, "another digest is another judge"


def test_json_is_as_the_published_schema_says():
    assert FILE.read_text("utf-8") == schema(), "run python -m evals.report.contents"
    form = json.loads(FILE.read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(form)
    for found in (contents(WORSE, BEFORE), contents(GAPS), contents(GAPS, BEFORE)):
        jsonschema.validate(json.loads(to_json(found)), form)
    broken = json.loads(to_json(contents(GAPS))) | {"conclusion": "splendid"}
    with pytest.raises(jsonschema.ValidationError, match="splendid"):
        jsonschema.validate(broken, form)


def endings(found):
    root = ET.fromstring(junit(found))
    cases = root.iter("testcase")
    return root, {case.get("name"): [e.tag for e in case if e.tag != "system-out"] for case in cases}


def test_junit_fails_what_got_worse_and_counts_it():
    root, found = endings(contents(WORSE, BEFORE))
    assert found["fact match"] == ["failure"]
    assert root.get("failures") == "1"
    assert root.get("tests") == str(len(found))
    failure = root.find(".//failure")
    assert failure.get("message").startswith("fact match: worse: 1.000 → 0.500")


def test_junit_has_errors_for_what_failed_and_skips_what_was_not_scored():
    root, found = endings(contents(GAPS, BEFORE))
    assert found["m039: Why?"] == ["error"]
    assert found["m003: How much does Lantern shrink cache number 3?"] == ["skipped"]
    assert found["faithfulness"] == ["error"]
    assert found["m001: How much does Lantern shrink cache number 1?"] == []
    assert root.get("errors") == str(sum(tags == ["error"] for tags in found.values()))
    assert root.get("failures") == "0"


def test_a_run_alone_fails_nothing():
    root, _ = endings(contents(WORSE))
    assert (root.get("failures"), root.get("errors")) == ("0", "0")


def test_a_measure_that_does_not_gate_never_fails_a_build():
    slow = Run(head=head(), results=tuple(each.model_copy(update={"scores": ()}) for each in BEFORE.results))
    root, _ = endings(contents(slow, BEFORE))
    assert root.get("failures") == "0"


def test_markdown_folds_what_does_not_gate_and_counts_what_changed():
    text = markdown(contents(WORSE, BEFORE))
    assert "| 🔴 | fact match | 1.000 | 0.500 | -0.500 |" in text
    assert "### 20 cases changed" in text
    assert "- … and 10 more" in text
    assert "<details>" not in text.split("### 20 cases changed")[0]
    gaps = markdown(contents(GAPS))
    assert "- `m003` faithfulness refused: I'm sorry" in gaps
    assert "1,200 tokens · $0.2500" in gaps


def rendered(text):
    """Tokens of a line of Markdown, flat."""
    for token in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text):
        yield token
        yield from token.children or ()


@given(st.text(alphabet=st.sampled_from("ab1.-+=#*_`~[]()<>&|!\\:/@\n\t \x1b\u202e$"), max_size=40))
def test_text_of_others_is_shown_as_it_is_in_markdown(text):
    tokens = list(rendered(f"{escaped(text)}"))
    assert {token.type for token in tokens} <= {
        "paragraph_open",
        "paragraph_close",
        "inline",
        "text",
        "text_special",
    }
    shown = "".join(token.content for token in tokens if token.type in {"text", "text_special"})
    assert shown.replace(JOINER, "") == one_line(text)


def test_markdown_calls_nobody_and_links_nowhere():
    line = escaped(EVIL)
    assert "@octocat" not in line
    assert "#12" not in line
    assert "http://" not in line
    assert "www.evil" not in escaped("see www.evil.example")
    assert escaped("x" * 500).endswith("…")


@given(st.text(max_size=60))
def test_tamed_text_can_be_written_and_stands_in_xml(text):
    found = sanitize(text)
    found.encode()
    assert ET.fromstring(f"<a>{found.replace('&', '').replace('<', '')}</a>") is not None
    assert sanitize(found) == found


def test_what_cannot_be_seen_is_replaced_and_lines_stay():
    assert sanitize("a\x1b[2Jb\u202ec\ud800\r\nd") == f"a{REPLACEMENT}[2Jb{REPLACEMENT}c{REPLACEMENT}\nd"


def test_the_terminal_gets_no_control_codes_and_no_markup_of_others():
    text = printed(contents(worse(question=f"[red]{EVIL}"), BEFORE))
    assert "\x1b" not in text
    assert "[red]<script>" in text.replace("\n", " ")


def test_junit_holds_whatever_a_question_is():
    _, found = endings(contents(worse(question=EVIL)))
    assert f"m000: {one_line(EVIL)}" in found


@pytest.mark.parametrize(
    "form",
    [
        {"statements": None, "abstained": True},
        {"statements": [1, {"text": 3, "citations": "no"}], "partial": {"a": 1}},
        {"note": ["x"], "statements": [{"citations": [{"title": None}, 5]}]},
    ],
)
def test_an_answer_of_another_form_is_shown_as_far_as_it_goes(form):
    found = shown_answer(form)
    assert found.note == ""
    assert all(each.text == "" for each in found.sentences)


def test_a_failed_case_has_no_answer():
    assert shown_answer({}) is None


def test_the_command_prints_and_writes_every_form(run, tmp_path):
    before, after = tmp_path / "before.jsonl", tmp_path / "after.jsonl"
    write_run(before, BEFORE)
    write_run(after, WORSE)
    places = {form: tmp_path / f"report.{form}" for form in ("html", "md", "junit", "json")}
    options = [part for form, place in places.items() for part in (f"--{form}", str(place))]
    outcome = run("eval", "report", str(after), str(before), *options)
    assert outcome.code == 0, outcome.err
    assert "Something got worse" in outcome.out
    assert all(f"wrote {place}" in outcome.out.replace("\n", "") for place in places.values())
    assert places["html"].read_text("utf-8").startswith("<!doctype html>")
    assert json.loads(places["json"].read_text("utf-8"))["conclusion"] == "regression"
    assert ET.parse(places["junit"]).getroot().get("failures") == "1"
    assert places["md"].read_text("utf-8").startswith("## ✗ Something got worse")


def test_the_command_reports_a_run_alone(run, tmp_path):
    file = tmp_path / "run.jsonl"
    write_run(file, WORSE)
    outcome = run("eval", "report", str(file))
    assert outcome.code == 0
    assert "One run, compared with nothing" in outcome.out


def test_runs_that_cannot_be_compared_exit_4(run, tmp_path):
    before, after = tmp_path / "before.jsonl", tmp_path / "after.jsonl"
    write_run(before, Run(head=head(judge=""), results=BEFORE.results))
    write_run(after, WORSE)
    outcome = run("eval", "report", str(after), str(before))
    assert outcome.code == 4
    assert "judge differ" in outcome.err
    assert run("eval", "report", str(after), str(before), "--allow", "judge").code == 0
    assert run("eval", "report", str(tmp_path / "nobody.jsonl")).code == 4
