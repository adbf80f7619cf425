"""Only the chat's own page talks to the chat, and that page loads nothing from another site."""

import base64
import hashlib
import logging
import re
from dataclasses import dataclass
from ipaddress import ip_address

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_NETLOC = re.compile(r"(?P<host>[a-z0-9.-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::(?P<port>[0-9]{1,5}))?")
_ORIGIN = re.compile(r"https?://(?P<netloc>.*)")
_DEFAULT_PORT = re.compile(r":(?:80|443)$")
# Chainlit's page asks Google for fonts and a CDN for formula styles, and previews itself with an image.
_FOREIGN_TAG = re.compile(rb"(?:(?<!\s)\s+)?<(?:link|meta)\b[^<>]*https?://[^<>]*>", re.IGNORECASE)
_INLINE_SCRIPT = re.compile(rb"<script>(.*?)(?:</script>|\Z)", re.DOTALL)
_POLICY = (
    "default-src 'none'; script-src 'self'{scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_COMPRESSED_PATHS = ("/assets/",)

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Site:
    """The page's names: those of this machine's loopback at ``port``, and ``public_host`` where one is set.

    Whoever owns a domain can have its name point to 127.0.0.1. For a browser the chat is then a page of that
    domain, and only the name in ``Host`` tells the two apart.
    """

    port: int
    public_host: str = ""

    def objection(self, headers: Headers, method: str | None) -> str | None:
        """Why a request is not served; None where it is.

        ``X-Forwarded-Host`` can only narrow what is served: a page may set it to whatever it likes.

        Args:
            headers: of the request, or of a WebSocket's handshake.
            method: of the request; None for a WebSocket, for which browsers always name the origin.
        """
        hosts = headers.getlist("host")
        names = [each.strip() for value in headers.getlist("x-forwarded-host") for each in value.split(",")]
        foreign = [name for name in hosts + names if not self._serves(name)]
        if foreign or len(hosts) != 1:
            named = repr(foreign[0][:80]) if foreign else "no one host"
            return f"it is for {named}, and only loopback and chat.public_host are served"
        origins = headers.getlist("origin")
        own = {_bare(name) for name in (*hosts, *names, self.public_host) if name}
        if any(_site_of(origin) not in own for origin in origins):
            return f"it comes from the page of another site, {origins[0][:80]!r}"
        if method is not None and _is_fetched_elsewhere(headers, method):
            return "a page of another site fetched it"
        return None

    def _serves(self, name: str) -> bool:
        if self.public_host and _bare(name) == _bare(self.public_host):
            return True
        found = _NETLOC.fullmatch(name.lower())
        return found is not None and int(found["port"] or 80) == self.port and is_loopback(found["host"])


def is_loopback(host: str) -> bool:
    """Whether a host, as it stands in an address, is this machine and no other can reach it."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.removeprefix("[").removesuffix("]")).is_loopback
    except ValueError:
        return False


def _bare(name: str) -> str:
    """A host and its port, comparable: browsers leave out the port that goes with the scheme."""
    return _DEFAULT_PORT.sub("", name.lower())


def _site_of(origin: str) -> str | None:
    found = _ORIGIN.fullmatch(origin.lower())
    return _bare(found["netloc"]) if found else None


def _is_fetched_elsewhere(headers: Headers, method: str) -> bool:
    """Whether a browser says that another page had it fetch this; to follow a link to the chat is no fetch.

    Loopback addresses on other ports are the same site, but not the same origin.
    """
    if headers.get("sec-fetch-site") not in {"cross-site", "same-site"}:
        return False
    followed = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
    return not (followed and method in {"GET", "HEAD"})


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
