"""Receipts: written whole, replayed byte for byte, and compared; never over a file that is none."""

import json
import os
from dataclasses import replace

import pytest
from cli_driver import assert_one_line
from collection import ANSWERS, LANTERN, SETTINGS, SMALL, open_small

from rag.settings import RetrievalSettings
from rag.types import Paper
from rag.writing.receipt import collection_digest, own_settings
from ui.exports.differences import differences, effort
from ui.exports.receipts import make_receipt

QUESTION = "Which papers do cache compression?"
MORE = Paper("more", "Cache Compression Again", "We study cache compression for long prompts.")
GRADES = SMALL[-1]


async def each(papers):
    for paper in papers:
        yield paper


@pytest.fixture
def small(commands_open):
    """Commands ask this collection of invented papers; set ``papers`` to change it."""

    class Small:
        papers = SMALL

    async def open_assistant(settings):
        return await open_small(Small.papers, settings=settings)

    commands_open(open_assistant)
    return Small


async def receipt_of(question=QUESTION, papers=SMALL, settings=SETTINGS, **parts):
    assistant = await open_small(papers, settings=settings, **parts)
    return await make_receipt(assistant, settings, question, await assistant.ask(question))


async def test_the_digest_knows_every_field_of_every_paper_and_not_their_order():
    digest = await collection_digest(each(SMALL))
    assert await collection_digest(each(reversed(SMALL))) == digest
    others = [SMALL[1:], [*SMALL, MORE], [replace(LANTERN, year=2030), *SMALL[1:]]]
    assert digest not in [await collection_digest(each(papers)) for papers in others]


@pytest.mark.parametrize("question", [QUESTION, "Compare Lantern with Ferry", "Who won the 2022 World Cup?"])
def test_the_replay_of_a_fresh_receipt_is_identical(run, small, question):
    assert run("ask", question, "--receipt", "r.json", "--favour", "recall").code == 0
    outcome = run("replay", "r.json")
    assert outcome == (0, "identical\n", "")


def test_a_replay_after_a_paper_came_says_that_first_and_then_what_differs(run, small):
    run("ask", QUESTION, "--receipt", "r.json")
    small.papers = [*SMALL, MORE]
    outcome = run("replay", "r.json")
    first, *rest = outcome.out.splitlines()
    assert outcome.code == 1
    assert first.endswith("has changed: 6 papers then, 7 now.")
    assert rest[:2] == ["--- receipt", "+++ now"]
    assert any(line.startswith("+") and '"more"' in line for line in rest)


def test_a_paper_that_changed_beside_the_answer_is_told_though_the_answer_is_identical(run, small):
    run("ask", "Compare Lantern with Ferry", "--receipt", "r.json")
    small.papers = [*SMALL[:-1], replace(GRADES, url="https://example.org/grades")]
    outcome = run("replay", "r.json")
    assert outcome.out.splitlines()[0].endswith("has changed: 6 papers then, 6 now.")
    assert (outcome.code, outcome.out.splitlines()[-1]) == (0, "identical")


def test_a_replay_asks_with_the_settings_of_the_receipt(run, small, monkeypatch):
    run("ask", QUESTION, "--receipt", "r.json", "--favour", "precision", "--collection", "mine")
    monkeypatch.setenv("PINCITE_RETRIEVAL__FAVOUR", "recall")
    monkeypatch.setenv("PINCITE_COLLECTION", "other")
    assert run("replay", "r.json").out == "identical\n"


def test_a_receipt_holds_no_secret_and_no_place_and_none_is_read_from_it(run, small, monkeypatch, tmp_path):
    for name in ("MODEL__API_KEY", "RERANKER__API_KEY", "STORE__API_KEY"):
        monkeypatch.setenv(f"PINCITE_{name}", "s3cret")
    monkeypatch.setenv("PINCITE_MODEL__API_BASE", "http://ada:s3cret@example.org")
    run("ask", QUESTION, "--receipt", "r.json")
    written = (tmp_path / "r.json").read_text()
    assert not any(word in written for word in ("s3cret", "****", "ada", str(tmp_path)))
    strange = {"home": "x", "store": {"url": "x"}, "model": {"api_base": "x", "name": "m"}, "collection": "c"}
    assert own_settings(strange) == {"model": {"name": "m"}, "collection": "c"}


def test_a_receipt_replaces_a_receipt_and_no_other_file(run, small, tmp_path):
    for _ in range(2):
        assert run("ask", QUESTION, "--receipt", "r.json").code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["r.json"]
    for content in ("", "thesis", "{}", "[]", '{"format": "pincite-receipt/1"}'):
        (tmp_path / "mine.json").write_text(content)
        assert_one_line(run("ask", QUESTION, "--receipt", "mine.json"), 2, "'mine.json'", "not a receipt")
        assert (tmp_path / "mine.json").read_text() == content


def test_a_receipt_is_readable_to_whom_new_files_are(run, small, tmp_path):
    before = os.umask(0o022)
    try:
        run("ask", QUESTION, "--receipt", "r.json")
    finally:
        os.umask(before)
    assert (tmp_path / "r.json").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "No such file"),
        (b"\xff", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[1]", "'format'"),
        (b'{"format": "pincite-receipt/0"}', "'format'"),
        (b'{"format": "pincite-receipt/1", "question": 3}', "question"),
    ],
)
def test_a_file_that_is_no_receipt_ends_in_one_line(run, assistant, tmp_path, content, words):
    if content is not None:
        (tmp_path / "bad.json").write_bytes(content)
    assert_one_line(run("replay", "bad.json"), 2, "'bad.json'", words)
    assert_one_line(run("diff", "bad.json", "bad.json"), 2, "'bad.json'", words)
    assert assistant.opened == 0


def test_strange_values_in_a_receipt_are_compared_as_they_are(run, small, tmp_path):
    run("ask", QUESTION, "--receipt", "r.json")
    form = json.loads((tmp_path / "r.json").read_text())
    form["receipt"] |= {"model": {"calls": [{"cost_usd": "much"}, 3]}, "reranker": "none"}
    form["answer"] |= {"papers": [{}], "nearest": "nobody", "strange": [[{"deep": None}]]}
    (tmp_path / "strange.json").write_text(json.dumps(form))
    outcome = run("diff", "r.json", "strange.json")
    assert (outcome.code, outcome.err) == (1, "")
    assert "nobody" in outcome.out


def test_a_receipt_whose_settings_cannot_work_ends_in_one_line(run, small, tmp_path):
    run("ask", QUESTION, "--receipt", "r.json")
    form = json.loads((tmp_path / "r.json").read_text())
    form["settings"]["retrieval"]["favour"] = "luck"
    (tmp_path / "r.json").write_text(json.dumps(form))
    assert_one_line(run("replay", "r.json"), 2, "favour", "'luck'")


async def test_equal_answers_differ_in_nothing_but_what_they_took():
    one, other = [await receipt_of() for _ in range(2)]
    assert differences(one, other) == []
    assert {each.what for each in effort(one, other)} >= {"total ms", "retrieve ms"}


async def test_calls_tokens_and_cost_of_a_model_are_effort_and_no_difference():
    one = await receipt_of()
    calls = [{"calls": 1, "prompt_tokens": 90, "completion_tokens": 10, "cost_usd": 0.5}] * 2
    asked = one.receipt.model_copy(update={"model": {"calls": calls}})
    other = one.model_copy(update={"receipt": type(one.receipt).model_validate(asked.model_dump())})
    told = {each.what: (each.first, each.second) for each in effort(one, other)}
    assert told["prompt tokens"] == (None, 180)
    assert told["cost usd"] == (None, 1.0)
    assert told["calls of a model"] == (None, 2)
    assert differences(one, other) == []


async def test_another_setting_paper_and_threshold_are_named_each_in_its_part():
    precise = SETTINGS.model_copy(update={"retrieval": RetrievalSettings(favour="precision")})
    strict = replace(ANSWERS, threshold=0.25)
    found = differences(
        await receipt_of(), await receipt_of(papers=[*SMALL, MORE], settings=precise, answers=strict)
    )
    told = {(each.part, each.what): (each.first, each.second) for each in found}
    assert told["settings", "retrieval.favour"] == ("balanced", "precision")
    assert told["settings", "threshold.sentence"][1] == 0.25
    assert told["collection", "papers"] == (6, 7)
    assert ("collection", "digest") in told
    absent, place = told["candidates", "more"]
    assert absent is None
    assert place.startswith(("1. (", "2. (", "3. ("))
    assert ("candidates", "lantern") not in told  # it did not move but for the paper that came
    assert ("answer", "searched") in told


async def test_another_question_is_understood_in_another_way():
    found = differences(await receipt_of(), await receipt_of("Compare Lantern with Ferry"))
    told = {(each.part, each.what) for each in found}
    assert {("question", "question"), ("understanding", "kind"), ("answer", "kind")} <= told


async def test_verdicts_citations_and_statements_are_told_apart():
    one = await receipt_of()
    first, second = one.answer.statements[:2]

    def with_statements(*statements):
        return one.model_copy(update={"answer": one.answer.model_copy(update={"statements": statements})})

    doubted = first.model_copy(update={"verdict": "unsupported"})
    moved = first.model_copy(update={"citations": second.citations})
    base = with_statements(first, second)
    told = [
        differences(base, with_statements(*other)) for other in ((doubted, second), (moved, second), (first,))
    ]
    assert [[(each.part, each.what) for each in found] for found in told] == [
        [("verdicts", "1")],
        [("citations", "1")],
        [("statements", "2")],
    ]
    assert told[2][0][2:] == (second.text, None)


def test_diff_prints_a_table_or_json_and_says_by_its_code_whether_anything_differs(run, small):
    run("ask", QUESTION, "--receipt", "a.json")
    run("ask", QUESTION, "--receipt", "b.json", "--favour", "recall")
    assert run("diff", "a.json", "a.json") == (0, "Nothing differs but the time.\n", "")
    outcome = run("diff", "a.json", "b.json")
    assert outcome.code == 1
    assert "retrieval.favour" in outcome.out
    assert "total ms" in outcome.out
    form = json.loads(run("diff", "a.json", "b.json", "--json").out)
    assert form["same"] is False
    assert form["differences"][0]["second"] == "recall"
    assert json.loads(run("diff", "a.json", "a.json", "--json").out)["differences"] == []


def test_exports_are_written_by_their_suffixes_beside_the_answer(run, small, tmp_path):
    names = ["a.md", "a.bib", "a.ris", "a.csv", "a.csl.json"]
    outcome = run("ask", QUESTION, *(part for name in names for part in ("--export", name)))
    assert (outcome.code, outcome.err) == (0, "")
    assert "Lantern" in outcome.out
    for name in names:
        assert "Lantern" in (tmp_path / name).read_text()
        assert "Sifter" not in (tmp_path / name).read_text()
    assert {path.name for path in tmp_path.iterdir()} == set(names)


def test_a_format_is_printed_in_place_of_the_answer(run, small):
    outcome = run("ask", QUESTION, "--format", "bib")
    assert "@inproceedings{nordmann2031lantern," in outcome.out
    assert outcome.err == ""


def test_an_answer_that_cites_nothing_exports_nothing_and_says_so(run, small, tmp_path):
    outcome = run("ask", "Who won the 2022 World Cup?", "--export", "none.bib")
    assert outcome.code == 0
    assert outcome.err == "pincite: the answer cites no paper, so there is none in the export\n"
    assert (tmp_path / "none.bib").read_text() == ""


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--export", "a.docx"), ("'a.docx'", ".bib")),
        (("--export", "-"), ("'-'", "--format")),
        (("--export", "no/such/a.bib"), ("'no/such/a.bib'", "folder")),
        (("--export", "."), ("'.'",)),
        (("--receipt", "no/such/r.json"), ("'no/such/r.json'", "folder")),
        (("--format", "word"), ("'word'", "bib")),
        (("--format", "bib", "--json"), ("--json", "--format")),
    ],
)
def test_a_place_or_form_that_cannot_be_is_refused_before_anything_is_opened(run, assistant, options, words):
    assert_one_line(run("ask", "why?", *options), 2, *words)
    assert assistant.opened == 0


@pytest.mark.parametrize("options", [("--receipt", "r.json"), ("--export", "a.md"), ("--format", "md")])
def test_a_batch_has_one_file(run, assistant, options):
    assert_one_line(run("ask", "--batch", "in", "--out", "out", *options), 2, "--batch", "--export")
