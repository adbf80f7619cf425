"""The forms of what Chainlit's page sends: queries and bodies of requests, and messages of its socket.

What a form does not name is dropped, and what it names is checked. An identifier is a random UUID: Chainlit
joins identifiers to paths.
"""

from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, JsonValue, StringConstraints, TypeAdapter
from pydantic.alias_generators import to_camel

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


class Sent(BaseModel):
    """Something the page sends, in the page's own spelling."""

    model_config = ConfigDict(strict=True, frozen=True)


class SentCamel(Sent):
    """Something that the page spells in camel case."""

    model_config = ConfigDict(alias_generator=to_camel)


class Nothing(Sent):
    """A query without parameters, whatever it names."""


class Theme(Sent):
    """Which logo."""

    theme: Literal["light", "dark"] = "light"


class Language(Sent):
    """Whose words."""

    language: Annotated[str, StringConstraints(pattern=r"^[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8}){0,2}$")] = "en-US"


class PageSettings(Language):
    """The language, and the chat profile."""

    chat_profile: Profile = ""


class Poll(Sent):
    """The socket's address for a page that polls; without ``sid``, it opens a connection."""

    EIO: Literal["4"]
    transport: Literal["polling"]
    sid: ConnectionIdentifier | None = None


class PollPost(Poll):
    """The socket's address for the messages of a page that polls."""

    sid: ConnectionIdentifier


class WebSocketQuery(Sent):
    """The socket's address for a WebSocket; with ``sid``, it takes over from polling."""

    EIO: Literal["4"]
    transport: Literal["websocket"]
    sid: ConnectionIdentifier | None = None


class OfSession(Sent):
    """Whose chat a file is of, or a cookie is for."""

    session_id: Identifier


class Click(SentCamel):
    """The button that was clicked."""

    id: Identifier
    name: Label
    payload: dict[str, JsonValue]
    label: Label = ""
    tooltip: Label = ""
    icon: Label | None = None
    for_id: Identifier | None = None


class ActionCall(SentCamel):
    """A click on a button below an answer."""

    session_id: Identifier
    action: Click


class Connection(SentCamel):
    """What opens a chat on the socket, or takes it up again."""

    client_type: Literal["webapp"]
    session_id: Identifier
    thread_id: Identifier | Literal[""] = ""
    chat_profile: Profile = ""


class Question(SentCamel):
    """A question, as the page shows it."""

    id: Identifier
    thread_id: Identifier | Literal[""] = ""
    name: Label = "User"
    type: Literal["user_message"]
    output: str
    created_at: Label | None = None


class Asked(Sent):
    """A question is asked; its files are not named, for the chat takes none."""

    message: Question


Event = tuple[Bare] | tuple[Literal["client_message"], Asked]
EVENT: TypeAdapter[Event] = TypeAdapter(Event)
"""A message of an open socket: an event's name, and what it carries."""
EVENTS = frozenset({*get_args(Bare), "client_message"})
"""The names of all such events."""
