"""The chat in a real Chromium: what a reader sees and clicks, and what the page must never do."""

import re
import subprocess
import sys
import urllib.error
import urllib.request
from urllib.parse import parse_qs, urlencode

import pytest
from driver import environment, words

pytestmark = pytest.mark.page

QUESTION = "Which papers do KV cache compression?"
CITATION = "a[href^='#source?']"


def highlighted(tab):
    """Texts of the highlight and of the whole abstract in the open source panel."""
    tab.page.wait_for_selector("#source mark")
    return tab.page.inner_text("#source mark"), tab.page.text_content(".source-abstract")


def test_a_citation_opens_the_abstract_beside_the_chat_with_its_quote_highlighted(chat, open_tab):
    tab = open_tab(chat.url)
    answer = tab.ask(QUESTION)
    assert "ClusterKV: Manipulating LLM KV Cache" in answer.inner_text()
    assert "Quest: Query-Aware Sparsity" in answer.inner_text()
    assert not tab.page.locator("#source").is_visible()
    for citation in answer.locator(CITATION).all():
        citation.click()
        tab.page.wait_for_selector(f"#source .source-label:text-is('Source {citation.inner_text()}')")
        quote, abstract = highlighted(tab)
        place = parse_qs(citation.get_attribute("href").removeprefix("#source?"))
        assert words(quote) in words(answer.inner_text())
        assert words(abstract[int(place["start"][0]) : int(place["end"][0])]) == words(quote)
        assert citation.get_attribute("title") == tab.page.inner_text("#source h2")
    answer.locator(CITATION).first.click()
    tab.screenshot("chat")


def test_a_follow_up_says_what_it_was_read_as_and_can_be_asked_as_typed(chat, open_tab):
    tab = open_tab(chat.url)
    tab.ask(QUESTION)
    answer = tab.ask("Which of them groups tokens into semantic clusters?")
    assert "Read as: “Which of ClusterKV, " in answer.inner_text()
    answer = tab.ask("And how much faster does the other one make self-attention?")
    assert "Read as: “How much faster does Quest make self-attention?”" in answer.inner_text()
    assert "2.23x" in answer.inner_text()
    tab.screenshot("conversation")
    answers = tab.page.locator("[data-step-type=assistant_message]")
    before = answers.count()
    answer.get_by_role("button", name="Ask as typed").click()
    again = answers.nth(before)
    again.locator("h6").wait_for()
    assert "Read as" not in again.inner_text()
    asked = tab.page.locator("[data-step-type=user_message]")
    assert asked.last.inner_text().strip() == "And how much faster does the other one make self-attention?"


def test_the_rewritten_question_goes_into_the_box_to_be_changed_and_asked(chat, open_tab):
    tab = open_tab(chat.url)
    tab.ask(QUESTION)
    answer = tab.ask("And how fast is the first one?")
    read_as = re.search("Read as: “(.+?)” Edit", words(answer.inner_text()))[1]
    answer.get_by_role("link", name="Edit").click()
    assert tab.page.input_value("#chat-input") == read_as
    assert tab.page.evaluate("document.activeElement.id") == "chat-input"
    tab.page.fill("#chat-input", "")
    answer.get_by_role("link", name="Edit").click()
    tab.page.keyboard.type(" Say it in numbers.")
    tab.screenshot("edited")
    tab.page.keyboard.press("Enter")
    asked = tab.page.locator("[data-step-type=user_message]").last
    asked.get_by_text(f"{read_as} Say it in numbers.").wait_for()


def test_a_nearest_paper_opens_its_abstract_and_that_leads_to_similar_ones(chat, open_tab):
    tab = open_tab(chat.url)
    answer = tab.ask("Who are the authors of the Quest paper?")
    title = answer.locator("a[href^='#paper?']").first
    name = title.inner_text()
    title.click()
    tab.page.wait_for_selector("#source .source-abstract")
    assert tab.page.inner_text("#source h2") == name
    assert tab.page.locator("#source mark").count() == 0
    tab.page.get_by_role("button", name="Find similar").click()
    similar = tab.page.locator("#source li a")
    similar.first.wait_for()
    names = similar.all_inner_texts()
    assert len(names) == len(set(names)) == 5
    assert name not in names
    tab.screenshot("similar")
    similar.first.click()
    tab.page.wait_for_function(
        "name => document.querySelector('#source h2').textContent === name", arg=names[0]
    )
    tab.page.keyboard.press("Escape")
    assert title.evaluate("link => link === document.activeElement")


def test_a_new_chat_knows_nothing_of_the_one_before(chat, open_tab):
    open_tab(chat.url).ask(QUESTION)
    answer = open_tab(chat.url).ask("How fast is the second one?")
    assert "Read as" not in answer.inner_text()


def test_on_a_phone_all_is_readable_and_the_source_lies_over_the_chat(chat, open_tab):
    tab = open_tab(chat.url, 390, 844, has_touch=True, is_mobile=True)
    tab.screenshot("welcome-phone")
    answer = tab.ask(QUESTION)
    tab.screenshot("answer-phone")
    assert not tab.page.locator("#source").is_visible()
    answer.locator(CITATION).first.tap()
    quote, abstract = highlighted(tab)
    assert quote in abstract
    assert tab.page.locator("#source mark").bounding_box()["width"] <= 390
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= 390
    tab.screenshot("chat-phone")
    tab.page.tap("[data-step-type=user_message]", position={"x": 5, "y": 5}, force=True)
    assert not tab.page.locator("#source").is_visible()


def test_escape_closes_the_source_and_returns_to_its_citation(chat, open_tab):
    tab = open_tab(chat.url, color_scheme="dark")
    citation = tab.ask(QUESTION).locator(CITATION).first
    citation.press("Enter")
    highlighted(tab)
    tab.screenshot("chat-dark")
    tab.page.keyboard.press("Escape")
    assert not tab.page.locator("#source").is_visible()
    assert citation.evaluate("link => link === document.activeElement")


def test_the_welcome_counts_the_papers_and_a_starter_asks_its_question(chat, open_tab):
    tab = open_tab(chat.url)
    assert "231 papers" in tab.page.inner_text("#welcome-screen")
    tab.screenshot("welcome")
    tab.page.get_by_text("What accuracy does the smallest xFinder model reach").click()
    answer = tab.page.locator("[data-step-type=assistant_message]")
    answer.locator("h6").wait_for()
    assert "93.42%" in answer.inner_text()
    assert "74.38%" in answer.inner_text()
    tab.screenshot("fact")


def test_an_empty_question_cannot_be_sent(chat, open_tab):
    tab = open_tab(chat.url)
    for nothing in ("", "   ", "\n"):
        tab.page.fill("#chat-input", nothing)
        tab.page.press("#chat-input", "Enter")
        assert tab.page.locator("#chat-submit").is_disabled()
    assert tab.page.locator("[data-step-type]").count() == 0


def test_a_bad_question_gets_one_line_and_the_conversation_goes_on(chat, open_tab):
    tab = open_tab(chat.url)
    complaint = tab.ask("why " * 25_000).inner_text().strip()
    assert "\n" not in complaint
    assert "Something went wrong" not in complaint
    assert "Judged" in tab.ask(QUESTION).inner_text()


def test_a_question_is_shown_as_it_was_typed(chat, open_tab):
    tab = open_tab(chat.url)
    question = "<b>who</b> **won** ![x](http://evil.example/q.png) the :cup in https://evil.example?"
    tab.ask(question)
    asked = tab.page.locator("[data-step-type=user_message]")
    assert asked.inner_text().strip() == question
    assert asked.locator("a, img, b, strong").count() == 0


def test_a_question_the_collection_cannot_answer_is_declined_without_citations(chat, open_tab):
    tab = open_tab(chat.url)
    answer = tab.ask("Who won the 2022 World Cup?")
    assert answer.locator(CITATION).count() == 0
    tab.screenshot("abstained")


def test_an_unknown_place_is_named_in_the_panel_and_not_found_by_the_server(chat, open_tab):
    where = urlencode({"paper": "no such", "start": 0, "end": 5})
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{chat.url}/source?{where}", timeout=10)
    tab = open_tab(chat.url)
    tab.page.evaluate("where => { location.hash = 'source?' + where; }", where)
    tab.page.reload()
    assert "no paper 'no such'" in tab.page.inner_text("#source [role=alert]")
    tab.problems.clear()  # the 404 itself, which Chromium reports as an error of the page


def test_the_chat_imports_no_llm_library(tmp_path):
    code = "import sys, ui.chat.app; print({'litellm', 'llama_index', 'openai'} & set(sys.modules))"
    own = {**environment(), "CHAINLIT_APP_ROOT": str(tmp_path)}
    ran = subprocess.run(
        [sys.executable, "-c", code], env=own, capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert ran.stdout.strip() == "set()"


def test_a_comparison_is_a_table_whose_cells_open_their_quotes(chat, open_tab):
    for width, height in ((1280, 800), (390, 844)):
        tab = open_tab(chat.url, width, height)
        answer = tab.ask("Compare PRP with FIRST for reranking.")
        table = answer.locator("table")
        assert table.count() == 1
        assert "not stated in the abstract" in table.inner_text()
        assert table.locator("th").count() == 3
        tab.screenshot(f"comparison-{width}")
        assert tab.page.evaluate("document.documentElement.scrollWidth") <= width
        citation = table.locator(CITATION).last
        citation.scroll_into_view_if_needed()
        citation.click()
        quote, abstract = highlighted(tab)
        assert quote in abstract
