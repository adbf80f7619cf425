"""An OpenAI-compatible server on loopback that replies by script: a model whose every word is known."""

import contextlib
import json
import re
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle
from typing import Any, Self


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


def problem(
    status: int, message: str, code: str | None = None, headers: Mapping[str, str] | None = None
) -> Reply:
    """An error as OpenAI words it."""
    error = {"message": message, "type": "scripted", "param": None, "code": code}
    return Reply(status=status, body=json.dumps({"error": error}).encode(), headers=headers or {})


class ScriptedServer:
    """The server; a context manager.

    Args:
        script: what it says; a bare string is a reply of that text.

    Attributes:
        url: what to set as ``api_base``.
        requests: the JSON of each request, in order.
        words: how many pieces of text were sent, over all requests.
    """

    def __init__(self, script: Script = ()) -> None:
        self.requests: list[dict[str, Any]] = []
        self.words = 0
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"
        self.says(script)

    def says(self, script: Script) -> None:
        """Replace what is left of the script."""
        if callable(script):
            self._next = script
            return
        left = iter(list(script))
        self._next = lambda _request: next(left, problem(400, "the script is over"))

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def reply_to(self, request: dict[str, Any]) -> Reply:
        """Note a request, and what the script says to it."""
        with self._lock:
            self.requests.append(request)
            reply = self._next(request)
        return Reply(reply) if isinstance(reply, str) else reply

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        scripted = self

        class Handler(_Handler):
            server_of_script = scripted

        return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up between two requests are no error."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_of_script: ScriptedServer

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        reply = self.server_of_script.reply_to(request)
        time.sleep(reply.delay_s)
        with contextlib.suppress(ConnectionError):
            if reply.body is not None:
                self._whole(reply.body, reply)
            elif request.get("stream"):
                self._stream(reply, request)
            else:
                self._whole(json.dumps(_completion(reply, request)).encode(), reply)

    def _whole(self, body: bytes, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in {"Content-Type": "application/json", **reply.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, reply: Reply, request: dict[str, Any]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for number, piece in enumerate(_pieces(reply)):
            if number == reply.drop_after:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            time.sleep(reply.piece_s)
            self._event(_chunk(request, {"role": "assistant", "content": piece}, None))
            self.server_of_script.words += 1
        if reply.finish is not None:
            self._event(_chunk(request, {}, reply.finish))
        if reply.usage and (request.get("stream_options") or {}).get("include_usage"):
            self._event({**_chunk(request, {}, None), "choices": [], "usage": _usage(reply.usage)})
        self._chunked(b"data: [DONE]\n\n")
        self._chunked(b"")

    def _event(self, value: dict[str, Any]) -> None:
        self._chunked(f"data: {json.dumps(value)}\n\n".encode())

    def _chunked(self, part: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _pieces(reply: Reply) -> Iterator[str]:
    words = re.findall(r"\S*\s*", reply.text)[:-1]
    yield from cycle(words) if reply.endless else words


def _completion(reply: Reply, request: dict[str, Any]) -> dict[str, Any]:
    message = {"role": "assistant", "content": reply.text}
    return {
        "id": "scripted",
        "object": "chat.completion",
        "created": 0,
        "model": request["model"],
        "choices": [{"index": 0, "message": message, "finish_reason": reply.finish}],
        **({"usage": _usage(reply.usage)} if reply.usage else {}),
    }


def _chunk(request: dict[str, Any], delta: dict[str, str], finish: str | None) -> dict[str, Any]:
    return {
        "id": "scripted",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": request["model"],
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    }


def _usage(usage: tuple[int, int]) -> dict[str, int]:
    return {"prompt_tokens": usage[0], "completion_tokens": usage[1], "total_tokens": sum(usage)}
