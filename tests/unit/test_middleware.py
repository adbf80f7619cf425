"""What the chat's middleware lets in and out."""

import base64
import hashlib

import pytest

from ui.middleware import OwnSiteOnly

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


async def call(app, kind="http", path="/", **headers):
    sent = []

    async def send(message):
        sent.append(message)

    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    await OwnSiteOnly(app)({"type": kind, "path": path, "headers": named}, None, send)
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


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost:9999"])
async def test_pages_of_other_sites_are_refused(origin):
    seen = []
    app = inner(b"text/plain", b"secret", seen=seen)
    refused = await call(app, origin=origin, host="localhost:8000")
    closed = await call(app, kind="websocket", origin=origin, host="localhost:8000")
    assert refused[0]["status"] == 403
    assert closed == [{"type": "websocket.close", "code": 1008}]
    assert seen == []


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "localhost:8000"},
        {"host": "localhost:8000", "origin": "http://localhost:8000"},
        {"host": "inside:80", "x_forwarded_host": "papers.example", "origin": "https://papers.example"},
    ],
)
@pytest.mark.parametrize("kind", ["http", "websocket", "lifespan"])
async def test_its_own_pages_and_plain_programs_are_served(kind, headers):
    seen = []
    await call(inner(b"text/plain", b"x", seen=seen), kind=kind, **headers)
    assert len(seen) == 1
