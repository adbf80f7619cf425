"""Checklists of yes-or-no questions about answers (TICK, Cook et al. 2024), scored by a model."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from evals.files import Record, read_forms
from evals.judges.prompting import AGAIN, again, line, line_of_text, list_schema, prompt, separated, texts
from evals.judges.registry import OFFLINE, judge_model, model_digest, settings_for
from evals.judges.replies import Entry, ItemReply, Questionnaire, ask
from evals.judges.verdicts import gravest
from evals.records import Score, Status
from rag.models.language_model import Message, Model, Request, Usage
from rag.settings import Settings

FILE = Path(__file__).parents[1] / "cases" / "checklists.jsonl"
"""Those of the shipped dev cases."""

CHECK = "checklist/1"
BASE_TOKENS, ITEM_TOKENS = 60, 60
YES_OR_NO = ("yes", "no")

Topic = Literal["relevance", "completeness"]
TOPICS: tuple[Topic, ...] = ("relevance", "completeness")
"""Also names of measures in `evals.catalogue`."""


class ChecklistItem(Record):
    """A question about an answer; "yes" is good."""

    measure: Topic
    asks: Annotated[str, Field(pattern=r"\S")]


class Checklist(Record):
    """What an answer to one case is asked.

    Attributes:
        id: of the case.
        question: of the case, so that a list is not taken for another question's.
        items: in order.
        made: by which rule or model, and from what; these are no human labels.
        reviewed: what a person thought of it: accepted as it was, edited, rejected; empty: not looked at.
    """

    id: str
    question: str
    items: tuple[ChecklistItem, ...]
    made: str
    reviewed: Literal["", "accepted", "edited", "rejected"] = ""

    @property
    def usable(self) -> bool:
        """Whether it may be scored: what a model made has to be accepted by a person first."""
        return self.reviewed in ("accepted", "edited") or (
            not self.reviewed and self.made.startswith(BY_RULE)
        )


BY_RULE = "by rule"


def read_checklists(file: Path = FILE) -> dict[str, Checklist]:
    """The checklists of a file by case id; raises as `read_forms`."""
    return {each.id: each for each in read_forms(file, Checklist, "checklist")}


def written(checklists: Iterable[Checklist]) -> str:
    """The content of a file of checklists."""
    return "".join(f"{each.model_dump_json(exclude_defaults=True)}\n" for each in checklists)


@dataclass(frozen=True, slots=True)
class ChecklistJudge:
    """A model that goes through checklists.

    Attributes:
        model: asked once about a whole list.
        digest: as that of a `ClaimJudge`.
    """

    model: Model
    digest: str

    async def check(
        self, question: str, answer: Mapping[str, Any], items: Sequence[ChecklistItem]
    ) -> tuple[dict[str, ItemReply[bool]], Usage]:
        """For each item, by ids i1, i2 …, whether the answer passes it, or why nobody knows.

        Args:
            question: what was asked.
            answer: the JSON form, as `pincite ask --json` gives it.
            items: one or more.
        """
        by_id = {f"i{number}": item for number, item in enumerate(items, 1)}

        def request(wanted: Sequence[str], faults: Mapping[str, str]) -> Request:
            return check_request(question, answer, {each: by_id[each] for each in wanted}, faults)

        return await ask(self.model, Questionnaire(list(by_id), request, "answers", _read))


def check_request(
    question: str, answer: Mapping[str, Any], items: Mapping[str, ChecklistItem], faults: Mapping[str, str]
) -> Request:
    """Ask whether an answer passes items, which are given by id."""
    asked = "\n".join(line({"id": key, "asks": separated(item.asks)}) for key, item in items.items())
    parts = [f"Question: {line_of_text(question)}", f"Answer: {line(as_shown(answer))}", f"List:\n{asked}"]
    messages = (Message("system", prompt(CHECK)), Message("user", "\n\n".join([*parts, *again(faults)])))
    entry = {
        "id": {"type": "string", "enum": list(items)},
        "because": {"type": "string"},
        "answer": {"type": "string", "enum": list(YES_OR_NO)},
    }
    schema = list_schema("answers", entry, len(items))
    return Request(messages, CHECK, BASE_TOKENS + ITEM_TOKENS * len(items), schema=schema)


def as_shown(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Of an answer what a reader sees: sentences with the papers they cite, and the note beside them."""
    return {
        "the assistant abstained": bool(answer.get("abstained")),
        "sentences": [
            {
                "text": separated(str(said.get("text", ""))),
                "papers": [separated(str(cited.get("title", ""))) for cited in said.get("citations", ())],
            }
            for said in answer.get("statements", ())
        ],
        "note": separated(str(answer.get("note", ""))),
    }


def _read(_item: str, entry: Entry) -> bool | str:
    said = entry.get("answer")
    named = said.strip().lower().rstrip(".") if isinstance(said, str) else ""
    if named not in YES_OR_NO:
        return f"the answer is {said!r:.40}, expected yes or no"
    return named == "yes"


async def checklist_scores(
    judge: ChecklistJudge, answer: Mapping[str, Any], checklist: Checklist
) -> tuple[tuple[Score, ...], Usage]:
    """Relevance and completeness of an answer: the share of their items that it passes.

    Where a single item of a measure has no outcome the measure has no value, as in `faithfulness`. A measure
    without items is left out.

    Raises:
        ValueError: the checklist may not be scored: no person accepted it.
    """
    if not checklist.usable:
        raise ValueError(f"checklist {checklist.id!r} was made {checklist.made} and is not accepted")
    if not answer.get("statements") and not answer.get("note"):
        told, usage = dict[str, ItemReply[bool]](), Usage()
    else:
        told, usage = await judge.check(checklist.question, answer, checklist.items)
    found = list(zip(checklist.items, told.values(), strict=True)) if told else []
    scores = [
        _score(topic, checklist, [each for each in found if each[0].measure == topic]) for topic in TOPICS
    ]
    return tuple(score for score in scores if score is not None), usage


def _score(
    topic: Topic, checklist: Checklist, found: Sequence[tuple[ChecklistItem, ItemReply[bool]]]
) -> Score | None:
    of = sum(item.measure == topic for item in checklist.items)
    if not of:
        return None
    if not found:
        return Score(measure=topic, status=Status.NO_CLAIMS, of=of, why="the answer says nothing")
    status = gravest([told.status for _, told in found])
    if status is not Status.SCORED:
        missing = [f"{item.asks} ({told.why})" for item, told in found if told.value is None]
        why = f"{len(missing)} of {of} items have no outcome: {'; '.join(missing)}"
        return Score(measure=topic, status=status, of=of, why=why)
    failed = [item.asks for item, told in found if not told.value]
    return Score(
        measure=topic, value=(of - len(failed)) / of, of=of, why="no: " * bool(failed) + "; ".join(failed)
    )


def build_checklist_judge(name: str, settings: Settings) -> ChecklistJudge | None:
    """The model of a judge, for checklists; None for a judge that is no model, or several.

    Raises:
        ConfigError: nobody has this name.
        ModelUnavailable: a local model's file cannot be read.
    """
    if name in OFFLINE or name.startswith("panel/"):
        return None
    own = settings_for(name, settings)
    return ChecklistJudge(judge_model(own), model_digest(own, texts(CHECK, AGAIN)))
