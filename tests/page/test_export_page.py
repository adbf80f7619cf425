"""The Export button in a real Chromium: a click gives files, and these are what the command line writes."""

import json
from pathlib import Path

import pytest

pytestmark = pytest.mark.page

QUESTION = "Which papers do KV cache compression?"
SUFFIXES = [".md", ".bib", ".ris", ".csv", ".json"]


def exported(tab, answer):
    """The text of every file that a click on Export under an answer offers, by its suffix."""
    tab.page.locator("button:has-text('Export')").last.click()
    links = tab.page.locator("[data-step-type=assistant_message]").last.locator("a[download]")
    links.nth(len(SUFFIXES) - 1).wait_for()
    found = {}
    for link in links.all():
        with tab.page.expect_download() as started:
            link.click()
        found[Path(started.value.suggested_filename).suffix] = Path(started.value.path()).read_text()
    return found


def test_an_answer_is_downloaded_in_every_form_and_each_chat_keeps_its_own(chat, open_tab):
    tab = open_tab(chat.url)
    answer = tab.ask(QUESTION)
    files = exported(tab, answer)
    tab.screenshot("export")
    assert list(files) == SUFFIXES
    assert files[".md"].startswith(f"# {QUESTION}\n")
    titles = [each["title"] for each in json.loads(files[".json"])]
    assert any(title.startswith("ClusterKV") for title in titles)
    assert files[".bib"].count("\n@") + 1 == files[".ris"].count("ER  -") == len(titles)
    assert all(title in answer.inner_text() for title in titles)
