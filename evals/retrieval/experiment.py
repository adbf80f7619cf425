"""Put one system to the queries of a set: its rankings, and how long each took."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from evals.files import write_whole
from evals.retrieval.datasets import PARTIAL, RELEVANT, RetrievalSet
from evals.retrieval.measures import RUN_MEASURES, measure_ranking, set_f1
from evals.retrieval.systems import Pincite, Ranking, System
from rag.errors import MalformedRecord, PinciteError, SourceUnavailable, StoreError

Scores = dict[str, list[float]]
"""By measure, the score of every query in the order of the set."""


@dataclass(frozen=True, slots=True)
class SystemRun:
    """What one system did.

    Attributes:
        run: its ranking of each query, in the order of the set.
        latencies_ms: of each query, the encoding of the query included.
        index_s: seconds to take in the papers; vectors known from an earlier run cost nothing.
        set_f1: of each question the F1 of the answer's papers; empty where the system gives no answers.
    """

    run: Mapping[str, Ranking]
    latencies_ms: tuple[float, ...]
    index_s: float
    set_f1: tuple[float, ...] = ()


async def put_to(
    name: str, system: System, dataset: RetrievalSet, depth: int, on_query: Callable[[int, int], None]
) -> SystemRun:
    """Index the papers and rank every query, after one that is not timed; the system is closed.

    Args:
        name: of the system, for messages.
        system: not indexed yet.
        dataset: papers and queries, at least one of each.
        depth: papers of each ranking.
        on_query: told after each query how many of how many are done.

    Raises:
        StoreError: the system failed, or what it returned is no ranking of the papers; names the query.
        PinciteError: pincite itself failed.
    """
    try:
        index_s = await _index(name, system, dataset)
        known = {paper.paper_id for paper in dataset.papers}
        await _rank(name, system, next(iter(dataset.queries.items())), depth, known)
        run: dict[str, Ranking] = {}
        latencies = []
        for query, text in dataset.queries.items():
            run[query], latency_ms = await _rank(name, system, (query, text), depth, known)
            latencies.append(latency_ms)
            on_query(len(run), len(dataset.queries))
        answers = await _set_f1(system, dataset) if isinstance(system, Pincite) else ()
        return SystemRun(run, tuple(latencies), index_s, answers)
    finally:
        await system.close()


def scores(run: Mapping[str, Ranking], dataset: RetrievalSet) -> Scores:
    """Every one of `RUN_MEASURES` for every query."""
    measured = [
        measure_ranking([paper for paper, _ in run[query]], dataset.qrels[query]) for query in dataset.queries
    ]
    return {measure: [each[measure] for each in measured] for measure in RUN_MEASURES}


async def _index(name: str, system: System, dataset: RetrievalSet) -> float:
    started = time.perf_counter()
    try:
        await system.index(dataset.papers)
    except PinciteError:
        raise
    except Exception as exc:
        raise StoreError(f"system {name!r} could not index the papers: {exc!r}") from exc
    return time.perf_counter() - started


async def _rank(
    name: str, system: System, query: tuple[str, str], depth: int, known: set[str]
) -> tuple[Ranking, float]:
    started = time.perf_counter()
    try:
        ranking = await system.rank(query[1], depth)
    except PinciteError:
        raise
    except Exception as exc:
        raise StoreError(f"system {name!r} failed on query {query[0]!r} ({query[1]!r}): {exc!r}") from exc
    latency_ms = (time.perf_counter() - started) * 1000
    ids = [paper for paper, _ in ranking]
    order = sorted(ranking, key=lambda hit: (-hit[1], hit[0]))
    if len(set(ids)) < len(ids) or not known.issuperset(ids) or len(ids) > depth or ranking != order:
        raise StoreError(
            f"system {name!r} gave no ranking for query {query[0]!r}: expected at most {depth} papers of the "
            "collection, each once, by falling score, ties by id"
        )
    return ranking, latency_ms


async def _set_f1(system: Pincite, dataset: RetrievalSet) -> tuple[float, ...]:
    """Only of questions, which ask for a set: papers that touch the question are neither right nor wrong."""
    if dataset.name != "questions":
        return ()
    found = []
    for query, text in dataset.queries.items():
        papers = [paper.paper_id for paper in (await system.ask(text)).papers]
        graded = dataset.qrels[query].items()
        relevant = [paper for paper, grade in graded if grade == RELEVANT]
        found.append(set_f1(papers, relevant, [paper for paper, grade in graded if grade == PARTIAL]))
    return tuple(found)


Run = Mapping[str, Sequence[tuple[str, float]]]
"""For every query its ranking: paper ids with scores, best first."""


def write_run(file: Path, run: Run, tag: str) -> None:
    """Write a run; what is there is replaced only when the new one is whole.

    Raises:
        MalformedRecord: an id holds white space, which the format cannot say.
        SourceUnavailable: the file cannot be written.
    """
    lines = []
    for query, ranking in run.items():
        for rank, (paper_id, score) in enumerate(ranking, start=1):
            for name in (query, paper_id, tag):
                if name.split() != [name]:
                    raise MalformedRecord(f"{name!r} cannot stand in a TREC run: expected no white space")
            lines.append(f"{query} Q0 {paper_id} {rank} {float(score)!r} {tag}\n")
    write_whole(file, "".join(lines), SourceUnavailable, make_folder=True)
