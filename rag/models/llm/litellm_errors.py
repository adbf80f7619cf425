"""litellm's exceptions as ours, translated in one place; adapters take litellm from here."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import litellm
import openai
from litellm import exceptions as theirs
from litellm.llms.custom_llm import CustomLLM, CustomLLMError

from rag import errors
from rag.errors import ContextTooLong, ModelError, ModelRejected, ModelTimeout, ModelUnavailable
from rag.untrusted.masking import masked, scrub

litellm.suppress_debug_info = True  # else every error prints where to get help
litellm.disable_hf_tokenizer_download = True  # else counting tokens of some models asks the network

__all__ = ["CustomLLM", "CustomLLMError", "litellm", "litellm_errors", "theirs", "translated"]

MAPPING: tuple[tuple[type[Exception], type[ModelError]], ...] = (
    (theirs.ContextWindowExceededError, ContextTooLong),
    (theirs.Timeout, ModelTimeout),
    (theirs.RateLimitError, errors.ModelRateLimited),
    (theirs.BudgetExceededError, errors.BudgetExceeded),
    (theirs.APIResponseValidationError, errors.BadCompletion),
    (theirs.APIConnectionError, ModelUnavailable),
    (theirs.InternalServerError, ModelUnavailable),
    (theirs.ServiceUnavailableError, ModelUnavailable),
    (theirs.BadGatewayError, ModelUnavailable),
    (theirs.APIError, ModelUnavailable),
)
"""What the request is not refused for. A missing key arrives as InternalServerError, so that class cannot be
told from a provider that is down."""


TOO_LONG = re.compile(r"context (?:size|length|window)", re.IGNORECASE)
"""How servers whose errors litellm does not know, llama.cpp's among them, say that the input is too long."""

PREFIXES = re.compile(r"^(?:(?:litellm\.)?\w*(?:Error|Exception|Timeout)(?:: | - ))+")
"""The class names litellm puts before what the provider said."""

PAYMENT_REQUIRED, FORBIDDEN = 402, 403


def translated(exc: Exception) -> type[ModelError] | None:
    """Our class for one of litellm's exceptions, or None if it is not litellm's."""
    for foreign, ours in MAPPING:
        if isinstance(exc, foreign):
            return ours
    if any(base.__module__ == theirs.__name__ for base in type(exc).__mro__):
        return ModelRejected
    return ModelUnavailable if isinstance(exc, openai.OpenAIError) else None


@contextmanager
def litellm_errors(model: str) -> Iterator[None]:
    """Raise litellm's exceptions, and our own time limit, as `ModelError`; others pass."""
    try:
        yield
    except TimeoutError as exc:
        raise ModelTimeout(f"model {model!r} did not answer in time") from exc
    except Exception as exc:
        scrub(exc)
        ours = translated(exc)
        if ours is None:
            raise
        said = _said(exc)
        raise _closer(ours, exc, said)(f"model {model!r}: {said}") from exc


def _said(exc: Exception) -> str:
    """What the provider said, in one line."""
    first_line = str(exc).strip().partition("\n")[0].partition(" Original exception: ")[0]
    said = masked(PREFIXES.sub("", first_line).strip()) or type(exc).__name__
    return f"the reply broke off ({said})" if isinstance(exc, theirs.MidStreamFallbackError) else said


def _closer(ours: type[ModelError], exc: Exception, said: str) -> type[ModelError]:
    """Cases that litellm's classes hide, none of which another try would mend."""
    body = getattr(exc, "body", None)
    unpaid = isinstance(body, dict) and body.get("code") == "insufficient_quota"
    if unpaid or getattr(exc, "status_code", None) in {PAYMENT_REQUIRED, FORBIDDEN}:
        return ModelRejected
    return ContextTooLong if ours is ModelRejected and TOO_LONG.search(said) else ours
