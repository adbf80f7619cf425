"""`pincite eval retrieval` from end to end, on a set of five papers."""

import json
import subprocess
import sys

import pytest
from cli_driver import assert_one_line
from fakes import HashEncoder
from test_datasets import jsonl
from test_runs import read_run

from evals.retrieval import evaluation as retrieval_command
from evals.retrieval import systems
from evals.retrieval.datasets import RetrievalSet
from evals.retrieval.experiment import put_to, scores
from evals.retrieval.measures import measure_ranking
from evals.retrieval.report import MAIN_MEASURES, rows, tables
from evals.retrieval.systems import Pincite
from rag.errors import StoreError
from rag.types import Answer, Paper, RankedPaper, ScoredPaper

TEXTS = {
    "kv": ("Quest", "We prune the KV cache by a query-aware selection of pages."),
    "rank": ("FIRST", "Listwise reranking of passages from one decoded token."),
    "judge": ("MT-Bench", "Language models judge the answers of chat assistants."),
    "code": ("Coder", "Programs are synthesised from docstrings."),
    "math": ("Prover", "Theorems are proven in Lean by search."),
}
QUERIES = {"q1": "selection of KV cache pages", "q2": "theorems in Lean", "q3": "who judges chat assistants?"}
QRELS = {"q1": {"kv": 2, "rank": 1}, "q2": {"math": 1}, "q3": {"judge": 1, "code": 0}}
SMALL = RetrievalSet("beir", tuple(Paper(key, *text) for key, text in TEXTS.items()), QUERIES, QRELS)


@pytest.fixture
def encoder(monkeypatch):
    made = HashEncoder()
    monkeypatch.setattr(retrieval_command, "build_encoder", lambda settings: made)
    return made


@pytest.fixture
def beir(tmp_path):
    folder = tmp_path / "set"
    jsonl(
        folder / "corpus.jsonl",
        *({"_id": p.paper_id, "title": p.title, "text": p.abstract} for p in SMALL.papers),
    )
    jsonl(folder / "queries.jsonl", *({"_id": key, "text": text} for key, text in QUERIES.items()))
    (folder / "qrels").mkdir()
    judged = [
        f"{query}\t{paper}\t{grade}" for query, grades in QRELS.items() for paper, grade in grades.items()
    ]
    (folder / "qrels" / "test.tsv").write_text("\n".join(["query-id\tcorpus-id\tscore", *judged]))
    return folder


@pytest.fixture
def evaluate(run, beir, encoder, tmp_path):
    """Runs the command on the small set; the files go into a folder of their own."""

    def command(*arguments):
        kept = ("--cache", str(tmp_path / "cache"), "--json", str(tmp_path / "out" / "found.json"))
        where = ("--on", "beir", "--path", str(beir), "--runs", str(tmp_path / "out"))
        return run("eval", "retrieval", *where, *kept, *arguments)

    return command


def found(tmp_path):
    return json.loads((tmp_path / "out" / "found.json").read_text())


def test_systems_are_measured_side_by_side(evaluate, tmp_path):
    pytest.importorskip("bm25s")
    outcome = evaluate("--systems", "bm25,dense,rrf")
    assert outcome.code == 0, outcome.err
    assert outcome.err.splitlines() == [f"{name}: 5 papers, 3 queries" for name in ("bm25", "dense", "rrf")]
    assert "difference to rrf" in outcome.out
    report = found(tmp_path)
    assert list(report["systems"]) == ["bm25", "dense", "rrf"]
    assert report["baseline"] == "rrf"
    assert report["set"] == {
        "name": "beir",
        "papers": 5,
        "papers_digest": SMALL.papers_digest,
        "queries": 3,
        "queries_digest": SMALL.queries_digest,
    }
    assert report["encoder"] == "hash-64"
    assert report["depth"] == 100
    for name, row in report["systems"].items():
        ranked = read_run(tmp_path / "out" / f"{name}.run")
        values = [
            measure_ranking([paper for paper, _ in ranked[query]], QRELS[query])["nDCG@10"]
            for query in QUERIES
        ]
        assert row["measures"]["nDCG@10"]["mean"] == pytest.approx(sum(values) / 3)
        assert min(values) <= row["measures"]["nDCG@10"]["low"] <= row["measures"]["nDCG@10"]["high"] <= 1
        assert set(row["differences"]) == (set() if name == "rrf" else set(MAIN_MEASURES))
        assert 0 < row["p50_ms"] <= row["p95_ms"]


def test_a_second_run_encodes_no_paper_again(evaluate, encoder, tmp_path):
    assert evaluate("--systems", "dense").code == 0
    first = found(tmp_path)["systems"]["dense"]["measures"]
    before = encoder.texts
    assert evaluate("--systems", "dense").code == 0
    assert encoder.texts - before == len(QUERIES) + 1  # the first query is asked once more, not timed
    assert found(tmp_path)["systems"]["dense"]["measures"] == first


def test_only_the_first_queries_and_papers_of_each_ranking_are_wanted(evaluate, tmp_path):
    assert evaluate("--systems", "dense", "--limit", "2", "--depth", "3").code == 0
    ranked = read_run(tmp_path / "out" / "dense.run")
    assert {query: len(ranking) for query, ranking in ranked.items()} == {"q1": 3, "q2": 3}
    assert found(tmp_path)["baseline"] is None


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--systems", "dense,nonsense"], ["'nonsense'", "expected pincite, bm25"]),
        (["--systems", "dense", "--baseline", "rrf"], ["'rrf'", "expected one of dense"]),
        (["--on", "trec"], ["'trec'"]),
        (["--depth", "0"], ["--depth"]),
        (["--queries-file", "missing.jsonl"], ["missing.jsonl"]),
    ],
)
def test_a_bad_option_is_named_and_nothing_measured(evaluate, tmp_path, arguments, words):
    assert_one_line(evaluate(*arguments), 2, *words)
    assert not (tmp_path / "out").exists()


class Odd:
    """A system that ranks as it is told, or fails."""

    def __init__(self, ranking):
        self.ranking = ranking
        self.closed = False

    async def index(self, papers):
        pass

    async def rank(self, query, depth):
        if query == QUERIES["q2"] and isinstance(self.ranking, Exception):
            raise self.ranking
        return [("kv", 1.0)] if isinstance(self.ranking, Exception) else self.ranking

    async def close(self):
        self.closed = True


def test_a_query_that_a_system_cannot_answer_ends_the_run(evaluate, tmp_path, monkeypatch):
    odd = Odd(ZeroDivisionError("division by zero"))
    monkeypatch.setattr(retrieval_command, "baseline_system", lambda name, encoder: odd)
    outcome = evaluate("--systems", "dense")
    assert (outcome.code, outcome.out) == (3, "")
    assert "system 'dense' failed on query 'q2' ('theorems in Lean'): ZeroDivisionError" in outcome.err
    assert odd.closed
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "ranking",
    [
        [("kv", 1.0), ("kv", 0.5)],
        [("unknown", 1.0)],
        [("kv", 0.5), ("rank", 1.0)],
        [("rank", 1.0), ("kv", 1.0)],
        [(paper, 1.0) for paper in sorted(TEXTS)],
    ],
    ids=["twice", "unknown", "rising", "ties not by id", "too many"],
)
async def test_what_is_no_ranking_is_refused(ranking):
    with pytest.raises(StoreError, match="'odd' gave no ranking for query 'q1'"):
        await put_to("odd", Odd(ranking), SMALL, 4, lambda done, total: None)


class Answering(Pincite):
    """Pincite with an assistant that always gives the same set."""

    def __init__(self):
        pass

    async def index(self, papers):
        pass

    async def rank(self, query, depth):
        return [("kv", 0.9), ("code", 0.1)]

    async def ask(self, question):
        papers = tuple(ScoredPaper(paper, "", 0.9) for paper in ("kv", "rank", "code"))
        return Answer(question, "set", abstained=False, papers=papers)

    async def close(self):
        pass


async def test_answers_to_set_questions_are_measured_and_papers_that_touch_them_do_not_count():
    questions = RetrievalSet("questions", SMALL.papers, {"q1": "which?"}, {"q1": {"kv": 2, "rank": 1}})
    done = await put_to("pincite", Answering(), questions, 5, lambda done, total: None)
    assert done.set_f1 == (pytest.approx(2 / 3),)
    shown = tables(rows({"pincite": done}, {"pincite": scores(done.run, questions)}, None), None, "t")
    assert [column.header for column in shown[0].columns][-3] == "set F1"
    assert (await put_to("pincite", Answering(), SMALL, 5, lambda done, total: None)).set_f1 == ()


async def test_p_values_of_one_measure_are_adjusted_together():
    done = {name: await put_to(name, Odd([("kv", 1.0)]), SMALL, 4, lambda d, t: None) for name in "abc"}
    base = {measure: [0.0] * 8 for measure in scores(done["a"].run, SMALL)}
    better = {measure: [1.0] * 8 for measure in base}
    made = rows(done, {"a": base, "b": better, "c": base}, "a")
    gain = {row.system: row.differences.get("nDCG@10") for row in made}
    assert gain["a"] is None
    assert (gain["b"].mean, gain["b"].low, gain["b"].high) == (1, 1, 1)
    assert gain["b"].p == pytest.approx(2 / 2**8)
    assert gain["b"].p_holm == pytest.approx(2 * gain["b"].p)
    assert (gain["c"].p, gain["c"].p_holm) == (1, 1)


def test_pincite_is_put_to_the_same_queries_over_a_collection_of_its_own(evaluate, tmp_path, monkeypatch):
    opened = []

    class Searching:
        async def search(self, query, top_k):
            return [RankedPaper("kv", "Quest", 0.5)][:top_k]

        async def close(self):
            pass

    async def open_assistant(settings):
        opened.append(settings)
        return Searching()

    monkeypatch.setattr(systems, "open_assistant", open_assistant)
    monkeypatch.setenv("PINCITE_STORE__URL", "http://localhost:1")
    assert evaluate("--systems", "pincite").code == 0
    assert opened[0].collection.startswith(f"beir-{SMALL.papers_digest}-")
    assert opened[0].store.url is None
    assert (tmp_path / "cache" / "home" / "collections" / opened[0].collection).is_dir()
    assert found(tmp_path)["systems"]["pincite"]["measures"]["Success@5"]["mean"] == pytest.approx(1 / 3)


def test_eval_stands_in_the_help_and_is_imported_only_when_it_is_wanted(run):
    assert "\n  eval " in run("--help").out
    assert "--queries-file" in run("eval", "retrieval", "--help").out
    program = (
        "import sys; from ui.cli.__main__ import main; main(['ask', '--help']); print('evals' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False"
