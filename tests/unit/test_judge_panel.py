"""Panels vote by weight."""

import pytest
from judged import CLAIMS, estimate, record

from evals.judges.panels import Panel, exam_weights, vote, weight_of
from evals.judges.registry import build_judge
from evals.judges.verdicts import ClaimLabel, ClaimVerdict, Judgement
from evals.records import Status
from rag.build import load_settings
from rag.errors import ConfigError
from rag.models.language_model import Usage

S, C, A = ClaimLabel
CLAIM = CLAIMS[0]


def said(verdict, quote="", probability=None):
    if isinstance(verdict, Status):
        return ClaimVerdict("c1", verdict, why="nothing")
    return ClaimVerdict("c1", Status.SCORED, verdict, quote, probability=probability)


def votes(*verdicts, weights=None):
    found = {f"j{n}": said(verdict) for n, verdict in enumerate(verdicts)}
    return vote(CLAIM, found, dict(zip(found, weights or [1] * len(found), strict=True)))


@pytest.mark.parametrize(
    ("verdicts", "weights", "verdict"),
    [
        ((S, S, A), None, S),
        ((S, A, A), None, A),
        ((S, A, A), (3, 1, 1), S),
        ((S, A), None, A),
        ((S, C), None, C),
        ((S, C, A), None, A),
        ((S, S, Status.REFUSED), None, S),
        ((C, Status.EMPTY, S), (0, 1, 5), S),
    ],
)
def test_the_weightier_verdict_counts_and_an_even_vote_is_not_for_support(verdicts, weights, verdict):
    assert votes(*verdicts, weights=weights).verdict is verdict


def test_without_verdicts_of_more_than_half_the_weight_there_is_none():
    found = votes(S, S, Status.UNSCORED_PARSE, Status.UNSCORED_MODEL)
    assert (found.verdict, found.status) == (None, Status.UNSCORED_MODEL)
    assert votes(S, Status.REFUSED, weights=(1, 3)).status is Status.REFUSED


def test_the_quote_is_the_weightiest_judge_s_that_gave_the_verdict():
    found = {"a": said(S, "of a", 0.9), "b": said(S, "of b", 0.6), "c": said(A)}
    voted = vote(CLAIM, found, {"a": 1, "b": 2, "c": 2})
    assert voted.quote == "of b"
    assert voted.probability == pytest.approx((0.9 + 2 * 0.6 + 0) / 5)
    assert "c: not in context" in voted.why


class Fixed:
    def __init__(self, name, *verdicts):
        self.name, self.digest, self.verdicts, self.closed = name, name[0] * 64, verdicts, False

    async def judge(self, question, claims):
        judged = [
            ClaimVerdict(c.claim_id, Status.SCORED, v) for c, v in zip(claims, self.verdicts, strict=True)
        ]
        return Judgement(tuple(judged), Usage(1))

    async def close(self):
        self.closed = True


async def test_a_panel_is_a_judge_of_all_claims_in_their_order():
    members = [Fixed("a", S, C, A), Fixed("b", S, S, S), Fixed("c", A, C, S)]
    panel = Panel(members, {"a": 1, "b": 1, "c": 1}, "d")
    found = await panel.judge("", CLAIMS)
    assert [(each.claim_id, each.verdict) for each in found.judged] == [("c1", S), ("c2", C), ("c3", S)]
    assert (panel.name, found.usage.calls) == ("panel/a,b,c", 3)
    await panel.close()
    assert all(member.closed for member in members)


@pytest.mark.parametrize(
    ("low", "value", "weight"), [(0.9, 1.0, 1.0), (0.5, 2 / 3, 0.5), (0.33, 0.4, 0.0), (0.2, 0.9, 0.0)]
)
def test_a_judge_weighs_by_how_far_it_is_above_chance_in_the_exam(low, value, weight):
    assert weight_of(record(balanced_accuracy=estimate(value, low))) == pytest.approx(weight)
    assert weight_of(record(balanced_accuracy=None)) == 0


def test_a_panel_of_judges_that_only_guess_is_refused(monkeypatch):
    monkeypatch.setattr(
        "evals.judges.panels.qualification_of",
        lambda name, digest: record(balanced_accuracy=estimate(0.34, 0.3)),
    )
    with pytest.raises(ConfigError, match="guessing"):
        exam_weights([Fixed("a"), Fixed("b")])


def test_nobody_sits_on_a_panel_without_having_sat_the_exam():
    with pytest.raises(ConfigError, match="qualify --judge stranger"):
        exam_weights([Fixed("stranger")])


def test_a_panel_of_the_judges_that_ship_is_built_by_name(monkeypatch):
    figures = {"lexical": 0.5, "cosine": 0.6}
    monkeypatch.setattr(
        "evals.judges.panels.qualification_of",
        lambda name, digest: record(balanced_accuracy=estimate(figures[name])),
    )
    panel = build_judge("panel/lexical, cosine", load_settings())
    assert panel.name == "panel/lexical,cosine"
    assert panel.weights["cosine"] > panel.weights["lexical"] > 0


@pytest.mark.parametrize("name", ["panel/lexical", "panel/lexical,lexical", "panel/"])
def test_a_panel_of_one_is_refused(name):
    with pytest.raises(ConfigError, match="two different judges"):
        build_judge(name, load_settings())
