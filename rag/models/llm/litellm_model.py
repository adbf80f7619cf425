"""Any language model that litellm reaches, with retries, time limits and fallbacks."""

import asyncio
import logging
import random
from itertools import count
from typing import Any

from rag.errors import ModelError, ModelRejected
from rag.models.language_model import Completion, OnText, Request
from rag.models.llm import local_model, providers
from rag.models.llm.litellm_errors import litellm, litellm_errors, theirs
from rag.models.llm.reply_stream import ReplyStream, whole
from rag.settings import ModelSettings
from rag.untrusted.masking import know

logger = logging.getLogger(__name__)

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 8.0
"""Bounds of the exponential back-off before full jitter."""


class LitellmModel:
    """Model over `litellm.acompletion`, streamed.

    ``settings.api_base`` and ``settings.api_key`` go to ``settings.name`` and to those fallbacks that are
    of the same provider, so that no provider sees another's key.
    """

    def __init__(self, settings: ModelSettings) -> None:
        if settings.api_key is not None:
            know([settings.api_key.get_secret_value()])
        self._settings = settings
        self._models = (settings.name, *settings.fallbacks)
        self._slots = asyncio.Semaphore(settings.concurrency)
        self._schemaless: set[str] = set()
        self._local = [model for model in self._models if model.startswith(local_model.PREFIX)]
        if self._local:
            local_model.register()
        providers.require_providers(settings)

    @property
    def name(self) -> str:
        return self._settings.name

    @property
    def context_tokens(self) -> int:
        """As set; else as litellm's bundled list says; else 8192."""
        known = self._settings.context_tokens or providers.listed_context(self.name)
        return min(known, local_model.CONTEXT_TOKENS) if self.name in self._local else known

    @property
    def origin(self) -> str:
        """What its name does not say: the address of the API, or the state of the file."""
        if self.name in self._local:
            return local_model.file_state(self.name)
        return self._settings.api_base or ""

    async def complete(self, request: Request, on_text: OnText | None = None) -> Completion:
        listener = _Listener(on_text)
        async with self._slots:
            for model in self._models[:-1]:
                try:
                    return await self._try(model, request, listener)
                except ModelError as exc:
                    if listener.begun:
                        raise
                    logger.warning("%s; asking the next model", exc)
            return await self._try(self._models[-1], request, listener)

    async def close(self) -> None:
        """Let go of the local engines; litellm shares its connections and closes them at the end itself."""
        for model in self._local:
            await asyncio.to_thread(local_model.release, model)

    async def _try(self, model: str, request: Request, listener: "_Listener") -> Completion:
        """One model, again and again while that may help and time is left."""
        if model in self._local:
            await asyncio.to_thread(local_model.engine, model)
        else:
            providers.require_key(model, self._settings)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._settings.timeout_s
        for attempt in count():
            try:
                with litellm_errors(model):
                    async with asyncio.timeout_at(deadline):  # litellm's own limit does not hold everywhere
                        return await self._ask(model, request, listener)
            except ModelError as exc:
                pause_s = _pause_s(attempt, exc)
                late = loop.time() + pause_s >= deadline
                if listener.begun or not exc.retryable or attempt >= self._settings.retries or late:
                    raise
                await asyncio.sleep(pause_s)
        raise AssertionError  # the loop has no end

    async def _ask(self, model: str, request: Request, listener: "_Listener") -> Completion:
        """One try; a second without the schema where the provider does not take one."""
        if request.schema is None or not self._takes_schema(model):
            return await self._read(model, request, listener, {})
        named = {"name": "reply", "schema": dict(request.schema), "strict": True}
        format_ = {"type": "json_schema", "json_schema": named}
        try:
            return await self._read(model, request, listener, {"response_format": format_})
        except ModelRejected as exc:
            if listener.begun or not _is_about_parameters(exc):
                raise
        completion = await self._read(model, request, listener, {})
        self._schemaless.add(model)
        return completion

    async def _read(
        self, model: str, request: Request, listener: "_Listener", extra: dict[str, Any]
    ) -> Completion:
        with litellm_errors(model):
            stream = await litellm.acompletion(**self._arguments(model, request), **extra)
        reply = ReplyStream(model, request)
        listener.start()
        try:
            async for piece in reply.pieces(stream):
                listener(piece)
        finally:
            await stream.aclose()
        return reply.completion()

    def _arguments(self, model: str, request: Request) -> dict[str, Any]:
        key = self._settings.api_key
        own = providers.is_own(model, self._settings)
        return {
            "model": model,
            "messages": [{"role": turn.role, "content": whole(turn.content)} for turn in request.messages],
            "max_tokens": request.max_tokens,
            "temperature": request.temperature,
            "seed": request.seed,
            "stream": True,
            "stream_options": {"include_usage": True},
            "timeout": self._settings.timeout_s,
            "max_retries": 0,  # ours know what was passed on already
            "num_retries": 0,
            "drop_params": True,
            "api_base": self._settings.api_base if own else None,
            "api_key": key.get_secret_value() if key is not None and own else None,
        }

    def _takes_schema(self, model: str) -> bool:
        if model in self._schemaless:
            return False
        return model in self._local or bool(litellm.supports_response_schema(model))


class _Listener:
    """Hands pieces to whoever listens, from the first that is not blank, and remembers that it did."""

    def __init__(self, on_text: OnText | None) -> None:
        self._on_text = on_text
        self._held = ""
        self.begun = False

    def start(self) -> None:
        """Forget the blanks of a try that failed."""
        self._held = ""

    def __call__(self, piece: str) -> None:
        self._held += piece
        if self._on_text is not None and (self.begun or self._held.strip()):
            self.begun = True
            held, self._held = self._held, ""
            self._on_text(held)


def _is_about_parameters(exc: ModelRejected) -> bool:
    cause = exc.__cause__
    refused = isinstance(cause, (theirs.BadRequestError, theirs.UnprocessableEntityError))
    return refused and not isinstance(cause, theirs.ContentPolicyViolationError)


def _pause_s(attempt: int, exc: ModelError) -> float:
    """Seconds before the next try: what the provider asks for, else exponential back-off with full jitter."""
    headers = getattr(exc.__cause__, "litellm_response_headers", None) or {}
    try:
        return max(0.0, float(headers.get("retry-after", "")))
    except ValueError:
        longest = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2**attempt)
        return random.uniform(0, longest)  # noqa: S311 - no secret
