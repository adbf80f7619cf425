"""A support judge that is a language model: it quotes what decides, then gives its verdict."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from rag.errors import BadCompletion
from rag.models.language_model import Message, Model, Request
from rag.models.prompts import prompt
from rag.text.quoting import locate
from rag.types import Vectors

JUDGE = "judge/1"
VERDICTS = ("supported", "contradicted", "not in context")
MAX_TOKENS = 300
SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {"quote": {"type": "string"}, "verdict": {"type": "string", "enum": list(VERDICTS)}},
    "required": ["quote", "verdict"],
    "additionalProperties": False,
}


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
    try:
        form = json.loads(text[text.find("{") : text.rfind("}") + 1], strict=False)
    except (ValueError, RecursionError):
        form = None
    verdict = str(form.get("verdict", "")).strip().lower().replace("_", " ") if isinstance(form, dict) else ""
    if verdict not in VERDICTS:
        raise BadCompletion(f"a judge gave no verdict; expected one of {', '.join(VERDICTS)}", text)
    return verdict, str(form.get("quote") or "") if isinstance(form, dict) else ""
