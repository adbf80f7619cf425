"""The page's socket: each message is checked, and written anew, before the socket's library reads it.

Of the protocol (Engine.IO 4 with Socket.IO 5 inside) the page needs little: to connect, to send an event, to
leave, and to answer a ping. Everything else, and every event the page does not send, ends the connection with
one line in the log.
"""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from pydantic import ValidationError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.page_messages import EVENT, EVENTS, Connection

MOST_BYTES = 524_288
"""Of a message: a pasted paper is still told that it is too long for a question."""

_CLOSE, _PONG = "1", "3"
_CONNECT, _LEAVE, _EVENT = "40", "41", "42"
_CONNECT_ERROR = '44{"message":"this is not how the page connects"}'
_POLICY_VIOLATION = 1008

_log = logging.getLogger(__name__)


class Refused(Exception):
    """A message that the page does not send."""


class SocketGate:
    """ASGI middleware of one WebSocket endpoint: passes on what the page sends, written anew."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        state = _Conversation()

        async def checked() -> Message:
            message = await receive()
            if message["type"] != "websocket.receive":
                return message
            try:
                return {"type": "websocket.receive", "text": state.admitted(message.get("text") or "")}
            except Refused as exc:
                _log.warning("refused a socket's message: %s", exc)
                if not state.connected:
                    await send({"type": "websocket.send", "text": _CONNECT_ERROR})
                await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
                return {"type": "websocket.disconnect", "code": _POLICY_VIOLATION}

        await self._app(scope, checked, send)


class _Conversation:
    """What a connection may send next."""

    def __init__(self) -> None:
        self.connected = False

    def admitted(self, text: str) -> str:
        """The message as the library is to read it.

        Raises:
            Refused: the page does not send this, or not now.
        """
        if text in {_CLOSE, _PONG}:
            return text
        kind, content = text[:2], text[2:]
        if len(text.encode("utf-8", "replace")) > MOST_BYTES or kind not in {_CONNECT, _LEAVE, _EVENT}:
            raise Refused(f"it begins with {text[:40]!r}, {len(text)} characters")
        if self.connected is (kind == _CONNECT):
            raise Refused("it opens what is open, or goes on with what is not")
        try:
            rewritten = _rewritten(kind, content)
        except ValidationError as exc:
            raise Refused(f"it begins with {text[:40]!r}: {exc.errors()[0]['msg']}") from None
        self.connected = kind != _LEAVE
        return kind + rewritten


def _rewritten(kind: str, content: str) -> str:
    if kind == _CONNECT:
        return Connection.model_validate_json(content).model_dump_json(by_alias=True)
    if kind == _EVENT:
        return EVENT.dump_json(EVENT.validate_json(content), by_alias=True).decode()
    return ""


def keep_page_events(sockets: Any, is_open: Callable[[str], bool]) -> None:  # noqa: ANN401 - it has no types
    """Leave a socket server only the handlers of the page's events, each called in an open session only.

    A session can be gone when its socket still speaks: another socket has taken it over.

    Args:
        sockets: the `socketio.AsyncServer`.
        is_open: whether a socket's identifier has a session.
    """
    for event, handler in list(sockets.handlers["/"].items()):
        if event in EVENTS:
            sockets.on(event, _in_session(handler, event, is_open))
        elif event not in sockets.reserved_events:
            sockets.on(event, _ignored)


def _in_session(
    handler: Callable[..., Awaitable[None]], event: str, is_open: Callable[[str], bool]
) -> Callable[..., Awaitable[None]]:
    async def handle(sid: str, *content: object) -> None:
        if is_open(sid):
            await handler(sid, *content)
        else:
            _log.warning("refused the event %s of a socket without a session", event)

    return handle


async def _ignored(_sid: str, *_: object) -> None:
    _log.warning("refused an event that the page does not send")
