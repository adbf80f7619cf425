"""The page's socket: each message is checked, and written anew, before the socket's library reads it.

Of the protocol (Engine.IO 4 with Socket.IO 5 inside) the page needs little: to connect, to send an event, to
leave, and to answer a ping. It does so by long polling, for some proxies stop WebSockets, and on a WebSocket,
which may take over from polling. Everything else, and every event the page does not send, ends the connection
with one line in the log.
"""

import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from engineio.packet import NOOP, Packet  # type: ignore[import-untyped]
from pydantic import ValidationError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.chat.page_messages import (
    EVENT,
    EVENTS,
    Connection,
    Poll,
    PollPost,
    Refusal,
    WebSocketQuery,
    body,
    query,
    with_body,
    with_query,
)

MOST_BYTES = 524_288
"""Of a message: a pasted paper is still told that it is too long for a question."""
MOST_MESSAGES = 16
"""Of one request: Engine.IO reads no more."""

_CLOSE, _PONG = "1", "3"
_CONNECT, _LEAVE, _EVENT = "40", "41", "42"
_TAKEOVER = ("2probe", "5")
"""What a WebSocket says to take over from polling."""
_SEPARATOR = "\x1e"
_CONNECT_ERROR = '44{"message":"this is not how the page connects"}'
_POLICY_VIOLATION = 1008
_BODIES = ("text/plain", "application/json")
_HOP = frozenset({b"connection", b"upgrade"})
"""Headers by which Engine.IO tells a WebSocket, and could come to another result than the web server."""

_log = logging.getLogger(__name__)


class SocketGate:
    """ASGI middleware of the socket's endpoint: passes on what the page sends, written anew.

    Args:
        app: what has the endpoint.
        connections: its `engineio.AsyncServer`.
    """

    def __init__(self, app: ASGIApp, connections: Any) -> None:  # noqa: ANN401 - it has no types
        self._app = app
        self._connections = connections

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a WebSocket, or one request of a page that polls.

        Raises:
            Refusal: the page does not ask for this.
        """
        if scope["type"] == "websocket":
            await self._serve_socket(scope, receive, send)
        elif scope["method"] == "GET":
            asked = query(Poll, scope)
            if asked.sid is not None:
                await self._conversation(asked.sid)
            await self._app(_polling(asked, scope), receive, send)
        elif scope["method"] == "POST":
            await self._serve_post(scope, receive, send)
        else:
            raise Refusal("Not Found", 404)

    async def _serve_socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = query(WebSocketQuery, scope)
        conversation = _Conversation() if asked.sid is None else await self._conversation(asked.sid)
        to_say = [] if asked.sid is None else list(_TAKEOVER)
        gone: Message = {"type": "websocket.disconnect", "code": _POLICY_VIOLATION}

        async def admitted() -> Message:
            message = await receive()
            if message["type"] != "websocket.receive":
                return message
            try:
                text = conversation.admitted(message.get("text") or "", to_say)
            except Refusal as exc:
                _log.warning("refused a socket's message: %s", exc)
                if not conversation.connected:
                    await send({"type": "websocket.send", "text": _CONNECT_ERROR})
                await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
                return gone
            return {"type": "websocket.receive", "text": text}

        try:
            await self._app(with_query(asked, scope), admitted, send)
        finally:
            # Engine.IO holds back what it has for the page that polls while a WebSocket might take over, and
            # goes on doing so where that leaves without a word.
            if polling := self._connections.sockets.get(asked.sid):
                polling.upgrading = False

    async def _serve_post(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = query(PollPost, scope)
        scope = _polling(asked, scope)
        await self._conversation(asked.sid)
        try:
            content = await body(scope, receive, _BODIES, MOST_BYTES)
            conversation = await self._conversation(asked.sid)  # the body may have been long in coming
            admitted = conversation.all_admitted(content)
        except Refusal:
            with contextlib.suppress(Refusal):
                await self._conversation(asked.sid)
                await self._pass_on(asked.sid, _CLOSE, scope, receive, _unheard)
            raise
        await self._pass_on(asked.sid, admitted, scope, receive, send)

    async def _pass_on(self, sid: str, content: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Have messages read; Engine.IO leaves the poll of a page that closes its connection unanswered."""
        if _CLOSE in content.split(_SEPARATOR):
            await self._connections.send_packet(sid, Packet(NOOP))
        await self._app(*with_body(content.encode(), scope, receive), send)

    async def _conversation(self, sid: str) -> "_Conversation":
        """What was said so far by a page that polls; it is kept, and forgotten, with Engine.IO's session."""
        try:
            if self._connections.transport(sid) != "polling":
                raise Refusal("a WebSocket has taken over from polling")
            session = await self._connections.get_session(sid)
        except KeyError:
            raise Refusal("there is no such connection") from None
        conversation: _Conversation = session.setdefault(_Conversation, _Conversation())
        return conversation


class _Conversation:
    """What a connection may send next."""

    def __init__(self) -> None:
        self.connected = False
        self._closed = False

    def admitted(self, text: str, to_say: list[str] | None = None) -> str:
        """The message as the library is to read it.

        Args:
            text: of the message.
            to_say: what a WebSocket says first that takes over from polling; each is taken out when said.

        Raises:
            Refusal: the page does not send this, or not now.
        """
        if to_say:
            if text != to_say[0]:
                raise Refusal(f"it begins with {text[:40]!r}, and is to take over from polling")
            return to_say.pop(0)
        if self._closed:
            raise Refusal("it comes after the last one")
        if text in {_CLOSE, _PONG}:
            self._closed = text == _CLOSE
            return text
        kind, content = text[:2], text[2:]
        if len(text.encode("utf-8", "replace")) > MOST_BYTES or kind not in {_CONNECT, _LEAVE, _EVENT}:
            raise Refusal(f"it begins with {text[:40]!r}, {len(text)} characters")
        if self.connected is (kind == _CONNECT):
            raise Refusal("it opens what is open, or goes on with what is not")
        try:
            rewritten = _rewritten(kind, content)
        except ValidationError as exc:
            raise Refusal(f"it begins with {text[:40]!r}: {exc.errors()[0]['msg']}") from None
        self.connected = kind != _LEAVE
        return kind + rewritten

    def all_admitted(self, content: bytes) -> str:
        """The messages of a request's body as the library is to read them.

        Raises:
            Refusal: the page does not send one of them, or not now, or not so many at once.
        """
        try:
            messages = content.decode().split(_SEPARATOR)
        except UnicodeDecodeError:
            raise Refusal("its messages are no text") from None
        if len(messages) > MOST_MESSAGES:
            raise Refusal(f"it has {len(messages)} messages")
        return _SEPARATOR.join([self.admitted(message) for message in messages])


def _polling(asked: Poll, scope: Scope) -> Scope:
    headers = [(name, value) for name, value in scope["headers"] if name not in _HOP]
    return with_query(asked, {**scope, "headers": headers})


async def _unheard(_: Message) -> None:
    """Where the answer goes to a message that the page has not sent."""


def _rewritten(kind: str, content: str) -> str:
    if kind == _CONNECT:
        return Connection.model_validate_json(content).model_dump_json(by_alias=True)
    if kind == _EVENT:
        return EVENT.dump_json(EVENT.validate_json(content), by_alias=True).decode()
    return ""


def keep_page_events(sockets: Any, is_open: Callable[[str], bool]) -> None:  # noqa: ANN401 - it has no types
    """Leave a socket server only the handlers of the page's events, each called in an open session only.

    A session can be gone when its socket still speaks: another socket has taken it over. A connection can be
    gone, too, when its page still speaks: it has left a ping unanswered.

    Args:
        sockets: the `socketio.AsyncServer`.
        is_open: whether a socket's identifier has a session.
    """
    connections = sockets.eio
    in_connection = _guarded(
        connections.handlers["message"],
        lambda connection: connection in sockets.environ,
        "a message of a connection that is closed",
    )
    connections.on("message", in_connection)
    for event, handler in list(sockets.handlers["/"].items()):
        if event in EVENTS:
            why = f"the event {event} of a socket without a session"
            sockets.on(event, _guarded(handler, is_open, why))
        elif event not in sockets.reserved_events:
            sockets.on(event, _ignored)


def _guarded(
    handler: Callable[..., Awaitable[None]], is_open: Callable[[str], bool], refused: str
) -> Callable[..., Awaitable[None]]:
    async def handle(identifier: str, *content: object) -> None:
        if is_open(identifier):
            await handler(identifier, *content)
        else:
            _log.warning("refused %s", refused)

    return handle


async def _ignored(_sid: str, *_: object) -> None:
    _log.warning("refused an event that the page does not send")
