"""How a shard's calls travel between processes of one user: JSON for what is small, raw bytes for vectors.

A message is the length of its JSON and of its bytes, both as unsigned 32-bit numbers, then both. Reading one
makes plain values and our own frozen types, never code.
"""

import json
import socket
import struct
from dataclasses import asdict
from typing import Any

import numpy as np

from rag.store.points import Condition, Point
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
    """Send one message.

    Raises:
        Disconnected: nobody reads it.
        TimeoutError: it was not read in the time that the connection allows.
    """
    raw = bytearray()
    text = json.dumps(message, default=lambda value: _plain(value, raw)).encode()
    try:
        connection.sendall(_HEAD.pack(len(text), len(raw)) + text + raw)
    except TimeoutError:
        raise
    except OSError as exc:
        raise Disconnected(str(exc)) from exc


def receive(connection: socket.socket) -> Any:  # noqa: ANN401 - whatever was sent
    """Wait for one message.

    Raises:
        Disconnected: the other side has gone, or what came is no message.
        TimeoutError: it did not come in the time that the connection allows.
    """
    text_size, raw_size = _HEAD.unpack(_exactly(connection, _HEAD.size))
    if max(text_size, raw_size) > LIMIT:
        raise Disconnected(f"a message of {text_size + raw_size:,} bytes")
    text, raw = _exactly(connection, text_size), memoryview(_exactly(connection, raw_size))
    try:
        return json.loads(text, object_hook=lambda fields: _own(fields, raw))
    except (ValueError, KeyError, TypeError) as exc:
        raise Disconnected(f"no message: {exc}") from exc


def _exactly(connection: socket.socket, size: int) -> bytes:
    content = bytearray(size)
    view, at = memoryview(content), 0
    while at < size:
        try:
            count = connection.recv_into(view[at:])
        except TimeoutError:
            raise
        except OSError as exc:
            raise Disconnected(str(exc)) from exc
        if not count:
            raise Disconnected("the connection was closed")
        at += count
    return bytes(content)


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
