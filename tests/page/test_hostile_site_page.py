"""Pages of other sites in a real Chromium, trying to read the chat and to act in it.

One has its own name point to this machine (DNS rebinding), so that for the browser the chat is its own page;
the other is served at another port of this machine. Each attack is also made by the chat's own page, where it
gets through: what is refused elsewhere is what would have worked.
"""

import contextlib
import http.server
import threading
from types import SimpleNamespace

import pytest
from driver import CHROMIUM, needs_chromium, running_chat

pytestmark = pytest.mark.page

SESSION = "5f399ec3-19c4-4233-83bf-25bd4210b9c8"
POLL = "/ws/socket.io/?EIO=4&transport=polling"
SERVED = ("/", "/healthz", "/project/settings", "/public/pincite.js", POLL)
PATHS = (*SERVED, "/source?paper=x", "/similar?paper=x", "/docs")
READ = """async ([url, options]) => {
  try {
    const answer = await fetch(url, options);
    return {status: answer.status, text: await answer.text()};
  } catch (problem) { return {status: -1, text: ""}; }
}"""
LISTEN = """url => new Promise(done => {
  const heard = [];
  const socket = new WebSocket(url);
  socket.onopen = () => heard.push("open");
  socket.onmessage = ({data}) => { heard.push(data); socket.close(); };
  socket.onclose = () => done(heard);
})"""
EMBED = """([kind, url]) => new Promise(done => {
  const element = document.createElement(kind);
  element.onload = () => done("loaded");
  element.onerror = () => done("failed");
  element[kind === "link" ? "href" : "src"] = url;
  if (kind === "link") element.rel = "stylesheet";
  document.body.append(element);
})"""
POST = """([action, fields]) => {
  const form = document.createElement("form");
  Object.assign(form, {action, method: "post", enctype: "text/plain"});
  for (const [name, value] of Object.entries(fields)) {
    const field = document.createElement("input");
    Object.assign(field, {name, value});
    form.append(field);
  }
  document.body.append(form);
  form.submit();
}"""
COOKIE = {
    "method": "POST",
    "headers": {"Content-Type": "application/json"},
    "body": f'{{"session_id": "{SESSION}"}}',
}


@pytest.fixture(scope="module")
def attacked(tmp_path_factory):
    """A chat, and the folder in which it makes its own."""
    needs_chromium()
    around = tmp_path_factory.mktemp("around")
    home = tmp_path_factory.mktemp("attacked_home")  # the other one is in use
    with contextlib.ExitStack() as stack:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("XDG_CACHE_HOME", str(around))
            running = stack.enter_context(running_chat(tmp_path_factory.mktemp("attacked"), home))
        yield SimpleNamespace(url=running.url, port=running.port, around=around, running=running)
    assert list(around.glob("pincite/chat/*")) == []


@pytest.fixture(scope="module")
def rebound_browser():
    """A Chromium for which the attacker's name stands for this machine."""
    needs_chromium()
    playwright = pytest.importorskip("playwright.sync_api", reason="needs the package playwright")
    with playwright.sync_playwright() as driver:
        flags = ["--no-sandbox", "--host-resolver-rules=MAP evil.example 127.0.0.1"]
        running = driver.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield running
        running.close()


@pytest.fixture
def page(rebound_browser):
    context = rebound_browser.new_context()
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def evil_port():
    """A web server of the attacker's on this machine: every path is an empty page."""

    class Empty(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<title>evil</title><body></body>")

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Empty) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@contextlib.contextmanager
def nothing_made(attacked):
    """No chat is opened and no file made while this lasts."""
    before = set(attacked.around.rglob("*"))
    yield
    assert set(attacked.around.rglob("*")) == before


def socket_of(url):
    return f"{url.replace('http', 'ws', 1)}/ws/socket.io/?EIO=4&transport=websocket"


def test_the_same_attempts_by_the_page_itself_succeed(attacked, page):
    page.goto(attacked.url)
    page.wait_for_selector("#chat-input")
    for path in SERVED:
        assert page.evaluate(READ, [path, {}])["status"] == 200
    assert page.evaluate(READ, ["/set-session-cookie", COOKIE])["status"] == 200
    opened, greeting = page.evaluate(LISTEN, socket_of(attacked.url))
    assert (opened, greeting[:7]) == ("open", '0{"sid"')
    assert page.evaluate(EMBED, ["script", f"{attacked.url}/public/pincite.js"]) == "loaded"


def test_a_page_whose_name_is_re_bound_to_this_machine_reads_nothing(attacked, page):
    evil = f"http://evil.example:{attacked.port}"
    refusal = "only pages of this chat may call it\n"
    with nothing_made(attacked):
        shown = page.goto(evil)
        assert (shown.status, shown.text()) == (403, refusal)
        assert "set-cookie" not in shown.all_headers()
        for path in PATHS:
            for claimed in ({}, {"X-Forwarded-Host": f"localhost:{attacked.port}"}):
                read = page.evaluate(READ, [path, {"headers": claimed}])
                assert read == {"status": 403, "text": refusal}, path
        for path in ("/set-session-cookie", "/project/action", "/project/file?session_id=x", POLL):
            assert page.evaluate(READ, [path, COOKIE]) == {"status": 403, "text": refusal}
        assert page.evaluate(LISTEN, socket_of(evil)) == []
        assert page.context.cookies() == []


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "evil.example"])
def test_a_page_of_another_origin_reads_nothing_and_makes_nothing(attacked, page, evil_port, name):
    page.goto(f"http://{name}:{evil_port}/")
    assert page.title() == "evil"
    targets = (attacked.url, f"http://localhost:{attacked.port}", f"http://evil.example:{attacked.port}")
    with nothing_made(attacked):
        for target in targets:
            for path in PATHS:
                assert page.evaluate(READ, [target + path, {}]) == {"status": -1, "text": ""}
                blind = page.evaluate(READ, [target + path, {"mode": "no-cors", "credentials": "include"}])
                assert blind in ({"status": 0, "text": ""}, {"status": -1, "text": ""})
            assert page.evaluate(READ, [f"{target}/set-session-cookie", COOKIE])["status"] == -1
            simple = {"method": "POST", "mode": "no-cors", "body": COOKIE["body"]}
            for path in ("/set-session-cookie", POLL):
                assert page.evaluate(READ, [target + path, simple])["text"] == ""
            assert page.evaluate(LISTEN, socket_of(target)) == []
            for kind in ("script", "img", "link"):
                assert page.evaluate(EMBED, [kind, f"{target}/public/pincite.js"]) == "failed"
        assert page.context.cookies() == []


@pytest.mark.parametrize("path", ["/set-session-cookie", "/project/action", "/project/file", POLL])
def test_a_form_of_another_origin_is_refused(attacked, page, evil_port, path):
    page.goto(f"http://127.0.0.1:{evil_port}/")
    with nothing_made(attacked), page.expect_navigation() as sent:
        page.evaluate(POST, [attacked.url + path, {f'{{"session_id": "{SESSION}", "x": "': '"}'}])
    assert sent.value.status == 403
    assert page.context.cookies() == []


def test_the_chat_is_shown_in_no_frame_of_another_origin(attacked, page, evil_port):
    page.goto(f"http://127.0.0.1:{evil_port}/")
    page.evaluate(EMBED, ["iframe", attacked.url])
    framed = page.frames[1]
    assert framed.locator("#chat-input").count() == 0
    assert "pincite" not in framed.title()


def test_a_link_from_another_site_leads_to_the_chat(attacked, page, evil_port):
    page.goto(f"http://evil.example:{evil_port}/")
    page.evaluate("url => { location.href = url; }", attacked.url)
    page.wait_for_selector("#chat-input")
    assert page.title() == "pincite"


def test_each_refusal_was_one_line_of_the_log(attacked, page, evil_port):
    page.goto(f"http://evil.example:{attacked.port}/unheard-of")
    assert "refused a request: it is for 'evil.example:" in attacked.running.log
    assert "Traceback" not in attacked.running.log
