"""The gate gates: every exit code through the command line, and three broken systems that it must catch."""

import asyncio
import json
import random
import re

import pytest
from cli_driver import assert_one_line
from collection import SMALL, open_small, store_of
from fakes import ScriptedModel
from small_suite import CASES, open_at, suite_file

from evals.cases.suites import load_suite
from evals.exam.marking import mark
from evals.exam.sitting import Exam, sit
from evals.exam.trials import shipped_trials
from evals.gate.regression import baseline_of
from evals.judges.verdicts import ClaimLabel, ClaimVerdict, Judgement
from evals.records import Run, Score, Status
from evals.suite.run_files import read_run, write_run
from ingest.sample_collection import SAMPLE_FILE
from ingest.sources import read_source
from rag.errors import StoreUnavailable
from rag.forms import answer_form
from rag.models.encoders.bm25 import Bm25Encoder
from rag.settings import ModelSettings
from rag.text.tokens import token_counter
from rag.types import Citation, Paper, Statement
from rag.verification.claim_verifier import ClaimVerifier
from rag.writing.receipt import collection_digest
from rag.writing.writer import Writer


@pytest.fixture(scope="module")
def sound_home(tmp_path_factory):
    """Where the replies of the sound system are kept, for all tests."""
    return tmp_path_factory.mktemp("sound")


def writer(model, gate):
    return Writer(model, gate, token_counter("cl100k_base"), ModelSettings(name=model.name))


@pytest.fixture
def system(monkeypatch, tmp_path, sound_home):
    """Parts of the assistant that `pincite eval run` opens; ``judge`` is whom --judge names."""
    parts, judges = {}, {}

    async def opened(settings, model=None):
        own = {"writer": writer(model, ClaimVerifier(Bm25Encoder()))} if model else {}
        return await open_at(tmp_path if parts or own else sound_home, **parts, **own)

    async def ensured(settings, on_progress=None):
        return None

    monkeypatch.setattr("evals.suite.execution.open_assistant", opened)
    monkeypatch.setattr("evals.suite.execution.ensure_sample", ensured)
    monkeypatch.setattr("evals.suite.judged.build_judge", lambda name, settings: judges[name])
    monkeypatch.setattr("evals.suite.judged.build_checklist_judge", lambda name, settings: None)
    parts["judges"] = judges
    return parts


@pytest.fixture
def evaluate(run, system, tmp_path):
    """Runs the small suite with the parts that are set, to a file of this name."""
    judges = system.pop("judges")
    suite = suite_file(tmp_path)

    def command(name, *options, code=0, **parts):
        judges.update({each.name: each for each in (parts.pop("judge", None),) if each})
        system.clear()
        system.update(parts)
        out = tmp_path / f"{name}.jsonl"
        outcome = run("eval", "run", "--suite", str(suite), "--out", str(out), *options)
        assert outcome.code == code, outcome
        return out

    return command


@pytest.fixture
def gated(run, evaluate, tmp_path):
    """What `pincite eval gate` says of a run, beside that of the sound system."""
    baseline = tmp_path / "baseline.jsonl"
    assert run("eval", "accept", str(evaluate("sound")), "--baseline", str(baseline)).code == 0

    def command(file, *options):
        return run("eval", "gate", str(file), "--baseline", str(baseline), *options)

    return command


def changed(file, change):
    """The run in a file with its results changed, in another file."""
    run = read_run(file)
    results = tuple(each for result in run.results for each in [change(result)] if each is not None)
    other = file.with_name(f"changed-{file.name}")
    write_run(other, Run(head=run.head, results=results))
    return other


def worse(*case_ids, measure="abstained rightly", **score):
    """The result with a score of 0 in some cases."""
    lost = Score(**{"measure": measure, "value": 0.0} | score)

    def change(result):
        if result.case_id not in case_ids:
            return result
        scores = (lost if each.measure == measure else each for each in result.scores)
        return result.model_copy(update={"scores": tuple(scores)})

    return change


# --- exit codes ---------------------------------------------------------------------------------


def test_0_the_same_system_again_is_fine(evaluate, gated):
    outcome = gated(evaluate("again"))
    assert outcome.code == 0
    assert outcome.out.rstrip().endswith("gate: fine")
    assert outcome.err == ""


def test_0_a_better_system_is_fine_and_every_measure_says_what_it_would_have_found(
    evaluate, gated, run, tmp_path
):
    bad = changed(evaluate("again"), worse("f1", "f2"))
    outcome = run("eval", "gate", str(tmp_path / "sound.jsonl"), "--baseline", str(bad))
    assert outcome.code == 0
    row = next(line for line in outcome.out.splitlines() if "abstained rightly" in line)
    figures = re.findall(r"[+-]?\d\.\d{3}", row)
    assert len(figures) == 7  # before, after, difference, its interval, p, and what would have been found


def test_1_a_loss_that_is_certain_is_a_regression(evaluate, gated):
    outcome = gated(changed(evaluate("again"), worse(*(f"f{n}" for n in range(1, 7)))))
    assert outcome.code == 1
    assert "abstained rightly: worse: 1.000 → 0.571" in outcome.out
    assert outcome.out.rstrip().endswith("gate: regression")


def test_2_a_loss_that_may_be_chance_is_inconclusive(evaluate, gated):
    outcome = gated(changed(evaluate("again"), worse("f1")))
    assert outcome.code == 2
    assert "abstained rightly: inconclusive" in outcome.out


def test_3_too_many_cases_without_a_score_are_not_good_enough(evaluate, gated):
    gaps = worse("f1", measure="citation recall", value=None, status=Status.UNSCORED_MODEL)
    outcome = gated(changed(evaluate("again"), gaps))
    assert outcome.code == 3
    assert f"citation recall: 1 of {CASES - 2} cases of the second run have no value" in outcome.out


def test_3_failed_cases_are_gaps_and_never_zeros(evaluate, gated, monkeypatch):
    assistant = asyncio.run(open_small())
    ask = type(assistant).ask

    async def failing(self, question, on_statement=None, history=None):
        if "nurses" in question:
            raise StoreUnavailable("the disk is gone")
        return await ask(self, question, on_statement, history)

    monkeypatch.setattr(type(assistant), "ask", failing)
    outcome = gated(evaluate("broken", "--fresh", code=4))
    assert outcome.code == 3
    assert "fact match: 1 of 6 cases of the second run have no value" in outcome.out


def test_1_a_regression_is_one_also_where_another_measure_has_gaps(evaluate, gated):
    lost = worse(*(f"f{n}" for n in range(1, 7)))
    gaps = worse("f1", measure="citation recall", value=None, status=Status.UNSCORED_PARSE)
    assert gated(changed(evaluate("again"), lambda result: gaps(lost(result)))).code == 1


def test_4_a_run_of_other_cases_is_refused_unless_that_is_allowed(evaluate, gated):
    part = evaluate("part", "--limit", "8")
    assert_one_line(gated(part), 4, "not comparable: cases differ", "--allow cases")
    outcome = gated(part, "--allow", "cases")
    assert outcome.code == 0
    assert "fact match" in outcome.out


@pytest.mark.parametrize("field", ["collection", "prompts", "judge"])
def test_4_a_run_of_other_papers_prompts_or_judges_is_refused(evaluate, gated, run, tmp_path, field):
    again = read_run(evaluate("again"))
    other = tmp_path / "other.jsonl"
    writer = {"writer": "some/model"} if field == "prompts" else {}
    head = again.head.model_copy(update={field: "1" * 64} | writer)
    write_run(other, again.model_copy(update={"head": head}))
    if field == "prompts":  # a run without a model used none, so that prompts differ only between two models
        base = again.head.model_copy(update={"writer": "other/model"})
        write_run(tmp_path / "base.jsonl", again.model_copy(update={"head": base}))
        refused = run("eval", "gate", str(other), "--baseline", str(tmp_path / "base.jsonl"))
        assert_one_line(refused, 4, "prompts differ", "--allow prompts")
    else:
        assert_one_line(gated(other), 4, f"{field} differ", f"--allow {field}")


def test_other_settings_and_versions_are_shown_and_compared(evaluate, gated, tmp_path):
    again = read_run(evaluate("again"))
    configuration = again.head.configuration | {
        "retrieval": again.head.configuration["retrieval"] | {"depth": 7}
    }
    update = {"settings": "1" * 64, "configuration": configuration, "versions": {"python": "3.99"}}
    other = tmp_path / "other.jsonl"
    write_run(other, again.model_copy(update={"head": again.head.model_copy(update=update)}))
    outcome = gated(other)
    assert outcome.code == 0
    assert "configuration.retrieval.depth: 200 → 7" in outcome.out
    assert "→ 3.99" in outcome.out


def test_4_a_run_that_is_not_complete_is_refused(evaluate, gated):
    cut = changed(evaluate("again"), lambda result: result if result.kind == "fact" else None)
    assert_one_line(gated(cut), 4, f"the run is not complete: {CASES - 6} of {CASES} cases are missing")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("run", "--suite", "nothing", "--out", "x.jsonl"), "no suite 'nothing'"),
        (("run", "--suite", "dev"), "Missing option '--out'"),
        (("run", "--out", "missing/x.jsonl"), "missing/x.jsonl"),
        (("gate",), "Missing argument 'RUN'"),
        (("gate", "missing.jsonl"), "'missing.jsonl' cannot be read"),
        (("gate", "--nonsense", "x"), "No such option: --nonsense"),
        (("compare", "missing.jsonl", "missing.jsonl"), "cannot be read"),
        (("accept", "missing.jsonl"), "cannot be read"),
    ],
)
def test_4_mistakes_are_no_verdict(run, system, arguments, words):
    system.pop("judges")
    assert_one_line(run("eval", *arguments), 4, words)


def test_4_a_baseline_that_is_not_there_is_named(evaluate, run):
    assert_one_line(run("eval", "gate", str(evaluate("sound"))), 4, "small.jsonl' cannot be read")


def test_4_what_may_not_differ_at_all_cannot_be_allowed(evaluate, gated):
    assert_one_line(gated(evaluate("again"), "--allow", "settings"), 4, "'settings'", "collection, cases")


# --- broken systems -----------------------------------------------------------------------------


class Dropping:
    """A store that finds nothing but the worst of its hits."""

    def __init__(self, store):
        self._store = store

    def __getattr__(self, name):
        return getattr(self._store, name)

    async def search_dense(self, *args):
        return self._spoilt(await self._store.search_dense(*args))

    async def search_sentences(self, *args):
        return self._spoilt(await self._store.search_sentences(*args))

    async def search_sparse(self, *args):
        return self._spoilt(await self._store.search_sparse(*args))

    @staticmethod
    def _spoilt(hits):
        return hits[-1:]


def test_a_broken_retriever_is_caught(evaluate, gated):
    store = asyncio.run(store_of(SMALL))
    outcome = gated(evaluate("broken", store=Dropping(store)))
    assert outcome.code == 1
    assert "abstained rightly: worse" in outcome.out


class NoVerifier:
    """A claim verifier that is switched off: whatever is written is supported by whatever it cites."""

    def verify(self, draft, shown):
        cited = [each for mark in draft.marks for each in shown if each.number == mark.number]
        citations = tuple(
            Citation(
                each.paper.paper_id,
                each.paper.title,
                each.passage_ids[0],
                each.sentence(0),
                each.sentences[0],
            )
            for each in cited
        )
        return Statement(draft.text, "supported", citations, "unchecked")


def misquoting(request):
    """Writes another number than it read, and of the other papers that they do the same."""
    evidence = [
        json.loads(line) for line in request.messages[-1].content.split("\n")[1:] if '"title"' in line
    ]
    return json.dumps(
        {
            "statements": [
                {
                    "text": f"{each['title'].split(':')[0]} improves everything by 99.9 percent.",
                    "citations": [{"number": each["number"], "quote": ""}],
                }
                for each in evidence
            ]
        }
    )


def test_a_writer_of_wrong_numbers_without_a_claim_verifier_is_caught(evaluate, gated):
    model = ScriptedModel(misquoting)
    outcome = gated(evaluate("misquoting", writer=writer(model, NoVerifier())))
    assert model.requests
    assert outcome.code == 1
    assert "citation recall: worse" in outcome.out
    assert "citation precision: worse" in outcome.out


def test_the_claim_verifier_holds_a_writer_of_wrong_numbers(evaluate, gated):
    model = ScriptedModel(misquoting)
    outcome = gated(evaluate("held", writer=writer(model, ClaimVerifier(Bm25Encoder()))))
    assert model.requests
    assert outcome.code == 0, outcome.out


def test_citations_of_the_wrong_papers_are_caught(evaluate, gated, monkeypatch):
    def misattributed(answer, question_id=""):
        form = answer_form(answer, question_id)
        for said in form["statements"]:
            said["text"] = (
                said["text"].replace("Lantern", "Ferry").replace("Sifter", "Lantern").replace("50", "60")
            )
        return form

    monkeypatch.setattr("evals.suite.asking.answer_form", misattributed)
    outcome = gated(evaluate("wrong", "--fresh"))
    assert outcome.code == 1
    assert "citation recall: worse" in outcome.out


class LenientJudge:
    """Calls everything supported."""

    def __init__(self, name="lenient", severe=False):
        self.name = name
        self.digest = "2" * 64
        self.severe = severe

    async def judge(self, question, claims, way=None):
        verdict = ClaimLabel.ABSENT if self.severe else ClaimLabel.SUPPORTED
        judged = (ClaimVerdict(each.claim_id, Status.SCORED, verdict, probability=1.0) for each in claims)
        return Judgement(tuple(judged))

    async def close(self):
        pass


@pytest.fixture
def qualifications(monkeypatch, tmp_path):
    """The file of qualifications, for this test alone."""
    from evals.judges import qualifications

    file = tmp_path / "qualifications.json"
    kept = {"qualification_of": qualifications.qualification_of}
    monkeypatch.setattr(
        "evals.judges.qualifications.qualification_of",
        lambda name, digest: kept["qualification_of"](name, digest, file),
    )
    return file


def test_a_judge_that_never_sat_the_exam_is_no_judge(evaluate, gated, qualifications):
    judged = evaluate("judged", "--judge", "lenient", judge=LenientJudge())
    outcome = gated(judged, "--allow", "judge")
    assert outcome.code == 3
    assert "faithfulness: judge 'lenient' never sat the exam" in outcome.out


def test_a_lenient_judge_fails_the_exam_and_is_caught(evaluate, gated, qualifications):
    from evals.judges.qualifications import save_qualification

    trials = [each for each in shipped_trials() if each.claim.claim_id.endswith(("-1", "-2"))]
    exam = Exam((), 0, trials, len(trials))
    judge = LenientJudge()
    save_qualification(mark(exam, asyncio.run(sit(judge, exam))), qualifications)
    outcome = gated(evaluate("judged", "--judge", "lenient", judge=judge), "--allow", "judge")
    assert outcome.code == 3
    assert "judge 'lenient' is not qualified" in outcome.out
    assert "changed claims caught" in outcome.out


def test_what_a_judge_says_is_on_file_claim_by_claim_and_asked_once(evaluate, tmp_path):
    judge = LenientJudge()
    run = read_run(evaluate("judged", "--judge", "lenient", judge=judge))
    assert run.head.judge == f"lenient@{'2' * 64}"
    answered = [each for each in run.results if each.answer["statements"]]
    assert all(each.score("faithfulness").value == 1.0 for each in answered)
    assert all({claim.verdict for claim in each.claims} == {"supported"} for each in answered)


# --- the same system again ----------------------------------------------------------------------


def noisy(request):
    """Copies one sentence, or two, or none, or cites it wrongly: as its seed has it."""
    rng = random.Random(f"{request.seed} {request.messages[-1].content}")
    evidence = [json.loads(line) for line in request.messages[-1].content.split("\n") if '"title"' in line]
    statements = []
    for each in rng.sample(evidence, rng.randint(0, min(2, len(evidence)))):
        quote = rng.choice(each["abstract"].split(". ")).rstrip(".") + "."
        cited = rng.choice(evidence) if rng.random() < 0.1 else each
        statements.append({"text": quote, "citations": [{"number": cited["number"], "quote": quote}]})
    return json.dumps({"statements": statements})


def test_ten_runs_of_one_system_with_different_seeds_raise_no_alarm(run, system, tmp_path, monkeypatch):
    """A/A: the model writes otherwise each time, and none of its runs is worse than the first."""
    system.pop("judges")
    model = ScriptedModel(noisy)
    monkeypatch.setattr("evals.suite.execution.build_model", lambda settings: model)
    suite, folder = suite_file(tmp_path), tmp_path / "same"
    outcome = run("eval", "aa", "--suite", str(suite), "--runs", "10", "--out", str(folder))
    assert outcome.code == 0, outcome.out
    assert outcome.out.splitlines()[0] == "seed 0: fine"
    assert outcome.out.rstrip().endswith("0 of 10 runs of one system are called a regression")
    said = [str([each.answer["statements"] for each in read_run(file).results]) for file in folder.iterdir()]
    assert len(set(said)) == 10  # ten runs of their own, and not one run ten times


# --- the committed baseline ---------------------------------------------------------------------


async def test_the_baseline_in_git_is_of_the_shipped_cases_and_papers():
    """Else every run would be refused: `pincite eval accept RUN` writes a new one."""
    head = read_run(baseline_of("dev")).head
    assert head.cases == load_suite("dev").digest
    assert head.collection == await collection_digest(shipped_papers())
    assert (head.writer, head.judge, head.subset, head.unreviewed) == ("extractive", "", 0, 0)


async def shipped_papers():
    for paper in read_source(SAMPLE_FILE).records:
        if isinstance(paper, Paper):
            yield paper


def test_the_baseline_in_git_has_every_dev_case_and_nothing_of_the_machine_it_was_made_on():
    run = read_run(baseline_of("dev"))
    cases = [case.case_id for item in load_suite("dev").items for case in item]
    assert [result.case_id for result in run.results] == cases
    assert {result.latency_ms for result in run.results} == {0.0}
    assert not any(result.score("latency") for result in run.results)
    assert not any(result.answer["receipt"]["timings_ms"] for result in run.results)
    content = baseline_of("dev").read_text("utf-8")
    assert "/home/" not in content
    assert "/root/" not in content
