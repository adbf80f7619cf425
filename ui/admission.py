"""Which requests reach Chainlit: those that its page makes, in the form in which its page makes them.

Chainlit takes identifiers from the browser, joins them to paths, and removes what it finds there. What is
passed on to it is written anew from what was checked, so that Chainlit cannot read it another way.
"""

import json
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from pydantic import ValidationError
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui import page_messages as sent
from ui.socket_gate import SocketGate

SOCKET_PATH = "/ws/socket.io/"
MOST_BODY_BYTES = 262_144
"""Of a request: the question of an action has ten thousand characters at most."""

_LENGTHS = frozenset({b"content-length", b"transfer-encoding"})

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Route:
    """A request that the page makes: the whole ``path`` as a pattern, and the forms of what comes with it."""

    methods: tuple[str, ...]
    path: str
    query: type[sent.Sent] = sent.Nothing
    body: type[sent.Sent] | None = None
    of_open_chat: bool = False


ROUTES = (
    Route(("GET", "HEAD"), "/"),
    Route(("GET",), r"/assets/[A-Za-z0-9_.-]+"),
    Route(("GET",), "/auth/config"),
    Route(("GET",), "/user"),
    Route(("GET",), "/logo", query=sent.Theme),
    Route(("GET",), "/project/translations", query=sent.Language),
    Route(("GET",), "/project/settings", query=sent.PageSettings),
    Route(("GET",), f"/project/file/{sent.UUID}", query=sent.OfSession, of_open_chat=True),
    Route(("POST",), "/project/action", body=sent.ActionCall, of_open_chat=True),
    Route(("POST",), "/set-session-cookie", body=sent.OfSession),
)
"""All that the page asks of Chainlit over HTTP; a test holds it against the routes that Chainlit has."""


class _Refusal(Exception):
    """A request that Chainlit does not get to see."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class PageRequestsOnly:
    """ASGI middleware around Chainlit: passes on what the page asks for, and refuses the rest.

    Args:
        app: Chainlit.
        is_open: whether there is a chat of this identifier.
    """

    def __init__(self, app: ASGIApp, is_open: Callable[[str], bool]) -> None:
        self._app = app
        self._socket = SocketGate(app)
        self._is_open = is_open

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or one socket."""
        try:
            if scope["type"] == "websocket":
                await self._socket(_socket_scope(scope), receive, send)
            else:
                await self._app(*await self._admitted(scope, receive), send)
        except _Refusal as exc:
            await _refuse(exc, scope, receive, send)

    async def _admitted(self, scope: Scope, receive: Receive) -> tuple[Scope, Receive]:
        route = _route(scope)
        form = query = _query(route.query, scope)
        scope = {**scope, "query_string": urlencode(query.model_dump()).encode()}
        if route.body is not None:
            form = _checked(route.body, await _body(scope, receive))
            scope, receive = _with_body(form, scope, receive)
        if route.of_open_chat and not self._is_open(str(getattr(form, "session_id", ""))):
            raise _Refusal(404, "there is no such chat")
        return scope, receive


def _route(scope: Scope) -> Route:
    for route in ROUTES:
        if scope["method"] in route.methods and re.fullmatch(route.path, scope["path"]):
            return route
    raise _Refusal(404, "Not Found")


def _socket_scope(scope: Scope) -> Scope:
    if scope["path"] != SOCKET_PATH:
        raise _Refusal(404, "Not Found")
    query = _query(sent.SocketQuery, scope)
    return {**scope, "query_string": urlencode(query.model_dump()).encode()}


def _query(form: type[sent.Sent], scope: Scope) -> sent.Sent:
    pairs = parse_qsl(scope["query_string"].decode("latin-1"))
    if len(dict(pairs)) < len(pairs):
        raise _Refusal(400, "a parameter is named twice")
    return _checked(form, json.dumps(dict(pairs)).encode())


def _checked(form: type[sent.Sent], text: bytes) -> sent.Sent:
    try:
        return form.model_validate_json(text)
    except ValidationError as exc:
        first = exc.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise _Refusal(400, f"the page does not send this: {where or 'all of it'}: {first['msg']}") from None


async def _body(scope: Scope, receive: Receive) -> bytes:
    """The body of a request; a form of another site's page cannot be sent as JSON."""
    if Headers(scope=scope).get("content-type", "").partition(";")[0].strip() != "application/json":
        raise _Refusal(415, "the page sends JSON")
    body = b""
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > MOST_BODY_BYTES:
            raise _Refusal(413, f"the page sends at most {MOST_BODY_BYTES} bytes")
    return body


def _with_body(form: sent.Sent, scope: Scope, receive: Receive) -> tuple[Scope, Receive]:
    """The request with this form as its body."""
    body = form.model_dump_json(by_alias=True).encode()
    unread: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]
    headers = [(name, value) for name, value in scope["headers"] if name not in _LENGTHS]
    headers.append((b"content-length", str(len(body)).encode()))

    async def read() -> Message:
        return unread.pop() if unread else await receive()

    return {**scope, "headers": headers}, read


async def _refuse(refusal: _Refusal, scope: Scope, receive: Receive, send: Send) -> None:
    _log.warning("refused %s %r: %s", scope.get("method", "a socket at"), scope["path"][:80], refusal)
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
    else:
        await JSONResponse({"detail": str(refusal)}, refusal.status)(scope, receive, send)
