"""In a real Chromium: what was searched for is said, can be changed, and is left out on a click."""

import json

import driver
import pytest
from scripted_model import ScriptedServer

pytestmark = pytest.mark.page

QUESTION = "Which papers squeeze the KV cache?"
REWRITTEN = "squeeze the KV cache: compression <b>or</b> eviction"


def says(request):
    """A model that rewrites every query so and writes nothing."""
    rewrites = '"query"' in request["messages"][0]["content"]
    return json.dumps({"query": REWRITTEN} if rewrites else {"statements": []})


@pytest.fixture
def rewriting_chat(monkeypatch, tmp_path):
    """A chat on the sample collection with that model, and what the model was asked."""
    plain = driver.environment()
    with ScriptedServer(says) as server:
        options = {"NAME": "openai/scripted", "API_BASE": server.url, "API_KEY": "k", "REWRITE": "true"}
        model = {f"PINCITE_MODEL__{name}": value for name, value in options.items()}
        monkeypatch.setattr(
            driver, "environment", lambda: {**plain, **model, "PINCITE_MODEL__CACHE": "false"}
        )
        with driver.running_chat(tmp_path, tmp_path / "home") as chat:
            yield chat, server.requests


def test_what_was_searched_for_is_said_and_can_be_changed_or_left_out(rewriting_chat, open_tab):
    chat, requests = rewriting_chat
    tab = open_tab(chat.url)
    answer = tab.ask(QUESTION)
    assert f"Searched for: “{REWRITTEN}”" in answer.inner_text()
    assert answer.locator("b").count() == 0
    tab.screenshot("rewritten")
    answer.get_by_role("link", name="Edit").click()
    assert tab.page.input_value("#chat-input") == f"Which papers {REWRITTEN}?"
    assert len(requests) == 2
    answers = tab.page.locator("[data-step-type=assistant_message]")
    before = answers.count()
    answer.get_by_role("button", name="Ask as typed").click()
    again = answers.nth(before)
    again.locator("h6").wait_for()
    assert "Searched for: “" not in again.inner_text()
    assert len(requests) == 3
    assert again.get_by_role("button", name="Ask as typed").count() == 0
