"""The chat on the sample collection, once a run, and tabs of a Chromium on it."""

import pytest
from driver import CHROMIUM, Tab, needs_chromium, running_chat


@pytest.fixture(scope="session")
def home(tmp_path_factory):
    """The folder of all collections of this test run; the sample is built there once."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def chat(tmp_path_factory, home):
    """A chat on the sample collection."""
    needs_chromium()
    with running_chat(tmp_path_factory.mktemp("chat"), home) as running:
        yield running


@pytest.fixture(scope="module")  # not session: its event loop must not outlive the page tests
def browser():
    """Chromium without a window."""
    needs_chromium()
    playwright = pytest.importorskip("playwright.sync_api", reason="needs the package playwright")
    with playwright.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def open_tab(browser):
    """Opens a chat in a fresh profile; at the end, no tab may have left this machine or complained."""
    opened = []

    def open_one(url, width=1280, height=800, **options):
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        context.set_default_timeout(20_000)
        tab = Tab(context.new_page())
        opened.append((context, tab))
        context.on("request", lambda request: tab.note(request.url))
        tab.page.on("websocket", lambda opened_socket: tab.note(opened_socket.url))
        tab.page.on("console", lambda said: said.type == "error" and tab.problems.append(said.text))
        tab.page.on("pageerror", lambda error: tab.problems.append(str(error)))
        tab.page.goto(url)
        tab.page.wait_for_selector("#chat-input")
        return tab

    yield open_one
    for context, tab in opened:
        context.close()
        assert tab.foreign == []
        assert tab.problems == []
