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


def test_replies_add_up_and_kept_ones_count_so_that_asking_again_goes_the_same_way():
    spending = Spending(Budget(1, 60))
    for completion in (costing(0.25), costing(0.5, cached=True)):
        spending.add(completion)
    assert spending.usage == Usage(2, 20, 10, 0.75)


@pytest.mark.parametrize(("limit", "spent", "fits", "too_much"), [(0.1, 0.07, 0.03, 0.04), (0, 0, 0, 0.001)])
def test_a_call_that_could_go_over_the_limit_is_refused_with_the_setting(limit, spent, fits, too_much):
    spending = Spending(Budget(limit, 60))
    spending.add(costing(spent))
    spending.require(fits)
    said = rf"\${spent:.4f}.*\${too_much:.4f}.*\${limit:.4f}.*PINCITE_MODEL__BUDGET_USD"
    with pytest.raises(BudgetExceeded, match=said):
        spending.require(too_much)


@given(st.floats(0, 1000), st.floats(0.01, 1000))
def test_the_seconds_left_fall_with_the_clock_and_at_zero_no_call_starts(passed, seconds):
    times = [100.0]
    spending = Spending(Budget(1, seconds), lambda: times[-1])
    times.append(100 + passed)
    assert spending.seconds_left() == pytest.approx(max(0, seconds - passed), abs=1e-6)
    times.append(100 + 2 * seconds)
    with pytest.raises(BudgetExceeded, match=r"seconds.*PINCITE_MODEL__BUDGET_S"):
        spending.require(0)


async def test_a_metered_model_counts_and_refuses_what_a_long_reply_would_make_too_dear():
    inner = ScriptedModel(lambda _: costing(0.03))
    spending = Spending(Budget(0.1, 60))
    model = MeteredModel(inner, spending, lambda prompt, reply: 0.001 * prompt + 0.0001 * reply, len)
    assert model.affords(replace(REQUEST, max_tokens=960))
    assert not model.affords(replace(REQUEST, max_tokens=961))
    cheap = replace(REQUEST, max_tokens=360)  # at most 0.04 with the four signs of the question
    for most in (360, 360, 350):
        await model.complete(replace(cheap, max_tokens=most))
    with pytest.raises(BudgetExceeded):
        await model.complete(cheap)
    assert len(inner.requests) == 3


async def test_a_call_is_cut_off_when_the_time_of_the_question_is_up():
    class Endless(ScriptedModel):
        async def complete(self, request, on_text=None):
            await asyncio.Event().wait()

    with pytest.raises(BudgetExceeded, match=r"0\.05 seconds"):
        await MeteredModel(Endless(), Spending(Budget(1, 0.05))).complete(REQUEST)


async def test_errors_of_the_model_pass_and_it_stays_open():
    inner = ScriptedModel([ModelUnavailable("down")])
    model = MeteredModel(inner, Spending(Budget(1, 60)))
    with pytest.raises(ModelUnavailable):
        await model.complete(REQUEST)
    await model.close()
    assert not inner.closed
    assert (model.name, model.context_tokens) == (inner.name, inner.context_tokens)
