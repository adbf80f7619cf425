"""Collections with queries and judgements, read from the forms they are published in."""

import csv
import gzip
import hashlib
import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from evals.cases.kinds import KINDS
from evals.cases.questions import CASES, read_cases
from ingest.sample_collection import SAMPLE_FILE
from ingest.sources import read_source
from rag.errors import ConfigError, MalformedRecord, SourceUnavailable
from rag.types import Paper

RELEVANT, PARTIAL = 2, 1

Qrels = dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class RetrievalSet:
    """A collection, queries by id, and the grades of papers by query: above 0 is relevant.

    Only queries with a relevant paper in the collection are kept: no measure is defined for others.
    """

    name: str
    papers: tuple[Paper, ...]
    queries: Mapping[str, str]
    qrels: Mapping[str, Mapping[str, int]]

    def first(self, count: int) -> "RetrievalSet":
        """The same collection with the first ``count`` queries."""
        queries = dict(islice(self.queries.items(), count))
        return replace(self, queries=queries, qrels={query: self.qrels[query] for query in queries})

    @property
    def papers_digest(self) -> str:
        """16 hex digits of the papers' ids, titles and abstracts, in order."""
        return _digest([[paper.paper_id, paper.title, paper.abstract] for paper in self.papers])

    @property
    def queries_digest(self) -> str:
        """16 hex digits of the queries and their grades."""
        return _digest([dict(self.queries), {query: dict(grades) for query, grades in self.qrels.items()}])


def read_dataset(kind: str, path: Path | None, queries: Path | None) -> RetrievalSet:
    """Read a set by the name of its form.

    Args:
        kind: one of `LOADERS`.
        path: folder of the collection; `questions` needs none.
        queries: a query file of the same form in place of the usual one.

    Raises:
        ConfigError: no such form, or it needs a path.
        SourceUnavailable: a file is missing or unreadable.
        MalformedRecord: a record is not of the form; names file and line.
    """
    if kind not in LOADERS:
        raise ConfigError(f"no such set {kind!r}: expected one of {', '.join(LOADERS)}")
    if path is None and kind != "questions":
        raise ConfigError(f"set {kind!r} needs --path FOLDER")
    papers, texts, qrels = LOADERS[kind](path or Path(), queries)
    known = {paper.paper_id for paper in papers}
    kept = {
        query: {paper: grade for paper, grade in grades.items() if paper in known}
        for query, grades in qrels.items()
    }
    kept = {query: kept[query] for query in texts if max(kept.get(query, {}).values(), default=0) > 0}
    if not kept:
        raise SourceUnavailable(f"set {kind!r} at {str(path)!r} has no query with a relevant paper")
    return RetrievalSet(kind, tuple(papers), {query: texts[query] for query in kept}, kept)


def _digest(content: object) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


Loaded = tuple[list[Paper], dict[str, str], Qrels]


def _questions(_: Path, queries: Path | None) -> Loaded:
    """Set questions over the shipped sample, judged by title."""
    papers = [record for record in read_source(SAMPLE_FILE).records if isinstance(record, Paper)]
    ids = {paper.title: paper.paper_id for paper in papers}
    cases = [case for case in read_cases(queries or CASES / "dev.jsonl") if KINDS[case.kind].ranked]
    qrels = {
        case.case_id: {ids[title]: PARTIAL for title in case.partial if title in ids}
        | {ids[title]: RELEVANT for title in case.relevant if title in ids}
        for case in cases
    }
    return papers, {case.case_id: case.question for case in cases}, qrels


def _scifact(folder: Path, queries: Path | None) -> Loaded:
    """Wadden et al. 2020: a claim's cited abstracts are its relevant ones."""
    papers = [
        Paper(str(row["id"]), " ".join(row["title"].split()), " ".join(row["sentences"]))
        for row in json_rows(_either(folder / "corpus.jsonl"), id=int, title=str, sentences=list)
    ]
    claims = list(json_rows(queries or folder / "claims-train.jsonl", id=int, claim=str, cited=list))
    qrels = {str(row["id"]): {str(cited): 1 for cited in row["cited"]} for row in claims}
    return papers, {str(row["id"]): row["claim"] for row in claims}, qrels


def _tldr(folder: Path, queries: Path | None) -> Loaded:
    """Known-item search: a summary by the authors finds its paper."""
    records = read_source(folder / "papers.jsonl.gz").records
    papers = [record for record in records if isinstance(record, Paper)]
    rows = list(json_rows(queries or folder / "tldr-dev.jsonl", query=str, id=str))
    texts = {f"q{number}": row["query"] for number, row in enumerate(rows)}
    return papers, texts, {f"q{number}": {row["id"]: 1} for number, row in enumerate(rows)}


def _beir(folder: Path, queries: Path | None) -> Loaded:
    """Thakur et al. 2021: corpus.jsonl, queries.jsonl, qrels/test.tsv; papers without text are left out."""
    papers = [
        Paper(row["_id"], " ".join((row.get("title") or "").split()), row["text"])
        for row in json_rows(_either(folder / "corpus.jsonl"), _id=str, text=str)
        if row["text"].strip()
    ]
    rows = json_rows(queries or _either(folder / "queries.jsonl"), _id=str, text=str)
    return papers, {row["_id"]: row["text"] for row in rows}, _beir_qrels(folder / "qrels" / "test.tsv")


def _beir_qrels(file: Path) -> Qrels:
    """A line of names, then `query<TAB>paper<TAB>grade`."""
    qrels: Qrels = {}
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as exc:
        raise SourceUnavailable(f"cannot read {str(file)!r}: {exc}") from exc
    for number, row in enumerate(csv.reader(lines[1:], delimiter="\t", quoting=csv.QUOTE_NONE), start=2):
        try:
            query, paper, grade = row
            qrels.setdefault(query, {})[paper] = int(grade)
        except ValueError as exc:
            raise MalformedRecord(
                f"{file.name} line {number}: {row!r}, expected `query<TAB>paper<TAB>grade`"
            ) from exc
    return qrels


def _litsearch(folder: Path, queries: Path | None) -> Loaded:
    """Ajith et al. 2024: parquet files of papers and of queries; papers without abstract are left out."""
    papers = [
        Paper(str(row["corpusid"]), " ".join((row["title"] or "").split()), row["abstract"])
        for row in parquet_rows(folder / "corpus_clean", "corpusid", "title", "abstract")
        if (row["abstract"] or "").strip()
    ]
    rows = [row for row in parquet_rows(queries or folder / "query", "query", "corpusids") if row["query"]]
    texts = {f"q{number}": row["query"] for number, row in enumerate(rows)}
    qrels = {f"q{n}": {str(each): 1 for each in row["corpusids"] or ()} for n, row in enumerate(rows)}
    return papers, texts, qrels


LOADERS: Mapping[str, Callable[[Path, Path | None], Loaded]] = {
    "questions": _questions,
    "scifact": _scifact,
    "tldr": _tldr,
    "beir": _beir,
    "litsearch": _litsearch,
}


def _either(file: Path) -> Path:
    packed = file.with_name(f"{file.name}.gz")
    return packed if packed.is_file() and not file.is_file() else file


def json_rows(file: Path, **fields: type) -> Iterator[dict[str, Any]]:
    """Objects of a JSON Lines file, packed with gzip or not, that have these fields of these types.

    Raises:
        SourceUnavailable: the file cannot be read.
        MalformedRecord: a line is no such object; names the line and the field.
    """
    try:
        with (
            gzip.open(file, "rt", encoding="utf-8")
            if file.suffix == ".gz"
            else file.open(encoding="utf-8") as stream
        ):
            for number, line in enumerate(stream, start=1):
                if line.strip():
                    yield _row(line, f"{file.name} line {number}", fields)
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as exc:
        raise SourceUnavailable(f"cannot read {str(file)!r}: {exc}") from exc


def _row(line: str, where: str, fields: Mapping[str, type]) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as exc:
        raise MalformedRecord(f"{where}: no JSON object: {line[:60]!r}") from exc
    if not isinstance(row, dict):
        raise MalformedRecord(f"{where}: no JSON object: {line[:60]!r}")
    for name, kind in fields.items():
        if not isinstance(row.get(name), kind):
            raise MalformedRecord(f"{where}: {name!r} is {row.get(name)!r}, expected {kind.__name__}")
    return row


def parquet_rows(path: Path, *columns: str) -> list[dict[str, Any]]:
    """Rows of a parquet file, or of those in a folder in the order of their names, with these columns.

    Raises:
        ConfigError: pyarrow is not installed.
        SourceUnavailable: there is no such file, or it cannot be read.
        MalformedRecord: it lacks a column.
    """
    try:
        from pyarrow import ArrowInvalid, parquet
    except ImportError as exc:
        raise ConfigError("set 'litsearch' needs pyarrow: pip install 'pincite[dev]'") from exc
    files = sorted(path.glob("*.parquet")) if path.is_dir() else [path]
    if not files:
        raise SourceUnavailable(f"no parquet file in {str(path)!r}")
    rows: list[dict[str, Any]] = []
    for file in files:
        try:
            table = parquet.read_table(file)
            rows += table.select(list(columns)).to_pylist()
        except (OSError, ArrowInvalid) as exc:
            raise SourceUnavailable(f"cannot read {str(file)!r}: {str(exc).splitlines()[0]}") from exc
        except KeyError as exc:
            raise MalformedRecord(f"{file.name}: columns {table.column_names}, expected {columns}") from exc
    return rows
