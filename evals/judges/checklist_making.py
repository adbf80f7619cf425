"""Checklists for cases: by rule from their gold, or by a model from the question alone (Cook et al. 2024)."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from evals.cases.kinds import KINDS
from evals.cases.questions import Case
from evals.cases.suites import load_suite
from evals.files import Record, write_whole
from evals.judges.checklists import BY_RULE, Checklist, ChecklistItem, read_checklists, written
from evals.judges.prompting import line_of_text, prompt
from evals.judges.registry import judge_model, settings_for
from evals.judges.replies import lists
from rag.build import load_settings
from rag.errors import BadCompletion
from rag.models.language_model import Message, Model, Request

MAKE = "make-checklist/1"
MAX_TOKENS = 700
MADE_BY_RULE = f"{BY_RULE} from the gold of the case; not human labels"


def by_rule(case: Case) -> Checklist:
    """The checklist that follows from a case's gold: every paper and fact that a right answer has."""
    items = tuple(_items(case))
    return Checklist(id=case.case_id, question=case.question, items=items, made=MADE_BY_RULE)


def _items(case: Case) -> Iterator[ChecklistItem]:
    if not case.answerable:
        yield _relevance("Does the answer say that the collection does not tell, instead of answering?")
        yield _completeness("Does a reader learn that nothing was found for exactly what was asked?")
        return
    if KINDS[case.kind].ranked:
        yield _relevance("Does the answer name papers, instead of explaining the subject in general?")
        yield _relevance("Is every sentence of the answer about what the question asks for?")
    else:
        yield _relevance("Does the answer give what is asked for, instead of describing papers in general?")
        yield _relevance("Are most sentences of the answer needed to answer the question?")
    for title in case.relevant:
        yield _completeness(f"Does the answer say something of the paper “{title}”?")
    for fact in case.facts:
        yield _completeness(f"Does the answer state “{fact}” where it is asked for?")


def _relevance(asks: str) -> ChecklistItem:
    return ChecklistItem(measure="relevance", asks=asks)


def _completeness(asks: str) -> ChecklistItem:
    return ChecklistItem(measure="completeness", asks=asks)


async def completed(
    known: Mapping[str, Checklist], cases: Sequence[Case], model: Model | None
) -> list[Checklist]:
    """A checklist for each case: the one that is known of the same question, else a new one.

    Args:
        known: by case id; those of other cases are kept, behind.
        cases: single questions, or turns.
        model: writes new ones; None for the rule.

    Raises:
        ModelError: as `by_model`.
    """
    found = {}
    for case in cases:
        own = known.get(case.case_id)
        same = own is not None and own.question == case.question
        found[case.case_id] = own if own and same else await by_model(model, case) if model else by_rule(case)
    return list({**found, **{key: each for key, each in known.items() if key not in found}}.values())


class _Items(Record):
    items: tuple[ChecklistItem, ...]


async def by_model(model: Model, case: Case) -> Checklist:
    """A checklist that a model writes for a question; it sees no gold, and a person has to accept the list.

    Raises:
        ModelError: the model failed.
        BadCompletion: what it wrote is no checklist.
    """
    user = Message("user", line_of_text(case.question))
    request = Request(
        (Message("system", prompt(MAKE)), user), MAKE, MAX_TOKENS, schema=_Items.model_json_schema()
    )
    reply = await model.complete(request)
    found = lists(reply.text, "items")
    try:
        [entries] = found
        items = _Items.model_validate({"items": entries}).items
    except ValueError as exc:
        raise BadCompletion(
            f"model {model.name!r} wrote no checklist for {case.case_id!r}", reply.text
        ) from exc
    made = f"by model {model.name}, prompt {MAKE}; not human labels"
    return Checklist(id=case.case_id, question=case.question, items=items, made=made)


def write_checklists(file: Path, suite: str, judge: str, home: Path | None) -> list[Checklist]:
    """Complete a file of checklists for a suite, and return all that is in it.

    Raises:
        PinciteError: a file or the suite cannot be read, or the model is not available.
    """
    known = read_checklists(file) if file.exists() else {}
    cases = [case for item in load_suite(suite).items for case in item]
    made = asyncio.run(_made(known, cases, judge, home))
    write_whole(file, written(made))
    return made


async def _made(
    known: Mapping[str, Checklist], cases: Sequence[Case], judge: str, home: Path | None
) -> list[Checklist]:
    if not judge:
        return await completed(known, cases, None)
    model = judge_model(settings_for(judge, load_settings(home=home)))
    try:
        return await completed(known, cases, model)
    finally:
        await model.close()
