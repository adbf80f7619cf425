"""Which requests reach Chainlit: those that its page makes, in the form in which its page makes them.

Chainlit takes identifiers from the browser, joins them to paths, and removes what it finds there. What is
passed on to it is written anew from what was checked, so that Chainlit cannot read it another way.
"""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from ui.chat import page_messages as sent
from ui.chat.page_messages import Refusal, body, checked, query, with_body, with_query
from ui.chat.socket_gate import SocketGate

SOCKET_PATH = "/ws/socket.io/"
MOST_BODY_BYTES = 262_144
"""Of a request: the question of an action has ten thousand characters at most."""

_JSON = ("application/json",)
"""A form of another site's page cannot be sent as this."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Route:
    """A request that the page makes: the whole ``path`` as a pattern, and the forms of what comes with it."""

    methods: tuple[str, ...]
    path: str
    query: type[sent.PageForm] = sent.Nothing
    body: type[sent.PageForm] | None = None
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
"""All that the page asks of Chainlit, beside its socket; a test holds it against Chainlit's routes."""


class PageRequestsOnly:
    """ASGI middleware around Chainlit: passes on what the page asks for, and refuses the rest.

    Args:
        app: Chainlit.
        is_open: whether there is a chat of this identifier.
        connections: the `engineio.AsyncServer` of the page's socket.
    """

    def __init__(self, app: ASGIApp, is_open: Callable[[str], bool], connections: Any) -> None:  # noqa: ANN401
        self._app = app
        self._socket = SocketGate(app, connections)
        self._is_open = is_open

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or one socket."""
        try:
            if scope["path"] == SOCKET_PATH:
                await self._socket(scope, receive, send)
            else:
                await self._app(*await self._admitted(scope, receive), send)
        except Refusal as exc:
            await _refuse(exc, scope, receive, send)

    async def _admitted(self, scope: Scope, receive: Receive) -> tuple[Scope, Receive]:
        route = _route(scope)
        form = query(route.query, scope)
        scope = with_query(form, scope)
        if route.body is not None:
            form = checked(route.body, await body(scope, receive, _JSON, MOST_BODY_BYTES))
            scope, receive = with_body(form.model_dump_json(by_alias=True).encode(), scope, receive)
        if route.of_open_chat and not self._is_open(str(getattr(form, "session_id", ""))):
            raise Refusal("there is no such chat", 404)
        return scope, receive


def _route(scope: Scope) -> Route:
    for route in ROUTES:
        if scope.get("method") in route.methods and re.fullmatch(route.path, scope["path"]):
            return route
    raise Refusal("Not Found", 404)


async def _refuse(refused: Refusal, scope: Scope, receive: Receive, send: Send) -> None:
    _log.warning("refused %s %r: %s", scope.get("method", "a socket at"), scope["path"][:80], refused)
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
    else:
        await JSONResponse({"detail": str(refused)}, refused.status)(scope, receive, send)
