"""Hold the conversations of a question file, turn by turn, and say which turns were right."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.questions import Case, turn_case
from rag.assistant import Assistant
from rag.conversation import EMPTY
from rag.errors import MalformedRecord
from rag.types import Answer


@dataclass(frozen=True, slots=True)
class Held:
    """A turn and what came of it."""

    case: Case
    answer: Answer

    @property
    def right(self) -> bool:
        """Whether it names every relevant paper, a relevant one first, and holds every fact.

        A turn without relevant papers is right where it abstains.
        """
        shown = dict.fromkeys(c.title for said in self.answer.statements for c in said.citations)
        if not self.case.relevant:
            return self.answer.abstained
        text = " ".join(said.text for said in self.answer.statements)
        return (
            next(iter(shown), None) in self.case.relevant
            and set(self.case.relevant) <= set(shown)
            and all(fact in text for fact in self.case.facts)
        )


def read_conversations(file: Path) -> list[list[Case]]:
    """The conversations of a question file, each as its turns; other cases are left out.

    Raises:
        MalformedRecord: a conversation has no turns with questions.
    """
    found = []
    for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
        record: dict[str, Any] = json.loads(line) if line.strip() else {}
        if record.get("kind") != "conversation":
            continue
        where = f"{file.name} line {number}"
        turns = record.get("turns")
        if not isinstance(turns, list) or not turns:
            raise MalformedRecord(f"{where}: turns {turns!r:.60}, expected a list of turns with questions")
        found.append(
            [turn_case(turn, f"{record['id']}#{place}", where) for place, turn in enumerate(turns, 1)]
        )
    return found


async def hold(assistant: Assistant, conversations: Sequence[Sequence[Case]]) -> list[Held]:
    """Ask every turn with what was said before it in its conversation."""
    held = []
    for turns in conversations:
        history = EMPTY
        for case in turns:
            answer = await assistant.ask(case.question, history=history)
            history = assistant.remember(history, answer)
            held.append(Held(case, answer))
    return held
