"""Questions with gold: the JSONL form of `evals/cases/`, which is read, checked and written here alone.

A line is an object with ``id``, ``kind`` and ``question``; a conversation has ``turns`` in place of the
question, each a question or an object with one. ``relevant`` and ``partial`` hold titles, ``facts`` what a
right answer states, ``why`` the reason that there is no answer. Cases that were made by rule or by a model
say how in ``made``; ``reviewed`` says what a person thought of them, and rejected ones are not asked.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from evals.cases.kinds import KINDS, Kind
from evals.files import Record, digest_of, read_forms

CASES = Path(__file__).parent

Reviewed = Literal["", "accepted", "edited", "rejected"]
Text = Annotated[str, Field(min_length=1, pattern=r"\S")]
Texts = tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A question and what a right answer holds.

    Attributes:
        case_id: unique in its file; that of a turn ends in #1, #2 ….
        kind: set, fact, compare, unanswerable, conversation or injection.
        question: as a person would type it.
        relevant: titles of the papers that answer it (grade 2).
        partial: titles of papers that touch it (grade 1).
        facts: what a right answer states.
        why: why it has no answer, for an unanswerable one.
    """

    case_id: str
    kind: str
    question: str
    relevant: tuple[str, ...] = ()
    partial: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    why: str = ""

    @property
    def answerable(self) -> bool:
        """Whether the collection holds an answer; a turn without relevant papers has none."""
        known = KINDS[self.kind].answered
        return bool(self.relevant) if known is None else known

    @property
    def cluster(self) -> str:
        """What is resampled as one: the conversation of a turn, else the case itself."""
        return self.case_id.partition("#")[0] if KINDS[self.kind].has_turns else self.case_id


class CaseTurn(Record):
    """A question in a conversation, with its gold."""

    question: Text
    relevant: Texts = ()
    partial: Texts = ()
    facts: Texts = ()
    why: str = ""


def _turn(value: object) -> object:
    return {"question": value} if isinstance(value, str) else value


class CaseRecord(Record):
    """A line of a question file.

    Attributes:
        id: unique in its file.
        turns: of a conversation.
        made: of a case that no person wrote: the rule or model that made it, and from what.
        reviewed: what a person thought of it: accepted as it was, edited, rejected; empty: not looked at.
        schema_version: of this form.
    """

    id: Text
    kind: Kind
    question: str = ""
    turns: tuple[Annotated[CaseTurn, BeforeValidator(_turn)], ...] = ()
    relevant: Texts = ()
    partial: Texts = ()
    facts: Texts = ()
    why: str = ""
    made: str = ""
    reviewed: Reviewed = ""
    schema_version: Literal[1] = 1

    @model_validator(mode="after")
    def _holds_what_its_kind_needs(self) -> Self:
        kind = KINDS[self.kind]
        if kind.has_turns != bool(self.turns):
            raise ValueError(f"turns: expected one or more for a conversation, none for a {self.kind} case")
        if bool(self.question.strip()) == bool(self.turns):
            raise ValueError("question: expected one, or the turns of a conversation")
        if kind.names_papers and not self.relevant:
            raise ValueError(f"relevant: expected the title of a paper that answers a {self.kind} question")
        if kind.answered is False and (self.relevant or self.facts):
            raise ValueError("relevant: expected none, since it is unanswerable")
        return self

    def cases(self) -> tuple[Case, ...]:
        """What is asked, in order: the turns of a conversation, else one case."""
        if not self.turns:
            return (Case(self.id, self.kind, self.question, *self._gold(self)),)
        return tuple(
            Case(f"{self.id}#{place}", self.kind, turn.question, *self._gold(turn))
            for place, turn in enumerate(self.turns, 1)
        )

    @staticmethod
    def _gold(asked: "CaseTurn | CaseRecord") -> tuple[Texts, Texts, Texts, str]:
        return asked.relevant, asked.partial, asked.facts, asked.why

    def line(self) -> str:
        """As it stands in a file, without what is as by default."""
        return json.dumps(self.model_dump(mode="json", exclude_defaults=True), ensure_ascii=False)


CONTENT: Any = {"made": True, "reviewed": True, "schema_version": True}
"""What a record says of itself and not of what is asked and expected."""


def digest(records: Iterable[CaseRecord]) -> str:
    """SHA-256, in hex, over what is asked and expected, in the order of the records."""
    return digest_of([record.model_dump(mode="json", exclude=CONTENT) for record in records])


def read_records(file: Path) -> list[CaseRecord]:
    """Every line of a question file, in its order; raises as `read_forms`."""
    return read_forms(file, CaseRecord, "case")


def asked(records: Iterable[CaseRecord]) -> list[CaseRecord]:
    """Those that no person has rejected."""
    return [record for record in records if record.reviewed != "rejected"]


def read_cases(file: Path) -> list[Case]:
    """Single-turn cases of a file, in its order; raises as `read_records`."""
    return [case for record in asked(read_records(file)) if not record.turns for case in record.cases()]


def written(records: Sequence[CaseRecord]) -> str:
    """The content of a question file."""
    return "".join(f"{record.line()}\n" for record in records)
