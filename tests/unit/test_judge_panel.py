"""Panels vote by weight, roles judge twice, agreement is beyond chance, and family ties are told."""

import json

import pytest
from fakes import ScriptedModel
from hypothesis import given
from hypothesis import strategies as st
from judged import CLAIMS, HALVES, SHRINKS, VERDICTS, estimate, record, reply

from evals.judging.families import families, family_warning
from evals.judging.judges import build_judge
from evals.judging.panel import Panel, exam_weights, weight_of
from evals.judging.roles import DEEPER, RolesJudge, roles
from evals.judging.verdicts import Judged, Judgement, Verdict
from evals.judging.voting import agreement, alpha, peer_weights, vote
from evals.suite.records import Status
from rag.build import load_settings
from rag.errors import ConfigError, ModelTimeout
from rag.model import Usage

S, C, A = Verdict
CLAIM = CLAIMS[0]


def said(verdict, quote="", probability=None):
    if isinstance(verdict, Status):
        return Judged("c1", verdict, why="nothing")
    return Judged("c1", Status.SCORED, verdict, quote, probability=probability)


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

    async def judge(self, question, claims, way=None):
        judged = [Judged(c.claim_id, Status.SCORED, v) for c, v in zip(claims, self.verdicts, strict=True)]
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
        "evals.judging.panel.qualification_of",
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
        "evals.judging.panel.qualification_of",
        lambda name, digest: record(balanced_accuracy=estimate(figures[name])),
    )
    panel = build_judge("panel/lexical, cosine", load_settings())
    assert panel.name == "panel/lexical,cosine"
    assert panel.weights["cosine"] > panel.weights["lexical"] > 0


@pytest.mark.parametrize("name", ["panel/lexical", "panel/lexical,lexical", "panel/"])
def test_a_panel_of_one_is_refused(name):
    with pytest.raises(ConfigError, match="two different judges"):
        build_judge(name, load_settings())


# --- agreement -----------------------------------------------------------------------------------

NOMINAL = {
    "a": dict(enumerate(["1", "2", "3", "3", "2", "1", "4", "1", "2"])),
    "b": dict(enumerate(["1", "2", "3", "3", "2", "2", "4", "1", "2", "5"])),
    "c": {k: v for k, v in enumerate(["-", "3", "3", "3", "2", "3", "4", "2", "2", "5", "1"]) if v != "-"},
    "d": dict(enumerate(["1", "2", "3", "3", "2", "4", "4", "1", "2", "5", "1"])),
}
"""Krippendorff's own example with missing labels (2011), of twelve units."""


def test_alpha_is_krippendorff_s_on_his_example():
    assert alpha(NOMINAL) == pytest.approx(0.743, abs=5e-4)


def test_agreement_is_the_share_of_pairs_on_what_both_judged():
    labels = {"a": {"1": "x", "2": "x"}, "b": {"1": "x", "2": "y"}, "c": {"1": "x"}}
    assert agreement(labels) == pytest.approx(3 / 4)
    assert agreement({"a": {"1": "x"}, "b": {"2": "x"}}) is None


LABELS = st.dictionaries(st.sampled_from("123456"), st.sampled_from("xyz"), min_size=1)


@given(st.fixed_dictionaries(dict.fromkeys("abc", LABELS)))
def test_alpha_is_at_most_one_and_one_only_where_all_agree(labels):
    found = alpha(labels)
    if found is not None:
        assert found <= 1 + 1e-9
        assert (found == pytest.approx(1)) == (agreement(labels) == 1)


@given(st.fixed_dictionaries(dict.fromkeys("abcd", LABELS)))
def test_peer_weights_are_shares(labels):
    found = peer_weights(labels)
    assert set(found) == set("abcd")
    assert all(each >= 0 for each in found.values())
    total = sum(found.values())
    assert total == pytest.approx(1) or total == 0


def test_a_judge_that_contradicts_all_others_weighs_least():
    items = [str(n) for n in range(20)]
    agreed = {name: {item: "s" if int(item) % 2 else "c" for item in items} for name in "abc"}
    odd = {item: "c" if int(item) % 2 else "s" for item in items}
    found = peer_weights({**agreed, "d": odd})
    assert found["d"] < 0.01
    assert found["a"] == pytest.approx(1 / 3, abs=0.01)


# --- roles ---------------------------------------------------------------------------------------


async def test_each_role_judges_by_itself_then_with_the_reviews_of_all():
    model = ScriptedModel(lambda request: reply())
    found = await RolesJudge(model, "d").judge("", CLAIMS)
    assert [each.verdict for each in found.judged] == [S, C, A]
    half = len(roles())
    assert len(model.requests) == 2 * half
    systems = [request.messages[0].content for request in model.requests]
    assert len(set(systems)) == half
    assert all(told in system for told, system in zip(roles().values(), systems, strict=False))
    first, second = (request.messages[1].content for request in (model.requests[0], model.requests[-1]))
    assert "reviewer" not in first
    lines = [json.loads(line) for line in second.splitlines() if line.startswith('{"reviewer"')]
    assert {line["reviewer"] for line in lines} == set(roles())
    assert len(lines) == half * len(CLAIMS)
    assert DEEPER in model.requests[-1].prompt
    assert DEEPER not in model.requests[0].prompt


async def test_the_second_layer_decides():
    def script(request):
        return reply() if "reviewer" not in request.messages[1].content else reply(*other)

    other = [VERDICTS[0] | {"verdict": "contradicted"}, VERDICTS[1] | {"quote": HALVES}, VERDICTS[2]]
    found = await RolesJudge(ScriptedModel(script), "d").judge("", CLAIMS)
    assert found.judged[0].verdict is C
    assert found.judged[0].quote == SHRINKS


async def test_roles_that_fail_are_no_votes():
    failing = ModelTimeout("late")
    found = await RolesJudge(ScriptedModel(lambda request: failing), "d").judge("", CLAIMS)
    assert [each.status for each in found.judged] == [Status.UNSCORED_MODEL] * 3


# --- families ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("openai/gpt-4o-mini", {"GPT"}),
        ("o3-mini", {"GPT"}),
        ("azure/chatgpt-4o-latest", {"GPT"}),
        ("anthropic/claude-3-5-haiku-latest", {"Claude"}),
        ("bedrock/anthropic.claude-3-haiku-20240307-v1:0", {"Claude"}),
        ("gemini/gemini-2.0-flash", {"Gemini"}),
        ("ollama/gemma2:9b", {"Gemini"}),
        ("together_ai/meta-llama/Llama-3-70b-chat-hf", {"Llama"}),
        ("ollama/tinyllama", {"tinyllama"}),
        ("mistral/open-mixtral-8x7b", {"Mistral"}),
        ("groq/qwen-2.5-32b", {"Qwen"}),
        ("deepseek/deepseek-chat", {"DeepSeek"}),
        ("local/smollm2", {"SmolLM"}),
        ("roles/openai/gpt-4o", {"GPT"}),
        ("panel/cosine,openai/gpt-4o,anthropic/claude-3-opus", {"GPT", "Claude"}),
        ("extractive", set()),
        ("lexical", set()),
        ("", set()),
        ("somebody/unheard-of-7b", {"unheard"}),
    ],
)
def test_a_model_s_family_is_read_off_its_name(name, expected):
    assert families(name) == expected


def test_a_judge_of_the_writer_s_family_is_warned_of_and_another_is_not():
    warning = family_warning("openai/gpt-4o", "azure/gpt-4o-mini")
    assert "one family (GPT)" in warning
    assert family_warning("anthropic/claude-3-opus", "openai/gpt-4o") == ""
    assert family_warning("cosine", "openai/gpt-4o") == ""
    assert family_warning("openai/gpt-4o", "extractive") == ""
