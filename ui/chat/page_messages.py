"""The forms of what Chainlit's page sends: queries and bodies of requests, and messages of its socket.

What a form does not name is dropped, and what it names is checked, and written anew from what was checked. An
identifier is a random UUID: Chainlit joins identifiers to paths.
"""

import json
from collections.abc import Collection
from typing import Annotated, Literal, TypeVar, get_args
from urllib.parse import parse_qsl, urlencode

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    JsonValue,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)
from pydantic.alias_generators import to_camel
from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope

PROFILE = "pincite"
"""Name of the one chat profile: Chainlit shows the welcome as a profile's description."""

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
"""A random UUID as the page and Chainlit write it."""

Identifier = Annotated[str, StringConstraints(pattern=f"^{UUID}$")]
ConnectionIdentifier = Annotated[str, StringConstraints(pattern="^[A-Za-z0-9_-]{20}$")]
"""As Engine.IO writes it: fifteen bytes."""
Label = Annotated[str, StringConstraints(max_length=1000)]
Profile = Annotated[str, AfterValidator(lambda name: name if name == PROFILE else "")]
"""The chat profile; older pages and other clients name others, for which none stands."""
Bare = Literal["connection_successful", "fetch_favorites", "clear_session", "stop"]
"""Events that carry nothing."""


class PageForm(BaseModel):
    """Something the page sends, in the page's own spelling."""

    model_config = ConfigDict(strict=True, frozen=True)


class CamelCaseForm(PageForm):
    """Something that the page spells in camel case."""

    model_config = ConfigDict(alias_generator=to_camel)


class Nothing(PageForm):
    """A query without parameters, whatever it names."""


class Theme(PageForm):
    """Which logo."""

    theme: Literal["light", "dark"] = "light"


class Language(PageForm):
    """Whose words."""

    language: Annotated[str, StringConstraints(pattern=r"^[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8}){0,2}$")] = "en-US"


class PageSettings(Language):
    """The language, and the chat profile."""

    chat_profile: Profile = ""


class Poll(PageForm):
    """The socket's address for a page that polls; without ``sid``, it opens a connection."""

    EIO: Literal["4"]
    transport: Literal["polling"]
    sid: ConnectionIdentifier | None = None


class PollPost(Poll):
    """The socket's address for the messages of a page that polls."""

    sid: ConnectionIdentifier


class WebSocketQuery(PageForm):
    """The socket's address for a WebSocket; with ``sid``, it takes over from polling."""

    EIO: Literal["4"]
    transport: Literal["websocket"]
    sid: ConnectionIdentifier | None = None


class OfSession(PageForm):
    """Whose chat a file is of, or a cookie is for."""

    session_id: Identifier


class Click(CamelCaseForm):
    """The button that was clicked."""

    id: Identifier
    name: Label
    payload: dict[str, JsonValue]
    label: Label = ""
    tooltip: Label = ""
    icon: Label | None = None
    for_id: Identifier | None = None


class ActionCall(CamelCaseForm):
    """A click on a button below an answer."""

    session_id: Identifier
    action: Click


class Connection(CamelCaseForm):
    """What opens a chat on the socket, or takes it up again."""

    client_type: Literal["webapp"]
    session_id: Identifier
    thread_id: Identifier | Literal[""] = ""
    chat_profile: Profile = ""


class UserMessage(CamelCaseForm):
    """A question, as the page shows it."""

    id: Identifier
    thread_id: Identifier | Literal[""] = ""
    name: Label = "User"
    type: Literal["user_message"]
    output: str
    created_at: Label | None = None


class ClientMessage(PageForm):
    """A question is asked; its files are not named, for the chat takes none."""

    message: UserMessage


Event = tuple[Bare] | tuple[Literal["client_message"], ClientMessage]
EVENT: TypeAdapter[Event] = TypeAdapter(Event)
"""A message of an open socket: an event's name, and what it carries."""
EVENTS = frozenset({*get_args(Bare), "client_message"})
"""The names of all such events."""

_LENGTHS = frozenset({b"content-length", b"transfer-encoding"})

Form = TypeVar("Form", bound=PageForm)


class Refusal(Exception):
    """Something that the page does not send, and the status of the answer."""

    def __init__(self, why: str, status: int = 400) -> None:
        super().__init__(why)
        self.status = status


def query(form: type[Form], scope: Scope) -> Form:
    """The query of a request.

    Raises:
        Refusal: it does not have this form, or names a parameter twice.
    """
    pairs = parse_qsl(scope["query_string"].decode("latin-1"))
    if len(dict(pairs)) < len(pairs):
        raise Refusal("a parameter is named twice")
    return checked(form, json.dumps(dict(pairs)).encode())


def checked(form: type[Form], text: bytes) -> Form:
    """What JSON says, if it has this form; else `Refusal` is raised."""
    try:
        return form.model_validate_json(text)
    except ValidationError as exc:
        first = exc.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Refusal(f"the page does not send this: {where or 'all of it'}: {first['msg']}") from None


async def body(scope: Scope, receive: Receive, kinds: Collection[str], most_bytes: int) -> bytes:
    """The body of a request.

    Raises:
        Refusal: it has none of these media types, is larger, or breaks off.
    """
    kind = Headers(scope=scope).get("content-type", "").partition(";")[0].strip().lower()
    if kind not in kinds:
        raise Refusal(f"the page sends {' or '.join(kinds)}", 415)
    read = b""
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refusal("it ends too early")
        read += message.get("body", b"")
        more = message.get("more_body", False)
        if len(read) > most_bytes:
            raise Refusal(f"the page sends at most {most_bytes} bytes", 413)
    return read


def with_query(form: PageForm, scope: Scope) -> Scope:
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
