"""How a shard's calls travel between processes of one user: JSON for what is small, raw bytes for vectors.

A message is the length of its JSON and of its bytes, both as unsigned 32-bit numbers, then both. Reading one
makes plain values and our own frozen types, never code.
"""

import json
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, BinaryIO

import numpy as np

from rag.store.schema import Condition, Point
from rag.types import SparseVector

VERSION = 1
"""Of what is said; processes that speak another refuse each other."""

LIMIT = 1 << 30
"""Bytes of one part of a message."""

_HEAD = struct.Struct("!II")
_DTYPES = frozenset({"float32", "float16"})


class Disconnected(Exception):
    """The other side has gone, or was not there."""


def send(connection: socket.socket, message: Any) -> None:  # noqa: ANN401 - anything that `receive` makes
    """Send one message; raises as `receive`."""
    raw = bytearray()
    text = json.dumps(message, default=lambda value: _plain(value, raw)).encode()
    with _disconnected():
        connection.sendall(_HEAD.pack(len(text), len(raw)) + text + raw)


def receive(connection: socket.socket) -> Any:  # noqa: ANN401 - whatever was sent
    """Wait for one message.

    Raises:
        Disconnected: the other side has gone, or what came is no message.
        TimeoutError: the connection allows no more time.
    """
    with connection.makefile("rb") as stream, _disconnected():
        text_size, raw_size = _HEAD.unpack(_exactly(stream, _HEAD.size))
        if max(text_size, raw_size) > LIMIT:
            raise Disconnected(f"a message of {text_size + raw_size:,} bytes")
        text, raw = _exactly(stream, text_size), memoryview(_exactly(stream, raw_size))
    try:
        return json.loads(text, object_hook=lambda fields: _own(fields, raw))
    except (ValueError, KeyError, TypeError) as exc:
        raise Disconnected(f"no message: {exc}") from exc


@contextmanager
def _disconnected() -> Iterator[None]:
    try:
        yield
    except TimeoutError:
        raise
    except OSError as exc:
        raise Disconnected(str(exc)) from exc


def _exactly(stream: BinaryIO, size: int) -> bytes:
    content = stream.read(size)
    if len(content) < size:
        raise Disconnected("the connection was closed")
    return content


def _plain(value: object, raw: bytearray) -> dict[str, Any]:
    """What stands in the JSON for a value that JSON has no form for; the numbers of arrays go to ``raw``."""
    if isinstance(value, np.ndarray):
        at = len(raw)
        raw += np.ascontiguousarray(value).tobytes()
        return {"$array": [at, value.dtype.name, value.shape]}
    if isinstance(value, SparseVector):
        return {"$sparse": [value.indices, value.values]}
    if isinstance(value, Point):
        return {"$point": [value.point_id, dict(value.payload), dict(value.vectors)]}
    if isinstance(value, Condition):
        return {"$condition": asdict(value)}
    raise TypeError(f"a {type(value).__name__} cannot be sent")


def _own(fields: dict[str, Any], raw: memoryview) -> Any:  # noqa: ANN401 - the value that was sent
    match fields:
        case {"$array": [at, str(dtype), list(shape)]} if dtype in _DTYPES:
            count = int(np.prod(shape))
            return np.frombuffer(raw, dtype, count, at).reshape(shape)
        case {"$sparse": [indices, values]}:
            return SparseVector(tuple(indices), tuple(values))
        case {"$point": [point_id, payload, vectors]}:
            return Point(point_id, payload, vectors)
        case {"$condition": condition}:
            return Condition(**condition | {"one_of": tuple(condition["one_of"])})
    return fields
