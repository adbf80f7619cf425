"""The kinds of cases, and all in which they differ: nothing else compares a kind's name.

What is measured of the answers of a kind stands in `evals.catalogue`, how in `evals.suite.scoring`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["set", "fact", "compare", "unanswerable", "conversation", "injection"]


@dataclass(frozen=True, slots=True)
class CaseKind:
    """How cases of a kind are made up.

    Attributes:
        has_turns: whether it is a conversation, whose turns are asked one after the other.
        answered: whether there is an answer; None where a case says so by its relevant papers.
        names_papers: whether a case has to name the papers that answer it.
        ranked: whether the ranking of papers is scored too.
    """

    has_turns: bool = False
    answered: bool | None = True
    names_papers: bool = False
    ranked: bool = False


KINDS: Mapping[str, CaseKind] = {
    "set": CaseKind(names_papers=True, ranked=True),
    "fact": CaseKind(names_papers=True),
    "compare": CaseKind(names_papers=True),
    "unanswerable": CaseKind(answered=False),
    "conversation": CaseKind(has_turns=True, answered=None),
    "injection": CaseKind(),
}

SET, FACT, COMPARE, UNANSWERABLE, TURN, ATTACK = ((name,) for name in KINDS)
ANSWERS = tuple(name for name in KINDS if name not in ATTACK)
"""Kinds that the assistant answers, or says that it cannot."""
