"""Have a model rewrite what is searched for; whatever it does, the question's own words are left."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from rag.answer_kinds import KINDS
from rag.errors import ModelError
from rag.models.budget import Meter, Spending
from rag.models.language_model import Model
from rag.ports import Encoder
from rag.question.understanding import Question
from rag.selection.selection import Selection
from rag.types import Answer
from rag.writing.prompting import rewrite_request
from rag.writing.query_rewrite import CUT, NOTHING_FOUND, Rewriting, drifted, fault, proposed, without_frame

Told = tuple[Answer, Selection, dict[str, Any]]
"""An answer, what it was read from, and the account of its stages for the receipt."""

MOST_CHARACTERS = 600
"""A longer query is a pasted text, which says enough of itself."""

REWRITING_SHARE = 0.25
"""Most of the time left to a question that its rewriting may take: the rest is for the answer."""


class Rewriter:
    """Rewrites queries with a model. Safe to use for many questions at once.

    Args:
        metered: the model, its calls counted for the question of that spending.
        encoder: of the collection; tells whether a query still means the same.
    """

    def __init__(self, metered: Callable[[Spending], Model], encoder: Encoder) -> None:
        self._metered = metered
        self._encoder = encoder

    async def answered(
        self, question: Question, meter: Meter, told: Callable[[str], Awaitable[Told]]
    ) -> Told:
        """What is told of a rewritten query, or of the question's own words.

        Args:
            question: as understood.
            meter: of the question.
            told: answers the question from what is found for a query; "" for the question's own words. It is
                called with these where there is no other query, and once more where that leads to no answer.
        """
        rewriting = await self.rewrite(question, meter)
        answer, selection, stages = await told(rewriting.query)
        if answer.abstained and rewriting.query:
            rewriting = replace(rewriting, query="", refused=NOTHING_FOUND)
            answer, selection, stages = await told("")
        return (
            replace(answer, rewritten=rewriting.query),
            selection,
            {"rewrite": rewriting.account()} | stages,
        )

    async def rewrite(self, question: Question, meter: Meter) -> Rewriting:
        """Another query for a question, or why there is none; never raises for what a model does.

        Args:
            question: as understood; its kind, filters and names stay, whatever is searched for.
            meter: of the question; a call takes of its money, and at most `REWRITING_SHARE` of the time left.
        """
        if len(question.topic) > MOST_CHARACTERS:
            return Rewriting(refused=f"the query is longer than {MOST_CHARACTERS} characters")
        try:
            with meter.stage("rewrite"):
                async with asyncio.timeout(meter.spending.seconds_left() * REWRITING_SHARE):
                    return await self._asked(question, self._metered(meter.spending))
        except ModelError as exc:
            return Rewriting(failure=str(exc))
        except TimeoutError:
            return Rewriting(failure=f"no query came within {REWRITING_SHARE:.0%} of the time that was left")

    async def _asked(self, question: Question, model: Model) -> Rewriting:
        reply = await model.complete(rewrite_request(" and ".join(question.clauses), question.topic))
        written = proposed(reply.text)
        query = without_frame(written, question.kind)
        refused = CUT if reply.cut else fault(question.topic, query)
        refused = refused or await self._drifted(question.topic, query)
        return Rewriting("" if refused else query, written, refused, reply=reply)

    async def _drifted(self, query: str, rewrite: str) -> str:
        own, new = await self._encoder.encode_queries([query, rewrite])
        return drifted(float(own @ new))


def is_searched(question: Question) -> bool:
    """Whether words are searched for: not for chat, a field of a record, or filters alone."""
    by_words = question.topic and not question.unmatched and question.record_field is None
    return bool(by_words) and KINDS[question.kind].searched
