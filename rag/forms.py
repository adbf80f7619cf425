"""The JSON form of an answer, as `pincite ask --json` prints it and whatever measures it reads it. Pure."""

from dataclasses import asdict
from typing import Any

from rag.types import Answer, Citation, Statement, Table

Json = dict[str, Any]


def answer_form(answer: Answer, question_id: str = "") -> Json:
    """An answer; for every citation ``abstract[start:end] == quote``."""
    return {
        "id": question_id,
        "question": answer.question,
        "kind": answer.kind,
        "abstained": answer.abstained,
        "statements": [_statement(statement) for statement in answer.statements],
        "papers": [asdict(paper) for paper in answer.papers],
        "receipt": {"timings_ms": {}, **answer.receipt},
        "note": answer.note,
        "partial": [_statement(statement) for statement in answer.partial],
        "nearest": [asdict(paper) for paper in answer.nearest],
        "judged": answer.judged,
        "searched": answer.searched,
        "missing": answer.missing,
        "filters": answer.filters,
        "corrections": [list(pair) for pair in answer.corrections],
        "writer": answer.writer,
        "removed": [{"text": said.text, "reason": said.reason} for said in answer.removed],
        "asked": answer.asked,
        "table": _table(answer.table) if answer.table else None,
        "rewritten": answer.rewritten,
    }


def _table(table: Table) -> Json:
    """Rows of cells, each a statement or null; one that only points to another row cites its sentence."""
    return {
        "aspects": list(table.aspects),
        "papers": [asdict(paper) for paper in table.papers],
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
