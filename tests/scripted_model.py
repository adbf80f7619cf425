"""An OpenAI-compatible server on loopback that replies by script, and the ways in which providers fail.

with ScriptedServer(["first reply", rate_limited(), "third"]) as server:
    model = LitellmModel(ModelSettings(name="openai/scripted", api_base=server.url, api_key="k"))
"""

import json
import logging
import re
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import count, cycle
from typing import Any, Self

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response
from werkzeug.serving import WSGIRequestHandler

logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
WSGIRequestHandler.disable_nagle_algorithm = True  # a word is sent when it is said
NUMBERS = count()


@dataclass(frozen=True)
class Reply:
    """One answer of the server.

    Attributes:
        text: of the completion; streamed word by word.
        finish: OpenAI's finish_reason; None sends none.
        usage: (prompt tokens, completion tokens), or None for a provider that counts nothing.
        status: of an HTTP answer that is sent as it is, if ``body`` is given.
        headers: of that answer.
        body: of that answer; None for a completion.
        delay_s: before the first byte.
        piece_s: before each word.
        drop_after: words after which the connection is cut, in the middle of the transfer.
        endless: say ``text`` again and again until the client hangs up.
    """

    text: str = ""
    finish: str | None = "stop"
    usage: tuple[int, int] | None = (12, 7)
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    delay_s: float = 0
    piece_s: float = 0
    drop_after: int | None = None
    endless: bool = False


Script = Iterable[Reply | str] | Callable[[dict[str, Any]], Reply | str]
"""Replies, used up in order (then every request is refused with 400), or a function of a request's JSON."""


@cache
def running() -> HTTPServer:
    """The one server of this process; each script has a path of its own."""
    server = HTTPServer("127.0.0.1", threaded=True)
    server.start()
    return server


class ScriptedServer:
    """A script that is served while the context is open; a bare string is a reply of that text.

    Attributes:
        url: what to set as ``api_base``.
        requests: the JSON of each request, in order.
        words: how many pieces of text were sent, over all requests.
    """

    def __init__(self, script: Script = ()) -> None:
        self.requests: list[dict[str, Any]] = []
        self.words = 0
        self._lock = threading.Lock()
        self._path = f"/{next(NUMBERS)}/"
        self.url = running().url_for(f"{self._path}v1")
        self.says(script)

    def says(self, script: Script) -> None:
        """Replace what is left of the script."""
        left = iter(() if callable(script) else list(script))
        over = problem(400, "the script is over")
        self._next = script if callable(script) else lambda _request: next(left, over)

    def __enter__(self) -> Self:
        path = re.compile(re.escape(self._path))
        running().expect_request(path, method="POST").respond_with_handler(self._answer)
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def _answer(self, http: Request) -> Response:
        request = json.loads(http.get_data())
        with self._lock:
            self.requests.append(request)
            said = self._next(request)
        reply = Reply(said) if isinstance(said, str) else said
        time.sleep(reply.delay_s)
        if reply.body is not None:
            headers = {"Content-Type": "application/json", **reply.headers}
            return Response(reply.body, reply.status, headers)
        if request.get("stream"):
            events = self._events(reply, request, http.environ["werkzeug.socket"])
            return Response(events, mimetype="text/event-stream")
        choice = {"message": {"role": "assistant", "content": reply.text}, "finish_reason": reply.finish}
        whole = {**_completion(request, choice), "object": "chat.completion", **_usage(reply)}
        return Response(json.dumps(whole), mimetype="application/json")

    def _events(self, reply: Reply, request: dict[str, Any], connection: socket.socket) -> Iterator[bytes]:
        words = re.findall(r"\S*\s*", reply.text)[:-1]
        for number, piece in enumerate(cycle(words) if reply.endless else words):
            if number == reply.drop_after:
                connection.shutdown(socket.SHUT_RDWR)
                raise ConnectionAbortedError
            time.sleep(reply.piece_s)
            delta = {"role": "assistant", "content": piece}
            yield _event(_completion(request, {"delta": delta, "finish_reason": None}))
            self.words += 1
        if reply.finish is not None:
            yield _event(_completion(request, {"delta": {}, "finish_reason": reply.finish}))
        if reply.usage and (request.get("stream_options") or {}).get("include_usage"):
            yield _event({**_completion(request, {}), "choices": [], **_usage(reply)})
        yield b"data: [DONE]\n\n"


def _event(value: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(value)}\n\n".encode()


def _completion(request: dict[str, Any], choice: dict[str, Any]) -> dict[str, Any]:
    head = {"id": "scripted", "object": "chat.completion.chunk", "created": 0, "model": request["model"]}
    return {**head, "choices": [{"index": 0, **choice}]}


def _usage(reply: Reply) -> dict[str, Any]:
    if not reply.usage:
        return {}
    counts = {"prompt_tokens": reply.usage[0], "completion_tokens": reply.usage[1]}
    return {"usage": counts | {"total_tokens": sum(reply.usage)}}


def problem(
    status: int, message: str, code: str | None = None, headers: Mapping[str, str] | None = None
) -> Reply:
    """An error as OpenAI words it."""
    error = {"message": message, "type": "scripted", "param": None, "code": code}
    return Reply(status=status, body=json.dumps({"error": error}).encode(), headers=headers or {})


def rate_limited(retry_after: float | None = None) -> Reply:
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return problem(429, "Rate limit reached, slow down", "rate_limit_exceeded", headers)


def no_quota(status: int = 429) -> Reply:
    return problem(status, "You exceeded your current quota, check your billing", "insufficient_quota")


def server_error(status: int = 500) -> Reply:
    return problem(status, "The server had an error")


def unauthorized() -> Reply:
    return problem(401, "Incorrect API key provided", "invalid_api_key")


def too_long() -> Reply:
    message = "This model's maximum context length is 8192 tokens. However, your messages have 9000 tokens."
    return problem(400, message, "context_length_exceeded")


def schema_refused() -> Reply:
    return problem(400, "Invalid parameter: 'response_format' of type 'json_schema' is not supported")


def html() -> Reply:
    """A proxy's page, with status 200."""
    page = b"<!DOCTYPE html><html><body><h1>Sign in to the network</h1></body></html>"
    return Reply(body=page, headers={"Content-Type": "text/html"})


def half_json() -> Reply:
    """A body that ends in the middle."""
    return Reply(body=b'{"id": "x", "object": "chat.completion", "choices": [{"index": 0, "mess')


def dropped(text: str, after: int) -> Reply:
    return Reply(text, drop_after=after)


def refusal() -> Reply:
    return Reply("", finish="content_filter")


def slow(text: str, delay_s: float) -> Reply:
    return Reply(text, delay_s=delay_s)


def endless(text: str = "and so on ") -> Reply:
    return Reply(text, endless=True)


def refused_url() -> str:
    """An address where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}/v1"
