"""One process owns the engine's files, for the engine opens them for one process only; the others ask it.

The owner listens on a socket in the collection's folder that only its user can open. Whoever comes first
owns; when the owner closes or dies, the next one who needs the engine becomes it.
"""

import hashlib
import logging
import os
import socket
import socketserver
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path

from rag import errors
from rag.errors import PinciteError, StoreLocked, StoreUnavailable
from rag.store import shard_wire
from rag.store.edge_shard import PRIMITIVES, OpenShard
from rag.store.locks import CollectionLock, in_use
from rag.store.shard_wire import Disconnected

SOCKET = "owner.sock"
LONGEST_ADDRESS = 100
"""Bytes of a socket's path that every system takes."""

REQUEST_S = 5.0
"""For how long a client may take to say what it wants."""

REPLY_S = 60.0
"""For how long an owner may take to answer."""

_log = logging.getLogger(__name__)


class OwnedShard(OpenShard):
    """A shard that this process has open and lets the others use.

    Args:
        shard: as of `OpenShard`.
        folder: of the collection.
        lock: of its owner; released when the shard is closed.
    """

    def __init__(self, shard: Any, folder: Path, lock: CollectionLock) -> None:  # noqa: ANN401 - qe.EdgeShard
        super().__init__(shard, folder)
        self._lock = lock
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
                super().close()
            finally:
                self._lock.release()


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
        asked = shard_wire.receive(self.request)
        self.request.settimeout(REPLY_S)
        shard_wire.send(self.request, _reply(server.shard, asked))


def _reply(shard: OpenShard, asked: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever came
    match asked:
        case {"version": shard_wire.VERSION, "call": str(name), "with": list(parts)} if name in PRIMITIVES:
            try:
                return {"result": shard.call(name, *parts)}
            except PinciteError as exc:
                return {"error": type(exc).__name__, "says": str(exc)}
            except Exception as exc:  # noqa: BLE001 - whatever it is, the asking process is to hear of it
                return {"error": "StoreUnavailable", "says": f"{type(exc).__name__}: {exc}"}
        case {"version": shard_wire.VERSION}:
            return {"error": "StoreUnavailable", "says": "the collection's owner was asked what it cannot do"}
    return {
        "error": "StoreLocked",
        "says": "the collection is in use by another version of pincite; close it",
    }


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
    """Where the owner listens: in the folder, or in the user's cache where that is too long a path."""
    address = folder.resolve() / SOCKET
    if len(os.fsencode(address)) <= LONGEST_ADDRESS:
        return address
    name = hashlib.sha256(os.fsencode(address)).hexdigest()[:16]
    return user_cache_path("pincite") / "sockets" / f"{name}.sock"


class RemoteShard:
    """A shard that another process has open; see `rag.store.edge_shard.Shard`.

    Args:
        folder: of the collection.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._address = _address(folder)

    def call(self, primitive: str, *arguments: Any) -> Any:  # noqa: ANN401 - as of the primitive
        """As the owner's, with lists in place of tuples.

        Raises:
            Disconnected: the owner has gone meanwhile. Every call may be made again of the next one, since
                writing the same points twice changes nothing.
        """
        message = {"version": shard_wire.VERSION, "call": primitive, "with": arguments}
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(REPLY_S)
            try:
                connection.connect(str(self._address))
                shard_wire.send(connection, message)
                reply = shard_wire.receive(connection)
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
