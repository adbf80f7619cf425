"""What providers do wrong ends in the right error with one clear line, or in a reply by retry or fallback."""

import asyncio
import logging
import time

import pytest
import scripted_model as server_says
from opened_models import asked, at
from scripted_model import Reply, ScriptedServer

from rag.build import load_settings, reranking_usd
from rag.errors import (
    BadCompletion,
    ConfigError,
    ContextTooLong,
    ModelRateLimited,
    ModelRejected,
    ModelTimeout,
    ModelUnavailable,
)
from rag.models.llm import litellm_model
from rag.models.llm.litellm_model import LitellmModel
from rag.models.llm.providers import most_usd
from rag.settings import ModelSettings


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch):
    monkeypatch.setattr(litellm_model, "FIRST_PAUSE_S", 0.01)
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "OPENAI_API_BASE", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def server():
    with ScriptedServer() as server:
        yield server


# --- each fault by itself: what is raised, what is said, how often it was asked --------------------

FAULTS = {
    "rate limit": (server_says.rate_limited(), ModelRateLimited, "slow down", 3),
    "long rate limit": (server_says.rate_limited(1000), ModelRateLimited, "slow down", 1),
    "no quota": (server_says.no_quota(), ModelRejected, "check your billing", 1),
    "payment required": (server_says.no_quota(402), ModelRejected, "check your billing", 1),
    "500": (server_says.server_error(), ModelUnavailable, "server had an error", 3),
    "503": (server_says.server_error(503), ModelUnavailable, "server had an error", 3),
    "web page": (server_says.html(), BadCompletion, "web page.*PINCITE_MODEL__API_BASE", 1),
    "half a body": (server_says.half_json(), BadCompletion, "without text", 1),
    "broken stream": (server_says.dropped("one two three", 2), ModelUnavailable, "broke off", 3),
    "stream broken at once": (server_says.dropped("one", 0), ModelUnavailable, "gpt-4o-mini", 3),
    "content filter": (server_says.refusal(), ModelRejected, "declined to answer", 1),
    "wrong key": (server_says.unauthorized(), ModelRejected, "Incorrect API key", 1),
    "too long": (server_says.too_long(), ContextTooLong, "maximum context length", 1),
    "empty": (Reply(""), BadCompletion, "without text", 1),
    "only blanks": (Reply(" \n \t "), BadCompletion, "without text", 1),
    "not found": (server_says.problem(404, "no such model"), ModelRejected, "no such model", 1),
    "forbidden": (server_says.problem(403, "not for you"), ModelRejected, "not for you", 1),
    "not JSON": (Reply(status=502, body=b"<html>Bad Gateway</html>"), ModelUnavailable, "Bad Gateway", 3),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_each_fault_has_its_error_and_one_line(server, fault):
    reply, error, said, tries = FAULTS[fault]
    server.says(lambda _: reply)
    with pytest.raises(error, match=said) as caught:
        await at(server.url).complete(asked())
    assert type(caught.value) is error
    assert "'openai/gpt-4o-mini'" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "litellm" not in str(caught.value)
    assert len(server.requests) == tries


@pytest.mark.parametrize("fault", FAULTS)
async def test_each_fault_is_mended_by_a_fallback(server, caplog, fault):
    reply = FAULTS[fault][0]
    server.says(lambda request: reply if request["model"] == "gpt-4o-mini" else "from the other")
    with caplog.at_level(logging.WARNING, "rag.models.llm.litellm_model"):
        completion = await at(server.url, fallbacks=("openai/other",)).complete(asked())
        assert (completion.text, completion.model) == ("from the other", "openai/other")
    assert "asking the next model" in caplog.text


PASSING = [fault for fault, (*_, tries) in FAULTS.items() if tries == 3]


@pytest.mark.parametrize("fault", PASSING)
async def test_a_fault_that_passes_is_mended_by_trying_again(server, fault):
    server.says([FAULTS[fault][0], FAULTS[fault][0], "at last"])
    assert (await at(server.url).complete(asked())).text == "at last"


# --- time and pauses -------------------------------------------------------------------------------


async def test_the_pause_a_provider_asks_for_is_kept(server):
    server.says([server_says.rate_limited(0.4), "ok"])
    start = time.monotonic()
    await at(server.url).complete(asked())
    assert time.monotonic() - start >= 0.4


async def test_nobody_listening_is_unavailable():
    with pytest.raises(ModelUnavailable, match="onnect"):
        await at(server_says.refused_url()).complete(asked())


@pytest.mark.parametrize("reply", [server_says.slow("late", 3), Reply("one two three " * 50, piece_s=0.1)])
async def test_a_slow_reply_is_cut_off_at_the_limit_of_the_whole_call(server, reply):
    server.says(lambda _: reply)
    start = time.monotonic()
    with pytest.raises(ModelTimeout, match="did not answer in time"):
        await at(server.url, timeout_s=0.5).complete(asked())
    assert time.monotonic() - start < 2


async def test_no_more_calls_run_at_once_than_are_allowed(server):
    running, most = [], []
    model = at(server.url, concurrency=2)

    def reply(_request):
        running.append(1)
        most.append(len(running))
        return Reply("ok", delay_s=0.05)

    async def call():
        await model.complete(asked())
        running.pop()

    server.says(reply)
    await asyncio.gather(*(call() for _ in range(6)))
    assert max(most) == 2


# --- endless replies --------------------------------------------------------------------------------


@pytest.mark.parametrize("reply", [Reply("word " * 50_000, usage=None), server_says.endless()])
async def test_a_server_that_ignores_the_limit_is_cut_off_at_about_twice_of_it(server, reply):
    server.says(lambda _: reply)
    completion = await at(server.url).complete(asked(max_tokens=50))
    assert completion.cut
    assert 50 <= completion.usage.completion_tokens <= 110
    await asyncio.sleep(0.2)
    sent = server.words
    await asyncio.sleep(0.2)
    assert server.words == sent  # the connection is closed


# --- what was shown cannot be taken back ------------------------------------------------------------


async def test_after_the_first_text_was_passed_on_nothing_is_tried_again(server):
    server.says([server_says.dropped("one two three", 2), "once more"])
    pieces = []
    with pytest.raises(ModelUnavailable):
        await at(server.url, fallbacks=("openai/other",)).complete(asked(), pieces.append)
    assert "".join(pieces) == "one two "
    assert len(server.requests) == 1


async def test_blanks_alone_are_not_shown_so_a_fallback_may_follow(server):
    server.says([Reply(" \n "), Reply("\n Yes. \n")])
    pieces = []
    completion = await at(server.url, fallbacks=("openai/other",)).complete(asked(), pieces.append)
    assert "".join(pieces) == completion.text == "\n Yes. \n"


# --- schemas ----------------------------------------------------------------------------------------

SCHEMA = {"type": "object", "properties": {}, "additionalProperties": False}


@pytest.mark.parametrize(("name", "takes"), [("openai/gpt-4o-mini", True), ("openai/unheard-of", False)])
async def test_a_schema_goes_to_a_model_that_takes_one_and_to_no_other(server, name, takes):
    server.says(["{}"])
    await at(server.url, name=name).complete(asked(schema=SCHEMA))
    sent = server.requests[0].get("response_format")
    assert (sent["json_schema"]["schema"] if sent else None) == (SCHEMA if takes else None)


async def test_where_the_schema_is_refused_it_is_asked_once_without_and_remembered(server):
    server.says(lambda request: server_says.schema_refused() if "response_format" in request else "{}")
    model = at(server.url)
    assert (await model.complete(asked(schema=SCHEMA))).text == "{}"
    assert ["response_format" in request for request in server.requests] == [True, False]
    await model.complete(asked(schema=SCHEMA))
    assert "response_format" not in server.requests[2]


# --- keys, addresses, prices ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "variable"), [("openai/gpt-4o-mini", "OPENAI"), ("anthropic/x", "ANTHROPIC")]
)
async def test_a_missing_key_is_named_before_anything_is_sent(name, variable):
    with pytest.raises(ModelRejected, match=f"set the environment variable {variable}_API_KEY"):
        await LitellmModel(ModelSettings(name=name)).complete(asked())


@pytest.mark.parametrize("wrong", [{"name": "nonsense"}, {"name": "openai/x", "fallbacks": ("nonsense",)}])
def test_a_model_string_of_no_provider_is_refused_before_anything_is_asked(wrong):
    with pytest.raises(ConfigError, match=f"model__{list(wrong)[-1]}' = 'nonsense'"):
        LitellmModel(ModelSettings(**wrong))


async def test_key_and_address_go_to_fallbacks_of_the_same_provider_only(server):
    server.says([server_says.unauthorized()])
    with pytest.raises(ModelRejected, match="ANTHROPIC_API_KEY"):
        await at(server.url, fallbacks=("anthropic/x",)).complete(asked())
    assert len(server.requests) == 1


async def test_the_request_says_what_was_asked_and_half_a_character_is_no_error(server):
    server.says(["ok"])
    await at(server.url).complete(asked("why \ud83d?", max_tokens=77, temperature=0.5, seed=3))
    sent = server.requests[0]
    assert (sent["max_tokens"], sent["temperature"], sent["seed"]) == (77, 0.5, 3)
    assert sent["messages"][-1] == {"role": "user", "content": "why ??"}
    assert "tools" not in sent


async def test_what_the_provider_counts_is_counted_and_priced(server):
    server.says([Reply("ok", usage=(1_000_000, 1000))])
    usage = (await at(server.url).complete(asked())).usage
    assert (usage.prompt_tokens, usage.completion_tokens) == (1_000_000, 1000)
    assert usage.cost_usd == pytest.approx(0.15 + 0.0006)


async def test_what_nobody_counts_is_counted_here_and_what_has_no_price_costs_nothing(server):
    server.says([Reply("three little words", usage=None)])
    usage = (await at(server.url, name="openai/unheard-of").complete(asked())).usage
    assert usage.completion_tokens == 3
    assert usage.prompt_tokens > 3
    assert usage.cost_usd == 0


def test_the_context_is_as_set_else_as_listed_else_8192():
    def context(**options):
        return LitellmModel(ModelSettings(**options)).context_tokens

    assert context(name="openai/gpt-4o-mini") == 128_000
    assert context(name="openai/gpt-4o-mini", context_tokens=4000) == 4000
    assert context(name="openai/unheard-of") == 8192
    assert context(name="local/x.gguf", context_tokens=1_000_000) == 8192


def test_the_dearest_of_the_models_decides_what_a_call_may_cost():
    cheap, dear = "openai/gpt-4o-mini", "openai/gpt-4o"
    prices = [most_usd(ModelSettings(name=name)) for name in (cheap, dear)]
    assert 0 < prices[0](1000, 100) < prices[1](1000, 100)
    assert most_usd(ModelSettings(name=cheap, fallbacks=(dear,)))(1000, 100) == prices[1](1000, 100)
    assert most_usd(ModelSettings(name="openai/scripted"))(1000, 100) == 0


def test_a_reranker_costs_what_it_is_listed_at_for_each_request():
    def price(**options):
        return reranking_usd(load_settings(reranker=options))

    once = price(name="litellm/cohere/rerank-v3.5")
    assert once > 0
    assert price(name="litellm/cohere/rerank-v3.5", depth=100, batch_size=50) == 2 * once
    assert price(name="litellm/cohere/of-no-price") == price(name="none") == 0


def test_two_event_loops_one_after_the_other_both_get_replies(server):
    server.says(["first", "second"])
    model = at(server.url)
    assert asyncio.run(model.complete(asked())).text == "first"
    assert asyncio.run(model.complete(asked())).text == "second"
