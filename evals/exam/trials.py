"""Metamorphic tests of a judge: claims whose right outcome is known by construction.

They were made once, by rules, from sentences of the shipped abstracts, and are kept as they are. A sentence
that was changed so that its abstract no longer says it, or that stands beside another abstract, must not be
called supported; where only wording, the order of sentences, length or a word to the judge was changed, the
verdict must stay what it was.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from evals.judges.claims import CitedAbstract, Claim
from ingest.sample_collection import sample_papers
from rag.types import Paper

FILE = Path(__file__).parent / "trials.jsonl"

UNSUPPORTED = ("negation", "number", "unit", "entity", "direction", "another abstract", "citation swapped")
"""After these a claim must not be called supported."""

INVARIANT = ("paraphrase", "sentence order", "length", "injection")
"""After these a claim must have the verdict it had before."""

KINDS = (*UNSUPPORTED, *INVARIANT)


@dataclass(frozen=True, slots=True)
class Trial:
    """One test.

    Attributes:
        kind: what was changed.
        paper_id: whose sentence it was; tests of a paper are not independent.
        claim: what the judge is asked about.
        base: whose verdict ``claim`` must have; None where it must not be called supported.
    """

    kind: str
    paper_id: str
    claim: Claim
    base: Claim | None = None


@cache
def shipped_trials() -> tuple[Trial, ...]:
    """All tests, kind by kind, each about another paper where there are enough; ids are kind and number."""
    papers = {paper.paper_id: paper for paper in sample_papers()}
    numbers = dict.fromkeys(KINDS, 0)
    found = []
    for line in FILE.read_text("utf-8").splitlines():
        row = json.loads(line)
        numbers[row["kind"]] += 1
        key = f"{row['kind'].replace(' ', '-')}-{numbers[row['kind']]}"
        base = _claim(f"{key}-base", row["base"], papers) if "base" in row else None
        found.append(Trial(row["kind"], row["paper_id"], _claim(key, row["claim"], papers), base))
    return tuple(found)


def _claim(claim_id: str, row: Mapping[str, Any], papers: Mapping[str, Paper]) -> Claim:
    """The claim beside the abstract of a shipped paper, or beside what was made of it."""
    paper = papers[row["beside"]]
    return Claim(
        claim_id,
        row["text"],
        (CitedAbstract(paper.paper_id, paper.title, row.get("abstract", paper.abstract)),),
    )
