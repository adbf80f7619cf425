"""What encoders of whole texts have in common: unit rows, batches, and spans in a pass of their own."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import ArrayLike

from rag.types import Span, Vectors


def unit_rows(rows: ArrayLike) -> Vectors:
    """Each row at length 1, in 32 bits; zeros stay."""
    vectors = np.asarray(rows, np.float32)
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Vectors = (vectors / np.maximum(norms, 1e-12)).astype(np.float32)
    return unit


class TextEncoder(ABC):
    """An encoder that gives one vector a text; its attributes are those of `rag.ports.Encoder`."""

    name: str
    dimensions: int

    @abstractmethod
    async def encode_passages(self, texts: Sequence[str]) -> Vectors: ...

    async def encode_queries(self, queries: Sequence[str]) -> Vectors:
        """As passages, where the model does not treat them differently."""
        return await self.encode_passages(queries)

    async def encode_spans(
        self, texts: Sequence[str], spans: Sequence[Sequence[Span]]
    ) -> tuple[Vectors, list[Vectors]]:
        """Of the texts, and of each text's spans, which are passages of their own here."""
        pairs = zip(texts, spans, strict=True)
        whole = await self.encode_passages(texts)
        parts = [text[span.start : span.end] for text, each in pairs for span in each]
        vectors = await self.encode_passages(parts)
        bounds = accumulate((len(each) for each in spans), initial=0)
        return whole, [vectors[start:end] for start, end in pairwise(bounds)]
