"""The ways in which providers fail, as replies of the scripted server on loopback.

    with ScriptedServer(["first reply", rate_limited(), "third"]) as server:
        model = LitellmModel(ModelSettings(name="openai/scripted", api_base=server.url, api_key="k"))

A script is a list of replies, used up in order (then every request is refused with 400), or a function
from the request's JSON to a reply. A bare string is a reply of that text. ``server.requests`` keeps what
was asked.
"""

import socket

from scripted_server import Reply, ScriptedServer, problem

__all__ = [
    "Reply",
    "ScriptedServer",
    "dropped",
    "endless",
    "flood",
    "half_json",
    "html",
    "no_quota",
    "problem",
    "rate_limited",
    "refusal",
    "refused_url",
    "schema_refused",
    "server_error",
    "slow",
    "too_long",
    "unauthorized",
]


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


def flood(words: int = 50_000) -> Reply:
    return Reply("word " * words, usage=None)


def refused_url() -> str:
    """An address where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}/v1"
