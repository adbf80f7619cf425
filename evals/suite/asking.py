"""What came back for a question, and what it took: what scoring reads and the cache keeps. Pure."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from evals.cases.kinds import KINDS
from evals.cases.questions import Case
from evals.files import Record, digest_of
from evals.suite.run_files import ResultCache
from rag.assistant import Assistant
from rag.conversation.standalone import EMPTY, History, Turn, turn
from rag.errors import ModelError
from rag.forms import answer_form
from rag.text.tokens import token_counter
from rag.types import Statement


class Reply(Record):
    """An answer and what belongs to it.

    Attributes:
        answer: in its JSON form.
        ranking: titles of the papers found, best first; of a set question only.
        turn: what the answer put on the table, for the question after it.
        written: statements that a model wrote and the claim verifier let through.
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


CUTOFF = 10
"""Papers of a ranking that are scored."""

_TURN = TypeAdapter(Turn)


class Asker:
    """Asks an assistant. Safe to use for many questions at once.

    Args:
        assistant: open.
        cache: keeps the replies.
        identity: everything beside question and history that a reply depends on.
    """

    def __init__(self, assistant: Assistant, cache: ResultCache, identity: Mapping[str, Any]) -> None:
        self._assistant = assistant
        self._cache = cache
        self._identity = digest_of(dict(identity))
        self._count = token_counter(assistant.parts.settings.chunk.encoding)

    async def ask(self, case: Case, history: History = EMPTY) -> tuple[Reply, History, float]:
        """The reply to a case, the conversation after it, and the dollars it cost now (0 for a kept one).

        Raises:
            PinciteError: there is no answer, or one that a part of the system took no part in, such as a
                model that could not be reached; neither is kept.
        """
        key = self._key(case, history)
        reply = self._cache.get(key, Reply)
        spent = 0.0
        if reply is None:
            reply = await self._asked(case, history)
            spent = reply.cost_usd
            if reply.fault:
                raise ModelError(reply.fault)
            if reply.is_of_first_choice:
                self._cache.put(key, reply)
        return reply, history.followed_by(_TURN.validate_python(reply.turn), self._count), spent

    def _key(self, case: Case, history: History) -> str:
        wanted = self._depth(case)
        return digest_of([self._identity, case.question, wanted, asdict(history)])

    async def _asked(self, case: Case, history: History) -> Reply:
        written: list[Statement] = []
        started = time.perf_counter()
        answer = await self._assistant.ask(case.question, written.append, history)
        latency_ms = (time.perf_counter() - started) * 1000
        wanted = self._depth(case)
        ranking = await self._assistant.search(case.question, wanted) if wanted else []
        reply = Reply(
            answer=answer_form(answer, case.case_id),
            ranking=tuple(paper.title for paper in ranking),
            turn=asdict(turn(answer, history)),
            written=len(written),
            latency_ms=round(latency_ms, 2),
        )
        return Reply.model_validate_json(reply.model_dump_json())  # equal to what is read back

    @staticmethod
    def _depth(case: Case) -> int:
        """How many papers are ranked: for the cutoff, and for precision at the number of relevant ones."""
        return max(CUTOFF, len(case.relevant)) if KINDS[case.kind].ranked else 0
