"""The side by side as tables: what each gave for each kind of answer, how often it was wrong, why. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import mean
from typing import Literal

from rich.table import Table

from evals.peers.scripted_answers import ScriptedAnswer
from evals.peers.side_by_side_why import UNEXPLAINED, Why, why

CLOSE = 1e-6
Verdict = Literal["right", "withheld", "wrong"]


@dataclass(frozen=True, slots=True)
class Scored:
    """What a system gave for an answer: a value, or None and what it said in its place."""

    system: str
    answer_id: str
    value: float | None
    said: str = ""


def verdict(true_score: float | None, value: float | None) -> Verdict:
    """Right, wrong, or withheld; no number is right where there is nothing to score."""
    if value is None:
        return "right" if true_score is None else "withheld"
    return "right" if true_score is not None and abs(value - true_score) < CLOSE else "wrong"


def table(answers: Sequence[ScriptedAnswer], scored: Sequence[Scored]) -> Table:
    """A row for each kind: its true scores and what each system gave, wrong ones marked."""
    systems = list(dict.fromkeys(each.system for each in scored))
    given = {(each.system, each.answer_id): each.value for each in scored}
    shown = Table(title=f"Faithfulness of {len(answers)} scripted answers; ! wrong, – no number")
    for column in ("kind of answer", "true", *systems):
        shown.add_column(column)
    for kind, group in groupby(answers, lambda answer: answer.kind.name):
        three = list(group)
        cells = [" ".join(_cell(each, given[system, each.answer_id]) for each in three) for system in systems]
        shown.add_row(kind, " ".join(f" {_number(each.true_score)}" for each in three), *cells)
    return shown


def counts(answers: Sequence[ScriptedAnswer], scored: Sequence[Scored]) -> Table:
    """How often each system was right, withheld a number or was wrong, and the mean of its numbers."""
    by_id = {answer.answer_id: answer for answer in answers}
    known = [answer.true_score for answer in answers if answer.true_score is not None]
    columns = ("system", "right", "withheld", "wrong", "of these by definition", "mean")
    shown = Table(*columns, title=f"Of {len(answers)} answers; true mean {mean(known):.3f}")
    for system in dict.fromkeys(each.system for each in scored):
        own = [each for each in scored if each.system == system]
        found = [verdict(by_id[each.answer_id].true_score, each.value) for each in own]
        numbers = [each.value for each in own if each.value is not None]
        kinds = [by_id[each.answer_id].kind.name for each in wrong(answers, own)]
        meant = sum(found is not None and found.by_definition for found in (why(system, k) for k in kinds))
        told = [str(found.count(each)) for each in ("right", "withheld", "wrong")]
        average = f"{mean(numbers):.3f} of {len(numbers)}" if numbers else "–"
        shown.add_row(system, *told, str(meant), average)
    return shown


def wrong(answers: Sequence[ScriptedAnswer], scored: Sequence[Scored]) -> list[Scored]:
    """The numbers that are not the true score."""
    truth = {answer.answer_id: answer.true_score for answer in answers}
    return [each for each in scored if verdict(truth[each.answer_id], each.value) == "wrong"]


def explanations(answers: Sequence[ScriptedAnswer], scored: Sequence[Scored]) -> Iterator[str]:
    """Why numbers are wrong, as the sources have it: a line for each reason, with systems and kinds."""
    kinds = {answer.answer_id: answer.kind.name for answer in answers}
    reasons: dict[Why, list[tuple[str, str]]] = {}
    for each in wrong(answers, scored):
        kind = kinds[each.answer_id]
        reasons.setdefault(why(each.system, kind) or UNEXPLAINED, []).append((each.system, kind))
    for reason, found in reasons.items():
        systems, names = (", ".join(dict.fromkeys(each)) for each in zip(*found, strict=True))
        yield f"{systems}: {names}: {'by definition: ' if reason.by_definition else ''}{reason.text}"


def _cell(answer: ScriptedAnswer, value: float | None) -> str:
    mark = "!" if verdict(answer.true_score, value) == "wrong" else " "
    return f"{mark}{_number(value)}"


def _number(value: float | None) -> str:
    return "–   " if value is None else f"{value:.2f}"
