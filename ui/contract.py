"""The JSON forms: what `--json` and `--batch` print, and all that measures pincite reads."""

import json
from collections.abc import Sequence
from typing import Any

from rag.types import Answer, Citation, Paper, RankedPaper, ScoredPaper, Statement, Table

Json = dict[str, Any]


def dumps(form: Json) -> str:
    """One line of ASCII: no locale, terminal or line splitter can damage it."""
    return json.dumps(form, ensure_ascii=True, allow_nan=False)


def answer_form(answer: Answer, question_id: str = "") -> Json:
    """An answer; for every citation ``abstract[start:end] == quote``."""
    return {
        "id": question_id,
        "question": answer.question,
        "kind": answer.kind,
        "abstained": answer.abstained,
        "statements": [_statement(statement) for statement in answer.statements],
        "papers": [_scored(paper) for paper in answer.papers],
        "receipt": {"timings_ms": {}, **answer.receipt},
        "note": answer.note,
        "partial": [_statement(statement) for statement in answer.partial],
        "nearest": [_scored(paper) for paper in answer.nearest],
        "judged": answer.judged,
        "searched": answer.searched,
        "missing": answer.missing,
        "filters": answer.filters,
        "corrections": [list(pair) for pair in answer.corrections],
        "writer": answer.writer,
        "removed": [{"text": said.text, "reason": said.reason} for said in answer.removed],
        "asked": answer.asked,
        "table": _table(answer.table) if answer.table else None,
    }


def run_form(ranking: Sequence[RankedPaper], query_id: str = "") -> Json:
    """A ranking, best first."""
    hits = [{"paper_id": hit.paper_id, "title": hit.title, "score": hit.score} for hit in ranking]
    return {"id": query_id, "hits": hits}


def paper_form(paper: Paper) -> Json:
    """A paper with the whole abstract that offsets point into."""
    return {
        "paper_id": paper.paper_id,
        "title": paper.title,
        "abstract": paper.abstract,
        "authors": list(paper.authors),
        "venue": paper.venue,
        "year": paper.year,
        "url": paper.url,
        "extra": dict(paper.extra),
    }


def _table(table: Table) -> Json:
    """Rows of cells, each a statement or null; one that only points to another row cites its sentence."""
    return {
        "aspects": list(table.aspects),
        "papers": [
            {"name": paper.name, "paper_id": paper.paper_id, "title": paper.title} for paper in table.papers
        ],
        "cells": [[cell and _statement(cell) for cell in row] for row in table.cells],
    }


def _statement(statement: Statement) -> Json:
    citations = [_citation(citation) for citation in statement.citations]
    return {"text": statement.text, "verdict": statement.verdict, "citations": citations}


def _citation(citation: Citation) -> Json:
    return {
        "paper_id": citation.paper_id,
        "title": citation.title,
        "quote": citation.quote,
        "start": citation.span.start,
        "end": citation.span.end,
    }


def _scored(paper: ScoredPaper) -> Json:
    return {"paper_id": paper.paper_id, "title": paper.title, "probability": paper.probability}
