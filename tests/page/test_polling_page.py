"""The chat in a real Chromium, on a network that lets no WebSocket through and on one that does."""

import pytest

pytestmark = pytest.mark.page

QUESTION = "Which papers do KV cache compression?"
NO_WEBSOCKETS = """window.WebSocket = class {
  constructor() {
    setTimeout(() => {
      this.onerror?.(new Event("error"));
      this.onclose?.(new CloseEvent("close", {code: 1006}));
    });
  }
  close() {}
};"""


def test_a_page_without_websockets_has_its_questions_answered(chat, open_tab):
    tab = open_tab(chat.url)
    tab.page.add_init_script(NO_WEBSOCKETS)
    tab.page.reload()
    tab.page.wait_for_selector("#chat-input")
    with tab.page.expect_request(is_posted_question):
        assert "ClusterKV: Manipulating LLM KV Cache" in tab.ask(QUESTION).inner_text()


def is_posted_question(request):
    return "transport=polling" in request.url and QUESTION in (request.post_data or "")


def test_a_page_with_websockets_goes_over_to_one_and_has_nothing_refused(chat, open_tab):
    before = chat.log
    tab = open_tab(chat.url)
    with tab.page.expect_websocket() as opened, opened.value.expect_event("framereceived"):
        pass
    assert "ClusterKV: Manipulating LLM KV Cache" in tab.ask(QUESTION).inner_text()
    assert not opened.value.is_closed()
    assert "refused" not in chat.log.removeprefix(before)
