"""What the chat's middleware lets in and out."""

import base64
import hashlib

import pytest

from ui.chat.own_site import OwnSiteOnly, Site

PAGE = b"""<head><link rel="preconnect" href="https://fonts.example" />
<link
  rel="stylesheet" href="https://cdn.example/x.css" /><meta property="og:image" content="https://x.example/i.png">
<link rel="icon" href="/favicon" /><script>
go(1)</script><script src="/own.js"></script></head>"""


def inner(content_type, *chunks, seen=None):
    async def app(scope, receive, send):
        if seen is not None:
            seen.append(scope)
        headers = [(b"content-type", content_type), (b"content-length", str(sum(map(len, chunks))).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for chunk in chunks:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    return app


async def call(app, kind="http", path="/", method="GET", public_host="", **headers):
    sent = []
    headers = {"host": "localhost:8000"} | headers

    async def send(message):
        sent.append(message)

    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items() if value]
    scope = {"type": kind, "path": path, "headers": named}
    scope |= {"method": method} if kind == "http" else {}
    await OwnSiteOnly(app, Site(8000, public_host))(scope, None, send)
    return sent


def policy(sent):
    return dict(sent[0]["headers"])[b"content-security-policy"].decode()


async def test_a_page_loses_its_links_to_other_hosts_and_keeps_its_own():
    start, body = await call(inner(b"text/html; charset=utf-8", PAGE[:50], PAGE[50:]))
    assert b"example" not in body["body"]
    assert b'<link rel="icon" href="/favicon" />' in body["body"]
    assert dict(start["headers"])[b"content-length"] == str(len(body["body"])).encode()


async def test_the_policy_allows_the_inline_scripts_of_the_page_and_no_others():
    digest = base64.b64encode(hashlib.sha256(b"\ngo(1)").digest()).decode()
    sent = await call(inner(b"text/html", PAGE))
    assert f"script-src 'self' 'sha256-{digest}';" in policy(sent)
    assert "unsafe-eval" not in policy(sent)


async def test_other_responses_pass_as_they_come_with_the_policy():
    sent = await call(inner(b"text/plain", b"https://a.example", b"b"))
    assert [message.get("body") for message in sent[1:]] == [b"https://a.example", b"b", b""]
    assert "default-src 'none'; script-src 'self';" in policy(sent)


async def test_only_assets_may_come_compressed():
    seen = []
    await call(inner(b"text/html", PAGE, seen=seen), accept_encoding="gzip")
    await call(inner(b"text/css", b"", seen=seen), path="/assets/x.css", accept_encoding="gzip")
    assert [dict(scope["headers"]).get(b"accept-encoding") for scope in seen] == [None, b"gzip"]


async def assert_refused(**asked):
    """Over HTTP and as a WebSocket: the answer tells nothing, and the application does not hear of it."""
    seen = []
    app = inner(b"text/plain", b"secret", seen=seen)
    refused = await call(app, **asked)
    assert refused[0]["status"] == 403
    assert b"secret" not in refused[1]["body"]
    if "method" not in asked and not any(name.startswith("sec_") for name in asked):
        assert await call(app, kind="websocket", **asked) == [{"type": "websocket.close", "code": 1008}]
    assert seen == []


async def assert_served(**asked):
    seen = []
    await call(inner(b"text/plain", b"x", seen=seen), **asked)
    if "method" not in asked:
        await call(inner(b"text/plain", b"x", seen=seen), kind="websocket", **asked)
    assert len(seen) == (1 if "method" in asked else 2)


OTHER_SITES = """
http://evil.example null http://localhost:9999 http://127.0.0.1:8000 http://localhost
http://localhost:8000.evil.example http://localhost:8000@evil.example ftp://localhost:8000 file://
chrome-extension://localhost:8000 localhost:8000 http://localhost:8000/
"""
FOREIGN_HOSTS = """
evil.example:8000 evil.example localhost localhost:8001 localhost: localhost.:8000 localhost.evil.example:8000
evil@localhost:8000 127.0.0.1 127.0.0.1.nip.example:8000 0.0.0.0:8000 192.168.1.5:8000 [::]:8000
[fe80::1]:8000 ::1:8000 localhost:800000 loca\u2113host:8000
"""


@pytest.mark.parametrize("origin", OTHER_SITES.split())
async def test_pages_of_other_sites_are_refused(origin):
    await assert_refused(origin=origin)


@pytest.mark.parametrize("host", [*FOREIGN_HOSTS.split(), "localhost:8000, evil.example", ""])
async def test_a_foreign_host_is_refused_whatever_else_it_claims(host):
    await assert_refused(host=host)
    await assert_refused(host=host, origin=f"http://{host}")
    await assert_refused(host=host, x_forwarded_host="localhost:8000")
    await assert_refused(host=host, x_forwarded_host="papers.example", public_host="papers.example")


@pytest.mark.parametrize("forwarded", ["evil.example", "localhost:8000, evil.example", "papers.example:444"])
async def test_a_proxy_that_names_another_host_is_refused(forwarded):
    await assert_refused(x_forwarded_host=forwarded, public_host="papers.example")


async def test_two_hosts_are_refused():
    hosts = [(b"host", b"localhost:8000")] * 2
    sent = []

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/", "headers": hosts}
    await OwnSiteOnly(inner(b"text/plain", b"secret"), Site(8000))(scope, None, send)
    assert sent[0]["status"] == 403


@pytest.mark.parametrize(
    "host", ["localhost:8000", "LOCALHOST:8000", "127.0.0.1:8000", "127.9.9.9:8000", "[::1]:8000"]
)
async def test_loopback_names_are_served_to_their_own_pages_and_to_programs(host):
    await assert_served(host=host)
    await assert_served(host=host, origin=f"http://{host.lower()}")


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "papers.example", "origin": "https://papers.example"},
        {"host": "papers.example:443", "origin": "https://papers.example"},
        {"host": "Papers.example"},
        {"host": "localhost:8000", "x_forwarded_host": "papers.example", "origin": "https://papers.example"},
        {"host": "localhost:8000", "origin": "https://papers.example"},
    ],
)
async def test_the_public_host_is_served_where_it_is_set(headers):
    await assert_served(public_host="papers.example", **headers)
    await assert_refused(**headers)


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_what_another_page_fetches_is_refused_but_a_link_to_the_chat_may_be_followed(site):
    fetched = {"sec_fetch_site": site, "sec_fetch_mode": "no-cors", "sec_fetch_dest": "script"}
    framed = {"sec_fetch_site": site, "sec_fetch_mode": "navigate", "sec_fetch_dest": "iframe"}
    followed = {"sec_fetch_site": site, "sec_fetch_mode": "navigate", "sec_fetch_dest": "document"}
    for method in ("GET", "POST", "DELETE"):
        await assert_refused(method=method, **fetched)
        await assert_refused(method=method, **framed)
    await assert_refused(method="POST", **followed)
    await assert_served(method="GET", **followed)
    await assert_served(method="POST", sec_fetch_site="same-origin", sec_fetch_mode="cors")


async def test_a_refusal_is_one_line_in_the_log(caplog):
    await assert_refused(host="evil\x1b[2J\n.example:8000" + "x" * 500, method="GET")
    (line,) = [record.getMessage() for record in caplog.records]
    assert "chat.public_host" in line
    assert "\n" not in line
    assert "\x1b" not in line
    assert len(line) < 250


async def test_what_is_neither_request_nor_socket_passes():
    seen = []
    await call(inner(b"text/plain", b"x", seen=seen), kind="lifespan")
    assert len(seen) == 1


async def test_other_origins_may_not_embed_what_is_served():
    sent = await call(inner(b"application/json", b"{}"))
    assert dict(sent[0]["headers"])[b"cross-origin-resource-policy"] == b"same-origin"
    assert dict(sent[0]["headers"])[b"x-content-type-options"] == b"nosniff"
