"""Every reranker keeps the same promises: local folder, fastembed, litellm, and the fake."""

import functools
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from processes import ROOT
from rerankers import OverlapReranker, cohere
from scripted_model import (
    ScriptedServer,
    html,
    problem,
    rate_limited,
    refused_url,
    server_error,
    unauthorized,
)
from tiny_cross_encoder import write_folder

from rag.build import build_reranker, load_settings
from rag.errors import (
    BadCompletion,
    ConfigError,
    ModelError,
    ModelRateLimited,
    ModelRejected,
    ModelTimeout,
    ModelUnavailable,
)
from rag.ports import Reranker

QUERY = "prune attention heads of language models"
TEXTS = (
    "A dataset of 597 literature search queries.",
    "We prune attention heads of large language models.",
    "",
    "模型压缩 and «quotes» \u202e with signs",
    "word " * 2000,
)
MODEL = "local/overlap-cross-encoder"
Opener = Callable[..., Reranker]


def build(name: str, **options: object) -> Reranker:
    reranker = build_reranker(load_settings(reranker={"name": name, **options}))
    assert reranker is not None
    return reranker


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer(cohere()) as scripted:
        yield scripted


def of_folder(folder: Path, *_: object) -> Opener:
    return functools.partial(build, f"onnx/{write_folder(folder)}")


def of_fastembed(folder: Path, monkeypatch: pytest.MonkeyPatch, *_: object) -> Opener:
    library = pytest.importorskip("fastembed.rerank.cross_encoder", reason="needs the fastembed extra")
    from fastembed.common.model_description import ModelSource

    original = library.TextCrossEncoder
    if not any(known["model"] == MODEL for known in original.list_supported_models()):
        original.add_custom_model(MODEL, sources=ModelSource(hf=MODEL), model_file="model.onnx")
    write_folder(folder, for_fastembed=True)
    local = functools.partial(original, specific_model_path=str(folder))
    monkeypatch.setattr(library, "TextCrossEncoder", local)
    return functools.partial(build, f"fastembed/{MODEL}")


def of_litellm(_folder: object, _monkeypatch: object, server: ScriptedServer) -> Opener:
    return lambda **options: build(
        "litellm/cohere/scripted", **{"api_base": server.url, "api_key": "k", **options}
    )


def of_words(*_: object) -> Opener:
    return lambda **_: OverlapReranker()


@pytest.fixture(params=[of_folder, of_fastembed, of_litellm, of_words], ids=lambda make: make.__name__)
def opener(request, tmp_path, monkeypatch, server) -> Opener:
    return request.param(tmp_path, monkeypatch, server)


@pytest.fixture
def reranker(opener) -> Reranker:
    return opener()


async def test_every_text_has_one_finite_score_and_no_texts_have_none(reranker):
    scores = await reranker.score(QUERY, TEXTS)
    assert len(scores) == len(TEXTS)
    assert all(isinstance(score, float) for score in scores)
    assert np.isfinite(scores).all()
    assert await reranker.score(QUERY, []) == []
    assert reranker.name.strip()


async def test_the_text_on_the_topic_scores_highest_and_scores_keep_the_order_of_the_texts(reranker):
    forwards = await reranker.score(QUERY, TEXTS)
    backwards = await reranker.score(QUERY, TEXTS[::-1])
    assert np.argmax(forwards) == 1
    assert np.allclose(forwards, backwards[::-1], atol=1e-5)


async def test_the_size_of_a_batch_changes_no_score(opener):
    whole = await opener(batch_size=64).score(QUERY, TEXTS)
    assert np.allclose(whole, await opener(batch_size=2).score(QUERY, TEXTS), atol=1e-5)


async def test_a_query_longer_than_the_model_reads_is_cut(reranker):
    assert len(await reranker.score("attention " * 2000, TEXTS[:2])) == 2


def test_none_is_no_reranker():
    assert build_reranker(load_settings(reranker={"name": "none"})) is build_reranker(load_settings()) is None


@pytest.mark.parametrize("name", ["nonsense", "onnx/", "cohere/rerank-v3.5", "fastembed/", "None"])
def test_an_unknown_reranker_name_is_a_configuration_error(name):
    with pytest.raises(ConfigError, match="expected none, onnx/FOLDER"):
        build(name)


@pytest.mark.parametrize("missing", ["model.onnx", "tokenizer.json"])
def test_a_folder_that_lacks_a_file_says_which_and_what_is_expected(tmp_path, missing):
    (write_folder(tmp_path) / missing).unlink()
    with pytest.raises(ModelUnavailable, match=f"has no {missing}: expected model.onnx") as caught:
        build(f"onnx/{tmp_path}")
    assert repr(str(tmp_path)) in str(caught.value)


def test_the_model_may_lie_in_a_folder_of_its_own(tmp_path):
    write_folder(tmp_path)
    (tmp_path / "onnx").mkdir()
    shutil.move(tmp_path / "model.onnx", tmp_path / "onnx" / "model.onnx")
    assert build(f"onnx/{tmp_path}").name.startswith(f"{tmp_path.name}@")


def test_a_damaged_model_and_one_of_two_logits_are_refused_when_they_are_loaded(tmp_path):
    with pytest.raises(ModelUnavailable, match="not one logit each"):
        build(f"onnx/{write_folder(tmp_path, width=2)}")
    (tmp_path / "model.onnx").write_bytes(b"not a model")
    with pytest.raises(ModelUnavailable, match="cannot be loaded"):
        build(f"onnx/{tmp_path}")


async def test_a_local_model_that_is_too_slow_is_given_up(tmp_path, monkeypatch):
    reranker = build(f"onnx/{write_folder(tmp_path)}", timeout_s=0.05)
    over = threading.Event()
    monkeypatch.setattr(reranker, "_forward", lambda _: over.wait(5))
    with pytest.raises(ModelTimeout, match="within 0.05 s: raise reranker.timeout_s"):
        await reranker.score(QUERY, TEXTS)
    over.set()


def test_an_unknown_fastembed_model_and_a_missing_fastembed_are_configuration_errors(monkeypatch):
    pytest.importorskip("fastembed", reason="needs the fastembed extra")
    with pytest.raises(ConfigError, match="'fastembed/nobody/nothing'"):
        build("fastembed/nobody/nothing")
    monkeypatch.setitem(sys.modules, "fastembed.rerank.cross_encoder", None)
    with pytest.raises(ConfigError, match=r"pip install 'pincite\[fastembed\]'"):
        build(f"fastembed/{MODEL}")


@pytest.fixture
def remote(server, tmp_path, monkeypatch) -> Opener:
    return of_litellm(tmp_path, monkeypatch, server)


async def test_the_request_holds_the_query_and_a_batch_of_texts_and_wants_all_back(remote, server):
    await remote(batch_size=2).score(QUERY, TEXTS[:3])
    assert [request["documents"] for request in server.requests] == [list(TEXTS[:2]), [TEXTS[2]]]
    assert [request["top_n"] for request in server.requests] == [2, 1]
    assert {request["query"] for request in server.requests} == {QUERY}


CHANGES = {
    "missing": lambda results: results[:-1],
    "none": lambda results: [],
    "twice": lambda results: [results[0], *results],
    "one twice, one missing": lambda results: [results[0], *results[:-1]],
    "beyond": lambda results: [*results[:-1], {"index": 99, "relevance_score": 0.5}],
    "negative": lambda results: [*results[:-1], {"index": -1, "relevance_score": 0.5}],
    "not finite": lambda results: [{**results[0], "relevance_score": float("nan")}, *results[1:]],
    "without a score": lambda results: [{"index": 0}, *results[1:]],
    "no list": lambda results: None,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
async def test_a_reply_that_does_not_score_every_text_once_is_no_reply(remote, server, change):
    server.says(cohere(change))
    with pytest.raises(BadCompletion):
        await remote().score(QUERY, TEXTS[:3])


FAULTS = [
    (rate_limited(), ModelRateLimited),
    (unauthorized(), ModelRejected),
    (server_error(), ModelUnavailable),
    (problem(400, "documents must not be empty"), ModelRejected),
    (html(), ModelError),
]


@pytest.mark.parametrize(("reply", "expected"), FAULTS)
async def test_what_a_provider_says_is_one_of_our_errors(remote, server, reply, expected):
    server.says([reply] * 5)
    with pytest.raises(expected, match="cohere/scripted"):
        await remote().score(QUERY, TEXTS[:2])


async def test_a_server_that_is_not_there_is_unavailable(remote):
    with pytest.raises(ModelUnavailable):
        await remote(api_base=refused_url()).score(QUERY, TEXTS[:2])


async def test_a_missing_key_is_a_model_error_that_names_it(monkeypatch):
    for name in ("COHERE_API_KEY", "CO_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ModelError, match="COHERE_API_KEY"):
        await build("litellm/cohere/scripted", api_base=refused_url()).score(QUERY, TEXTS[:2])


async def test_a_slow_server_is_cut_off_at_the_time_limit(remote, server):
    server.says(lambda request: replace(cohere()(request), delay_s=1.5))
    with pytest.raises(ModelTimeout, match="within 0.2 s"):
        await remote(timeout_s=0.2).score(QUERY, TEXTS[:2])


def test_litellm_and_fastembed_are_imported_only_when_named(tmp_path):
    program = f"""
import sys
from rag.build import build_reranker, load_settings
for name in ("none", "onnx/{write_folder(tmp_path)}"):
    build_reranker(load_settings(reranker={{"name": name}}))
    assert not {{"litellm", "fastembed"}} & set(sys.modules), name
"""
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert (done.returncode, done.stderr) == (0, "")
