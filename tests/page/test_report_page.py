"""The page of a report in a real Chromium: it asks for nothing, runs nothing, and is legible everywhere."""

import pytest
from driver import OUTPUT
from reported import EVIL, baseline, contents, worse

from evals.report.page import html
from evals.report.wording import sanitize

pytestmark = pytest.mark.page

PHONE, DESK = (390, 844), (1280, 900)
LEAST_CONTRAST = 4.5
"""WCAG 2.2 AA for text."""

CONTRASTS = """() => {
  const probe = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgba = colour => {
    probe.clearRect(0, 0, 1, 1); probe.fillStyle = colour; probe.fillRect(0, 0, 1, 1);
    return [...probe.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => [r, g, b].map(c => c / 255)
    .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = element => {
    for (let e = element; e; e = e.parentElement) {
      const found = rgba(getComputedStyle(e).backgroundColor);
      if (found[3] === 255) return found;
    }
    return [255, 255, 255, 255];
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement, text = texts.currentNode.data.trim();
    if (!text || !element.checkVisibility() || element.closest('style, defs, title')) continue;
    const style = getComputedStyle(element), svg = element.closest('svg');
    const colour = rgba(svg ? style.fill : style.color);
    const [a, b] = [light(colour), light(behind(element))].sort((x, y) => y - x);
    const turned = svg && element.getScreenCTM(), scale = svg ? Math.hypot(turned.a, turned.b) : 1;
    found.push([text.slice(0, 40), (a + 0.05) / (b + 0.05), parseFloat(style.fontSize) * scale]);
  }
  return found;
}"""


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """A report on a run that got worse, with a question that would act on its reader."""
    pytest.importorskip("matplotlib")
    place = tmp_path_factory.mktemp("report") / "report.html"
    place.write_text(html(contents(worse(question=EVIL), baseline())), "utf-8")
    return place


@pytest.fixture
def opened(browser, file):
    """Opens the report in a fresh, offline profile; it may ask for nothing else and complain of nothing."""
    contexts, requests, problems = [], [], []

    def open_one(size, scheme="light"):
        context = browser.new_context(
            viewport=dict(zip(("width", "height"), size, strict=True)), color_scheme=scheme, offline=True
        )
        contexts.append(context)
        context.on("request", lambda request: requests.append(request.url))
        page = context.new_page()
        page.on("console", lambda said: problems.append(said.text))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(file.as_uri())
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert set(requests) == {file.as_uri()}
    assert problems == []


def shoot(page, name):
    OUTPUT.mkdir(exist_ok=True)
    page.screenshot(path=OUTPUT / f"{name}.png", full_page=True)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_every_text_is_legible_and_nothing_runs_off_the_side(opened, size, scheme):
    page = opened(size, scheme)
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    shoot(page, f"report-{scheme}-{size[0]}")
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    texts = page.evaluate(CONTRASTS)
    assert len(texts) > 300
    assert [text for text in texts if text[1] < LEAST_CONTRAST] == []
    assert min(size for _, _, size in texts) >= 10


def test_text_of_others_is_shown_and_does_nothing(opened):
    page = opened(DESK)
    assert page.evaluate("typeof pwned") == "undefined"
    assert page.locator("img, script, iframe").count() == 0
    shown = page.locator(".flip .question").first.inner_text()
    assert " ".join(shown.split()).endswith(" ".join(sanitize(EVIL).split()))


def test_the_conclusion_is_the_first_thing_to_be_seen(opened):
    page = opened(PHONE)
    heading = page.get_by_role("heading", level=1)
    assert "Something got worse" in heading.inner_text()
    assert heading.bounding_box()["y"] < 150


def test_answers_stand_side_by_side_and_on_a_phone_below_each_other(opened):
    for size, beside in ((DESK, True), (PHONE, False)):
        page = opened(size)
        before, after = (side.bounding_box() for side in page.locator(".flip[open] .beside > div").all())
        assert (before["y"] == after["y"]) == beside
        assert (before["x"] == after["x"]) != beside
        assert "8.5 times" in page.locator(".flip[open] .beside > div").first.inner_text()


def test_a_case_opens_and_closes_without_a_script(opened):
    page = opened(DESK)
    second = page.locator("details.flip").nth(1)
    assert second.get_attribute("open") is None
    second.locator("summary").click()
    assert second.locator(".beside").is_visible()


def test_plots_follow_the_colour_scheme(opened):
    inks = set()
    for scheme in ("light", "dark"):
        page = opened(DESK, scheme)
        label = page.locator("figure svg text", has_text="fact match").first
        inks.add(label.evaluate("element => getComputedStyle(element).fill"))
        assert page.get_by_role("img").count() == 4
    assert len(inks) == 2
