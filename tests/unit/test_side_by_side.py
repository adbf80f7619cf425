"""The side by side with ragas and DeepEval: labels by construction, our scores, what peers write."""

import asyncio
import json
import os
import sys
from collections import Counter
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from evals.peers.apart import stay_here
from evals.peers.judge_dialects import DEEPEVAL, DIALECTS, RAGAS
from evals.peers.judge_faults import FAULTS, Said, noticed, spoilt
from evals.peers.scripted_answers import KINDS, scripted_answers
from evals.peers.scripted_judge import ScriptedJudge, model_name
from evals.peers.side_by_side import compare, read_peer, run_peer
from evals.peers.side_by_side_report import Scored, counts, explanations, table, verdict, wrong
from evals.peers.side_by_side_why import WHY
from evals.scripted_server import ScriptedServer
from rag.errors import BadCompletion, ConfigError, MalformedRecord

WITHHELD = {
    "a verdict always missing",
    "a verdict twice",
    "a verdict on no claim",
    "no verdicts",
    "the judge refuses",
    "a verdict nobody knows",
    "a verdict that is NaN",
    "praise without evidence",
}
THREE = [Said("one", 1, "supported", "one"), Said("two", 2, "absent"), Said("three", 3, "contradicted", "3")]


@pytest.fixture(scope="module")
def answers():
    return scripted_answers()


@pytest.fixture(scope="module")
def own():
    """Ours of all 60, through the scripted judge; made once."""
    return asyncio.run(compare({}))[1]


def shown(renderable):
    console = Console(width=150, record=True, file=StringIO())
    console.print(renderable)
    return console.export_text()


def test_there_are_sixty_answers_three_of_each_of_twenty_kinds(answers):
    assert len({answer.answer_id for answer in answers}) == 60
    assert set(Counter(answer.kind.name for answer in answers).values()) == {3}


def test_labels_are_what_the_abstracts_say(answers):
    for answer in answers:
        abstracts = {paper.paper_id: paper.abstract for paper in answer.papers}
        everything = " ".join(abstracts.values())
        for claim in answer.claims:
            cited = abstracts.get(claim.paper_id, "")
            assert (claim.text in cited) == (claim.label == "supported")
            assert (claim.text in everything) == (claim.label in {"supported", "other paper"})
            assert claim.quote in cited
            if claim.label == "contradicted":
                assert claim.quote != claim.text
            assert (claim.paper_id in abstracts) == (claim.label != "no such paper")


def test_true_scores_count_what_the_cited_abstract_supports(answers):
    scores = {kind.name: [a.true_score for a in answers if a.kind is kind] for kind in KINDS}
    assert scores["all supported"] == [1, 1, 1]
    assert scores["nothing in the abstracts"] == [0, 0, 0]
    assert scores["cites another paper"] == [1 / 2, 2 / 3, 1 / 2]
    assert scores["abstains: no claims"] == [None, None, None]


def test_ours_gives_no_wrong_number_on_sixty_answers(answers, own):
    assert len(own) == 60
    assert wrong(answers, own) == []


def test_ours_withholds_only_where_the_judge_never_gave_a_usable_verdict(answers, own):
    kinds = {answer.answer_id: answer.kind.name for answer in answers}
    truth = {answer.answer_id: answer.true_score for answer in answers}
    found = {
        kinds[each.answer_id] for each in own if verdict(truth[each.answer_id], each.value) == "withheld"
    }
    assert found == WITHHELD
    assert all(each.said for each in own if each.value is None)


@pytest.mark.parametrize(
    ("true_score", "value", "expected"),
    [
        (0.5, 0.5, "right"),
        (0.5, 1.0, "wrong"),
        (0.5, None, "withheld"),
        (None, None, "right"),
        (None, 1.0, "wrong"),
    ],
)
def test_a_number_is_right_or_wrong_and_none_is_withheld(true_score, value, expected):
    assert verdict(true_score, value) == expected


def test_each_fault_changes_what_it_says_it_changes():
    assert [each.number for each in FAULTS["shuffled"](THREE, 0)] == [3, 2, 1]
    assert FAULTS["missing"](THREE, 5) == THREE[:2]
    assert (FAULTS["missing at first"](THREE, 0), FAULTS["missing at first"](THREE, 1)) == (THREE[:2], THREE)
    assert FAULTS["twice"](THREE, 0) == [*THREE, THREE[0]]
    assert FAULTS["extra"](THREE, 0)[3].number == 4
    assert FAULTS["none"](THREE, 0) == []
    assert [each.called for each in FAULTS["praises"](THREE, 0)] == ["supported"] * 3
    assert FAULTS["unknown"](THREE, 0)[2].called == "unknown"
    assert noticed(["a", "b"], "overlooks a claim") == ["a"]
    assert list(noticed(["a", "b"], "overlooks all claims")) == []
    assert spoilt("abcd", "cut off at first", 0) == "ab"
    assert spoilt("abcd", "cut off at first", 1) == "abcd"
    assert "sorry" in spoilt("abcd", "refuses", 3)


def test_every_kind_has_a_known_fault():
    assert {kind.fault for kind in KINDS} <= set(FAULTS)


def test_the_judge_speaks_each_evaluators_form():
    ragas = json.loads(RAGAS.verdicts(THREE))["statements"]
    assert [(row["statement"], row["verdict"]) for row in ragas] == [("one", 1), ("two", 0), ("three", 0)]
    deepeval = json.loads(DEEPEVAL.verdicts(THREE))["verdicts"]
    assert [row["verdict"] for row in deepeval] == ["yes", "borderline", "no"]
    ours = json.loads(DIALECTS["pincite"].verdicts(THREE))["verdicts"]
    assert [(row["id"], row["verdict"]) for row in ours] == [
        ("c1", "supported"),
        ("c2", "not in context"),
        ("c3", "contradicted"),
    ]


def test_a_prompt_that_nobody_knows_is_refused_and_remembered(answers):
    judge = ScriptedJudge(answers)
    asked = {
        "model": model_name("ragas", answers[0].answer_id),
        "messages": [{"role": "user", "content": "Rate this."}],
    }
    assert judge(asked).status == 400
    assert "ragas--all-supported-1" in judge.misunderstood[0]
    with pytest.raises(MalformedRecord, match="new prompts"):
        DEEPEVAL.step("Rate this.")


def test_what_a_peer_wrote_is_read_whole():
    peer = read_peer(
        '{"library": "ragas", "version": "0.4.3"}\n'
        '{"system": "ragas", "answer_id": "a", "value": 0.5, "said": ""}\n'
        '{"system": "ragas", "answer_id": "b", "value": null, "said": "nan"}\n'
    )
    assert (peer.library, peer.version) == ("ragas", "0.4.3")
    assert peer.scored == (Scored("ragas", "a", 0.5), Scored("ragas", "b", None, "nan"))


@pytest.mark.parametrize("text", ["", "no JSON", '{"library": "ragas"}', '{"library": 1, "version": 2}\n{}'])
def test_what_is_no_output_of_a_peer_is_refused(text):
    with pytest.raises(BadCompletion, match="scores of a peer"):
        read_peer(text)


def test_an_interpreter_without_the_library_is_told_how_to_install_it(answers, tmp_path):
    bare = tmp_path / "python"
    bare.write_text("#!/bin/sh\necho no module named ragas >&2; exit 1\n")
    bare.chmod(0o755)
    with pytest.raises(ConfigError, match="pip install"):
        run_peer("ragas", bare, answers, "http://127.0.0.1:1/v1")
    with pytest.raises(ConfigError, match="cannot run deepeval"):
        run_peer("deepeval", tmp_path / "nobody", answers, "http://127.0.0.1:1/v1")


def test_a_peer_can_reach_no_other_machine():
    for event, arguments in (
        ("socket.connect", (None, ("203.0.113.9", 443))),
        ("socket.getaddrinfo", ("example.org", 443, 0, 0, 0)),
    ):
        with pytest.raises(PermissionError, match="not this machine"):
            stay_here(event, arguments)
    stay_here("socket.connect", (None, ("127.0.0.1", 80)))
    stay_here("open", ("/etc/hosts", "r", 0))


def test_the_runner_writes_down_values_nan_and_errors(answers, tmp_path):
    scorers = tmp_path / "scorers.py"
    scorers.write_text(
        "LIBRARY = 'numpy'\n"
        "async def score(url, model, answer):\n"
        "    assert model == 'toy--' + answer['answer_id']\n"
        "    if answer['answer_id'].endswith('1'): return 0.25\n"
        "    if answer['answer_id'].endswith('2'): return float('nan')\n"
        "    raise ValueError('bad\\nreply')\n"
        "SYSTEMS = {'toy': score}\n"
    )
    import subprocess

    out = tmp_path / "out.jsonl"
    runner = Path(__file__).resolve().parents[2] / "evals" / "peers" / "apart.py"
    lines = "".join(f"{json.dumps(answer.for_peers())}\n" for answer in answers[:3])
    command = [sys.executable, "-I", str(runner), str(scorers), "http://127.0.0.1:1/v1", str(out)]
    subprocess.run(command, input=lines, text=True, check=True)
    values = [(each.value, each.said) for each in read_peer(out.read_text()).scored]
    assert values == [(0.25, ""), (None, "nan"), (None, "ValueError: bad reply")]


def test_the_tables_mark_wrong_numbers_and_count_them(answers):
    three = answers[:3]
    scored = [
        Scored("ragas", three[0].answer_id, 1.0),
        Scored("ragas", three[1].answer_id, 0.25),
        Scored("ragas", three[2].answer_id, None, "nan"),
    ]
    assert " 1.00 !0.25  –" in shown(table(three, scored))
    row = next(line for line in shown(counts(three, scored)).splitlines() if "ragas" in line)
    assert [cell.strip() for cell in row.split("│")[2:6]] == ["1", "1", "1", "0"]
    told = list(explanations(three, scored))
    assert told == ["ragas: all supported: nobody has explained this yet; was the library updated?"]


def test_explanations_are_of_kinds_that_exist():
    names = {kind.name for kind in KINDS}
    assert all(set(found) <= names for found in WHY.values())


@pytest.mark.parametrize("library", ["ragas", "deepeval"])
def test_each_wrong_number_of_a_peer_is_explained(library, answers):
    """Runs the real library where an interpreter that has it is named."""
    python = os.environ.get(f"PINCITE_TEST_{library.upper()}_PYTHON")
    if not python:
        pytest.skip(f"needs PINCITE_TEST_{library.upper()}_PYTHON, an interpreter that has {library}")
    judge = ScriptedJudge(answers)
    with ScriptedServer(judge) as server:
        peer = run_peer(library, Path(python), answers, server.url)
    assert judge.misunderstood == []
    found = list(explanations(answers, peer.scored))
    assert found
    assert not [line for line in found if "nobody has explained" in line]
    honest = [
        each for each in peer.scored if each.answer_id.startswith(("all-supported", "some-contradicted"))
    ]
    assert wrong(answers, honest) == []
