"""What a question may cost: counted, refused before a call, cut off during one."""

import asyncio
from dataclasses import replace

import pytest
from fakes import ScriptedModel
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import BudgetExceeded, ModelUnavailable
from rag.models.budget import Budget, MeteredModel, Spending
from rag.models.language_model import Completion, Message, Request, Usage

REQUEST = Request((Message("user", "why?"),), "test/1")


def costing(usd, *, cached=False):
    return Completion("ok", "m", Usage(1, 10, 5, usd), cached=cached)


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def test_replies_add_up_and_kept_ones_count_so_that_asking_again_goes_the_same_way():
    spending = Spending(Budget(1, 60))
    for completion in (costing(0.25), costing(0.5, cached=True)):
        spending.add(completion)
    assert spending.usage == Usage(2, 20, 10, 0.75)
    spending.require(0.25)
    with pytest.raises(BudgetExceeded):
        spending.require(0.26)


def test_a_call_that_could_go_over_the_limit_is_refused_with_the_setting():
    spending = Spending(Budget(0.1, 60))
    spending.add(costing(0.07))
    spending.require(0.03)
    with pytest.raises(BudgetExceeded, match=r"\$0\.0700.*\$0\.0400.*\$0\.1000.*PINCITE_MODEL__BUDGET_USD"):
        spending.require(0.04)


def test_models_without_a_price_may_be_asked_without_any_money():
    spending = Spending(Budget(0, 60))
    spending.add(costing(0))
    spending.require(0)
    assert spending.affords(0)
    assert not spending.affords(0.001)


@given(st.floats(0, 1000), st.floats(0.01, 1000))
def test_the_seconds_left_fall_with_the_clock_and_never_below_zero(passed, seconds):
    clock = Clock()
    spending = Spending(Budget(1, seconds), clock)
    clock.now += passed
    assert spending.seconds_left() == pytest.approx(max(0, seconds - passed), abs=1e-6)


def test_when_the_time_is_up_no_call_starts():
    clock = Clock()
    spending = Spending(Budget(1, 60), clock)
    clock.now += 60
    with pytest.raises(BudgetExceeded, match=r"60 seconds.*PINCITE_MODEL__BUDGET_S"):
        spending.require(0)


async def test_a_metered_model_counts_and_refuses_what_a_long_reply_would_make_too_dear():
    inner = ScriptedModel(lambda _: costing(0.03))
    spending = Spending(Budget(0.1, 60))
    model = MeteredModel(inner, spending, lambda prompt, reply: 0.001 * prompt + 0.0001 * reply, len)
    assert model.affords(replace(REQUEST, max_tokens=960))
    assert not model.affords(replace(REQUEST, max_tokens=961))
    cheap = replace(REQUEST, max_tokens=360)  # at most 0.04 with the four signs of the question
    await model.complete(cheap)
    await model.complete(cheap)
    await model.complete(replace(cheap, max_tokens=350))
    with pytest.raises(BudgetExceeded):
        await model.complete(cheap)
    assert len(inner.requests) == 3
    assert spending.usage.cost_usd <= 0.1


async def test_a_call_is_cut_off_when_the_time_of_the_question_is_up():
    class Slow(ScriptedModel):
        async def complete(self, request, on_text=None):
            await asyncio.sleep(5)

    with pytest.raises(BudgetExceeded, match=r"0\.05 seconds"):
        await MeteredModel(Slow(), Spending(Budget(1, 0.05))).complete(REQUEST)


async def test_errors_of_the_model_pass_and_it_stays_open():
    inner = ScriptedModel([ModelUnavailable("down")])
    model = MeteredModel(inner, Spending(Budget(1, 60)))
    with pytest.raises(ModelUnavailable):
        await model.complete(REQUEST)
    await model.close()
    assert not inner.closed
    assert (model.name, model.context_tokens) == (inner.name, inner.context_tokens)
