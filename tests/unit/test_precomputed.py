"""The shipped vectors are those the shipped encoder makes of the shipped sample."""

import numpy as np
import pytest
from fakes import HashEncoder

from ingest.precomputed import VECTORS_FILE, PrecomputedEncoder, sample_texts, save
from rag.build import build_encoder, load_settings


class Counting(HashEncoder):
    """Says which texts reached it."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    async def encode_passages(self, texts):
        self.asked += texts
        return await super().encode_passages(texts)


@pytest.fixture
def known(tmp_path):
    inner = Counting()
    file = tmp_path / "vectors.npz"
    save(file, inner.name, ["one bee", "two ants"], inner._encode(["one bee", "two ants"]))
    return PrecomputedEncoder(inner, file), inner, file


async def test_only_unknown_texts_reach_the_encoder_and_rows_keep_their_order(known):
    encoder, inner, _ = known
    texts = ["new", "two ants", "one bee", "newer"]
    vectors = await encoder.encode_passages(texts)
    assert inner.asked == ["new", "newer"]
    assert np.allclose(vectors, inner._encode(texts), atol=2e-3)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)


async def test_vectors_of_another_encoder_are_not_used(known):
    _, inner, file = known
    inner.name = "another"
    await PrecomputedEncoder(inner, file).encode_passages(["one bee"])
    assert inner.asked == ["one bee"]


async def test_no_texts_give_no_rows(known):
    assert (await known[0].encode_passages([])).shape == (0, known[1].dimensions)


async def test_the_shipped_file_covers_the_sample_and_holds_what_the_encoder_makes():
    settings = load_settings()
    texts = sample_texts(settings)
    inner = build_encoder(settings)
    asked = Counting()
    asked.name, asked.dimensions = inner.name, inner.dimensions
    shipped = await PrecomputedEncoder(asked, VECTORS_FILE).encode_passages(texts)
    assert asked.asked == []
    some = range(0, len(texts), len(texts) // 12)
    fresh = await inner.encode_passages([texts[row] for row in some])
    assert np.einsum("ij,ij->i", fresh, shipped[list(some)]).min() > 0.995
