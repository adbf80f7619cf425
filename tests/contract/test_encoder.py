"""Every encoder keeps the same promises: shipped, shared, local folder, fastembed, litellm, and the fake."""

import asyncio
import functools
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from fakes import HashEncoder

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


def hash_encoder(_tmp_path: Path, _monkeypatch: pytest.MonkeyPatch) -> Encoder:
    return HashEncoder()


def shipped(_tmp_path: Path, _monkeypatch: pytest.MonkeyPatch) -> Encoder:
    return build_encoder(load_settings())


def local_folder(tmp_path: Path, _monkeypatch: pytest.MonkeyPatch) -> Encoder:
    for name in ("model.onnx", "tokenizer.json"):
        shutil.copy(MINILM / name, tmp_path / name)
    return build_encoder(load_settings(encoder={"name": f"onnx/{tmp_path}"}))


def fastembed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Encoder:
    library = pytest.importorskip("fastembed", reason="needs the fastembed extra")
    from fastembed.common.model_description import ModelSource, PoolingType

    for name in ("model.onnx", "tokenizer.json"):
        shutil.copy(MINILM / name, tmp_path / name)
    (tmp_path / "config.json").write_text(json.dumps({"pad_token_id": 0}))
    settings = {"model_max_length": 256, "pad_token": "[PAD]"}
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(settings))
    tokens = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    (tmp_path / "special_tokens_map.json").write_text(json.dumps(tokens))
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


def litellm(_tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Encoder:
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


def shared(_tmp_path: Path, _monkeypatch: pytest.MonkeyPatch) -> Encoder:
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
    assert (await encoder.encode_passages([])).shape == (0, encoder.dimensions)
    assert (await encoder.encode_queries([])).shape == (0, encoder.dimensions)


async def test_the_same_text_gives_the_same_vector_twice(encoder):
    first, second = await encoder.encode_queries([TEXTS[0]]), await encoder.encode_queries([TEXTS[0]])
    assert np.allclose(first, second, atol=1e-6)


async def test_rows_keep_the_order_of_the_texts(encoder):
    both = await encoder.encode_passages([TEXTS[0], TEXTS[1]])
    alone = await encoder.encode_passages([TEXTS[1]])
    assert float(both[1] @ alone[0]) > float(both[0] @ alone[0])


async def test_a_text_is_nearer_to_its_paraphrase_than_to_another_topic(encoder):
    paraphrase = "large language models whose attention heads we prune"
    vectors = await encoder.encode_passages([TEXTS[0], paraphrase, TEXTS[1]])
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2]


async def test_two_encoders_of_one_name_give_the_same_vectors(tmp_path, monkeypatch):
    first, second = shipped(tmp_path, monkeypatch), shipped(tmp_path, monkeypatch)
    assert first.name == second.name
    assert np.array_equal(await first.encode_queries(TEXTS[:2]), await second.encode_queries(TEXTS[:2]))


async def test_a_batch_moves_the_shipped_vectors_only_a_little(tmp_path, monkeypatch):
    encoder = shipped(tmp_path, monkeypatch)
    together = await encoder.encode_passages([TEXTS[0], TEXTS[1], "word " * 200])
    alone = await encoder.encode_passages([TEXTS[0]])
    assert float(together[0] @ alone[0]) > 0.98


@pytest.mark.parametrize("name", ["nonsense", "onnx/", "openai/text-embedding-3-small", "fastembed/"])
def test_an_unknown_encoder_name_is_a_configuration_error(name):
    with pytest.raises(ConfigError, match="expected minilm, onnx/FOLDER"):
        build_encoder(load_settings(encoder={"name": name}))


def test_a_folder_without_a_model_says_what_is_missing(tmp_path):
    with pytest.raises(ModelUnavailable, match=r"has no model\.onnx"):
        OnnxEncoder(tmp_path, EncoderSettings())


def test_a_damaged_model_file_is_one_clear_error(tmp_path):
    (tmp_path / "model.onnx").write_bytes(b"not a model")
    shutil.copy(MINILM / "tokenizer.json", tmp_path / "tokenizer.json")
    with pytest.raises(ModelUnavailable, match="cannot be loaded"):
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
    import inspect

    from litellm import exceptions

    from rag.models.llm.litellm_errors import translated

    own = [
        cls
        for _, cls in inspect.getmembers(exceptions, inspect.isclass)
        if issubclass(cls, Exception) and cls.__module__.startswith("litellm")
    ]
    unmapped = [cls.__name__ for cls in own if translated(cls.__new__(cls)) is None]
    assert len(own) > 20
    assert unmapped == []
