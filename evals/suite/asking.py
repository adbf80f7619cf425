"""Ask an assistant what the cases ask, each thing once: replies are kept by all that they depend on."""

import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from pydantic import TypeAdapter

from evals.judging.digests import digest_of
from evals.questions import Case
from evals.suite.kept import Shelf
from evals.suite.replies import Reply
from evals.suite.scoring import CUTOFF
from rag.assistant import Assistant
from rag.conversation.standalone import EMPTY, History, Turn, turn
from rag.errors import ModelError
from rag.forms import answer_form
from rag.text.tokens import token_counter
from rag.types import Statement

_TURN = TypeAdapter(Turn)


class Asker:
    """Asks an assistant. Safe to use for many questions at once.

    Args:
        assistant: open.
        shelf: keeps the replies.
        identity: everything beside question and history that a reply depends on.
    """

    def __init__(self, assistant: Assistant, shelf: Shelf, identity: Mapping[str, Any]) -> None:
        self._assistant = assistant
        self._shelf = shelf
        self._identity = digest_of(dict(identity))
        self._count = token_counter(assistant.parts.settings.chunk.encoding)

    async def ask(self, case: Case, history: History = EMPTY) -> tuple[Reply, History, float]:
        """The reply to a case, the conversation after it, and the dollars it cost now (0 for a kept one).

        Raises:
            PinciteError: there is no answer, or one that a part of the system took no part in, such as a
                model that could not be reached; neither is kept.
        """
        key = self._key(case, history)
        reply = self._shelf.get(key, Reply)
        spent = 0.0
        if reply is None:
            reply = await self._asked(case, history)
            spent = reply.cost_usd
            if reply.fault:
                raise ModelError(reply.fault)
            if reply.is_of_first_choice:
                self._shelf.put(key, reply)
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
        return max(CUTOFF, len(case.relevant)) if case.kind == "set" else 0
