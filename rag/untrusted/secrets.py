"""What of the environment and of the settings is a secret, to be masked by `rag.untrusted.masking`."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr

from rag.untrusted.masking import WINDOW, masked, names_secret, secrets_of_address


def secrets_of_environment(variables: Mapping[str, str]) -> Iterator[str]:
    """What goes by the name of a key, token, secret or password, and passwords in addresses.

    Whoever is meant to read it: litellm alone reads hundreds of variables, and a provider of its next
    version others. The name of a file is no secret.
    """
    for name, value in variables.items():
        if "://" in value:
            yield from secrets_of_address(value)
        elif names_secret(name) and len(value) >= WINDOW and not _is_path(value):
            yield value


def secrets_of_settings(section: BaseModel) -> Iterator[str]:
    """The values of the tree that are secrets by their type, and passwords in addresses."""
    for _, value in section:
        if isinstance(value, BaseModel):
            yield from secrets_of_settings(value)
        elif isinstance(value, SecretStr):
            yield value.get_secret_value()
        elif isinstance(value, str) and "://" in value:
            yield from secrets_of_address(value)


def secrets_of_error(error: Any) -> Iterator[str]:  # noqa: ANN401 - pydantic's ErrorDetails
    """What may be a secret of the settings that could not be read."""
    yield from _secrets_below(error["input"], hidden=_is_hidden(error))


def explained(error: Any) -> str:  # noqa: ANN401 - pydantic's ErrorDetails
    """What is wrong with a setting, in one line."""
    where = _where(error)
    value = "" if _is_hidden(error) else f" = {error['input']!r}"
    return masked(f"setting {where!r}{value}: {error['msg']} (environment: PINCITE_{where.upper()})")


def _where(error: Any) -> str:  # noqa: ANN401 - pydantic's ErrorDetails
    return "__".join(str(part) for part in error["loc"])


def _is_hidden(error: Any) -> bool:  # noqa: ANN401 - pydantic's ErrorDetails
    """What stands under a name we do not know, or in a secret, may be a secret."""
    return error["type"] == "extra_forbidden" or "key" in _where(error)


def _secrets_below(value: object, *, hidden: bool) -> Iterator[str]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _secrets_below(each, hidden=hidden or names_secret(str(name)))
    elif isinstance(value, str):
        yield from [value] if hidden else secrets_of_address(value)


def _is_path(name: str) -> bool:
    try:
        return Path(name).exists()
    except (OSError, ValueError):
        return False
