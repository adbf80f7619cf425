"""Which papers the support classifier learns from, and which it never sees before it is measured."""

import random
from pathlib import Path

from ingest.sources import read_source
from rag.types import Paper

SEED = 0
PAPERS, HELD_OUT_PAPERS = 16_000, 1_500
"""Papers taken, and how many of them, the first, are held out."""
LIFE_SCIENCE = (
    "patients",
    "clinical",
    "protein",
    "disease",
    "gene ",
    "biolog",
    "medical",
    "cell",
    "brain",
    "health",
    "drug",
)
"""Abstracts with one of these are taken before others."""


def choose_papers(path: Path) -> list[Paper]:
    """Up to `PAPERS` of a file that `pincite ingest` reads, shuffled; the same for the same file."""
    papers = [record for record in read_source(path).records if isinstance(record, Paper)]
    rng = random.Random(SEED)  # noqa: S311 - not for secrets
    rng.shuffle(papers)
    papers.sort(key=lambda paper: not any(word in paper.abstract.lower() for word in LIFE_SCIENCE))
    chosen = papers[:PAPERS]
    rng.shuffle(chosen)
    return chosen
