"""The trial on which the support classifier was chosen: `python -m evals.support.trial PAPERS SUMMARIES`.

Two sets, neither of them the exam. *Written*: `evals/cases/support.jsonl`, sentences of biomedical evidence,
each with a statement it supports and one it contradicts, all made up and written by hand; evidence is the
sentence among four others, and those others alone. *Summaries*: one-sentence summaries that authors wrote of
their papers (lines with `query` and `id`) beside their abstract, the same turned round by rule, and beside
the abstract of the most alike other paper. Papers that the classifier is trained on are left out.
"""

import argparse
import asyncio
import random
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console

from evals.judging.claims import Claim, Evidence
from evals.judging.exam import Exam
from evals.judging.exam_tables import differences, pairs_table
from evals.judging.examining import Sat, sat_exam
from evals.judging.human_pairs import LabelledPair
from evals.judging.verdicts import Verdict
from evals.questions import CASES
from evals.rows import json_rows
from evals.support.made_statements import nearest, read_abstract
from evals.support.papers import HELD_OUT_PAPERS, SEED, choose_papers
from evals.support.statement_changes import TURNS, as_sentence
from ingest.sources import read_source
from rag.build import load_settings
from rag.types import Paper

WRITTEN = CASES / "support.jsonl"
BESIDE = 4
OTHERS = 8_000
"""Papers among which the most alike one is looked for."""


def written_pairs(path: Path = WRITTEN) -> list[LabelledPair]:
    """Three pairs for each row: supported, contradicted, and supported beside the other sentences alone."""
    rows = list(json_rows(path, evidence=str, supported=str, contradicted=str))
    rng = random.Random(SEED)  # noqa: S311 - not for secrets
    pairs = []
    for number, row in enumerate(rows):
        others = rng.sample([each["evidence"] for each in rows if each is not row], BESIDE)
        evidence = rng.sample([row["evidence"], *others], BESIDE + 1)
        pairs += [
            _pair(number, row["supported"], evidence, Verdict.SUPPORTED),
            _pair(number, row["contradicted"], evidence, Verdict.CONTRADICTED),
            _pair(number, row["supported"], others, Verdict.ABSENT),
        ]
    return pairs


def summary_pairs(papers: Mapping[str, Paper], seen: frozenset[str], summaries: Path) -> list[LabelledPair]:
    """Up to three pairs for each summary of a paper that is not among those SEEN in training."""
    rng = random.Random(SEED)  # noqa: S311 - not for secrets
    rows = [row for row in json_rows(summaries, query=str, id=str) if row["id"] in papers.keys() - seen]
    own = {row["id"] for row in rows}
    others = rng.sample([paper for paper in papers.values() if paper.paper_id not in own], OTHERS)
    kept = [
        (paper.paper_id, read)
        for paper in [*(papers[row["id"]] for row in rows), *others]
        if (read := read_abstract(paper))
    ]
    places, abstracts = {paper_id: at for at, (paper_id, _) in enumerate(kept)}, [each for _, each in kept]
    near = nearest(abstracts, 1)
    pairs = []
    for row in rows:
        if (at := places.get(row["id"])) is None:
            continue
        other = abstracts[near[at][0]].sentences
        pairs += [
            _pair(at, row["query"], abstracts[at].sentences, Verdict.SUPPORTED),
            _pair(at, row["query"], other, Verdict.ABSENT),
        ]
        if turned := turned_round(row["query"], rng):
            pairs.append(_pair(at, turned, abstracts[at].sentences, Verdict.CONTRADICTED))
    return pairs


def _pair(number: int, statement: str, sentences: Sequence[str], label: Verdict) -> LabelledPair:
    evidence = Evidence(str(number), "", " ".join(sentences))
    return LabelledPair(Claim(f"{number}/{label}", statement, (evidence,)), number, label)


def turned_round(statement: str, rng: random.Random) -> str | None:
    """The statement with a word of direction turned, or else negated; None where neither can be."""
    turns = (TURNS[kind](statement, rng) for kind in ("pole", "negation"))
    return next((as_sentence(text) for text in turns if text and text != statement), None)


async def hold(sets: Mapping[str, Sequence[LabelledPair]]) -> None:
    """Print the table of each set."""
    settings, console = load_settings(), Console(width=120)
    for name, pairs in sets.items():
        exam = Exam(pairs, len(pairs), (), 0)
        sat: list[Sat] = [await sat_exam(judge, exam, settings) for judge in ("support", "lexical")]
        console.print(pairs_table(sat, name), *differences(sat), sep="\n")


def main() -> int:
    """Read the arguments and hold the trial."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("papers", type=Path, help="the file of papers that the classifier is trained from")
    parser.add_argument(
        "summaries", type=Path, help="summaries by authors: a JSON line with query and id each"
    )
    arguments = parser.parse_args()
    papers = {
        each.paper_id: each for each in read_source(arguments.papers).records if isinstance(each, Paper)
    }
    seen = frozenset(paper.paper_id for paper in choose_papers(arguments.papers)[HELD_OUT_PAPERS:])
    asyncio.run(
        hold({"written": written_pairs(), "summaries": summary_pairs(papers, seen, arguments.summaries)})
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
