"""litellm's exceptions as ours, translated in one place; adapters take litellm from here."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")  # else importing it fetches a price list
os.environ.setdefault("LITELLM_MODE", "PRODUCTION")  # else importing it reads a .env file

import litellm
import openai
from litellm import exceptions as theirs

from rag.errors import (
    BadCompletion,
    BudgetExceeded,
    ContextTooLong,
    ModelError,
    ModelRateLimited,
    ModelRejected,
    ModelTimeout,
    ModelUnavailable,
)

__all__ = ["litellm", "litellm_errors", "translated"]

MAPPING: tuple[tuple[type[Exception], type[ModelError]], ...] = (
    (theirs.ContextWindowExceededError, ContextTooLong),
    (theirs.Timeout, ModelTimeout),
    (theirs.RateLimitError, ModelRateLimited),
    (theirs.BudgetExceededError, BudgetExceeded),
    (theirs.APIResponseValidationError, BadCompletion),
    (theirs.AuthenticationError, ModelRejected),
    (theirs.PermissionDeniedError, ModelRejected),
    (theirs.NotFoundError, ModelRejected),
    (theirs.UnprocessableEntityError, ModelRejected),
    (theirs.BadRequestError, ModelRejected),
    (theirs.InvalidRequestError, ModelRejected),
    (theirs.GuardrailRaisedException, ModelRejected),
    (theirs.BlockedPiiEntityError, ModelRejected),
    (theirs.ModifyResponseException, ModelRejected),
    (theirs.SensitiveDataRouteException, ModelRejected),
    (theirs.ModelNotMappedError, ModelRejected),
    (theirs.APIConnectionError, ModelUnavailable),
    (theirs.InternalServerError, ModelUnavailable),
    (theirs.ServiceUnavailableError, ModelUnavailable),
    (theirs.BadGatewayError, ModelUnavailable),
    (theirs.APIError, ModelUnavailable),
    (openai.OpenAIError, ModelUnavailable),
)
"""A missing key arrives as InternalServerError, so that class cannot be told from a provider that is down."""


def translated(exc: Exception) -> type[ModelError] | None:
    """Our class for one of litellm's exceptions, or None if it is not litellm's."""
    return next((ours for foreign, ours in MAPPING if isinstance(exc, foreign)), None)


@contextmanager
def litellm_errors(model: str) -> Iterator[None]:
    """Raise litellm's exceptions, and our own time limit, as `ModelError`; others pass."""
    try:
        yield
    except TimeoutError as exc:
        raise ModelTimeout(f"model {model!r} did not answer in time") from exc
    except Exception as exc:
        ours = translated(exc)
        if ours is None:
            raise
        first_line = str(exc).strip().splitlines()[0] if str(exc).strip() else type(exc).__name__
        raise ours(f"model {model!r}: {first_line}") from exc
