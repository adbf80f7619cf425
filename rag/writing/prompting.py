"""The prompts: versioned texts, filled with a question and evidence that stay data. Pure.

Evidence goes in as JSON, so that no title or abstract can end its string; signs by which models tell apart
who speaks (``<|…|>``) are taken apart, and marks that look like our citation numbers lose their brackets.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from rag.models.language_model import Completion, Message, Request
from rag.models.prompts import prompt
from rag.question.answer_kinds import KINDS
from rag.retrieval.candidates import Candidate
from rag.types import Statement
from rag.untrusted.instructions import is_instruction, is_plea
from rag.verification.claim_verifier import NumberedPaper

WRITE, REPAIR, WRITE_SMALL, REWRITE = "write/1", "repair/1", "write-small/1", "rewrite/1"
MOST_STATEMENTS = 40

REWRITE_TOKENS = 160
"""Most tokens of a rewritten query with the JSON around it."""

SPEAKER = re.compile(r"<(?=[|/\w])|(?<=[|\w])>|\[(?=/?INST\])")
CITATION_LIKE = re.compile(r"\[(\d[\d\s,;–-]*)\]")

WANTED_SMALL = "Copy the sentence that answers the question, with its number."
"""For any kind. Models of few parameters fill a form with the words of its example, but can copy."""

OVERHEAD_TOKENS = 24
"""What number, keys and quotes of one paper cost besides its text."""


def _object(**properties: Mapping[str, Any]) -> Mapping[str, Any]:
    """The JSON schema of an object that holds just these."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _array(items: Mapping[str, Any], **bounds: int) -> Mapping[str, Any]:
    return {"type": "array", **bounds, "items": items}


STRING = {"type": "string"}
CITATION = _object(number={"type": "integer"}, quote=STRING)
STATEMENT = _object(text=STRING, citations=_array(CITATION, minItems=1, maxItems=4))
SCHEMA = _object(statements=_array(STATEMENT, maxItems=MOST_STATEMENTS))
QUERY_SCHEMA = _object(query=STRING)


def pack(
    candidates: Sequence[Candidate], count_tokens: Callable[[str], int], budget_tokens: int
) -> list[NumberedPaper]:
    """As many of the papers, best first, as fit whole; a paper too long is passed over for the next.

    Numbers follow the order of ``candidates``. The order of the result is that of the prompt: the best paper
    first, the second best last and so on inwards, since models overlook what stands in the middle
    (Liu et al. 2023, "Lost in the Middle"). Sentences that address a model instead of reporting are left out.

    Args:
        candidates: best first.
        count_tokens: tokens of a text.
        budget_tokens: most tokens of all papers together.
    """
    chosen: list[NumberedPaper] = []
    left = budget_tokens
    for item in candidates:
        kept = [sentence for sentence in item.sentences if not is_plea(sentence.text)]
        spans, passages = tuple(each.span for each in kept), tuple(each.passage_id for each in kept)
        shown = NumberedPaper(len(chosen) + 1, item.paper, spans, passages)
        cost = OVERHEAD_TOKENS + count_tokens(item.paper.title) + count_tokens(abstract_shown(shown))
        if kept and cost <= left:
            chosen.append(shown)
            left -= cost
    return [*chosen[::2], *reversed(chosen[1::2])]


def abstract_shown(shown: NumberedPaper) -> str:
    """The sentences of an abstract that a model is shown, as one text."""
    return " ".join(_sentences(shown))


def _sentences(shown: NumberedPaper) -> list[str]:
    return [shown.sentence(place) for place in range(len(shown.sentences))]


def write_request(question: str, kind: str) -> Callable[[Sequence[NumberedPaper]], Request]:
    """Ask for statements that answer a question from the evidence that is given."""
    asked = f"Question: {json.dumps(neutralise(question), ensure_ascii=False)}\n{KINDS[kind].wanted}"

    def request(shown: Sequence[NumberedPaper]) -> Request:
        evidence = "\n".join(_line(each) for each in shown)
        user = Message("user", f"Evidence:\n{evidence}\n\n{asked}")
        return Request((Message("system", prompt(WRITE)), user), WRITE, schema=SCHEMA)

    return request


def small_request(question: str) -> Callable[[Sequence[NumberedPaper]], Request]:
    """As `write_request` for a small model: sentences with the number of their paper, in and out, as text."""

    def request(shown: Sequence[NumberedPaper]) -> Request:
        evidence = "\n\n".join(map(_numbered_lines, shown))
        user = Message("user", f"{evidence}\n\nQuestion: {_in_one_line(question)}\n{WANTED_SMALL}")
        return Request((Message("system", prompt(WRITE_SMALL)), user), WRITE_SMALL)

    return request


def repair_request(first: Request, refused: Sequence[Statement]) -> Request:
    """Ask once more for what was refused, with the reasons."""
    listed = "\n".join(
        json.dumps({"text": each.text, "refused because": each.reason}, ensure_ascii=False)
        for each in refused
    )
    message = Message("user", f"{prompt(REPAIR)}\n\n{listed}")
    return replace(first, messages=(*first.messages, message), prompt=REPAIR)


def rewrite_request(question: str, query: str) -> Request:
    """Ask for another query than the one that was read off a question."""
    asked = json.dumps({"question": neutralise(question), "query": neutralise(query)}, ensure_ascii=False)
    messages = (Message("system", prompt(REWRITE)), Message("user", asked))
    return Request(messages, REWRITE, REWRITE_TOKENS, schema=QUERY_SCHEMA)


def _line(shown: NumberedPaper) -> str:
    title = "" if is_instruction(shown.paper.title) else shown.paper.title
    form = {
        "number": shown.number,
        "title": neutralise(title),
        "abstract": neutralise(abstract_shown(shown)),
    }
    return json.dumps(form, ensure_ascii=False)


def _numbered_lines(shown: NumberedPaper) -> str:
    """Of the abstract alone: a title is copied rather than read."""
    return "\n".join(f"[{shown.number}] {_in_one_line(line)}" for line in _sentences(shown))


def _in_one_line(text: str) -> str:
    """So that no line of it can begin as one of ours does."""
    return " ".join(neutralise(text).split())


def neutralise(text: str) -> str:
    """A text that cannot pose as a turn of the conversation nor as one of our citations."""
    return CITATION_LIKE.sub(r"(\1)", SPEAKER.sub(lambda found: f" {found[0]} ", text))


def call_account(name: str, reply: Completion) -> dict[str, Any]:
    """What a receipt says of a call with a prompt of this name; nothing that differs where it was kept."""
    return {"model": reply.model, "prompt": name, "cut": reply.cut} | asdict(reply.usage)
