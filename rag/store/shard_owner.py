"""One process owns the engine's files, for the engine opens them for one process only; the others ask it.

The owner listens on a socket in the collection's folder that only its user can open. Whoever comes first
owns; when the owner closes or dies, the next one who needs the engine becomes it. Calls travel as JSON, and
vectors as raw bytes: a message is the length of both, as unsigned 32-bit numbers, then both. Reading one
makes plain values and our own frozen types, never code.
"""

import hashlib
import json
import logging
import os
import socket
import socketserver
import stat
import struct
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO, TextIO

import numpy as np
from platformdirs import user_cache_path

from rag import errors
from rag.errors import PinciteError, StoreLocked, StoreUnavailable
from rag.store.edge_shard import PRIMITIVES, OpenShard
from rag.store.locks import in_use
from rag.store.schema import Condition, Point
from rag.types import SparseVector

SOCKET = "owner.sock"
LONGEST_ADDRESS = 100
"""Bytes of a socket's path that every system takes."""

REQUEST_S = 5.0
"""For how long a client may take to say what it wants."""

REPLY_S = 60.0
"""For how long an owner may take to answer."""

VERSION = 1
"""Of what is said; processes that speak another refuse each other."""

LIMIT = 1 << 30
"""Bytes of one part of a message."""

_HEAD = struct.Struct("!II")
_DTYPES = frozenset({"float32", "float16"})

_log = logging.getLogger(__name__)


class Disconnected(Exception):
    """The other side has gone, or was not there."""


class OwnedShard(OpenShard):
    """A shard that this process has open and lets the others use; closing it lets go of the owner's lock."""

    def __init__(self, shard: Any, folder: Path, lock: TextIO) -> None:  # noqa: ANN401 - qe.EdgeShard
        super().__init__(shard, folder, lock.close)
        self._closing = threading.Lock()
        self._server = _listen(self, folder)

    def close(self) -> None:
        """Turn away new requests, end those that run, close the shard, and let the next one own it."""
        with self._closing:
            try:
                if self._server is not None:
                    self._server.shutdown()
                    self._server.server_close()
                    self._server.address.unlink(missing_ok=True)
                    self._server = None
            finally:
                super().close()


class _Server(socketserver.ThreadingUnixStreamServer):
    """A thread a request, so that what the owner is busy with holds nobody up."""

    daemon_threads = False
    block_on_close = True
    request_queue_size = 128

    def __init__(self, address: Path, shard: OpenShard) -> None:
        self.address = address
        self.shard = shard
        super().__init__(str(address), _RequestHandler, bind_and_activate=False)
        self.server_bind()
        address.chmod(0o600)  # before anybody can connect
        self.server_activate()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401, ARG002 - the base's types
        """A client that has gone is no fault of the owner's, and no traceback is owed to anybody."""
        _log.debug("a request of another process failed", exc_info=True)


class _RequestHandler(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        server = self.server
        assert isinstance(server, _Server)  # noqa: S101 - for the type checker
        self.request.settimeout(REQUEST_S)
        asked = receive(self.request)
        self.request.settimeout(REPLY_S)
        send(self.request, _reply(server.shard, asked))


def _reply(shard: OpenShard, asked: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever came
    if not isinstance(asked, dict) or asked.get("version") != VERSION:
        says = "the collection is in use by another version of pincite; close it"
        return {"error": "StoreLocked", "says": says}
    match asked:
        case {"call": str(name), "with": list(arguments)} if name in PRIMITIVES:
            try:
                return {"result": shard.call(name, *arguments)}
            except PinciteError as exc:
                return {"error": type(exc).__name__, "says": str(exc)}
            except Exception as exc:  # noqa: BLE001 - whatever it is, the asking process is to hear of it
                return {"error": "StoreUnavailable", "says": f"{type(exc).__name__}: {exc}"}
    return {"error": "StoreUnavailable", "says": "the collection's owner was asked what it cannot do"}


def _listen(shard: OpenShard, folder: Path) -> _Server | None:
    """Serve others from a thread; None where no socket can be had: then they find the collection locked."""
    address = _address(folder)
    try:
        address.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        address.unlink(missing_ok=True)  # of an owner that was killed: we hold its lock
        server = _Server(address, shard)
    except OSError as exc:
        _log.warning("no other process can read %r meanwhile: %s", folder.name, exc)
        return None
    threading.Thread(target=server.serve_forever, args=(0.02,), name="pincite-owner", daemon=True).start()
    return server


def _address(folder: Path) -> Path:
    """Where the owner listens: in the folder, or where that is too long a path, in another of the user's."""
    address = folder.resolve() / SOCKET
    if len(os.fsencode(address)) <= LONGEST_ADDRESS:
        return address
    name = hashlib.sha256(os.fsencode(address)).hexdigest()[:16]
    cached = user_cache_path("pincite") / "sockets" / f"{name}.sock"
    apart = Path(tempfile.gettempdir()) / f"pincite-{os.getuid()}"
    too_long = len(os.fsencode(cached)) > LONGEST_ADDRESS
    return apart / cached.name if too_long and _is_private(apart) else cached


def _is_private(folder: Path) -> bool:
    """Whether nobody else can put a socket of their own into a folder, which is made if it is missing."""
    with suppress(OSError):
        folder.mkdir(mode=0o700)
    with suppress(OSError):
        found = folder.lstat()
        return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o077
    return False


class RemoteShard:
    """A shard of the collection in ``folder`` that another process has open; see `Shard`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._address = _address(folder)

    def call(self, primitive: str, *arguments: Any) -> Any:  # noqa: ANN401 - as of the primitive
        """As the owner's, with lists in place of tuples. Raises `Disconnected` where the owner has gone.

        Every call may be made again of the next one, since writing the same points twice changes nothing.
        """
        message = {"version": VERSION, "call": primitive, "with": arguments}
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(REPLY_S)
            try:
                connection.connect(str(self._address))
                send(connection, message)
                reply = receive(connection)
            except TimeoutError as exc:
                raise StoreLocked(f"{in_use(self._folder)}, which does not answer") from exc
            except (FileNotFoundError, ConnectionError, BlockingIOError) as exc:
                raise Disconnected(str(exc)) from exc
        if "error" in reply:
            kind = getattr(errors, str(reply["error"]), StoreUnavailable)
            raise kind(str(reply["says"]))
        return reply["result"]

    def close(self) -> None:
        """Nothing is held."""


def owner_answers(folder: Path) -> bool:
    """Whether the owner of the collection in ``folder`` can be asked."""
    with suppress(Disconnected):
        RemoteShard(folder).call("version")
        return True
    return False


def send(connection: socket.socket, message: Any) -> None:  # noqa: ANN401 - anything that `receive` makes
    """Send one message; raises as `receive`."""
    raw = bytearray()
    text = json.dumps(message, default=lambda value: _plain(value, raw)).encode()
    with _disconnected():
        connection.sendall(_HEAD.pack(len(text), len(raw)) + text + raw)


def receive(connection: socket.socket) -> Any:  # noqa: ANN401 - whatever was sent
    """Wait for one message.

    Raises `Disconnected` where the other side has gone or sends no message, `TimeoutError` at its time limit.
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
