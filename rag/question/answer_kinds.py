"""The kinds of answers: a row each, which registers it and says what earlier stages need to know.

How an answer of a kind is put together is a class of its own, which `rag.kinds.kind_class` finds by its row.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KindTraits:
    """What sets a kind apart from the others.

    Attributes:
        answered_by: "module:class", a `rag.kinds.base.AnswerKind`.
        wanted: what a language model is asked to write.
        lists: whether every paper that qualifies is asked for: "which of them" and "more" go on from there.
        facts: whether it asks what papers state, part by part; it is then the first paper that "it" means.
        searched: whether there are words to search for, to mend and to rewrite.
        asked: finds the questions that are of this kind whatever else their form says; None for a kind that
            is told by the rules of `rag.question.intent`.
    """

    answered_by: str
    wanted: str = "Answer in one to three sentences."
    lists: bool = False
    facts: bool = False
    searched: bool = True
    asked: re.Pattern[str] | None = None


KINDS: dict[str, KindTraits] = {
    "set": KindTraits(
        "rag.kinds.paper_set:SetKind",
        "For each paper that does what the question asks, write one sentence on what it does.",
        lists=True,
    ),
    "fact": KindTraits("rag.kinds.fact:FactKind", facts=True),
    "compare": KindTraits(
        "rag.kinds.comparison:ComparisonKind",
        "For each of the things compared write what its abstract says, one sentence for each point.",
    ),
    "other": KindTraits("rag.kinds.other:OtherKind", searched=False),
}
"""By the name under which questions and answers carry it."""
