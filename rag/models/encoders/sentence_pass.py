"""Sentence vectors from a pass of their own, for encoders that give one vector a text and nothing else."""

from collections.abc import Sequence
from itertools import accumulate, pairwise

from rag.ports import Encoder
from rag.types import Span, Vectors


async def encode_apart(
    encoder: Encoder, texts: Sequence[str], spans: Sequence[Sequence[Span]]
) -> tuple[Vectors, list[Vectors]]:
    """What `Encoder.encode_spans` promises, from ``encode_passages`` alone; raises as it does."""
    parts = [text[span.start : span.end] for text, each in zip(texts, spans, strict=True) for span in each]
    whole = await encoder.encode_passages(texts)
    vectors = await encoder.encode_passages(parts)
    bounds = accumulate((len(each) for each in spans), initial=0)
    return whole, [vectors[start:end] for start, end in pairwise(bounds)]
