"""One streamed reply of litellm, read piece by piece and judged when it ends."""

from collections.abc import AsyncIterator
from typing import Any

from rag.errors import BadCompletion, ModelRejected
from rag.models.language_model import Completion, Request, Usage
from rag.models.llm.litellm_errors import litellm, litellm_errors
from rag.text.tokens import token_counter
from rag.untrusted.masking import Veil

ENCODING = "cl100k_base"
"""Counts what a provider does not count; other vocabularies differ by some percent."""

PATIENCE = 2
"""A reply is cut off at this many times the tokens that were asked for: the server ignores the limit."""


def whole(text: str) -> str:
    """The text with a question mark for each half of a character, which no connection or file takes."""
    return text.encode(errors="replace").decode()


class ReplyStream:
    """Reads the reply of one model to one request; use once."""

    def __init__(self, model: str, request: Request) -> None:
        self._model = model
        self._request = request
        self._count = token_counter(ENCODING)
        self._texts: list[str] = []
        self._veil = Veil()
        self._usage: Any = None
        self._finish = ""
        self._content_type = ""

    async def pieces(self, stream: Any) -> AsyncIterator[str]:  # noqa: ANN401 - litellm's stream
        """The texts of the reply as they arrive, none of them empty, and no key of ours in them.

        Raises:
            ModelError: the connection broke, or the provider reported an error in the stream.
        """
        headers = stream._hidden_params.get("additional_headers") or {}  # noqa: SLF001 - no public way
        self._content_type = str(headers.get("llm_provider-content-type", ""))
        written = 0
        while written <= PATIENCE * self._request.max_tokens:
            with litellm_errors(self._model):
                chunk = await anext(stream, None)
            if chunk is None:
                break
            text, thought = self._take(chunk)
            written += self._count(text + thought)
            if shown := self._veil(text):
                self._texts.append(shown)
                yield shown
        else:
            self._finish = "length"
        if rest := self._veil.rest():
            self._texts.append(rest)
            yield rest

    def _take(self, chunk: Any) -> tuple[str, str]:  # noqa: ANN401 - litellm's chunk
        """Text and hidden reasoning of a chunk; the rest of it is kept."""
        self._usage = getattr(chunk, "usage", None) or self._usage
        if not chunk.choices:
            return "", ""
        choice = chunk.choices[0]
        self._finish = choice.finish_reason or self._finish
        return whole(choice.delta.content or ""), getattr(choice.delta, "reasoning_content", None) or ""

    def completion(self) -> Completion:
        """The reply, after the last piece; raises `ModelRejected` or `BadCompletion` where it is none."""
        text = "".join(self._texts)
        if self._finish == "content_filter":
            raise ModelRejected(
                f"model {self._model!r} declined to answer: its content filter stopped the reply"
            )
        if "html" in self._content_type or text.lstrip()[:9].lower().startswith(("<!doctype", "<html")):
            raise BadCompletion(
                f"model {self._model!r} answered with a web page, not a reply: "
                "check 'model__api_base' (environment: PINCITE_MODEL__API_BASE) and any proxy",
                text,
            )
        if not text.strip():
            raise BadCompletion(
                f"model {self._model!r} sent a reply without text (finish_reason {self._finish!r})", text
            )
        return Completion(text, self._model, self._used(text), cut=self._finish == "length")

    def _used(self, text: str) -> Usage:
        read = sum(self._count(message.content) for message in self._request.messages)
        prompt = getattr(self._usage, "prompt_tokens", 0) or read
        written = getattr(self._usage, "completion_tokens", 0) or self._count(text)
        usage = self._usage or litellm.Usage(prompt_tokens=prompt, completion_tokens=written)
        try:
            response = litellm.ModelResponse(model=self._model, usage=usage)
            usd = float(litellm.completion_cost(completion_response=response, model=self._model))
        except Exception:  # noqa: BLE001 - whatever litellm raises, the price is unknown and the reply is good
            usd = 0.0
        return Usage(1, prompt, written, usd)
