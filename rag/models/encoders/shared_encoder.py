"""One encoder for the questions of many: what waits is encoded together, what was encoded is remembered.

Only for an encoder whose vector of a text is the same, bit for bit, whatever stands beside it in a pass: then
an answer does not depend on who else asks, or on what was asked before.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from rag.models.encoders.text_encoder import TextEncoder
from rag.ports import Encoder
from rag.types import Span, Vectors

MOST_QUERIES, MOST_PASSAGES = 2_048, 16_384
"""Texts whose vectors are remembered, least recently used ones forgotten: about 4 MB and 32 MB."""

MOST_CHARACTERS = 1_000
"""Of a text that is remembered: a longer one would take more room than its vector, and hardly comes again."""

TEXTS_AT_ONCE = 64
"""Texts from which on no other request joins a pass: it would wait for it longer than it gains."""


class SharedEncoder(TextEncoder):
    """An encoder that many questions share. One pass runs at a time, of queries and of passages each.

    Args:
        encoder: gives a text the same vector whatever it is encoded with.
    """

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.name, self.dimensions = encoder.name, encoder.dimensions
        self._queries = _Passes(encoder.encode_queries, MOST_QUERIES)
        self._passages = _Passes(encoder.encode_passages, MOST_PASSAGES)

    async def encode_queries(self, queries: Sequence[str]) -> Vectors:
        return self._rows(await self._queries.vectors(queries))

    async def encode_passages(self, texts: Sequence[str]) -> Vectors:
        return self._rows(await self._passages.vectors(texts))

    async def encode_spans(
        self, texts: Sequence[str], spans: Sequence[Sequence[Span]]
    ) -> tuple[Vectors, list[Vectors]]:
        return await self._encoder.encode_spans(texts, spans)  # what is ingested is encoded once anyway

    def _rows(self, vectors: Sequence[Vectors]) -> Vectors:
        return np.stack(vectors) if vectors else np.zeros((0, self.dimensions), np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    texts: Sequence[str]
    vectors: "asyncio.Future[list[Vectors]]"


class _Passes:
    """Encodes what waits, first come first served, several jobs in a pass; remembers the vectors."""

    def __init__(self, encode: Callable[[Sequence[str]], Awaitable[Vectors]], most: int) -> None:
        self._encode = encode
        self._most = most
        self._known: OrderedDict[str, Vectors] = OrderedDict()
        self._waiting: deque[_Job] = deque()
        self._running: asyncio.Task[None] | None = None

    async def vectors(self, texts: Sequence[str]) -> list[Vectors]:
        if all(text in self._known for text in texts):
            return self._recalled(texts)
        job = _Job(texts, asyncio.get_running_loop().create_future())
        self._waiting.append(job)
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._run())
        return await job.vectors

    async def _run(self) -> None:
        while jobs := list(self._next()):
            await self._pass(jobs)

    def _next(self) -> Iterator[_Job]:
        """The jobs of the next pass; those that were given up are left out."""
        texts = 0
        while self._waiting and texts < TEXTS_AT_ONCE:
            job = self._waiting.popleft()
            if not job.vectors.done():
                texts += sum(text not in self._known for text in job.texts)
                yield job

    async def _pass(self, jobs: Sequence[_Job]) -> None:
        asked = dict.fromkeys(text for job in jobs for text in job.texts)
        new = [text for text in asked if text not in self._known]
        try:
            found = dict(zip(new, await self._encode(new) if new else (), strict=True))
        except Exception as exc:  # noqa: BLE001 - handed on to who asked
            await self._fail(jobs, exc)
            return
        for job in jobs:
            if not job.vectors.done():
                rows = [found[text] if text in found else self._known[text] for text in job.texts]
                job.vectors.set_result(rows)
        self._remember(found)
        self._recalled([text for text in asked if text in self._known])

    async def _fail(self, jobs: Sequence[_Job], error: Exception) -> None:
        """Nobody's question fails for the text of another: after a failure each has a pass of its own."""
        if len(jobs) == 1:
            if not jobs[0].vectors.done():
                jobs[0].vectors.set_exception(error)
            return
        for job in jobs:
            await self._pass([job])

    def _recalled(self, texts: Sequence[str]) -> list[Vectors]:
        for text in texts:
            self._known.move_to_end(text)
        return [self._known[text] for text in texts]

    def _remember(self, found: dict[str, Vectors]) -> None:
        for text, vector in found.items():
            if len(text) <= MOST_CHARACTERS:
                self._known[text] = vector.copy()  # a row alone would keep the whole pass in memory
        while len(self._known) > self._most:
            self._known.popitem(last=False)
