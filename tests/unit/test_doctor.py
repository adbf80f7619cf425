"""The doctor: finds what is wrong, says it with the right exit code, and never shows a secret."""

import hashlib
import json
import socket

import pytest
from fakes import HashEncoder, MemoryStore

from rag.build import fingerprint
from rag.errors import ModelUnavailable, StoreLocked


@pytest.fixture
def healthy(monkeypatch, tmp_path):
    """An encoder that loads, the checksums of its files, and an empty collection."""
    model = tmp_path / "model"
    model.mkdir()
    (model / "model.onnx").write_bytes(b"weights")
    (model / "SHA256SUMS").write_text(f"{hashlib.sha256(b'weights').hexdigest()}  model.onnx\n")

    async def open_store(settings, expected, *, create):
        assert not create
        return MemoryStore(fingerprint(settings, HashEncoder()))

    monkeypatch.setattr("ui.cli.doctor.folder", lambda _: model)
    monkeypatch.setattr("ui.cli.doctor.load_weights", lambda _: None)
    monkeypatch.setattr("ui.cli.doctor.build_encoder", lambda _: HashEncoder())
    monkeypatch.setattr("ui.cli.doctor.open_store", open_store)
    return model


def checks(outcome):
    return {check["name"]: check for check in json.loads(outcome.out)["checks"]}


def test_all_is_well_where_all_is_well(run, healthy, tmp_path):
    outcome = run("doctor", "--collection", "mine", "--json")
    assert outcome.code == 0
    found = checks(outcome)
    assert all(check["ok"] for check in found.values())
    assert found["collection"]["found"].startswith("mine: 0 papers, 0 passages; made with hash-64, ")
    assert "extractive" in json.loads(outcome.out)["uses"]["answers"]
    assert not (tmp_path / "home").exists()


def test_a_sample_that_is_not_built_yet_is_no_problem(run, healthy):
    outcome = run("doctor")
    assert outcome.code == 0
    assert "sample: not built yet" in outcome.out
    assert "PROBLEM" not in outcome.out


def test_a_model_file_that_was_changed_is_a_problem(run, healthy):
    (healthy / "model.onnx").write_bytes(b"other weights")
    outcome = run("doctor", "--json")
    assert outcome.code == 3
    assert "is not the shipped file" in checks(outcome)["encoder"]["found"]
    assert not json.loads(outcome.out)["ok"]


def test_missing_checksums_are_a_problem(run, healthy):
    (healthy / "SHA256SUMS").unlink()
    assert "SHA256SUMS" in checks(run("doctor", "--json"))["encoder"]["found"]


def test_a_file_in_the_way_of_the_home_folder_is_a_problem(run, healthy, tmp_path):
    (tmp_path / "file").write_text("")
    outcome = run("doctor", "--home", str(tmp_path / "file" / "home"))
    assert outcome.code == 3
    assert "PROBLEM: " in outcome.out


def test_the_first_problem_decides_the_exit_code(run, healthy, monkeypatch):
    async def locked(settings, expected, *, create):
        raise StoreLocked("in use by process 7")

    def missing(settings):
        raise ModelUnavailable("no such model")

    monkeypatch.setattr("ui.cli.doctor.open_store", locked)
    outcome = run("doctor", "--json", "--collection", "mine")
    assert outcome.code == 3
    assert checks(outcome)["collection"]["found"] == "in use by process 7"
    monkeypatch.setattr("ui.cli.doctor.build_encoder", missing)
    assert checks(run("doctor", "--json"))["encoder"]["found"] == "no such model"


@pytest.mark.parametrize("as_json", [(), ("--json",)])
def test_a_secret_is_never_shown_also_not_in_an_address_or_an_error(run, healthy, monkeypatch, as_json):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    monkeypatch.setenv("PINCITE_STORE__API_KEY", "k3y-0f-qdrant")
    monkeypatch.setenv("PINCITE_STORE__URL", f"http://ada:s3cret@127.0.0.1:{port}/?token=t0ken")

    async def leaking(settings, expected, *, create):
        raise StoreLocked("refused k3y-0f-qdrant at http://ada:s3cret@127.0.0.1")

    monkeypatch.setattr("ui.cli.doctor.open_store", leaking)
    outcome = run("doctor", "--collection", "mine", *as_json)
    assert outcome.code == 3
    assert f"no Qdrant server answers at 'http://***@127.0.0.1:{port}/?token=***'" in outcome.out
    assert "store.api_key" in outcome.out
    for secret in ("k3y-0f-qdrant", "s3cret", "t0ken", "ada"):
        assert secret not in outcome.out + outcome.err


@pytest.mark.parametrize("url", ["http://host:port", "localhost", "http://[::1"])
def test_an_address_that_is_none_is_a_fault_of_the_settings(run, healthy, monkeypatch, url):
    monkeypatch.setenv("PINCITE_STORE__URL", url)
    outcome = run("doctor", "--json")
    assert outcome.code == 2
    assert "store__url" in checks(outcome)["store"]["found"]


def test_the_reranker_is_named_and_tried(run, healthy, monkeypatch):
    plain = run("doctor", "--json")
    assert json.loads(plain.out)["uses"]["reranker"] == "none: the learned ranker alone"
    assert checks(plain)["reranker"]["ok"]
    monkeypatch.setenv("PINCITE_RERANKER__NAME", "onnx/nowhere")
    missing = run("doctor", "--json")
    assert missing.code == 3
    assert "'nowhere' has no model.onnx" in checks(missing)["reranker"]["found"]
    assert json.loads(missing.out)["uses"]["reranker"].startswith(
        "onnx/nowhere, of weight 0.5 over the first 50"
    )


# --- the language model --------------------------------------------------------------------------


@pytest.fixture
def model(monkeypatch):
    """Sets options of the language model; without any key in the environment."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)

    def set_options(**options):
        for name, value in options.items():
            monkeypatch.setenv(f"PINCITE_MODEL__{name.upper()}", value)

    return set_options


def looked_at(run, *arguments):
    outcome = run("doctor", "--json", *arguments)
    return outcome, checks(outcome)["language model"]["found"]


def test_without_a_language_model_answers_are_quotes(run, healthy):
    assert looked_at(run)[1] == "none is set: answers are quotes"


def test_the_language_model_and_its_fallbacks_are_named_with_their_keys_and_addresses(run, healthy, model):
    model(
        name="openai/gpt-4o-mini", api_key="swordfish", fallbacks='["openai/other"]', api_base="http://h/v1"
    )
    outcome, found = looked_at(run)
    assert outcome.code == 0
    assert found == (
        "openai/gpt-4o-mini: its key is set, at http://h/v1; else openai/other: its key is set, at http://h/v1"
    )
    assert "openai/gpt-4o-mini, else openai/other" in json.loads(outcome.out)["uses"]["answers"]
    assert "swordfish" not in outcome.out + outcome.err


def test_a_model_that_rewrites_what_is_searched_for_is_said_to(run, healthy, model):
    model(name="openai/gpt-4o-mini", api_key="swordfish")
    assert json.loads(run("doctor", "--json").out)["uses"]["answers"].endswith("; quotes where it fails")
    model(rewrite="true")
    answers = json.loads(run("doctor", "--json").out)["uses"]["answers"]
    assert answers.endswith("; it also rewrites what is searched for")


def test_a_key_that_is_missing_is_a_problem_that_names_its_variable(run, healthy, model):
    model(name="openai/gpt-4o-mini")
    outcome, found = looked_at(run)
    assert outcome.code == 3
    assert "OPENAI_API_KEY" in found


def test_a_key_of_the_environment_is_found_and_not_shown(run, healthy, model, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "swordfish")
    model(name="openai/gpt-4o-mini")
    outcome, found = looked_at(run)
    assert outcome.code == 0
    assert "its key is in the environment" in found
    assert "swordfish" not in outcome.out + outcome.err


@pytest.mark.parametrize("more", [(), ("--reach",)])
def test_a_model_of_no_provider_is_a_fault_of_the_settings(run, healthy, model, more):
    model(name="nonsense")
    outcome, found = looked_at(run, *more)
    assert outcome.code == 2
    assert "PINCITE_MODEL__NAME" in found


def test_a_local_model_file_that_is_missing_is_a_problem(run, healthy, model, tmp_path, monkeypatch):
    monkeypatch.setattr("rag.models.llm.local_model.require_engine", lambda _: None)
    model(name=f"local/{tmp_path}/none.gguf")
    outcome, found = looked_at(run)
    assert outcome.code == 3
    assert "No such file" in found


def test_the_address_of_the_model_is_knocked_at_only_where_that_is_asked_for(run, healthy, model):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        model(name="openai/x", api_base=url)
        assert "language model's address" not in checks(run("doctor", "--json"))
        answered = run("doctor", "--json", "--reach")
        assert checks(answered)["language model's address"]["found"] == f"{url} answers"
    gone = run("doctor", "--json", "--reach")
    assert gone.code == 3
    assert "nobody answers" in checks(gone)["language model's address"]["found"]


@pytest.mark.parametrize("url", ["http://host:port/v1", "localhost"])
def test_an_address_of_the_model_that_is_none_is_a_fault_of_the_settings(run, healthy, model, url):
    model(name="openai/x", api_base=url)
    outcome = run("doctor", "--json", "--reach")
    assert outcome.code == 2
    assert "model__api_base" in checks(outcome)["language model's address"]["found"]
