"""A second opinion on what the claim verifier supports, by a language model that quotes what decides."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from rag.errors import BadCompletion, ModelError
from rag.models.language_model import Message, Model, Request
from rag.models.prompts import prompt
from rag.ports import SupportJudge
from rag.text.quoting import locate
from rag.types import Statement, Vectors
from rag.verification.claim_verifier import VERBATIM

JUDGE = "judge/1"
VERDICTS = ("supported", "contradicted", "not in context")
"""Columns of what a `SupportJudge` gives."""

MAX_TOKENS = 300
SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {"quote": {"type": "string"}, "verdict": {"type": "string", "enum": list(VERDICTS)}},
    "required": ["quote", "verdict"],
    "additionalProperties": False,
}


async def second_opinion(judge: SupportJudge, statement: Statement) -> Statement:
    """A supported statement with the judge's verdict where that is another.

    A verbatim quote needs no judge. A judge that fails leaves the verdict, and the reason says so.
    """
    if statement.reason == VERBATIM:
        return statement
    try:
        found = await judge.judge([(statement.text, [citation.quote for citation in statement.citations])])
    except ModelError as exc:
        return replace(statement, reason=f"{statement.reason}; no second opinion: {exc}")
    best = VERDICTS[int(found[0].argmax())]
    if best == "supported":
        return replace(statement, reason=f"{statement.reason}; {judge.name} agrees")
    if best == "contradicted":
        return replace(statement, verdict="contradicted", reason=f"{judge.name}: the evidence says otherwise")
    return replace(statement, verdict="unsupported", reason=f"{judge.name}: the evidence does not say so")


class LlmJudge:
    """A SupportJudge over a model. Its probabilities are 0 and 1: a model names a verdict, no odds.

    Args:
        model: asked once for each pair, concurrently.
    """

    def __init__(self, model: Model) -> None:
        self._model = model

    @property
    def name(self) -> str:
        """The model's."""
        return self._model.name

    async def judge(self, pairs: Sequence[tuple[str, Sequence[str]]]) -> Vectors:
        """As `SupportJudge.judge`.

        Raises:
            ModelError: the model did not answer.
            BadCompletion: it gave no verdict, or called supported what it could not quote.
        """
        rows = await asyncio.gather(*(self._row(statement, evidence) for statement, evidence in pairs))
        return np.array(rows, np.float32).reshape(len(pairs), len(VERDICTS))

    async def _row(self, statement: str, evidence: Sequence[str]) -> list[float]:
        shown = json.dumps({"evidence": " ".join(evidence), "statement": statement}, ensure_ascii=False)
        messages = (Message("system", prompt(JUDGE)), Message("user", shown))
        reply = await self._model.complete(Request(messages, JUDGE, MAX_TOKENS, schema=SCHEMA))
        verdict, quote = _read(reply.text)
        if verdict == VERDICTS[0] and not locate(quote, " ".join(evidence)):
            raise BadCompletion(
                f"judge {self.name!r} quoted {quote!r}, which is not in the evidence", reply.text
            )
        return [float(verdict == each) for each in VERDICTS]


def _read(text: str) -> tuple[str, str]:
    """Verdict and quote of a reply."""
    try:
        form = json.loads(text[text.find("{") : text.rfind("}") + 1], strict=False)
    except (ValueError, RecursionError):
        form = {}
    verdict = str(form.get("verdict", "")).strip().lower().replace("_", " ")
    if verdict not in VERDICTS:
        raise BadCompletion(f"a judge gave no verdict; expected one of {', '.join(VERDICTS)}", text)
    return verdict, str(form.get("quote") or "")
