"""Replies of language models kept on disk, so that the same request is not paid twice."""

import asyncio
import hashlib
import json
import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import TypeVar

from rag.models.language_model import Completion, Model, ModelWrapper, OnText, Request, Usage
from rag.untrusted.masking import masked_reply

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

BUSY_S = 5.0
"""Seconds to wait for another process that is writing."""

TABLE = """CREATE TABLE IF NOT EXISTS replies_1 (
    request TEXT PRIMARY KEY, text TEXT NOT NULL, model TEXT NOT NULL,
    prompt_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL, cost_usd REAL NOT NULL
) WITHOUT ROWID"""


class ReplyCache:
    """`replies.sqlite` in a folder: replies by request. Safe for several threads and processes.

    Never fails: a damaged file is set aside and made anew, and where nothing can be read or written it is
    as if nothing were kept; both are logged.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "replies.sqlite"
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    def get(self, key: str) -> Completion | None:
        """The reply kept under ``key``, marked as cached; its usage is what it took when it was written."""
        query = "SELECT * FROM replies_1 WHERE request = ?"
        row = self._run(lambda db: db.execute(query, (key,)).fetchone())
        if row is None:
            return None
        _, text, model, *counts = row
        return Completion(masked_reply(text), model, Usage(1, *counts), cached=True)

    def put(self, key: str, completion: Completion) -> None:
        """Keep a reply; the last one under a key stays."""
        usage = completion.usage
        counts = (usage.prompt_tokens, usage.completion_tokens, usage.cost_usd)
        row = (key, completion.text, completion.model, *counts)

        def write(db: sqlite3.Connection) -> None:
            with db:
                db.execute("INSERT OR REPLACE INTO replies_1 VALUES (?, ?, ?, ?, ?, ?)", row)

        self._run(write)

    def close(self) -> None:
        """Let go of the file; idempotent, and the next use opens it again."""
        with self._lock:
            self._drop()

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _run(self, act: Callable[[sqlite3.Connection], Result]) -> Result | None:
        with self._lock:
            try:
                return act(self._open())
            except (sqlite3.OperationalError, OSError, UnicodeError) as exc:  # locked, read-only, no space
                logger.warning("the cache of replies %r cannot be used: %s", str(self._file), exc)
            except sqlite3.Error as exc:
                self._set_aside(exc)
            return None

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self._file, timeout=BUSY_S, check_same_thread=False)
            try:
                _keep_a_journal(connection)
                connection.execute("PRAGMA synchronous = NORMAL")
                connection.execute(TABLE)
            except sqlite3.Error:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _set_aside(self, exc: sqlite3.Error) -> None:
        """The next use makes a new file."""
        self._drop()
        aside = self._file.with_suffix(".damaged")
        logger.warning("the cache of replies is damaged (%s); it is now %r", exc, str(aside))
        with suppress(OSError):
            self._file.replace(aside)
        for ending in ("-wal", "-shm"):
            with suppress(OSError):
                self._file.with_name(self._file.name + ending).unlink()


def _keep_a_journal(connection: sqlite3.Connection) -> None:
    """Again until another process lets go, for changing the journal's mode does not wait by itself."""
    end = time.monotonic() + BUSY_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as exc:
            if "locked" not in str(exc) or time.monotonic() > end:
                raise
            time.sleep(0.02)
        else:
            return


class CachedModel(ModelWrapper):
    """Model that asks the inner one only what the cache does not hold; both are closed with it.

    Kept are whole replies of the inner model's first choice: a fallback's would go on being given after the
    first choice is back, and failures and replies cut at their limit may come out better the next time.
    ``origin`` is what else decides the replies of a model of this name, such as the address of its server.
    """

    def __init__(self, inner: Model, cache: ReplyCache, origin: str = "") -> None:
        super().__init__(inner)
        self._cache = cache
        self._origin = origin

    async def complete(self, request: Request, on_text: OnText | None = None) -> Completion:
        key = request_key(self.name, request, self._origin)
        cached = await asyncio.to_thread(self._cache.get, key)
        if cached is not None:
            if on_text is not None:
                on_text(cached.text)
            return cached
        completion = await self._inner.complete(request, on_text)
        if not completion.cut and completion.model == self.name:
            await asyncio.to_thread(self._cache.put, key, completion)
        return completion

    async def close(self) -> None:
        await super().close()
        await asyncio.to_thread(self._cache.close)


def request_key(model: str, request: Request, origin: str = "") -> str:
    """SHA-256, in hex, over the canonical JSON of all that decides a reply."""
    asked = {field.name: getattr(request, field.name) for field in fields(request)} | {
        "model": model,
        "origin": origin,
        "messages": [[message.role, message.content] for message in request.messages],
    }
    canonical = json.dumps(asked, sort_keys=True, separators=(",", ":"), default=dict)
    return hashlib.sha256(canonical.encode()).hexdigest()
