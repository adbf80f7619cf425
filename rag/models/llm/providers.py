"""What is known of a model without asking it: its provider, key, file, address, price, context length."""

from collections.abc import Iterator
from typing import Any

from rag.errors import ConfigError, ModelRejected
from rag.models.budget import Price
from rag.models.llm import local_model
from rag.models.llm.litellm_errors import litellm, theirs
from rag.settings import ModelSettings

UNKNOWN_CONTEXT = 8192
"""Tokens a model of unknown context length is taken to read."""


def require_providers(settings: ModelSettings) -> None:
    """Raise `ConfigError` where litellm knows no provider of one; the message names the setting."""
    named = [("name", settings.name), *(("fallbacks", model) for model in settings.fallbacks)]
    for setting, model in named:
        try:
            litellm.get_llm_provider(model)
        except theirs.BadRequestError as exc:
            raise ConfigError(
                f"setting 'model__{setting}' = {model!r}: of no provider that litellm knows; expected "
                "PROVIDER/MODEL, like openai/gpt-4o-mini, or local/PATH.gguf "
                f"(environment: PINCITE_MODEL__{setting.upper()})"
            ) from exc


def is_own(model: str, settings: ModelSettings) -> bool:
    """Whether a model is of the provider that the address and key of the settings are for."""
    return bool(litellm.get_llm_provider(model)[1] == litellm.get_llm_provider(settings.name)[1])


def require_key(model: str, settings: ModelSettings) -> None:
    """Raise `ModelRejected`, with the variables it may stand in, where the key of a model is missing.

    That is worded by litellm like a provider that is down, so it is looked for first.
    """
    if is_own(model, settings) and (settings.api_key is not None or settings.api_base is not None):
        return
    missing = litellm.validate_environment(model)["missing_keys"]
    # Other variables may be given in other ways: a role, a default address.
    keys = [name for name in missing if name.endswith("_API_KEY")]
    if keys:
        raise ModelRejected(
            f"model {model!r} needs a key: set the environment variable {' or '.join(keys)}, "
            "or PINCITE_MODEL__API_KEY"
        )


def listed_context(model: str) -> int:
    """Tokens, without litellm's own look-up, which asks servers of some providers."""
    return int(listed(model).get("max_input_tokens") or UNKNOWN_CONTEXT)


def most_usd(settings: ModelSettings) -> Price:
    """The price of a call of the dearest model of the settings; of those without a price on the list 0."""
    entries = [listed(model) for model in (settings.name, *settings.fallbacks)]
    rates = [
        (float(each.get("input_cost_per_token") or 0), float(each.get("output_cost_per_token") or 0))
        for each in entries
    ]
    return lambda prompt, reply: max(read * prompt + write * reply for read, write in rates)


def listed(model: str) -> dict[str, Any]:
    """What litellm's bundled list holds of a model, under its whole name or without the provider's."""
    found = (litellm.model_cost.get(name) for name in (model, model.partition("/")[2]))
    return next((dict(each) for each in found if each), {})


def descriptions(settings: ModelSettings) -> Iterator[str]:
    """One line for each model of the settings, the first choice first; no secret, and nothing is sent.

    Raises `ConfigError`; or `ModelError` where a key, the right file or llama.cpp is missing.
    """
    local_model.register()
    require_providers(settings)
    for model in (settings.name, *settings.fallbacks):
        if model.startswith(local_model.PREFIX):
            local_model.require_engine(model)
            yield f"{model}: {local_model.require_file(model)} can be read"
            continue
        require_key(model, settings)
        key = "its key is set"
        if settings.api_key is None or not is_own(model, settings):
            found = litellm.validate_environment(model)["keys_in_environment"]
            key = "its key is in the environment" if found else "no key is set"
        yield f"{model}: {key}, at {address(model, settings) or 'its provider'}"


def address(model: str, settings: ModelSettings) -> str:
    """Where a model is asked: as set, else as litellm's list has it, if at all; raises `ConfigError`."""
    local_model.register()
    require_providers(settings)
    if is_own(model, settings) and settings.api_base:
        return settings.api_base
    return str(litellm.get_llm_provider(model)[3] or "")
