"""Runs in the format of TREC: `query Q0 paper rank score tag`, one hit a line."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from evals.files import write_whole
from rag.errors import MalformedRecord, SourceUnavailable

Run = Mapping[str, Sequence[tuple[str, float]]]
"""For every query its ranking: paper ids with scores, best first."""


def write_run(file: Path, run: Run, tag: str) -> None:
    """Write a run; what is there is replaced only when the new one is whole.

    Raises:
        MalformedRecord: an id holds white space, which the format cannot say.
        SuiteError: the file cannot be written.
    """
    lines = []
    for query, ranking in run.items():
        for rank, (paper_id, score) in enumerate(ranking, start=1):
            for name in (query, paper_id, tag):
                if name.split() != [name]:
                    raise MalformedRecord(f"{name!r} cannot stand in a TREC run: expected no white space")
            lines.append(f"{query} Q0 {paper_id} {rank} {float(score)!r} {tag}\n")
    file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(file, "".join(lines))


def read_run(file: Path) -> dict[str, list[tuple[str, float]]]:
    """Read a run, rankings by rank.

    Raises:
        SourceUnavailable: the file cannot be read.
        MalformedRecord: a line has not the six fields; names it.
    """
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as exc:
        raise SourceUnavailable(f"cannot read {str(file)!r}: {exc}") from exc
    found: dict[str, list[tuple[int, str, float]]] = {}
    for number, line in enumerate(lines, start=1):
        try:
            query, _, paper_id, rank, score, _ = line.split()
            found.setdefault(query, []).append((int(rank), paper_id, float(score)))
        except ValueError as exc:
            raise MalformedRecord(
                f"{file.name} line {number}: {line!r}, expected `query Q0 paper rank score tag`"
            ) from exc
    return {query: [(paper, score) for _, paper, score in sorted(hits)] for query, hits in found.items()}
