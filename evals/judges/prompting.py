"""What a judge is shown: versioned texts in `prompts`, with papers, claims and items as JSON lines. Pure.

Titles, abstracts, claims and answers are untrusted: as JSON none can end its string, and the signs by which
models tell apart who speaks are taken apart.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from evals.judges.claims import CitedAbstract, Claim
from evals.judges.verdicts import ClaimLabel
from rag.models.language_model import Message, Request
from rag.writing.prompting import SPEAKER

CLAIMS, AGAIN = "claims/1", "again/1"
BASE_TOKENS, CLAIM_TOKENS = 60, 180
"""Most tokens of a reply: for its frame, and for each claim with its quote."""


@cache
def prompt(name: str) -> str:
    """The text of a prompt by name and version, like "claims/1"."""
    return (files("evals.judges") / "prompts" / f"{name.replace('/', '-')}.txt").read_text("utf-8").strip()


def texts(*names: str) -> dict[str, str]:
    """Prompts by name, for a digest."""
    return {name: prompt(name) for name in names}


def separated(text: str) -> str:
    """A text that cannot pose as a turn of the conversation."""
    return SPEAKER.sub(lambda found: f" {found[0]} ", text)


def line(form: Mapping[str, Any]) -> str:
    """One line of JSON; a text in it cannot end its string, nor the line."""
    return _json(form)


def claims_request(question: str, claims: Mapping[str, Claim], faults: Mapping[str, str]) -> Request:
    """Ask for a verdict on each claim.

    Args:
        question: what the claims answer; may be empty.
        claims: by the ids that the judge is to use.
        faults: what was wrong with the last reply, by id; empty when asked for the first time.
    """
    papers = {each.paper_id: each for claim in claims.values() for each in claim.evidence}
    numbers = {paper_id: number for number, paper_id in enumerate(papers, 1)}
    parts = [
        *([f"Question: {line_of_text(question)}"] if question else []),
        "Papers:\n" + "\n".join(_paper(each, numbers[each.paper_id]) for each in papers.values()),
        "Claims:\n" + "\n".join(_claim(key, claim, numbers) for key, claim in claims.items()),
        *again(faults),
    ]
    messages = (Message("system", prompt(CLAIMS)), Message("user", "\n\n".join(parts)))
    tokens = BASE_TOKENS + CLAIM_TOKENS * len(claims)
    return Request(messages, CLAIMS, tokens, schema=verdicts_schema(list(claims)))


def line_of_text(text: str) -> str:
    """A text as a JSON string."""
    return _json(separated(text))


def _json(value: object) -> str:
    """On one line, whoever splits it: JSON leaves two separators of lines as they are."""
    return json.dumps(value, ensure_ascii=False).replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def again(faults: Mapping[str, str]) -> list[str]:
    """What is added where something is asked once more."""
    if not faults:
        return []
    told = "\n".join(line({"id": key, "what was wrong": separated(why)}) for key, why in faults.items())
    return [f"{prompt(AGAIN)}\n{told}"]


def verdicts_schema(ids: Sequence[str]) -> dict[str, Any]:
    """Exactly one verdict for each id; the quote comes before the label."""
    entry = {
        "id": {"type": "string", "enum": list(ids)},
        "quote": {"type": "string"},
        "verdict": {"type": "string", "enum": [str(each) for each in ClaimLabel]},
    }
    return list_schema("verdicts", entry, len(ids))


def list_schema(key: str, entry: Mapping[str, Any], count: int) -> dict[str, Any]:
    """An object with one list of so many entries, all their keys needed, in this order."""
    item = {
        "type": "object",
        "properties": dict(entry),
        "required": list(entry),
        "additionalProperties": False,
    }
    listed = {"type": "array", "minItems": count, "maxItems": count, "items": item}
    return {
        "type": "object",
        "properties": {key: listed},
        "required": [key],
        "additionalProperties": False,
    }


def _paper(each: CitedAbstract, number: int) -> str:
    return line({"paper": number, "title": separated(each.title), "abstract": separated(each.abstract)})


def _claim(key: str, claim: Claim, numbers: Mapping[str, int]) -> str:
    cited = sorted(numbers[each.paper_id] for each in claim.evidence)
    return line({"id": key, "papers": cited, "claim": separated(claim.text)})
