"""Answers made of others: with what a model wrote, of several papers one by one, or in a conversation."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from rag.conversation.resolution import Resolved
from rag.kinds import kind_class
from rag.kinds.base import AnswerKind
from rag.kinds.parts import Parts
from rag.models.budget import Meter, OnStatement, StatementTimer
from rag.question.purposes import purpose
from rag.selection.overview import whole_papers
from rag.selection.selection import Selection
from rag.types import Answer
from rag.writing.prompting import call_account
from rag.writing.writer import WrittenAnswer


async def answered(
    parts: Parts, selection: Selection, resolved: Resolved, meter: Meter, on_statement: OnStatement | None
) -> tuple[Answer, dict[str, Any]]:
    """The answer in quotes, or as a model words it where one is set; and its part for the receipt."""
    about_all = resolved.overview or purpose(selection.question.text)
    whole = whole_papers(selection, resolved) if about_all and not selection.continues else ()
    usual = "set" if selection.continues else selection.question.kind
    kind = kind_class("fact" if whole else usual)(parts)  # what papers say of themselves is a fact
    answer = await kind.answer(selection, whole)
    writer = parts.writer
    if writer is None or selection.question.record_field is not None:
        return answer, {}
    papers = kind.papers_to_read(selection, answer)
    if not papers:
        return answer, {}
    telling = StatementTimer(meter, on_statement)
    written = await writer.write(selection.question.text, answer.kind, papers, telling, meter.spending)
    meter.timings_ms["model"] = round(sum(seconds for *_, seconds in written.calls) * 1000, 2)
    return composed(kind, answer, written, writer.name), {"model": account(written)}


def composed(kind: AnswerKind, answer: Answer, written: WrittenAnswer, model: str) -> Answer:
    """The answer with what ``model`` wrote, and what was removed of it.

    The written statements take the place that their kind has for them, or the quotes stay where nothing
    written was supported. An abstention stays one unless something was.
    """
    answer = replace(answer, removed=tuple(written.removed))
    if answer.abstained:
        if not written.statements:
            return answer
        said = tuple(written.statements)
        after_all = replace(answer, abstained=False, statements=said, writer=model, note="")
        return replace(after_all, partial=(), nearest=())
    answer = kind.with_written(answer, written.statements)
    if any(statement in written.statements for statement in answer.statements):
        return replace(answer, writer=model)
    reason = f"nothing that {model} wrote was supported by the collection."
    if written.failure:
        reason = f"the model could not be used: {written.failure}"
    note = f"{answer.note} These are quotes, since {reason}".strip()
    return replace(answer, note=note)


def account(written: WrittenAnswer) -> dict[str, Any]:
    """What the receipt says of a model's part; nothing that differs where its replies were kept."""
    return {
        "calls": [call_account(prompt, call) for prompt, call, _ in written.calls],
        "removed": [[statement.text, statement.reason] for statement in written.removed],
        "failure": written.failure,
    }


def read_as(answer: Answer, typed: str, resolved: Resolved) -> Answer:
    """The answer to a resolved question, as one to the typed one.

    Where one paper was meant, it could not be told which, and only one of them answers, that one was meant.
    """
    cited = {each.paper_id for said in answer.statements for each in said.citations}
    meant = [part.text for part in resolved.each if cited == set(part.paper_ids or ())]
    return replace(answer, question=typed, asked=meant[0] if meant and resolved.one_meant else resolved.text)


def joined(parts: Sequence[tuple[Answer, Selection]], text: str) -> tuple[Answer, Selection]:
    """One answer of those to the same question of several papers, in order, and what it was made from."""
    answers = [answer for answer, _ in parts]
    given = [answer for answer in answers if not answer.abstained]
    first, count = (given or answers)[0], len(parts)
    answer = replace(
        first,
        question=text,
        statements=tuple(said for each in given for said in each.statements),
        papers=tuple(paper for each in given for paper in each.papers),
        partial=tuple(said for each in given or answers for said in each.partial),
        nearest=() if given else tuple(paper for each in answers for paper in each.nearest),
        note=first.note if given else f"None of the papers spoken of says so. Searched {count:,} abstracts.",
        judged=count,
        searched=count,
    )
    selections = [selection for _, selection in parts]
    candidates = tuple(item for each in selections for item in each.evidence.candidates)
    whole = Selection(
        replace(selections[0].question, text=text),
        replace(selections[0].evidence, candidates=candidates, searched=count),
        [p for each in selections for p in each.probabilities],
        selections[0].scope,
    )
    return answer, whole


def elsewhere(answer: Answer, resolved: Resolved) -> Answer:
    """The answer of the whole collection to the typed question, where the papers on the table have none."""
    papers = len(resolved.paper_ids or ())
    of_them = "the paper spoken of" if papers == 1 else f"the {papers} papers spoken of"
    note = f"Nothing on this in {of_them}: the question was asked of the whole collection, as typed."
    return replace(answer, note=f"{note} {answer.note}".strip())
