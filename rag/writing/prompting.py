"""The prompts: versioned texts, filled with a question and evidence that stay data. Pure.

Evidence goes in as JSON, so that no title or abstract can end its string; signs by which models tell apart
who speaks (``<|…|>``) are taken apart, and marks that look like our citation numbers lose their brackets.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from rag.models.language_model import Message, Request
from rag.models.prompts import prompt
from rag.types import Kind, Statement
from rag.untrusted.instructions import is_instruction
from rag.verification.claim_verifier import NumberedPaper
from rag.writing.evidence_packing import abstract_shown

WRITE, REPAIR, WRITE_SMALL, REWRITE = "write/1", "repair/1", "write-small/1", "rewrite/1"
MOST_STATEMENTS = 40

REWRITE_TOKENS = 160
"""Most tokens of a rewritten query with the JSON around it."""

SPEAKER = re.compile(r"<(?=[|/\w])|(?<=[|\w])>|\[(?=/?INST\])")
CITATION_LIKE = re.compile(r"\[(\d[\d\s,;–-]*)\]")

WANTED: Mapping[Kind, str] = {
    "set": "For each paper that does what the question asks, write one sentence on what it does.",
    "fact": "Answer in one to three sentences.",
    "compare": "For each of the things compared write what its abstract says, one sentence for each point.",
    "other": "Answer in one to three sentences.",
}

WANTED_SMALL = "Copy the sentence that answers the question, with its number."
"""For any kind. Models of few parameters fill a form with the words of its example, but can copy."""

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "statements": {
            "type": "array",
            "maxItems": MOST_STATEMENTS,
            "items": {
                "type": "object",
                "properties": {
                    "text": {"type": "string"},
                    "citations": {
                        "type": "array",
                        "minItems": 1,
                        "maxItems": 4,
                        "items": {
                            "type": "object",
                            "properties": {"number": {"type": "integer"}, "quote": {"type": "string"}},
                            "required": ["number", "quote"],
                            "additionalProperties": False,
                        },
                    },
                },
                "required": ["text", "citations"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["statements"],
    "additionalProperties": False,
}

QUERY_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {"query": {"type": "string"}},
    "required": ["query"],
    "additionalProperties": False,
}


def write_request(question: str, kind: Kind) -> Callable[[Sequence[NumberedPaper]], Request]:
    """Ask for statements that answer a question from the evidence that is given."""
    asked = f"Question: {json.dumps(_tame(question), ensure_ascii=False)}\n{WANTED[kind]}"

    def request(shown: Sequence[NumberedPaper]) -> Request:
        evidence = "\n".join(_line(each) for each in shown)
        user = Message("user", f"Evidence:\n{evidence}\n\n{asked}")
        return Request((Message("system", prompt(WRITE)), user), WRITE, schema=SCHEMA)

    return request


def small_request(question: str) -> Callable[[Sequence[NumberedPaper]], Request]:
    """As `write_request` for a small model: sentences with the number of their paper, in and out, as text."""

    def request(shown: Sequence[NumberedPaper]) -> Request:
        evidence = "\n\n".join(map(_sentences, shown))
        user = Message("user", f"{evidence}\n\nQuestion: {_plain(question)}\n{WANTED_SMALL}")
        return Request((Message("system", prompt(WRITE_SMALL)), user), WRITE_SMALL)

    return request


def repair_request(first: Request, refused: Sequence[Statement]) -> Request:
    """Ask once more for what was refused, with the reasons."""
    said = "\n".join(
        json.dumps({"text": each.text, "refused because": each.reason}, ensure_ascii=False)
        for each in refused
    )
    message = Message("user", f"{prompt(REPAIR)}\n\n{said}")
    return replace(first, messages=(*first.messages, message), prompt=REPAIR)


def rewrite_request(question: str, query: str) -> Request:
    """Ask for another query than the one that was read off a question."""
    asked = json.dumps({"question": _tame(question), "query": _tame(query)}, ensure_ascii=False)
    messages = (Message("system", prompt(REWRITE)), Message("user", asked))
    return Request(messages, REWRITE, REWRITE_TOKENS, schema=QUERY_SCHEMA)


def _line(shown: NumberedPaper) -> str:
    title = "" if is_instruction(shown.paper.title) else shown.paper.title
    form = {
        "number": shown.number,
        "title": _tame(title),
        "abstract": _tame(abstract_shown(shown)),
    }
    return json.dumps(form, ensure_ascii=False)


def _sentences(shown: NumberedPaper) -> str:
    """Of the abstract alone: a title is copied rather than read."""
    lines = (shown.sentence(place) for place in range(len(shown.sentences)))
    return "\n".join(f"[{shown.number}] {_plain(line)}" for line in lines)


def _plain(text: str) -> str:
    """In one line, so that no line of it can begin as one of ours does."""
    return " ".join(_tame(text).split())


def _tame(text: str) -> str:
    """A text that cannot pose as a turn of the conversation nor as one of our citations."""
    return CITATION_LIKE.sub(r"(\1)", SPEAKER.sub(lambda found: f" {found[0]} ", text))
