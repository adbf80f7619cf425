"""What is said to a language model and what comes back: plain values and the port. No framework."""

from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass
from typing import Any, Literal, Protocol

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of what a model is shown."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Request:
    """One call of a model.

    Attributes:
        messages: in order.
        prompt: name and version of the prompt they were made with, like "write/1"; part of the cache key.
        max_tokens: most tokens of the reply.
        temperature: 0 is as repeatable as the model allows.
        schema: JSON schema the reply should fit; a model that cannot be held to it gets none.
        seed: for models that take one.
    """

    messages: tuple[Message, ...]
    prompt: str
    max_tokens: int = 1024
    temperature: float = 0.0
    schema: Mapping[str, Any] | None = None
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Usage:
    """What one or several calls used; ``cost_usd`` is 0 for models without a known price."""

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: float = 0.0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(*(one + more for one, more in zip(astuple(self), astuple(other), strict=True)))


@dataclass(frozen=True, slots=True)
class Completion:
    """A reply. ``model`` is the one that wrote it; ``cut`` says that it ended at ``max_tokens``."""

    text: str
    model: str
    usage: Usage
    cached: bool = False
    cut: bool = False


OnText = Callable[[str], None]


class Model(Protocol):
    """A language model, with its fallbacks. Safe to call concurrently."""

    @property
    def name(self) -> str:
        """Litellm's model string of the first choice."""

    @property
    def context_tokens(self) -> int:
        """Most tokens of messages and reply together, as far as known."""

    async def complete(self, request: Request, on_text: OnText | None = None) -> Completion:
        """The whole reply; ``on_text`` gets each piece of it as it arrives, and nothing twice.

        A cached reply arrives as one piece. After the first piece has been passed on, no other try and no
        fallback follows: what was shown cannot be taken back.

        Raises:
            ModelError: every try and every fallback failed; the last error.
        """

    async def close(self) -> None:
        """Let go of connections and engines; idempotent."""


class ModelWrapper:
    """A model around another one: of its name, and closed with it."""

    def __init__(self, inner: Model) -> None:
        self._inner = inner

    @property
    def name(self) -> str:
        return self._inner.name

    @property
    def context_tokens(self) -> int:
        return self._inner.context_tokens

    async def close(self) -> None:
        await self._inner.close()
