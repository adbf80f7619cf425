"""A judge that knows the label of every claim, behaves alike to all evaluators, and misbehaves by script."""

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

from evals.peers.judge_dialects import DIALECTS, Dialect, Step
from evals.peers.judge_faults import FAULTS, Called, Said, noticed, spoilt
from evals.peers.scripted_answers import ScriptedAnswer, ScriptedClaim, sentences
from evals.scripted_server import Reply, problem
from rag.errors import MalformedRecord

SEPARATOR = "--"


def model_name(system: str, answer_id: str) -> str:
    """What a system has to call the judge of an answer: no evaluator tells which answer it is about."""
    return f"{system}{SEPARATOR}{answer_id}"


class ScriptedJudge:
    """The script of an `evals.scripted_server.ScriptedServer`.

    Attributes:
        misunderstood: what could not be understood of a request; empty if all went well.
    """

    def __init__(self, answers: Iterable[ScriptedAnswer]) -> None:
        self._answers = {answer.answer_id: answer for answer in answers}
        self._asked = Counter[str]()
        self.misunderstood: list[str] = []

    def __call__(self, request: dict[str, Any]) -> Reply | str:
        """The reply to a request for a chat completion; 400 if it is not understood."""
        name = request["model"]
        system, _, answer_id = name.partition(SEPARATOR)
        prompt = "\n\n".join(_text(message["content"]) for message in request["messages"])
        try:
            dialect = DIALECTS[system.partition("-")[0]]
            return self._reply(name, dialect, self._answers[answer_id], prompt)
        except (KeyError, MalformedRecord) as exc:
            self.misunderstood.append(f"{name}: {exc}")
            return problem(400, self.misunderstood[-1])

    def _reply(self, name: str, dialect: Dialect, answer: ScriptedAnswer, prompt: str) -> str:
        step = dialect.step(prompt)
        listed = noticed([claim.text for claim in answer.claims], answer.kind.fault)
        if step != "verdicts":
            return dialect.listed(step, _texts(step, answer, listed))
        asked, self._asked[name] = self._asked[name], self._asked[name] + 1
        claims = {claim.text: claim for claim in answer.claims}
        said = [_honest(claims[text], number, dialect) for number, text in dialect.asked(prompt, listed)]
        fault = answer.kind.fault
        return spoilt(dialect.verdicts(FAULTS[fault](said, asked)), fault, asked)


def _honest(claim: ScriptedClaim, number: int, dialect: Dialect) -> Said:
    """What an honest judge says of a claim, going by the papers it is shown."""
    label: Called
    if claim.label == "other paper":
        label = "absent" if dialect.cited_only else "supported"
    elif claim.label == "no such paper":
        label = "absent"
    else:
        label = claim.label
    return Said(claim.text, number, label, claim.quote)


def _texts(step: Step, answer: ScriptedAnswer, listed: Iterable[str]) -> list[str]:
    if step == "claims":
        return list(listed)
    if step == "truths":
        return [text for paper in answer.papers for text in sentences(paper)]
    return ["The score says it."]


def _text(content: Any) -> str:  # noqa: ANN401 - a text, or OpenAI's list of parts
    return content if isinstance(content, str) else json.dumps(content)
