"""What the browser may load and who may talk to the chat: nothing from, and nobody on, another site."""

import base64
import hashlib
import logging
import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.chat.own_site import Site

# Chainlit's page asks Google for fonts and a CDN for formula styles, and previews itself with an image.
_FOREIGN_TAG = re.compile(rb"(?:(?<!\s)\s+)?<(?:link|meta)\b[^<>]*https?://[^<>]*>", re.IGNORECASE)
_INLINE_SCRIPT = re.compile(rb"<script>(.*?)(?:</script>|\Z)", re.DOTALL)
_POLICY = (
    "default-src 'none'; script-src 'self'{scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_COMPRESSED_PATHS = ("/assets/",)

_log = logging.getLogger(__name__)


class OwnSiteOnly:
    """ASGI middleware: refuses requests from other sites' pages, and keeps our pages from reaching out.

    A page on another site could otherwise open a WebSocket to a chat on this machine and ask it about
    private papers, or have its own name point to this machine and pass for the chat. The content security
    policy allows the scripts that the page came with, by their hashes, and nothing that an answer could
    bring in.
    """

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self._app = app
        self._site = site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
        elif problem := self._site.objection(Headers(scope=scope), scope.get("method")):
            _log.warning("refused a request: %s", problem)
            await _refuse(scope, send)
        elif scope["type"] == "websocket":
            await self._app(scope, receive, send)
        else:
            await self._app(_uncompressed(scope), receive, _PolicedSend(send))


class _PolicedSend:
    """Passes a response on with our headers; an HTML page is held back until it is whole, and rewritten."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message = {}
        self._page: bytearray | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            await self._begin(message)
        elif self._page is not None and message["type"] == "http.response.body":
            self._page += message.get("body", b"")
            if not message.get("more_body", False):
                await self._finish(bytes(self._page))
        else:
            await self._send(message)

    async def _begin(self, message: Message) -> None:
        headers = MutableHeaders(scope=message)
        headers["content-security-policy"] = _POLICY.format(scripts="")
        headers["x-content-type-options"] = "nosniff"
        headers["referrer-policy"] = "no-referrer"
        headers["cross-origin-resource-policy"] = "same-origin"
        headers["cross-origin-opener-policy"] = "same-origin"
        if headers.get("content-type", "").startswith("text/html"):
            self._start, self._page = message, bytearray()
        else:
            await self._send(message)

    async def _finish(self, page: bytes) -> None:
        page = _FOREIGN_TAG.sub(b"", page)
        headers = MutableHeaders(scope=self._start)
        headers["content-security-policy"] = _POLICY.format(scripts=_hashes(page))
        headers["content-length"] = str(len(page))
        await self._send(self._start)
        await self._send({"type": "http.response.body", "body": page})


async def _refuse(scope: Scope, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    await send({"type": "http.response.start", "status": 403, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": b"only pages of this chat may call it\n"})


def _uncompressed(scope: Scope) -> Scope:
    """The request without ``accept-encoding``: a compressed page could not be rewritten."""
    if scope["path"].startswith(_COMPRESSED_PATHS):
        return scope
    headers = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
    return {**scope, "headers": headers}


def _hashes(page: bytes) -> str:
    digests = (hashlib.sha256(script).digest() for script in _INLINE_SCRIPT.findall(page))
    return "".join(f" 'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
