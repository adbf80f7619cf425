"""The receipt of an answer: what it was made from and how, in values that JSON can hold. Pure."""

import hashlib
import json
from collections.abc import AsyncIterable, Mapping
from dataclasses import fields, replace
from typing import Any

from rag.selection.selection import Selection
from rag.types import Answer, Paper

CANDIDATES = 50
"""Of the papers judged, how many of the most probable a receipt names."""

OF_THIS_MACHINE = {"home", "store", "chat"}
"""Settings that say where things are and not what is answered."""

OF_THIS_ACCOUNT = {"api_key", "api_base", "budget_usd"}
"""Fields of sections that say who asks, whom, and what it may cost. A receipt may come from a stranger:
were they read from it, a replay could send a key of this machine anywhere."""

_FIELDS = tuple(field.name for field in fields(Paper))


def receipted(
    answer: Answer,
    selection: Selection,
    *,
    made_with: Mapping[str, Any],
    stages: Mapping[str, Any],
    timings_ms: Mapping[str, float],
) -> Answer:
    """The answer with its receipt; equal receipts have equal ids, whatever the time they took.

    Args:
        answer: as it will be shown.
        selection: the question, what was found for it and how probable each paper is.
        made_with: collection, settings, and the thresholds that a paper and a sentence had to reach.
        stages: of each stage that only some answers go through, such as a model, its own account.
        timings_ms: milliseconds by stage.
    """
    asked = selection.question
    content: dict[str, Any] = {
        "writer": answer.writer,
        **made_with,
        **stages,
        "understood": {
            "kind": asked.kind,
            "query": asked.topic,
            "clauses": asked.clauses,
            "filters": asked.filters.as_json(),
            "corrections": asked.corrections,
            "unmatched": asked.unmatched,
        },
        "candidates": [
            [item.paper.paper_id, round(float(p), 6)] for item, p in selection.ranked[:CANDIDATES]
        ],
        "papers": [[paper.paper_id, round(paper.probability, 6)] for paper in answer.papers],
        "cited": [
            [each.passage_id, each.span.start, each.span.end]
            for statement in answer.statements
            for each in statement.citations
        ],
    }
    identity = json.dumps([answer.question, content], sort_keys=True, ensure_ascii=False)
    receipt = {"id": hashlib.sha256(identity.encode()).hexdigest()[:16], **content}
    return replace(answer, receipt=receipt | {"timings_ms": timings_ms})


async def collection_digest(papers: AsyncIterable[Paper]) -> str:
    """SHA-256, in hex, over every field of all papers, in whatever order they come.

    Reads the whole collection: some milliseconds for hundreds of papers, seconds for a hundred thousand.
    """
    whole = hashlib.sha256()
    for digest in sorted([_digest(paper) async for paper in papers]):
        whole.update(digest)
    return whole.hexdigest()


def _digest(paper: Paper) -> bytes:
    record = [getattr(paper, name) for name in _FIELDS]
    return hashlib.sha256(json.dumps(record, sort_keys=True, default=dict).encode()).digest()


def own_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings without those that are the business of whoever asks: where things are, on whose account."""
    kept = {name: section for name, section in settings.items() if name not in OF_THIS_MACHINE}
    return {name: _without_account(section) for name, section in kept.items()}


def _without_account(section: Any) -> Any:  # noqa: ANN401 - a section of the tree, or a value
    if not isinstance(section, dict):
        return section
    return {key: value for key, value in section.items() if key not in OF_THIS_ACCOUNT}
