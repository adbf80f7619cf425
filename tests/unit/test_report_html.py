"""The page of a report as text: it loads nothing, runs nothing, and shows untrusted text as text."""

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest
from reported import EVIL, baseline, contents, with_gaps, worse

from evals.report import page
from evals.report.page import glance, html
from evals.report.wording import sanitize

BEFORE = baseline()
LOADING = {"script", "img", "iframe", "link", "object", "embed", "video", "audio", "source", "base", "form"}


class Elements(HTMLParser):
    """Tags with their attributes, and all text."""

    def __init__(self, text):
        super().__init__()
        self.tags = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.text += data


@pytest.fixture(scope="module")
def evil():
    return html(contents(worse(question=EVIL), BEFORE))


@pytest.fixture
def plain(monkeypatch):
    """As where matplotlib is not installed."""
    monkeypatch.setattr(page, "available", lambda: False)


def test_untrusted_text_makes_no_element_and_is_shown(evil):
    found = Elements(evil)
    assert not {tag for tag, _ in found.tags} & LOADING
    assert sanitize(EVIL) in found.text
    assert "49" not in re.findall(r"\{\{.*?\}\}|\b49\b", found.text), "templates in text stay text"


def test_the_page_refers_to_nothing_outside_itself(evil):
    for _, attributes in Elements(evil).tags:
        assert not {"src", "srcset", "style", "data"} & set(attributes)
        assert not [name for name in attributes if name.startswith("on")]
        for name in ("href", "xlink:href"):
            assert (attributes.get(name) or "#").startswith("#")
    style = re.search(r"<style>(.*?)</style>", evil, re.DOTALL)[1]
    assert "url(" not in style
    assert "@import" not in style


def test_the_policy_allows_this_style_sheet_and_nothing_else(evil):
    policy = next(a["content"] for tag, a in Elements(evil).tags if tag == "meta" and "http-equiv" in a)
    style = re.search(r"<style>(.*?)</style>", evil, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def test_the_page_is_utf8_whatever_a_question_holds(evil):
    evil.encode()
    assert "\x1b" not in evil
    assert "\u202e" not in evil


def test_without_matplotlib_the_tables_stand_and_it_says_what_draws_plots(plain):
    text = html(contents(worse(), BEFORE))
    assert "<svg" not in text
    assert "pincite[evals]" in text
    assert "fact match" in text


def test_the_same_run_gives_the_same_page():
    found = contents(worse(), BEFORE)
    assert html(found) == html(found)


def test_ids_are_unique():
    pytest.importorskip("matplotlib")
    ids = [a["id"] for _, a in Elements(html(contents(worse(), BEFORE))).tags if "id" in a]
    assert len(ids) == len(set(ids))


def test_plots_take_their_colours_from_the_page():
    pytest.importorskip("matplotlib")
    text = html(contents(worse(), BEFORE))
    svg = "".join(re.findall(r"<svg.*?</svg>", text, re.DOTALL))
    assert "var(--bad)" in svg
    assert not re.findall(r"#[0-9a-f]{6}\b", svg)
    assert "<style" not in svg
    labels = re.findall(r'aria-label="([^"]+)"', svg)
    assert "Reliability diagram of cosine" in labels
    assert len(labels) == 4


def test_measures_come_with_interval_margin_and_detectable_effect(plain):
    found = Elements(html(contents(worse(), BEFORE)))
    line = re.search(r"fact match\s*every asked fact is stated.*?worse", " ".join(found.text.split()))[0]
    figures = (
        r"0\.5000\.\d{3} to 0\.\d{3} 1\.000 -0\.500-0\.\d{3} to -0\.\d{3} 0\.\d{3} 0\.080 40 of 40 worse"
    )
    assert re.search(figures, line), line


def test_a_sentence_that_only_one_answer_has_is_marked(plain):
    text = html(contents(worse(), BEFORE))
    assert '<li class="only"><bdi>Lantern exists.</bdi>' in text
    assert '<li class="only"><bdi>Lantern shrinks the cache by 8.5 times.</bdi>' in text
    assert "<blockquote><bdi>Lantern is a method.</bdi><cite><bdi>Lantern: Small Caches</bdi></cite>" in text


def test_costs_are_shown_where_a_model_was_paid(plain):
    paid, free = html(contents(with_gaps())), html(contents(worse()))
    assert "$0.2500" in paid
    assert "1,200" in paid
    assert "No language model was asked" in free
    assert "No language model was asked" not in paid


def test_missing_scores_failed_cases_and_doubted_sentences_are_listed(plain):
    text = " ".join(Elements(html(contents(with_gaps()))).text.split())
    assert "2 scores are missing; none of them counts as a number" in text
    assert "ModelTimeout: 60 s" in text
    assert "1 sentence that it did not find supported" in text
    assert "Lantern doubles the cache." in text


def test_an_unqualified_judge_is_called_so_with_the_reason(plain):
    found = contents(worse(), BEFORE, why_not=lambda _: "it fell <short>")
    text = html(found)
    assert "not qualified" in text
    assert "it fell &lt;short&gt;" in text
    assert "No judge has sat the exam" in html(contents(worse(), exams=()))


def test_first_figures_say_what_held_and_what_was_lost():
    found = dict(glance(contents(worse(), BEFORE)))
    assert found["cases that changed"] == "20"
    assert found["cases that lost"] == "20"
    assert found["gates that hold"] == "0 of 1"
    assert "tokens" not in found
    assert dict(glance(contents(with_gaps())))["cost"] == "$0.2500"


def test_more_cases_than_a_page_holds_are_counted(plain, monkeypatch):
    monkeypatch.setattr(page, "FLIPS", 3)
    assert "17 more are in the JSON form" in html(contents(worse(), BEFORE))
