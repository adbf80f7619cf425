"""Every encoder keeps the same promises: shipped, shared, local folder, fastembed, litellm, and the fake."""

import asyncio
import functools
import inspect
import shutil
from pathlib import Path

import numpy as np
import pytest
from fakes import HashEncoder
from tiny_cross_encoder import write_settings

from models import folder
from rag.build import build_encoder, load_settings
from rag.errors import ConfigError, ModelError, ModelUnavailable
from rag.models.encoders.onnx_encoder import OnnxEncoder
from rag.models.encoders.shared_encoder import SharedEncoder
from rag.ports import Encoder
from rag.settings import EncoderSettings

MINILM = folder("all-MiniLM-L6-v2")
TEXTS = (
    "We prune attention heads of large language models.",
    "A dataset of 597 literature search queries.",
    "",
    "模型压缩 and «quotes» \u202e with signs",
    "word " * 2000,
)


def hash_encoder(*_: object) -> Encoder:
    return HashEncoder()


def shipped(*_: object) -> Encoder:
    return build_encoder(load_settings())


def local_folder(tmp_path: Path, *_: object) -> Encoder:
    for name in ("model.onnx", "tokenizer.json"):
        shutil.copy(MINILM / name, tmp_path / name)
    return build_encoder(load_settings(encoder={"name": f"onnx/{tmp_path}"}))


def fastembed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Encoder:
    library = pytest.importorskip("fastembed", reason="needs the fastembed extra")
    from fastembed.common.model_description import ModelSource, PoolingType

    for name in ("model.onnx", "tokenizer.json"):
        shutil.copy(MINILM / name, tmp_path / name)
    write_settings(tmp_path)
    if not any(model["model"] == "local/minilm" for model in library.TextEmbedding.list_supported_models()):
        library.TextEmbedding.add_custom_model(
            "local/minilm",
            pooling=PoolingType.MEAN,
            normalization=True,
            sources=ModelSource(hf="local/minilm"),
            dim=384,
            model_file="model.onnx",
        )
    local = functools.partial(library.TextEmbedding, specific_model_path=str(tmp_path))
    monkeypatch.setattr(library, "TextEmbedding", local)
    return build_encoder(load_settings(encoder={"name": "fastembed/local/minilm"}))


def litellm(_: Path, monkeypatch: pytest.MonkeyPatch) -> Encoder:
    provide(monkeypatch)
    return build_encoder(load_settings(encoder={"name": "litellm/paperlocal/hash"}))


def provide(monkeypatch: pytest.MonkeyPatch, *, delay_s: float = 0, error: Exception | None = None) -> None:
    """Register an in-process litellm provider of hash vectors, slow or failing after its first call."""
    import rag.models.encoders.litellm_encoder as adapter

    calls = []

    class Provider(adapter.litellm.CustomLLM):
        def embedding(self, model, input, model_response, **_):  # noqa: A002 - litellm's name
            calls.append(input)
            if error and len(calls) > 1:
                raise error
            vectors = HashEncoder()._encode(input) * 3
            model_response.data = [{"embedding": row.tolist(), "index": i} for i, row in enumerate(vectors)]
            return model_response

        async def aembedding(self, *args, **kwargs):
            await asyncio.sleep(delay_s)
            return self.embedding(*args, **kwargs)

    providers = [{"provider": "paperlocal", "custom_handler": Provider()}]
    monkeypatch.setattr(adapter.litellm, "custom_provider_map", providers)


def shared(*_: object) -> Encoder:
    return SharedEncoder(build_encoder(load_settings()))


ENCODERS = [hash_encoder, shipped, shared, local_folder, fastembed, litellm]


@pytest.fixture(params=ENCODERS, ids=lambda make: make.__name__)
def encoder(request, tmp_path, monkeypatch) -> Encoder:
    return request.param(tmp_path, monkeypatch)


async def test_vectors_are_unit_rows_of_the_promised_shape(encoder):
    for vectors in (await encoder.encode_passages(TEXTS), await encoder.encode_queries(TEXTS)):
        assert vectors.shape == (len(TEXTS), encoder.dimensions)
        assert vectors.dtype == np.float32
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)


async def test_no_texts_give_no_rows(encoder):
    for vectors in (await encoder.encode_passages([]), await encoder.encode_queries([])):
        assert vectors.shape == (0, encoder.dimensions)


async def test_rows_keep_the_order_of_the_texts_and_a_batch_moves_them_only_a_little(encoder):
    together = await encoder.encode_passages([TEXTS[0], TEXTS[1], "word " * 200])
    for row in (0, 1):
        alone = await encoder.encode_passages([TEXTS[row]])
        assert float(together[row] @ alone[0]) > 0.98


async def test_a_text_is_nearer_to_its_paraphrase_than_to_another_topic(encoder):
    paraphrase = "large language models whose attention heads we prune"
    vectors = await encoder.encode_passages([TEXTS[0], paraphrase, TEXTS[1]])
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2]


async def test_two_encoders_of_one_name_give_the_same_vectors(tmp_path, monkeypatch):
    first, second = shipped(tmp_path, monkeypatch), shipped(tmp_path, monkeypatch)
    assert first.name == second.name
    assert np.array_equal(await first.encode_queries(TEXTS[:2]), await second.encode_queries(TEXTS[:2]))


@pytest.mark.parametrize("name", ["nonsense", "onnx/", "openai/text-embedding-3-small", "fastembed/"])
def test_an_unknown_encoder_name_is_a_configuration_error(name):
    with pytest.raises(ConfigError, match="expected minilm, onnx/FOLDER"):
        build_encoder(load_settings(encoder={"name": name}))


@pytest.mark.parametrize(
    ("content", "said"), [(None, r"has no model\.onnx"), (b"not a model", "cannot be loaded")]
)
def test_a_folder_without_a_model_or_with_a_damaged_one_is_one_clear_error(tmp_path, content, said):
    shutil.copy(MINILM / "tokenizer.json", tmp_path / "tokenizer.json")
    if content:
        (tmp_path / "model.onnx").write_bytes(content)
    with pytest.raises(ModelUnavailable, match=said):
        OnnxEncoder(tmp_path, EncoderSettings())


async def test_a_slow_provider_is_cut_off_at_the_time_limit(monkeypatch):
    provide(monkeypatch, delay_s=5)
    encoder = build_encoder(load_settings(encoder={"name": "litellm/paperlocal/hash", "timeout_s": 0.2}))
    with pytest.raises(ModelError, match="did not answer in time"):
        await encoder.encode_queries(["slow"])


async def test_a_provider_that_fails_later_is_a_model_error(monkeypatch):
    import litellm as library

    provide(monkeypatch, error=library.RateLimitError("too many", "paperlocal", "hash"))
    encoder = build_encoder(load_settings(encoder={"name": "litellm/paperlocal/hash"}))
    with pytest.raises(ModelError, match="paperlocal/hash"):
        await encoder.encode_queries(["again"])


def test_every_litellm_exception_is_mapped():
    from litellm import exceptions

    from rag.models.llm.litellm_errors import translated

    own = [each for _, each in inspect.getmembers(exceptions, inspect.isclass) if issubclass(each, Exception)]
    own = [each for each in own if each.__module__.startswith("litellm")]
    unmapped = [each.__name__ for each in own if translated(each.__new__(each)) is None]
    assert len(own) > 20
    assert unmapped == []
