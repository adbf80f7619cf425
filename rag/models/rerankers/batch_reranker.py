"""What every reranker promises, whatever runs it: an answer in time, and one finite score a text."""

import asyncio
import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import SupportsFloat

from rag.errors import BadCompletion, ModelTimeout
from rag.settings import RerankerSettings


def no_reranker(_name: str, _options: RerankerSettings) -> None:
    """The learned ranker alone."""


class BatchReranker(ABC):
    """Scores texts in batches of ``options.batch_size``, within ``options.timeout_s`` together."""

    def __init__(self, name: str, options: RerankerSettings) -> None:
        self.name = name
        self._options = options

    @staticmethod
    def request_usd(_model: str) -> float:
        """Dollars of one batch, as far as known."""
        return 0.0

    async def score(self, query: str, texts: Sequence[str]) -> list[float]:
        """A thread that runs at the end of the time ends its batch alone."""
        size, timeout_s = self._options.batch_size, self._options.timeout_s
        scores: list[float] = []
        try:
            async with asyncio.timeout(timeout_s):
                for start in range(0, len(texts), size):
                    batch = texts[start : start + size]
                    scores += self._one_a_text(await self._score_batch(query, batch), len(batch))
        except TimeoutError as exc:
            raise ModelTimeout(
                f"reranker {self.name!r} did not answer within {timeout_s:g} s: "
                "raise reranker.timeout_s or lower reranker.depth"
            ) from exc
        return scores

    @abstractmethod
    async def _score_batch(self, query: str, texts: Sequence[str]) -> Sequence[SupportsFloat]:
        """A score a text, in their order; raises `ModelError`."""

    def _one_a_text(self, scores: Sequence[SupportsFloat], count: int) -> list[float]:
        numbers = [float(score) for score in scores]
        if len(numbers) != count:
            raise BadCompletion(
                f"reranker {self.name!r} sent {len(numbers)} scores for {count} texts", repr(numbers)
            )
        if not all(map(math.isfinite, numbers)):
            raise BadCompletion(f"reranker {self.name!r} sent a score that is not finite", repr(numbers))
        return numbers
