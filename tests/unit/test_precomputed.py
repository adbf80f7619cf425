"""The shipped vectors are those the shipped encoder makes of the shipped sample."""

import numpy as np
import pytest
from fakes import HashEncoder

from ingest.precomputed import VECTORS_FILE, PrecomputedEncoder, key_of, sample_texts, save
from rag.build import build_encoder, load_settings
from rag.types import Span

TEXTS = ["one bee", "two ants"]
SPANS = [[Span(0, 3), Span(4, 7)], [Span(0, 8)]]


class Counting(HashEncoder):
    """Says of which texts the spans were asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    async def encode_spans(self, texts, spans):
        self.asked += texts
        return await super().encode_spans(texts, spans)


@pytest.fixture
async def known(tmp_path):
    inner = Counting()
    file = tmp_path / "vectors.npz"
    save(file, inner.name, list(map(key_of, TEXTS, SPANS)), *await inner.encode_spans(TEXTS, SPANS))
    inner.asked.clear()
    return PrecomputedEncoder(inner, file), inner, file


async def test_only_unknown_texts_reach_the_encoder_and_rows_keep_their_order(known):
    encoder, inner, _ = known
    texts, spans = ["new", "two ants", "one bee", "newer"], [[Span(0, 3)], SPANS[1], SPANS[0], []]
    whole, parts = await encoder.encode_spans(texts, spans)
    assert inner.asked == ["new", "newer"]
    fresh_whole, fresh_parts = await inner.encode_spans(texts, spans)
    assert np.allclose(whole, fresh_whole, atol=2e-3)
    assert [each.shape for each in parts] == [(1, 64), (1, 64), (2, 64), (0, 64)]
    assert all(np.allclose(ours, theirs, atol=2e-3) for ours, theirs in zip(parts, fresh_parts, strict=True))
    assert np.allclose(np.linalg.norm(whole, axis=1), 1, atol=1e-6)


async def test_the_same_text_with_other_sentences_is_another(known):
    encoder, inner, _ = known
    await encoder.encode_spans(["one bee"], [[Span(0, 7)]])
    assert inner.asked == ["one bee"]


async def test_vectors_of_another_encoder_are_not_used(known):
    _, inner, file = known
    inner.name = "another"
    await PrecomputedEncoder(inner, file).encode_spans(["one bee"], SPANS[:1])
    assert inner.asked == ["one bee"]


async def test_no_texts_give_no_rows(known):
    whole, parts = await known[0].encode_spans([], [])
    assert (whole.shape, parts) == ((0, known[1].dimensions), [])


async def test_the_shipped_file_covers_the_sample_and_holds_what_the_encoder_makes():
    texts, spans = sample_texts(load_settings())
    inner = build_encoder(load_settings())
    asked = Counting()
    asked.name, asked.dimensions = inner.name, inner.dimensions
    whole, parts = await PrecomputedEncoder(asked, VECTORS_FILE).encode_spans(texts, spans)
    assert asked.asked == []
    some = range(0, len(texts), len(texts) // 12)
    fresh, fresh_parts = await inner.encode_spans([texts[row] for row in some], [spans[row] for row in some])
    assert np.einsum("ij,ij->i", fresh, whole[list(some)]).min() > 0.995
    shipped = np.vstack([parts[row] for row in some])
    assert np.einsum("ij,ij->i", np.vstack(fresh_parts), shipped).min() > 0.995
