"""Ask a judge about what the gate passed. It may stop a statement; what the gate stopped stays stopped."""

from dataclasses import replace

from rag.errors import ModelError
from rag.ports import SupportJudge
from rag.types import Statement
from rag.verification.claim_verifier import VERBATIM

SUPPORTED, CONTRADICTED = 0, 1
"""Columns of what a `SupportJudge` says."""


async def second_opinion(judge: SupportJudge, statement: Statement) -> Statement:
    """The statement with the judge's verdict where that is not "supported".

    A verbatim quote needs no judge. A judge that fails leaves the gate's verdict, and the reason says so.
    """
    if statement.reason == VERBATIM:
        return statement
    try:
        found = await judge.judge([(statement.text, [citation.quote for citation in statement.citations])])
    except ModelError as exc:
        return replace(statement, reason=f"{statement.reason}; no second opinion: {exc}")
    best = int(found[0].argmax())
    if best == SUPPORTED:
        return replace(statement, reason=f"{statement.reason}; {judge.name} agrees")
    if best == CONTRADICTED:
        return replace(statement, verdict="contradicted", reason=f"{judge.name}: the evidence says otherwise")
    return replace(statement, verdict="unsupported", reason=f"{judge.name}: the evidence does not say so")
