"""What every reranker promises, whatever runs it: an answer in time, and one finite score a text."""

import asyncio
import math
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import SupportsFloat

from rag.errors import BadCompletion, ModelTimeout


@asynccontextmanager
async def in_time(model: str, timeout_s: float) -> AsyncIterator[None]:
    """Give up the block after ``timeout_s``. A thread that runs then ends its batch, and nobody waits for it.

    Raises:
        ModelTimeout: the time was over.
    """
    try:
        async with asyncio.timeout(timeout_s):
            yield
    except TimeoutError as exc:
        raise ModelTimeout(
            f"reranker {model!r} did not answer within {timeout_s:g} s: "
            "raise reranker.timeout_s or lower reranker.depth"
        ) from exc


def one_a_text(model: str, scores: Sequence[SupportsFloat], count: int) -> list[float]:
    """The scores as numbers.

    Raises:
        BadCompletion: there are not ``count`` of them, or one is not finite.
    """
    numbers = [float(score) for score in scores]
    if len(numbers) != count:
        raise BadCompletion(f"reranker {model!r} sent {len(numbers)} scores for {count} texts", repr(numbers))
    if not all(map(math.isfinite, numbers)):
        raise BadCompletion(f"reranker {model!r} sent a score that is no finite number", repr(numbers))
    return numbers
