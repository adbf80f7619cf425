"""Whose question is answered next: a bounded line for each client, and the clients take turns."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from rag.errors import PinciteError

MOST_OF_ONE = 8
"""Questions of one client that may wait, beside the one that is being answered."""

MOST_IN_ALL = 512
"""Questions that may wait together, whoever asks."""

MOST_PLACES = 4
"""Questions answered at a time without a model: most of it is Python, which more cores do not speed up."""

MODEL_PLACES = 8
"""The same with a model, for which most of the time is waited."""

THREADS = MODEL_PLACES + MOST_PLACES
"""Of the chat: a model on this machine keeps one for each question."""

Place = asyncio.Future[None]
OnWait = Callable[[int], Awaitable[None]]


def places(*, with_model: bool) -> int:
    """Questions to answer at a time on this machine."""
    return MODEL_PLACES if with_model else min(os.cpu_count() or 1, MOST_PLACES)


class QueueFull(PinciteError):
    """There is no room for another question now."""

    retryable = True


class ClientLeft(Exception):
    """The client whose question waited is gone."""


class AdmissionQueue:
    """Admits questions to a few places. For one event loop.

    A client has at most one question answered at a time, in the order asked. The clients that wait take turns
    (round robin): whoever asks much waits for themselves, and holds up another's question by no more than the
    one that is being answered.

    Args:
        places: questions that are answered at a time, at least 1.
        most_of_one: questions of one client that may wait.
        most_in_all: questions that may wait together.
    """

    def __init__(self, places: int, most_of_one: int = MOST_OF_ONE, most_in_all: int = MOST_IN_ALL) -> None:
        self._places = places
        self._most_of_one = most_of_one
        self._most_in_all = most_in_all
        self._lines: dict[str, list[Place]] = {}  # of the clients that wait, whose turn is next first
        self._answering: set[str] = set()

    @property
    def waiting(self) -> int:
        """Questions that wait."""
        return sum(map(len, self._lines.values()))

    @property
    def answering(self) -> int:
        """Places that are taken."""
        return len(self._answering)

    @asynccontextmanager
    async def turn(self, client: str, on_wait: OnWait | None = None) -> AsyncIterator[None]:
        """Wait for a place, and hold it for the block.

        Args:
            client: whose question it is.
            on_wait: called where there is none yet, with the number of waiting questions that come before.

        Raises:
            QueueFull: too many questions of this client wait, or of all.
            ClientLeft: `leave` was called for the client meanwhile.
        """
        await self._admitted(client, on_wait)
        try:
            yield
        finally:
            self._vacate(client)

    def leave(self, client: str) -> None:
        """Take all waiting questions of a client out of the queue; what is being answered goes on."""
        for place in self._lines.pop(client, ()):
            if not place.done():
                place.set_exception(ClientLeft())

    async def _admitted(self, client: str, on_wait: OnWait | None) -> None:
        self._require_room(client)
        before = self._before(client)
        place: Place = asyncio.get_running_loop().create_future()
        self._lines.setdefault(client, []).append(place)
        self._admit()
        try:
            if on_wait is not None and not place.done():
                await on_wait(before)
            await place
        except BaseException:
            if place.done() and not place.cancelled() and place.exception() is None:
                self._vacate(client)  # it had its place, and was cancelled before it could take it
            elif place in self._lines.get(client, ()):
                self._lines[client].remove(place)
                self._admit()
            raise

    def _before(self, client: str) -> int:
        """Waiting questions that come before another one of this client, as far as can be told now."""
        own = len(self._lines.get(client, ()))
        return own + sum(min(len(line), own + 1) for name, line in self._lines.items() if name != client)

    def _require_room(self, client: str) -> None:
        own, waiting = len(self._lines.get(client, ())), self.waiting
        if own >= self._most_of_one:
            raise QueueFull(f"You have {own} questions waiting; ask again when one is answered.")
        if waiting >= self._most_in_all:
            raise QueueFull(f"pincite is busy: {waiting} questions are waiting; ask again in a minute.")

    def _admit(self) -> None:
        """Give free places to the first question of each client that has none answered, in turn."""
        for client in [name for name in self._lines if name not in self._answering]:
            if len(self._answering) >= self._places:
                break
            line = self._lines[client]
            while line and client not in self._answering:
                if not (place := line.pop(0)).done():  # else it was given up
                    self._answering.add(client)
                    place.set_result(None)
        self._lines = {client: line for client, line in self._lines.items() if line}

    def _vacate(self, client: str) -> None:
        self._answering.discard(client)
        if client in self._lines:
            self._lines[client] = self._lines.pop(client)  # behind everybody who waits
        self._admit()
