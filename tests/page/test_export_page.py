"""The Export button in a real Chromium: a click gives files, and these are what the command line writes."""

import json
from pathlib import Path

import pytest

pytestmark = pytest.mark.page

QUESTION = "Which papers do KV cache compression?"
SUFFIXES = [".md", ".bib", ".ris", ".csv", ".json"]


def exported(tab):
    """The text of every file that a click on Export under the last answer offers, by its suffix."""
    tab.page.locator("button:has-text('Export')").last.click()
    links = tab.page.locator("[data-step-type=assistant_message]").last.locator("a[download]")
    links.nth(len(SUFFIXES) - 1).wait_for()
    found = {}
    for link in links.all():
        with tab.page.expect_download() as started:
            link.click()
        found[Path(started.value.suggested_filename).suffix] = Path(started.value.path()).read_text()
    return found


def test_an_answer_is_downloaded_in_every_form_with_the_papers_it_shows_and_no_other(chat, open_tab):
    tab = open_tab(chat.url, 390, 844)
    answer = tab.ask(QUESTION)
    files = exported(tab)
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= 390
    tab.screenshot("export-phone")
    assert sorted(files) == sorted(SUFFIXES)
    assert files[".md"].startswith(f"# {QUESTION}\n")
    titles = [each["title"] for each in json.loads(files[".json"])]
    assert any(title.startswith("ClusterKV") for title in titles)
    assert files[".bib"].count("\n@") + 1 == files[".ris"].count("ER  -") == len(titles)
    assert all(title in answer.inner_text() for title in titles)
