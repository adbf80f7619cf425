"""Sets for retrieval, in each of the forms they are published in."""

import gzip
import json

import pytest

from evals.retrieval.datasets import read_dataset
from rag.errors import ConfigError, MalformedRecord, SourceUnavailable


def jsonl(file, *rows):
    file.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(f"{json.dumps(row)}\n" for row in rows)
    if file.suffix == ".gz":
        file.write_bytes(gzip.compress(text.encode()))
    else:
        file.write_text(text)
    return file


@pytest.fixture
def beir(tmp_path):
    papers = [{"_id": f"d{n}", "title": f" Title\n {n}", "text": f"Text {n}."} for n in range(3)]
    jsonl(tmp_path / "corpus.jsonl", *papers, {"_id": "empty", "title": "No text", "text": " "})
    jsonl(tmp_path / "queries.jsonl", *({"_id": f"q{n}", "text": f"query {n}"} for n in range(4)))
    (tmp_path / "qrels").mkdir()
    rows = [
        "q2\td0\t1",
        "q0\td0\t2",
        "q0\td1\t0",
        "q0\tabsent\t1",
        "q1\tabsent\t1",
        "q1\td0\t0",
        "q3\td1\t-1",
    ]
    (tmp_path / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\n" + "\n".join(rows) + "\n")
    return tmp_path


def test_a_beir_set(beir):
    found = read_dataset("beir", beir, None)
    assert [(paper.paper_id, paper.title, paper.abstract) for paper in found.papers] == [
        (f"d{n}", f"Title {n}", f"Text {n}.") for n in range(3)
    ]
    assert found.qrels == {"q0": {"d0": 2, "d1": 0}, "q2": {"d0": 1}}
    assert list(found.queries.items()) == [("q0", "query 0"), ("q2", "query 2")]


def test_a_packed_corpus_is_read_and_other_queries_may_be_given(beir):
    corpus = beir / "corpus.jsonl"
    (beir / "corpus.jsonl.gz").write_bytes(gzip.compress(corpus.read_bytes()))
    corpus.unlink()
    other = jsonl(beir / "other.jsonl", {"_id": "q2", "text": "said otherwise"})
    assert read_dataset("beir", beir, other).queries == {"q2": "said otherwise"}


def test_the_first_queries_are_those_of_the_file(beir):
    found = read_dataset("beir", beir, None)
    first = found.first(1)
    assert (dict(first.queries), set(first.qrels)) == ({"q0": "query 0"}, {"q0"})
    assert first.papers_digest == found.papers_digest
    assert first.queries_digest != found.queries_digest


def test_the_digest_changes_with_a_paper(beir):
    before = read_dataset("beir", beir, None)
    assert before.papers_digest == read_dataset("beir", beir, None).papers_digest
    corpus = beir / "corpus.jsonl"
    corpus.write_text(corpus.read_text().replace("Text 1.", "Text one."))
    after = read_dataset("beir", beir, None)
    assert after.papers_digest != before.papers_digest
    assert after.queries_digest == before.queries_digest


def test_the_claims_of_scifact(tmp_path):
    papers = [
        {"id": 7, "title": "A\n title", "sentences": ["One.", "Two."]},
        {"id": 8, "title": "", "sentences": ["B"]},
    ]
    jsonl(tmp_path / "corpus.jsonl.gz", *papers)
    jsonl(tmp_path / "claims-train.jsonl", {"id": 1, "claim": "One is two.", "cited": [7]})
    found = read_dataset("scifact", tmp_path, None)
    assert [(paper.paper_id, paper.title, paper.abstract) for paper in found.papers] == [
        ("7", "A title", "One. Two."),
        ("8", "", "B"),
    ]
    assert (found.queries, found.qrels) == ({"1": "One is two."}, {"1": {"7": 1}})


def test_summaries_find_their_papers(tmp_path):
    papers = [{"id": f"p{n}", "title": f"T {n}", "abstract": f"Abstract {n}."} for n in range(2)]
    jsonl(tmp_path / "papers.jsonl.gz", *papers)
    jsonl(tmp_path / "tldr-dev.jsonl", {"query": "gone", "id": "p9"}, {"query": "the second", "id": "p1"})
    found = read_dataset("tldr", tmp_path, None)
    assert (found.queries, found.qrels) == ({"q1": "the second"}, {"q1": {"p1": 1}})


def litsearch(folder, corpus, queries):
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    for name, columns in (("corpus_clean", corpus), ("query", queries)):
        (folder / name).mkdir()
        parquet.write_table(pyarrow.table(columns), folder / name / "full-00000.parquet")


def test_litsearch_is_read_from_parquet(tmp_path):
    litsearch(
        tmp_path,
        {"corpusid": [11, 12], "title": ["A \n title", None], "abstract": ["Text.", None], "more": [1, 2]},
        {"query": ["find it", "lost"], "corpusids": [[11, 12], [12]], "quality": [1, 2]},
    )
    found = read_dataset("litsearch", tmp_path, None)
    assert [(paper.paper_id, paper.title, paper.abstract) for paper in found.papers] == [
        ("11", "A title", "Text.")
    ]
    assert (found.queries, found.qrels) == ({"q0": "find it"}, {"q0": {"11": 1}})


def test_a_parquet_file_without_a_column_is_named(tmp_path):
    litsearch(tmp_path, {"corpusid": [1], "title": ["A"]}, {"query": ["q"], "corpusids": [[1]]})
    with pytest.raises(
        MalformedRecord, match=r"full-00000.parquet: columns \['corpusid', 'title'\], expected"
    ):
        read_dataset("litsearch", tmp_path, None)


def test_a_file_that_is_no_parquet_is_unavailable(tmp_path):
    litsearch(tmp_path, {"corpusid": [1]}, {"query": ["q"]})
    (tmp_path / "corpus_clean" / "full-00000.parquet").write_text("no parquet at all")
    with pytest.raises(SourceUnavailable, match="full-00000.parquet"):
        read_dataset("litsearch", tmp_path, None)
    (tmp_path / "corpus_clean" / "full-00000.parquet").unlink()
    with pytest.raises(SourceUnavailable, match="no parquet file in"):
        read_dataset("litsearch", tmp_path, None)


def test_the_set_questions_over_the_sample_are_judged_by_title():
    found = read_dataset("questions", None, None)
    assert len(found.papers) == 231
    titles = {paper.paper_id: paper.title.split(":")[0] for paper in found.papers}
    grades = {titles[paper]: grade for paper, grade in found.qrels["d000"].items()}
    assert grades["Quest"] == grades["ClusterKV"] == 2
    assert sorted(grades.values()) == [1, 2, 2]
    assert found.queries["d000"] == "which papers do KV cache compression?"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "corpus.jsonl line 2: no JSON object"),
        ('"_id text"', "corpus.jsonl line 2: no JSON object"),
        ('{"_id": "d9"}', "corpus.jsonl line 2: 'text' is None, expected str"),
        ('{"_id": 9, "text": "T"}', "corpus.jsonl line 2: '_id' is 9, expected str"),
    ],
)
def test_a_line_that_is_no_paper_is_named(beir, line, said):
    (beir / "corpus.jsonl").write_text(f'{{"_id": "d0", "text": "T"}}\n{line}\n')
    with pytest.raises(MalformedRecord, match=said):
        read_dataset("beir", beir, None)


@pytest.mark.parametrize("line", ["q0\td0", "q0\td0\tgood", "q0 d0 1"])
def test_a_judgement_that_is_none_is_named(beir, line):
    (beir / "qrels" / "test.tsv").write_text(f"query-id\tcorpus-id\tscore\nq0\td0\t1\n{line}\n")
    with pytest.raises(MalformedRecord, match=r"test.tsv line 3: .*expected `query<TAB>paper<TAB>grade`"):
        read_dataset("beir", beir, None)


def test_a_missing_or_damaged_file_is_named(beir):
    (beir / "corpus.jsonl").unlink()
    with pytest.raises(SourceUnavailable, match="corpus.jsonl"):
        read_dataset("beir", beir, None)
    (beir / "corpus.jsonl.gz").write_bytes(gzip.compress(b'{"_id": "d0"}' * 100)[:-12])
    with pytest.raises(SourceUnavailable, match="corpus.jsonl.gz"):
        read_dataset("beir", beir, None)
    (beir / "qrels" / "test.tsv").unlink()
    (beir / "corpus.jsonl").write_text("")
    with pytest.raises(SourceUnavailable, match="test.tsv"):
        read_dataset("beir", beir, None)


def test_a_set_without_a_query_to_measure_is_refused(beir):
    (beir / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\n")
    with pytest.raises(SourceUnavailable, match="no query with a relevant paper"):
        read_dataset("beir", beir, None)


def test_a_form_nobody_knows_and_a_missing_path_are_refused(tmp_path):
    with pytest.raises(
        ConfigError, match="'trec': expected one of questions, scifact, tldr, beir, litsearch"
    ):
        read_dataset("trec", tmp_path, None)
    with pytest.raises(ConfigError, match="--path FOLDER"):
        read_dataset("beir", None, None)
