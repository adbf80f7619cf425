"""What came back for a question, and what it took: what scoring reads and the cache keeps. Pure."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import Field

from evals.suite.records import Record


class Reply(Record):
    """An answer and what belongs to it.

    Attributes:
        answer: in its JSON form.
        ranking: titles of the papers found, best first; of a set question only.
        turn: what the answer put on the table, for the question after it.
        written: statements that a model wrote and the gate let through.
        latency_ms: of the answer, wall clock, when it was made.
    """

    answer: dict[str, Any]
    ranking: tuple[str, ...] = ()
    turn: dict[str, Any] = Field(default_factory=dict)
    written: Annotated[int, Field(ge=0)] = 0
    latency_ms: Annotated[float, Field(ge=0)] = 0.0

    @property
    def statements(self) -> list[dict[str, Any]]:
        """All that is said: of papers that answer the question, and of those that only touch it."""
        return [*self.answer["statements"], *self.answer["partial"]]

    @property
    def text(self) -> str:
        """The statements of the answer as one text."""
        return " ".join(said["text"] for said in self.answer["statements"])

    @property
    def abstained(self) -> bool:
        """Whether there is no answer."""
        return bool(self.answer["abstained"])

    @property
    def cited_titles(self) -> list[str]:
        """Titles that the statements cite, each once, in the order shown."""
        cited = (each["title"] for said in self.answer["statements"] for each in said["citations"])
        return list(dict.fromkeys(cited))

    @property
    def titles(self) -> list[str]:
        """The answer set of a set question, best first."""
        return [paper["title"] for paper in self.answer["papers"]]

    @property
    def tokens(self) -> int:
        """Sent to and received from a model."""
        return sum(call["prompt_tokens"] + call["completion_tokens"] for call in self._calls())

    @property
    def cost_usd(self) -> float:
        """By the provider's price list."""
        return sum(float(call["cost_usd"]) for call in self._calls())

    @property
    def fault(self) -> str:
        """Why a part of the system could not be used, though there is an answer without it; else empty."""
        return next(_faults(self.answer["receipt"]), "")

    @property
    def is_of_first_choice(self) -> bool:
        """Whether no fallback wrote: a first choice that is back would write something else."""
        return len({call["model"] for call in self._calls()}) < 2  # noqa: PLR2004 - one model

    def _calls(self) -> Iterator[Mapping[str, Any]]:
        for stage in _stages(self.answer["receipt"]):
            yield from stage.get("rewrite", {}).get("calls", ())
            yield from stage.get("model", {}).get("calls", ())


def _stages(receipt: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The account of an answer, or of each part of one that was answered in parts."""
    yield receipt
    for part in receipt.get("parts", ()):
        yield from _stages(part)


def _faults(receipt: Mapping[str, Any]) -> Iterator[str]:
    for stage in _stages(receipt):
        if failure := stage.get("rewrite", {}).get("failure"):
            yield f"the query could not be rewritten: {failure}"
        if failure := stage.get("model", {}).get("failure"):
            yield f"the model could not be used: {failure}"
        if failure := stage.get("reranker", {}).get("failed"):
            yield f"the reranker could not be used: {failure}"
