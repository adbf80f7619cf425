"""What comes with a request: checked against a form, and written anew from what was checked."""

import json
from collections.abc import Collection
from typing import TypeVar
from urllib.parse import parse_qsl, urlencode

from pydantic import ValidationError
from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope

from ui.chat.page_messages import Sent

_LENGTHS = frozenset({b"content-length", b"transfer-encoding"})

Form = TypeVar("Form", bound=Sent)


class Refused(Exception):
    """Something that the page does not send, and the status of the answer."""

    def __init__(self, why: str, status: int = 400) -> None:
        super().__init__(why)
        self.status = status


def query(form: type[Form], scope: Scope) -> Form:
    """The query of a request.

    Raises:
        Refused: it does not have this form, or names a parameter twice.
    """
    pairs = parse_qsl(scope["query_string"].decode("latin-1"))
    if len(dict(pairs)) < len(pairs):
        raise Refused("a parameter is named twice")
    return checked(form, json.dumps(dict(pairs)).encode())


def checked(form: type[Form], text: bytes) -> Form:
    """What JSON says.

    Raises:
        Refused: it does not have this form.
    """
    try:
        return form.model_validate_json(text)
    except ValidationError as exc:
        first = exc.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Refused(f"the page does not send this: {where or 'all of it'}: {first['msg']}") from None


async def body(scope: Scope, receive: Receive, kinds: Collection[str], most_bytes: int) -> bytes:
    """The body of a request.

    Args:
        scope: of the request.
        receive: its messages.
        kinds: the media types it may have.
        most_bytes: its largest size.

    Raises:
        Refused: it has another type, is larger, or breaks off.
    """
    kind = Headers(scope=scope).get("content-type", "").partition(";")[0].strip().lower()
    if kind not in kinds:
        raise Refused(f"the page sends {' or '.join(kinds)}", 415)
    read = b""
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refused("it ends too early")
        read += message.get("body", b"")
        more = message.get("more_body", False)
        if len(read) > most_bytes:
            raise Refused(f"the page sends at most {most_bytes} bytes", 413)
    return read


def with_query(form: Sent, scope: Scope) -> Scope:
    """The request with this form as its query."""
    return {**scope, "query_string": urlencode(form.model_dump(exclude_none=True)).encode()}


def with_body(content: bytes, scope: Scope, receive: Receive) -> tuple[Scope, Receive]:
    """The request with this body."""
    unread: list[Message] = [{"type": "http.request", "body": content, "more_body": False}]
    headers = [(name, value) for name, value in scope["headers"] if name not in _LENGTHS]
    headers.append((b"content-length", str(len(content)).encode()))

    async def read() -> Message:
        return unread.pop() if unread else await receive()

    return {**scope, "headers": headers}, read
