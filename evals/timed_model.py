"""A language model with a stopwatch: how fast it reads a prompt and how fast it writes."""

from dataclasses import dataclass
from time import perf_counter

from rag.model import Completion, Model, OnText, Request, Usage


@dataclass(frozen=True, slots=True)
class Timed:
    """One call.

    Attributes:
        prompt: name and version of the prompt.
        text: of the reply.
        usage: its tokens.
        first_s: until the first piece of the reply came: the time the prompt took.
        total_s: until the reply was whole.
    """

    prompt: str
    text: str
    usage: Usage
    first_s: float
    total_s: float


class TimedModel:
    """Model whose calls are timed.

    Args:
        inner: what answers; closed with this.

    Attributes:
        calls: those that came to an end, in order.
    """

    def __init__(self, inner: Model) -> None:
        self._inner = inner
        self.calls: list[Timed] = []

    @property
    def name(self) -> str:
        """That of the inner model."""
        return self._inner.name

    @property
    def context_tokens(self) -> int:
        """That of the inner model."""
        return self._inner.context_tokens

    async def complete(self, request: Request, on_text: OnText | None = None) -> Completion:
        """As `rag.model.Model.complete`."""
        started = perf_counter()
        pieces: list[float] = []

        def note(piece: str) -> None:
            pieces.append(perf_counter() - started)
            if on_text is not None:
                on_text(piece)

        completion = await self._inner.complete(request, note)
        total = perf_counter() - started
        first = pieces[0] if pieces else total
        self.calls.append(Timed(request.prompt, completion.text, completion.usage, first, total))
        return completion

    async def close(self) -> None:
        """Close the inner model."""
        await self._inner.close()
