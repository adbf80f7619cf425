"""Claims about the small collection, and what a judge may reply about them."""

import json

from collection import FERRY, LANTERN, quoted

from evals.judging.claims import Claim, Evidence
from evals.judging.model_judge import FULL, ModelJudge


def evidence(paper):
    return Evidence(paper.paper_id, paper.title, paper.abstract)


SHRINKS, HALVES = quoted(LANTERN, 2), quoted(FERRY, 2)
CLAIMS = (
    Claim("c1", "Lantern shrinks the cache by 8.5 times.", (evidence(LANTERN),)),
    Claim("c2", "Ferry doubles the cache.", (evidence(FERRY),)),
    Claim("c3", "Lantern was tried on nurses.", (evidence(LANTERN), evidence(FERRY))),
)
VERDICTS = [
    {"id": "c1", "quote": SHRINKS, "verdict": "supported"},
    {"id": "c2", "quote": HALVES, "verdict": "contradicted"},
    {"id": "c3", "quote": "", "verdict": "not in context"},
]


def reply(*verdicts):
    return json.dumps({"verdicts": list(verdicts or VERDICTS)})


def changed(place, **fields):
    """The right verdicts with one of them changed."""
    return [each | fields if at == place else each for at, each in enumerate(VERDICTS)]


def judge_of(model):
    return ModelJudge(model, "0" * 64, FULL)
