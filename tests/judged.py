"""Claims about the small collection, and what a judge may reply about them."""

import json

from collection import FERRY, LANTERN, quoted

from evals.judges.claims import CitedAbstract, Claim
from evals.judges.model_judge import FULL, ModelJudge
from evals.judges.qualifications import Estimate, Qualification


def evidence(paper):
    return CitedAbstract(paper.paper_id, paper.title, paper.abstract)


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


def estimate(value, low=None, high=None):
    return Estimate(value=value, low=value if low is None else low, high=value if high is None else high)


def record(**changes):
    """A record of the exam of a judge that is always right."""
    right = {"balanced_accuracy", "kappa", "auroc", "auroc_contradicted", "auroc_absent", "caught", "held"}
    counts = {"pairs": 300, "of_pairs": 300, "pairs_scored": 300}
    tests = {"trials": 220, "of_trials": 220, "trials_scored": 220}
    plain = {"judge": "j", "digest": "0" * 64, "reliability": (), "kinds": {}, "latency_ms": 1.0}
    figures = dict.fromkeys(right, estimate(1.0)) | {"calibration_error": estimate(0.0)}
    return Qualification(**(plain | counts | tests | figures | changes))
