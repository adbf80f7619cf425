"""What reaches Chainlit: nothing but what its page sends, whatever a program at its port tries.

The lists below name every route and event of the installed Chainlit. A release that adds one fails here, and
somebody has to read what it does with what a browser sends before it is let in or kept out.
"""

import asyncio
import contextlib
import gc
import json
import logging
import re
import socket
import stat
import threading
import urllib.error
import urllib.request
import uuid
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import quote, urlencode

import aiohttp
import pytest
import socketio
import uvicorn

from rag import files
from rag.errors import QuestionError
from ui.chat import server as chat
from ui.chat.admission import MOST_BODY_BYTES, PageRequestsOnly
from ui.chat.own_site import Site
from ui.chat.socket_gate import MOST_BYTES, MOST_MESSAGES, SocketGate

# Chainlit drops a coroutine at each connection, see `ui.chat.app`.
pytestmark = pytest.mark.filterwarnings("ignore:coroutine '.*profiles' was never awaited:RuntimeWarning")


def routes(listed):
    """Methods and paths of a text in which those methods begin a line that all its paths have."""
    lines = (line.split() for line in listed.strip().splitlines())
    return {(method, path) for methods, *paths in lines for method in methods.split(",") for path in paths}


ALLOWED_ROUTES = routes("""
HEAD /
GET /{full_path:path} /assets/{filename:path} /auth/config /user /logo
GET /project/translations /project/settings /project/file/{file_id}
POST /project/action /set-session-cookie
WEBSOCKET /ws/socket.io
""")
"""/{full_path:path} is the page itself: of all paths, "/" alone; /project/file holds exports."""

REFUSED_ROUTES = routes("""
GET /public/{filename:path} /favicon /copilot/{filename:path} /avatars/{avatar_id:str} /health
GET,HEAD /openapi.json /docs /docs/oauth2-redirect /redoc
GET /auth/oauth/{provider_id} /auth/oauth/{provider_id}/callback
POST /login /logout /auth/jwt /auth/header /auth/oauth/azure-ad-hybrid/callback
PUT,DELETE /feedback /project/element
POST,DELETE /mcp
POST /project/file /project/threads
GET /project/thread/{thread_id} /project/thread/{thread_id}/element/{element_id} /project/share/{thread_id}
PUT /project/thread /project/thread/share
DELETE /project/thread
""")
"""/public and /favicon are served by pincite itself."""

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")

CONNECTION_EVENTS = {"connect", "disconnect"}  # of the protocol: no message may name them
ALLOWED_EVENTS = {"connection_successful", "fetch_favorites", "clear_session", "stop", "client_message"}
REFUSED_EVENTS = {
    *("edit_message", "message_favorite", "window_message", "audio_start", "audio_chunk", "audio_end"),
    *("chat_settings_change", "chat_settings_edit"),
}

SOCKET = "/ws/socket.io/?EIO=4&transport="
TRANSPORTS = {"websocket": ["websocket"], "polling": ["polling"], "polling first": None}
CONNECTION = "x" * 20
"""Of a page that polls, to a test without a server."""

SESSION = "5f399ec3-19c4-4233-83bf-25bd4210b9c8"
CLICK = {"name": "export_answer", "payload": {}, "id": SESSION}
BAD_IDENTIFIERS = {
    "of a neighbour": "../../collections",
    "of the folder above": "..",
    "absolute": None,  # filled in: the folder with the sentinel
    "empty": "",
    "long": "x" * 10_000,
    "a number": 5,
    "a dictionary": {"$ne": ""},
    "a list": [SESSION],
    "no text": None,
    **{f"with {end!r} behind": SESSION + end for end in ("/../../../collections", "\n", "\0")},
    "of a version with a clock": str(uuid.uuid1()),
}


@pytest.fixture(scope="module")
def attacked(tmp_path_factory):
    """The chat at a port of this process; its folder lies beside one with a sentinel."""
    around = tmp_path_factory.mktemp("attacked")
    (around / "collections" / "papers").mkdir(parents=True)
    (around / "collections" / "papers" / "sentinel").write_text("years of work")
    asked = []

    async def ask(question, *_, **__):
        asked.append(question)
        raise QuestionError("nothing is known here")

    async def counts():
        return SimpleNamespace(papers=3)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "user_cache_path", lambda _: around / "cache")
        for name in ("CHAINLIT_APP_ROOT", "CHAINLIT_ENV_FILE", "TRACELOOP_TELEMETRY", "OTEL_SDK_DISABLED"):
            patch.setenv(name, "")
        with chat.chainlit_folder() as folder, chat._listen("127.0.0.1", 0) as listener:
            from ui.chat.app import build_app

            port = listener.getsockname()[1]
            app = build_app(
                SimpleNamespace(ask=ask, counts=counts, parts=SimpleNamespace(writer=None)),
                "papers",
                Site(port),
            )
            server = uvicorn.Server(chat.server_config(app))
            running = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])))
            running.start()
            yield SimpleNamespace(
                url=f"http://127.0.0.1:{port}", port=port, around=around, folder=folder, asked=asked
            )
            server.should_exit = True
            running.join(10)
            assert not running.is_alive()
    assert set(around.iterdir()) == {around / "cache", around / "collections"}
    assert list((around / "cache" / "chat").iterdir()) == []


@pytest.fixture
def nothing_changed(attacked):
    """Nothing around the chat is made or lost by a test, but folders of chats, which UUIDs name."""
    before = tree(attacked)
    yield
    assert tree(attacked) == before
    assert attacked.around / "collections" / "papers" / "sentinel" in before


def tree(attacked):
    files = attacked.folder / ".files"
    return {path for path in attacked.around.rglob("*") if not (path.parent == files and is_uuid(path.name))}


def is_uuid(name):
    with contextlib.suppress(ValueError):
        return str(uuid.UUID(name)) == name
    return False


def bad_identifiers(attacked):
    return BAD_IDENTIFIERS | {"absolute": str(attacked.around / "collections")}


def request(attacked, method, path, body=None, headers=()):
    """Status, headers and body of an answer."""
    content = json.dumps(body).encode() if body is not None else None
    kind = {"Content-Type": "application/json"} if content else {}
    asked = urllib.request.Request(attacked.url + path, content, {**kind, **dict(headers)}, method=method)
    try:
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as refused:
        said = b""
        with contextlib.suppress(ConnectionError):  # what was refused unread may cost the connection
            said = refused.read()
        return refused.code, dict(refused.headers), said


# --- every route and every event is either let in or kept out ----------------------------------


def installed_routes(routes):
    """Method and path of each; FastAPI keeps those of a router it includes behind one entry."""
    for route in routes:
        if hasattr(route, "original_router"):
            yield from installed_routes(route.original_router.routes)
        else:
            methods = getattr(route, "methods", None) or {"WEBSOCKET"}
            yield from ((method, route.path) for method in methods)


def test_every_route_of_the_installed_chainlit_is_known(attacked):
    from chainlit.server import app

    assert set(installed_routes(app.routes)) == ALLOWED_ROUTES | REFUSED_ROUTES
    assert not ALLOWED_ROUTES & REFUSED_ROUTES


def test_every_event_of_the_installed_chainlit_is_known(attacked):
    from chainlit.server import sio

    assert set(sio.handlers) == {"/"}
    assert sio.namespace_handlers == {}
    assert sio.namespaces == ["/"]
    assert set(sio.handlers["/"]) == CONNECTION_EVENTS | ALLOWED_EVENTS | REFUSED_EVENTS
    assert not ALLOWED_EVENTS & REFUSED_EVENTS


def example(path):
    """A path that a route's pattern matches."""
    path = "/" if path.startswith("/{") else path
    return re.sub(r"\{[^}]*\}", lambda found: "x.js" if "filename" in found[0] else SESSION, path)


async def reaches(kind, method, path):
    """Whether a request gets past the gate, with the best that could come with it."""
    reached = []

    async def spy(scope, receive, send):
        reached.append(scope)

    async def receive():
        everything = {"session_id": SESSION, "sessionId": SESSION, "action": CLICK}
        content = "3" if path == "/ws/socket.io/" else json.dumps(everything)
        return {"type": "http.request", "body": content.encode()}

    async def send(message):
        pass

    query = {"session_id": SESSION, "language": "en-US", "EIO": 4, "sid": CONNECTION}
    query["transport"] = "polling" if kind == "http" else "websocket"
    scope = {"type": kind, "path": path, "query_string": urlencode(query).encode()}
    scope |= {"method": method} if kind == "http" else {}
    scope["headers"] = [(b"content-type", b"application/json")]
    await PageRequestsOnly(spy, lambda _: True, Connections())(scope, receive, send)
    return bool(reached)


class Connections:
    """Of Engine.IO, what the gate asks: which connections are open, and what is kept with them."""

    def __init__(self):
        self.sockets = {CONNECTION: SimpleNamespace(session={})}

    def transport(self, sid):
        assert sid in self.sockets
        return "polling"

    async def get_session(self, sid):
        return self.sockets[sid].session


async def test_a_route_is_reached_by_its_allowed_methods_and_by_no_others(attacked):
    allowed = {(method, example(path)) for method, path in ALLOWED_ROUTES} | {("GET", "/")}
    allowed |= {("GET", "/ws/socket.io/"), ("POST", "/ws/socket.io/")}
    paths = {example(path) for _, path in ALLOWED_ROUTES | REFUSED_ROUTES} | {"/ws/socket.io/"}
    for path in sorted(paths):
        for method in METHODS:
            assert await reaches("http", method, path) is ((method, path) in allowed), (method, path)
        assert await reaches("websocket", None, path) is (path == "/ws/socket.io/"), path


async def test_paths_beside_the_allowed_ones_are_not_reached():
    below = (f"/project/file{path}" for path in ("/", f"/{SESSION}/x", "/.."))
    beside = ("/login", "/thread/x", "/index.html", "//", "/assets/", "/assets/../x", "/assets/x/y", "/user/")
    for path in (*beside, *below, "/ws/socket.io", "/ws/socket.io/x"):
        for kind, method in (("http", "GET"), ("http", "POST"), ("websocket", None)):
            assert not await reaches(kind, method, path), (path, kind, method)


@pytest.mark.parametrize(("method", "path"), sorted(REFUSED_ROUTES))
def test_a_refused_route_answers_not_found_and_makes_nothing(attacked, nothing_changed, method, path):
    where = example(path)
    body = {"sessionId": "made-up", "session_id": "made-up"} if method in {"POST", "PUT", "DELETE"} else None
    status, _, _ = request(attacked, method, f"{where}?session_id=made-up", body)
    served_by_pincite = {"/favicon": 200, "/public/x.js": 404}
    assert status == served_by_pincite.get(where, 404)


@pytest.mark.parametrize("event", sorted(REFUSED_EVENTS | CONNECTION_EVENTS | {"*", "message", "reload"}))
async def test_a_refused_event_is_neither_passed_on_nor_handled(attacked, caplog, event):
    from chainlit.server import sio

    for content in ([event], [event, {}], [event, {}, {"sessionId": SESSION}]):
        assert await through_the_gate(connect(), f"42{json.dumps(content)}") == [connect_rewritten()]
    if event in REFUSED_EVENTS:
        caplog.clear()
        await sio.handlers["/"][event]("nobody", {"message": {}})
        assert [record.message for record in caplog.records] == [
            "refused an event that the page does not send"
        ]


async def through_the_gate(*frames):
    """What the socket's library gets to see of these messages."""
    waiting = [{"type": "websocket.receive", "text": frame} for frame in frames]
    seen = []

    async def receive():
        return waiting.pop(0) if waiting else {"type": "websocket.disconnect"}

    async def send(message):
        pass

    async def library(scope, receive, send):
        while (message := await receive())["type"] == "websocket.receive":
            seen.append(message["text"])

    scope = {"type": "websocket", "query_string": b"EIO=4&transport=websocket"}
    await SocketGate(library, Connections())(scope, receive, send)
    return seen


def connect(**changed):
    auth = {"clientType": "webapp", "sessionId": SESSION, "threadId": "", "userEnv": "{}"}
    return "40" + json.dumps(auth | {"chatProfile": "pincite"} | changed)


def connect_rewritten(profile="pincite"):
    auth = {"clientType": "webapp", "sessionId": SESSION, "threadId": "", "chatProfile": profile}
    return "40" + json.dumps(auth, separators=(",", ":"))


def client_message(text="what is Quest?", **changed):
    message = {
        "threadId": "",
        "id": str(uuid.uuid4()),
        "name": "User",
        "type": "user_message",
        "output": text,
        "createdAt": "2026-11-28T16:34:45.942Z",
        "metadata": {"location": "http://127.0.0.1/"},
    }
    return {"message": message | changed, "fileReferences": []}


async def test_messages_are_written_anew_from_what_was_checked():
    doubled = connect().replace('"threadId"', '"sessionId": "../../collections", "threadId"')
    assert await through_the_gate(doubled) == []
    harmless = connect().replace('"sessionId"', '"sessionId": "../../collections", "sessionId"')
    assert await through_the_gate(harmless) == [connect_rewritten()]
    asked = client_message(parentId="../x", modes={"a": "b"}) | {"fileReferences": [{"id": "../x"}]}
    _, passed = await through_the_gate(connect(), "42" + json.dumps(["client_message", asked]))
    name, content = json.loads(passed[2:])
    kept = {"id", "threadId", "name", "type", "output", "createdAt"}
    assert (name, set(content), set(content["message"])) == ("client_message", {"message"}, kept)


async def test_a_profile_of_another_page_counts_as_none(attacked):
    for profile in ("other", "../../collections", "PINCITE", "x" * 10_000):
        assert await through_the_gate(connect(chatProfile=profile)) == [connect_rewritten("")]
    assert request(attacked, "GET", "/project/settings?chat_profile=other")[0] == 200


async def test_requests_of_a_page_that_polls_are_written_anew():
    bodies, scopes = [], []

    async def library(scope, receive, send):
        scopes.append(scope)
        bodies.append((await receive())["body"].decode())

    query = f"EIO=4&transport=polling&sid={CONNECTION}&j=0&t=P1a-b&sessionId=../x".encode()
    headers = [(b"content-type", b"text/plain;charset=UTF-8"), (b"content-length", b"7"), (b"cookie", b"a=b")]
    headers += [(b"connection", b"upgrade"), (b"upgrade", b"websocket"), (b"transfer-encoding", b"chunked")]
    scope = {"type": "http", "method": "POST", "query_string": query, "headers": headers}
    asked = "42" + json.dumps(["client_message", client_message("one\x1e42[]", parentId="../x")])
    content = "\x1e".join((connect(userEnv="../x"), "3", asked, "41")).encode()
    unread = [
        {"type": "http.request", "body": part, "more_body": True} for part in (content[:9], content[9:])
    ]
    unread.append({"type": "http.request"})

    async def receive():
        return unread.pop(0)

    await SocketGate(library, Connections())(scope, receive, None)
    opened, pong, question, left = bodies[0].split("\x1e")
    assert (opened, pong, left) == (connect_rewritten(), "3", "41")
    assert json.loads(question[2:])[1]["message"]["output"] == "one\x1e42[]"
    assert "../x" not in bodies[0]
    assert scopes[0]["query_string"] == f"EIO=4&transport=polling&sid={CONNECTION}".encode()
    length = str(len(bodies[0].encode())).encode()
    assert scopes[0]["headers"] == [headers[0], headers[2], (b"content-length", length)]


# --- the port, as a program attacks it ---------------------------------------------------------


async def connected(attacked, transport="websocket", **auth):
    """A client of the chat's socket, connected as the page is, but for these changes."""
    client = socketio.AsyncClient(reconnection=False)
    whole = {"clientType": "webapp", "sessionId": str(uuid.uuid4()), "threadId": "", "userEnv": "{}", **auth}
    await client.connect(
        attacked.url, auth=whole, socketio_path="/ws/socket.io", transports=TRANSPORTS[transport]
    )
    return client


@contextlib.asynccontextmanager
async def polling(attacked):
    """A connection of our own that polls: its identifier, and to send a message and to hear some."""
    address = f"{attacked.url}{SOCKET}polling"
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(10)) as http:
        async with http.get(address) as opened:
            sid = json.loads((await opened.text())[1:])["sid"]

        async def post(content, kind="text/plain", **headers):
            headers["Content-Type"] = kind
            async with http.post(f"{address}&sid={sid}", data=content, headers=headers) as answer:
                return answer.status

        async def hear():
            async with http.get(f"{address}&sid={sid}") as answer:
                return await answer.text() if answer.status == 200 else answer.status

        yield SimpleNamespace(sid=sid, post=post, hear=hear)


async def attack(attacked, transport, **auth):
    """Connect, have the session cleared, and leave; whether the chat let us."""
    if transport == "polling":  # the client would wait for a second where it is refused
        async with polling(attacked) as page:
            asked = ("3", connect(**auth), '42["clear_session"]', "1")
            return [await page.post(message) for message in asked] == [200] * len(asked)
    try:
        client = await connected(attacked, transport, **auth)
    except socketio.exceptions.ConnectionError:
        return False
    await client.emit("clear_session")
    await asyncio.sleep(0.2)
    await client.disconnect()
    await asyncio.sleep(0.2)
    return True


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("field", ["sessionId", "threadId"])
@pytest.mark.parametrize("kind", BAD_IDENTIFIERS)
async def test_a_socket_with_a_bad_identifier_is_refused_and_nothing_is_lost(
    attacked, nothing_changed, kind, field, transport
):
    if (field, kind) != ("threadId", "empty"):  # a new chat has none
        assert not await attack(attacked, transport, **{field: bad_identifiers(attacked)[kind]})


@pytest.mark.parametrize("kind", BAD_IDENTIFIERS)
def test_a_bad_session_is_refused_on_every_route_that_takes_one(attacked, nothing_changed, kind):
    bad = bad_identifiers(attacked)[kind]
    text = quote(bad if isinstance(bad, str) else json.dumps(bad))
    status, _, _ = request(attacked, "GET", f"/project/file/{SESSION}?session_id={text}")
    assert status == 400
    status, headers, _ = request(attacked, "POST", "/set-session-cookie", {"session_id": bad})
    assert (status, headers.get("set-cookie")) == (400, None)
    assert request(attacked, "POST", "/project/action", {"sessionId": bad, "action": CLICK})[0] == 400
    for method, path in ALLOWED_ROUTES - {("WEBSOCKET", "/ws/socket.io")}:
        request(attacked, method, f"{example(path)}?session_id={text}&sessionId={text}")


MALFORMED = [
    ("/set-session-cookie", [], 400),
    ("/set-session-cookie", {}, 400),
    ("/set-session-cookie", {"session_id": SESSION, "more": "x" * MOST_BODY_BYTES}, 413),
    *(
        ("/project/action", {"sessionId": SESSION, "action": action}, 400)
        for action in ("x", {**CLICK, "name": []}, {**CLICK, "payload": 3}, {**CLICK, "id": "../x"})
    ),
    ("/project/action", {"sessionId": SESSION, "action": CLICK}, 404),
]


@pytest.mark.parametrize(("path", "body", "status"), MALFORMED)
@pytest.mark.usefixtures("nothing_changed")
def test_a_malformed_body_is_refused_in_one_line(attacked, caplog, path, body, status):
    assert request(attacked, "POST", path, body)[0] == status
    assert_one_line(caplog)


def test_what_is_not_sent_as_json_is_refused(attacked, nothing_changed):
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
        sent = {"session_id": SESSION}, [("Content-Type", kind)]
        assert request(attacked, "POST", "/set-session-cookie", *sent)[0] == 415


@pytest.mark.parametrize("query", ["session_id=a&session_id=b", "session_id=%00", "session_id=%ff%fe", ""])
def test_a_malformed_query_is_refused_in_one_line(attacked, nothing_changed, caplog, query):
    assert request(attacked, "GET", f"/project/file/{SESSION}?{query}")[0] == 400
    assert_one_line(caplog)


def assert_one_line(caplog):
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert record.exc_info is None
    assert len(record.getMessage().splitlines()) == 1
    assert len(record.getMessage()) < 400


QUESTION_WITHOUT_TEXT = {"message": {"id": SESSION, "name": "User", "type": "user_message"}}


def event(*parts):
    return "42" + json.dumps(parts)


BEFORE_CONNECTING = [
    *re.split(" ", " 0 2 2probe 5 6 9 x 4 43[] 44{} 4\u0660{} 40 40null 40[] 40{ 40/admin,{} 41 bAAAA"),
    *('40{"sessionId":1}', '42["connection_successful"]', '451-["x",{"_placeholder":true,"num":0}]'),
    *(b"\x00\x01", connect(clientType="copilot"), connect(chatProfile=5)),
]
ONCE_CONNECTED = [
    *(connect(), "42", "42{}", '421["stop"]', '42/,["stop"]', b"42[]"),
    *map(event, ([], None, "nothing of the kind", "disconnect", "client_message")),
    *("42[]", event("stop", 1), event("connect", {}, {"sessionId": "../../collections"})),
    *(
        '42["client_message",NaN]',
        '42["client_message",' + "9" * 5000 + "]",
        '42["client_message",' + "[" * 50_000,
    ),
    *(event("client_message", content) for content in (None, QUESTION_WITHOUT_TEXT, client_message(5))),
    *(
        event("client_message", client_message(**{field: "../../collections"}))
        for field in ("id", "threadId")
    ),
    *(
        event("client_message", each)
        for each in (client_message(type="assistant_message"), client_message("\ud800"))
    ),
]
GARBAGE = [*((frame, False) for frame in BEFORE_CONNECTING), *((frame, True) for frame in ONCE_CONNECTED)]
EACH_GARBAGE = pytest.mark.parametrize(("frame", "open_chat"), GARBAGE, ids=lambda each: repr(each)[:40])


async def speak(attacked, *frames):
    """Send these messages on a socket of our own; the code it is closed with."""
    address = f"{attacked.url}{SOCKET}websocket"
    async with aiohttp.ClientSession() as http, http.ws_connect(address) as opened:
        for frame in frames:
            await (opened.send_bytes(frame) if isinstance(frame, bytes) else opened.send_str(frame))
        async with asyncio.timeout(10):
            async for _ in opened:
                pass
        return opened.close_code


@EACH_GARBAGE
async def test_garbage_on_a_socket_ends_it_in_one_line(attacked, nothing_changed, caplog, frame, open_chat):
    before = [connect(sessionId=str(uuid.uuid4()))] if open_chat else []
    assert await speak(attacked, *before, frame) == 1008
    assert_one_line(caplog)
    assert attacked.asked == []


async def test_a_message_that_is_too_large_ends_its_socket_without_a_traceback(
    attacked, nothing_changed, caplog
):
    question = event("client_message", client_message("x" * MOST_BYTES))
    assert await speak(attacked, connect(sessionId=str(uuid.uuid4())), question) == 1009
    assert all(record.exc_info is None for record in caplog.records)


@EACH_GARBAGE
async def test_garbage_of_a_page_that_polls_ends_its_connection_in_one_line(
    attacked, nothing_changed, caplog, frame, open_chat
):
    async with polling(attacked) as page:
        if open_chat:
            assert await page.post(connect(sessionId=str(uuid.uuid4()))) == 200
        assert await page.post(frame) == 400
        assert_one_line(caplog)
        assert await page.hear() == 400  # it is closed
    assert attacked.asked == []


FRESH = connect(sessionId="7d6bb9ca-7c4e-4d0c-9a6c-6a4d7a3f1b52")


IN_ONE = [
    *("\x1e", f"{FRESH}\x1e", f"{FRESH}\x1e\x1e41", f"{FRESH}\x1e{FRESH}", f"{FRESH}\x1ebAAAA"),
    *(f"{FRESH}\x1e1\x1e3", f'{FRESH}\x1e42["stop"]\x1e2', f"3\x1e{FRESH}\x1e42[]", f"1\x1e{FRESH}"),
    *(f"d={quote(FRESH)}", "\x1e".join("3" * (MOST_MESSAGES + 1)), FRESH.encode("utf-16")),
    FRESH.encode() + b"\x1e\xff",
]


@pytest.mark.parametrize("content", IN_ONE, ids=lambda content: repr(content)[-40:])
async def test_of_a_request_with_one_bad_message_none_is_heard(attacked, nothing_changed, caplog, content):
    from chainlit.session import WebsocketSession
    from engineio.payload import Payload

    async with polling(attacked) as page:
        assert await page.post(content) == 400
        assert_one_line(caplog)
        assert await page.hear() == 400
    assert WebsocketSession.get_by_id(json.loads(FRESH[2:])["sessionId"]) is None
    assert Payload.max_decode_packets == MOST_MESSAGES


async def test_a_request_that_is_too_large_or_no_text_is_refused_in_one_line(
    attacked, nothing_changed, caplog
):
    question = event("client_message", client_message("x" * MOST_BYTES))
    for content, kind, status in (
        (question, "text/plain", 413),
        (connect(), "application/octet-stream", 415),
        (connect(), "application/x-www-form-urlencoded", 415),
        (connect(), "multipart/form-data; boundary=x", 415),
    ):
        caplog.clear()
        async with polling(attacked) as page:
            assert await page.post(content, kind) == status
        assert_one_line(caplog)


async def refused_socket(address):
    async with aiohttp.ClientSession() as http:
        with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
            await http.ws_connect(address)


async def test_a_connection_cannot_be_guessed_or_taken_up_when_it_is_closed(
    attacked, nothing_changed, caplog
):
    async with polling(attacked) as closed, polling(attacked) as open_one:
        assert await closed.post("1") == 200
        taken_over = await connected(attacked, "polling first")
        unknown = (closed.sid, taken_over.eio.sid, "", "x", "A" * 20, "../../collections", open_one.sid + "A")
        for sid in (*unknown, open_one.sid + "\n", f"{open_one.sid}&sid={open_one.sid}"):
            named = f"&sid={quote(sid, safe='&=')}"
            for method in ("GET", "POST") if sid else ("POST",):
                caplog.clear()
                body = {} if method == "POST" else None
                assert request(attacked, method, f"{SOCKET}polling{named}", body)[0] == 400, (method, sid)
                assert_one_line(caplog)
            if sid:
                caplog.clear()
                await refused_socket(f"{attacked.url}{SOCKET}websocket{named}")
                assert_one_line(caplog)
        assert await open_one.post(connect(sessionId=str(uuid.uuid4()))) == 200
        await taken_over.disconnect()


async def test_what_is_kept_of_a_connection_goes_with_it(attacked, nothing_changed):
    from chainlit.server import sio

    async with polling(attacked) as page:
        assert await page.post(connect(sessionId=str(uuid.uuid4()))) == 200
        session = sio.eio.sockets[page.sid].session
        holders = gc.get_referrers(*session.values())
        assert [holder for holder in holders if isinstance(holder, dict | list | set)] == [session]
        assert (await page.hear()).startswith("40{")
        poll = asyncio.create_task(page.hear())
        await asyncio.sleep(0.1)
        assert await page.post("41\x1e1") == 200
        assert (await poll).startswith("6")
        assert await page.hear() == 400
        assert page.sid not in sio.eio.sockets


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "HEAD", "PUT"])
async def test_no_page_of_another_site_polls(attacked, nothing_changed, caplog, method):
    async with polling(attacked) as page:
        for foreign in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
            for path in (f"{SOCKET}polling", f"{SOCKET}polling&sid={page.sid}"):
                caplog.clear()
                headers = {"Content-Type": "text/plain", "Access-Control-Request-Method": "POST", **foreign}
                body = {} if method == "POST" else None
                status, sent, _ = request(attacked, method, path, body, headers.items())
                assert status == 403
                assert not [name for name in sent if name.lower().startswith("access-control")]
                assert_one_line(caplog)
        assert await page.post(connect(sessionId=str(uuid.uuid4()))) == 200  # its connection is still open


async def test_a_request_that_claims_to_be_a_socket_half_way_is_an_ordinary_one(
    attacked, nothing_changed, caplog
):
    async with polling(attacked) as page:
        assert await page.post(connect(sessionId=str(uuid.uuid4()))) == 200
        lines = (
            f"GET {SOCKET}polling&sid={page.sid} HTTP/1.1",
            f"Host: 127.0.0.1:{attacked.port}",
            "Upgrade: websocket",
            "Connection: upgrade",
            "Connection: close",
        )
        with socket.create_connection(("127.0.0.1", attacked.port), timeout=10) as raw:
            raw.sendall("\r\n".join((*lines, "", "")).encode())
            answer = raw.makefile("rb").read()
        assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
        assert b'\r\n40{"sid"' in answer
    assert caplog.records == []


@pytest.mark.parametrize(
    "frames",
    [(), ("",), ("2",), ("5",), (FRESH,), (b"2probe",), ("2probe",), ("2probe", "2probe"), ("2probe", FRESH)],
    ids=repr,
)
async def test_a_page_polls_on_where_a_socket_does_not_take_over(attacked, nothing_changed, caplog, frames):
    async with polling(attacked) as page, aiohttp.ClientSession() as http:
        async with http.ws_connect(f"{attacked.url}{SOCKET}websocket&sid={page.sid}") as taking_over:
            for frame in frames:
                await (taking_over.send_bytes if isinstance(frame, bytes) else taking_over.send_str)(frame)
            if frames in {(), ("2probe",)}:
                await taking_over.close()
                assert caplog.records == []
            else:
                async with asyncio.timeout(10):
                    async for _ in taking_over:
                        pass
                assert taking_over.close_code == 1008
                assert_one_line(caplog)
        assert await page.post(connect(sessionId=str(uuid.uuid4()))) == 200
        async with asyncio.timeout(10):
            while (heard := await page.hear()) == "6":
                pass  # until the chat hears that the socket has left
        assert '40{"sid"' in heard


async def test_messages_after_the_last_one_are_not_heard(attacked, nothing_changed, caplog):
    from chainlit.server import sio

    assert await speak(attacked, "1", FRESH) == 1008
    assert_one_line(caplog)
    caplog.clear()
    before = list(sio.manager.get_participants("/", None))
    await sio.eio.handlers["message"]("nobody", FRESH[1:])  # as of a page that has left a ping unanswered
    assert list(sio.manager.get_participants("/", None)) == before
    assert_one_line(caplog)


@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_another_protocol_is_refused_in_one_line(attacked, caplog, transport):
    other = "polling" if transport == "websocket" else "websocket"
    mixed = (
        "",
        f"EIO=3&transport={transport}",
        f"EIO=4&transport={other}",
        f"EIO=4&transport={transport}&EIO=4",
    )
    for query in mixed:
        for method, body in (("GET", None), ("POST", {})) if transport == "polling" else [("", None)]:
            caplog.clear()
            if method:
                assert request(attacked, method, f"/ws/socket.io/?{query}", body)[0] == 400
            else:
                await refused_socket(f"{attacked.url}/ws/socket.io/?{query}")
            assert_one_line(caplog)


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_a_session_taken_over_by_another_socket_is_lost_to_the_first_in_one_line(
    attacked, caplog, transport
):
    session = str(uuid.uuid4())
    first = await connected(attacked, transport, sessionId=session)
    second = await connected(attacked, transport, sessionId=session)
    await first.emit("client_message", client_message())
    await asyncio.sleep(0.3)
    assert_one_line(caplog)
    await first.disconnect()
    await second.disconnect()


# --- and what the page does works --------------------------------------------------------------


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_a_question_is_answered_and_a_cleared_chat_leaves_nothing(attacked, nothing_changed, transport):
    session = str(uuid.uuid4())
    client = await connected(attacked, transport, sessionId=session, chatProfile="pincite")
    assert client.transport() == ("polling" if transport == "polling" else "websocket")
    done = asyncio.Event()
    said = []
    client.on("new_message", lambda message: said.append(message["output"]))
    client.on("task_end", lambda _: said and done.set())
    await client.emit("client_message", client_message("what is Quest?"))
    async with asyncio.timeout(10):
        await done.wait()
    assert attacked.asked.pop() == "what is Quest?"
    assert "nothing is known here" in said
    files = attacked.folder / ".files" / session
    files.mkdir()
    (files / "export").write_text("an answer")
    await client.emit("clear_session")
    await asyncio.sleep(0.2)
    await client.disconnect()
    async with asyncio.timeout(10):
        while files.exists():  # noqa: ASYNC110 - another thread removes it
            await asyncio.sleep(0.05)


def test_the_folder_of_chats_is_private_and_holds_nothing_else(attacked):
    from chainlit.config import FILES_DIRECTORY

    assert Path(FILES_DIRECTORY) == attacked.folder / ".files"
    for folder in (attacked.folder, FILES_DIRECTORY):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert all(is_uuid(path.name) for path in FILES_DIRECTORY.iterdir())
