"""Two runs of a made suite, for tests of reports: one loses a fact, one cannot score a case, one fails."""

from evals.gate.regression import gate
from evals.judges.qualifications import Estimate, Qualification, TrialTally
from evals.records import Head, JudgedClaim, Result, Run, Score, Status
from evals.report.gather import ReferenceRun, gather

EVIL = (
    "<script>pwned=1</script><img src=x onerror=pwned=1> [a](http://evil.example/x) ![i](//evil.example) "
    "**b** `c` | d @octocat #12 \x1b[31mred \u202eback \ud800 ]]> {{ 7*7 }} www.evil.example"
)
"""A question that would act on whatever shows it."""

JUDGE = "cosine"
DIGEST = "d" * 64
CASES = 40


def head(**fields):
    digests = dict.fromkeys(("cases", "collection", "prompts", "settings"), "a" * 64)
    given = {"suite": "made", "judge": f"{JUDGE}@{DIGEST}", "versions": {"pincite": "0.1.0"}} | fields
    return Head(**digests, **given)


def answer(*texts, quote="We shrink the cache by 8.5 times."):
    citation = {"paper_id": "p1", "title": "Lantern: Small Caches", "quote": quote, "start": 0, "end": 30}
    statements = [{"text": text, "verdict": "supported", "citations": [citation]} for text in texts]
    return {"abstained": not texts, "note": "" if texts else "Nobody says so.", "statements": statements}


def result(number, *, right=True, question="", scores=(), **fields):
    case_id = f"m{number:03}"
    fact = Score(measure="fact match", value=float(right), why="" if right else "lacks: 8.5 times")
    return Result(
        case_id=case_id,
        cluster=case_id,
        kind="fact",
        question=question or f"How much does Lantern shrink cache number {number}?",
        answer=fields.pop("answer", answer("Lantern shrinks the cache by 8.5 times.")),
        scores=(fact, *scores),
        latency_ms=100.0 + number,
        **fields,
    )


def baseline():
    return Run(head=head(), results=tuple(result(number) for number in range(CASES)))


def worse(question=""):
    """Half of all facts are lost; the first of them with another answer."""
    other = answer("Lantern exists.", quote=question or "Lantern is a method.")
    first = result(0, right=False, question=question, answer=other)
    rest = (result(number, right=number % 2 == 1) for number in range(1, CASES))
    return Run(head=head(writer="openai/tiny"), results=(first, *rest))


def with_gaps():
    """A judge that refused once, a claim that it found contradicted, and a case that failed."""
    refused = Score(measure="faithfulness", status=Status.REFUSED, why="I'm sorry")
    claim = JudgedClaim(
        claim_id="c1",
        text="Lantern doubles the cache.",
        status=Status.SCORED,
        verdict="contradicted",
        quote="We shrink the cache",
    )
    failed = Result(case_id="m039", cluster="m039", kind="fact", question="Why?", failed="ModelTimeout: 60 s")
    scored = [
        result(n, scores=(refused if n == 3 else Score(measure="faithfulness", value=1.0),))
        for n in range(38)
    ]
    half = result(
        38, scores=(Score(measure="faithfulness", value=0.5),), claims=(claim,), tokens=1200, cost_usd=0.25
    )
    return Run(head=head(), results=(*scored, half, failed))


def estimate(value):
    return Estimate(value=value, low=value - 0.03, high=value + 0.03)


def exam(judge=JUDGE, accuracy=0.8, digest=DIGEST):
    return Qualification(
        judge=judge,
        digest=digest,
        pairs=300,
        of_pairs=300,
        pairs_scored=300,
        trials=240,
        of_trials=240,
        trials_scored=240,
        balanced_accuracy=estimate(accuracy),
        kappa=estimate(accuracy - 0.1),
        auroc=estimate(accuracy + 0.05),
        auroc_contradicted=None,
        auroc_absent=None,
        calibration_error=estimate(0.1),
        reliability=((80, 0.05, 0.1), (60, 0.45, 0.4), (160, 0.94, 0.88)),
        caught=estimate(accuracy),
        held=estimate(0.9),
        kinds={
            "negation": TrialTally(passed=40, scored=48, of=48),
            "paraphrase": TrialTally(passed=0, scored=0, of=2),
        },
        latency_ms=21.5,
    )


EXAMS = (exam("lexical", 0.52, "e" * 64), exam())


def qualified(_head):
    return ""


def contents(run, before=None, why_not=qualified, exams=EXAMS):
    beside = ReferenceRun(before, gate(run, before, why_not)) if before else None
    return gather(run, beside, exams, why_not)
