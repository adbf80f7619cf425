"""Rerankers for tests: one that counts shared words, and a scripted server that speaks Cohere's form."""

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from scripted_model import Reply

from rag.errors import ModelError

Results = list[dict[str, Any]]
Server = Callable[[dict[str, Any]], Reply]


def words(text: str) -> set[str]:
    """The words of a text, in small letters."""
    return set(re.findall(r"\w+", text.casefold()))


class OverlapReranker:
    """Scores a text by the number of the query's words in it, or by ``judge``; ``failing`` is raised instead.

    ``asked`` keeps query and texts of each call.
    """

    name = "overlap"

    def __init__(
        self, judge: Callable[[str, str], float] | None = None, failing: ModelError | None = None
    ) -> None:
        self.asked: list[tuple[str, list[str]]] = []
        self._judge = judge or (lambda query, text: float(len(words(query) & words(text))))
        self._failing = failing

    async def score(self, query: str, texts: Sequence[str]) -> list[float]:
        self.asked.append((query, list(texts)))
        if self._failing:
            raise self._failing
        return [self._judge(query, text) for text in texts]


def cohere(change: Callable[[Results], Results] = lambda results: results) -> Server:
    """What a server of Cohere's form replies: results best first, by shared words, after ``change``."""

    def reply(request: dict[str, Any]) -> Reply:
        shared = [len(words(request["query"]) & words(text)) for text in request["documents"]]
        best = sorted(range(len(shared)), key=lambda index: -shared[index])
        results = [{"index": index, "relevance_score": shared[index] / 100} for index in best]
        return Reply(body=json.dumps({"id": "scripted", "results": change(results)}).encode())

    return reply
