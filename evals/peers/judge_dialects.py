"""How the scripted judge understands each evaluator, and in which form that one wants its replies. Pure.

What an evaluator asks is told by words of its own prompt. One that is not understood is an error, so that a
new version of a library with other prompts is noticed.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from evals.peers.judge_faults import Said
from rag.errors import MalformedRecord

Step = Literal["claims", "truths", "verdicts", "reason"]
"""What is asked for: the claims of an answer, the facts of its papers, verdicts on claims, a summary."""


class Dialect(Protocol):
    """One evaluator's way to ask."""

    @property
    def cited_only(self) -> bool:
        """Whether a claim is shown with the papers it cites, not with all that were retrieved."""

    def step(self, prompt: str) -> Step:
        """What is asked for.

        Raises:
            MalformedRecord: it cannot be told.
        """

    def asked(self, prompt: str, noticed: Sequence[str]) -> list[tuple[int, str]]:
        """Number and text of the claims that want a verdict; ``noticed`` are those listed before."""

    def listed(self, step: Step, texts: Sequence[str]) -> str:
        """The reply to a request for claims, facts or a summary."""

    def verdicts(self, said: Sequence[Said]) -> str:
        """The reply to a request for verdicts."""


@dataclass(frozen=True, slots=True)
class Peer:
    """An evaluator that has the answer split into claims, then all of them judged against all papers.

    Attributes:
        signs: words of the prompt that tell what is asked for.
        keys: under which each reply's list stands.
        verdict: how a verdict is written.
        claim_key: under which it repeats the claim; empty where it does not.
    """

    signs: Mapping[Step, str]
    keys: Mapping[Step, str]
    verdict: Mapping[str, Any]
    claim_key: str = ""
    cited_only: bool = False

    def step(self, prompt: str) -> Step:
        """See `Dialect.step`."""
        return _step(self.signs, prompt)

    def asked(self, prompt: str, noticed: Sequence[str]) -> list[tuple[int, str]]:
        """See `Dialect.asked`."""
        del prompt
        return list(enumerate(noticed, 1))

    def listed(self, step: Step, texts: Sequence[str]) -> str:
        """See `Dialect.listed`."""
        return json.dumps({self.keys[step]: " ".join(texts) if step == "reason" else list(texts)})

    def verdicts(self, said: Sequence[Said]) -> str:
        """See `Dialect.verdicts`."""
        rows = [
            {
                **({self.claim_key: each.claim} if self.claim_key else {}),
                "reason": f"It is {each.called}.",
                "verdict": self.verdict[each.called],
            }
            for each in said
        ]
        return json.dumps({self.keys["verdicts"]: rows})


RAGAS = Peer(
    signs={
        "claims": "Break down each sentence into one or more fully understandable statements",
        "verdicts": "judge the faithfulness of a series of statements",
    },
    keys={"claims": "statements", "verdicts": "statements"},
    verdict={"supported": 1, "contradicted": 0, "absent": 0, "unknown": -1, "nan": float("nan")},
    claim_key="statement",
)
DEEPEVAL = Peer(
    signs={
        "claims": 'with the "claims" key as a list of strings',
        "truths": 'with the "truths" key as a list of strings',
        "verdicts": "with the 'verdicts' key as a list of JSON objects",
        "reason": "with the 'reason' key providing the reason",
    },
    keys={"claims": "claims", "truths": "truths", "verdicts": "verdicts", "reason": "reason"},
    verdict={
        "supported": "yes",
        "contradicted": "no",
        "absent": "borderline",
        "unknown": "unsure",
        "nan": float("nan"),
    },
)


@dataclass(frozen=True, slots=True)
class Pincite:
    """Our own judge: claims come with ids and the papers they cite, verdicts with quotes."""

    cited_only: bool = True

    def step(self, prompt: str) -> Step:
        """See `Dialect.step`."""
        return _step({"verdicts": '{"verdicts": [{"id": "as given", "quote"'}, prompt)

    def asked(self, prompt: str, noticed: Sequence[str]) -> list[tuple[int, str]]:
        """See `Dialect.asked`; the claims are the answer's own sentences, so none was listed before."""
        del noticed
        lines = prompt.partition("\nClaims:\n")[2].partition("\n\n")[0].splitlines()
        forms = [json.loads(line) for line in lines]
        return [(int(form["id"].removeprefix("c")), form["claim"]) for form in forms]

    def listed(self, step: Step, texts: Sequence[str]) -> str:
        """See `Dialect.listed`.

        Raises:
            MalformedRecord: always, for our judge asks for verdicts alone.
        """
        raise MalformedRecord(f"our judge asked for {step!r} of {len(texts)} texts, expected verdicts alone")

    def verdicts(self, said: Sequence[Said]) -> str:
        """See `Dialect.verdicts`."""
        called = {"absent": "not in context", "unknown": "unsure", "nan": float("nan")}
        rows = [
            {"id": f"c{each.number}", "quote": each.quote, "verdict": called.get(each.called, each.called)}
            for each in said
        ]
        return json.dumps({"verdicts": rows})


DIALECTS: Mapping[str, Dialect] = {"pincite": Pincite(), "ragas": RAGAS, "deepeval": DEEPEVAL}


def _step(signs: Mapping[Step, str], prompt: str) -> Step:
    found = [step for step, sign in signs.items() if sign in prompt]
    if len(found) != 1:
        raise MalformedRecord(
            f"a prompt that starts {prompt[:60]!r} asks for {found}, expected one of {', '.join(signs)}; "
            "the library may have new prompts"
        )
    return found[0]
