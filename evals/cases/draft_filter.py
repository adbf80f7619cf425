"""Refuse drafts that ask what is asked already or say what they ask, or whose gold does not stand there."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from evals.cases.drafts import DraftCase
from evals.cases.questions import CaseRecord
from evals.suite.facts import FactMatcher
from rag.models.encoders.bm25 import Bm25Encoder
from rag.text.quoting import tokens
from rag.text.stems import Words
from rag.verification.lexicon import words

NEAR = 0.8
"""Share of the stems of two questions that they have in common (Jaccard), from which on they ask the same."""

COPIED = 9
"""Words in a row of the evidence from which on a question only has to be matched, not understood."""

LONGEST = 60
"""Words of a question."""

FRAME = words("what which how much many is are the of for in does do reported paper papers about name")


class DraftFilter:
    """Lets through what is new and asks something; ``refused`` counts the reasons of what it does not.

    Args:
        known: questions that are asked already.
    """

    def __init__(self, known: Iterable[str]) -> None:
        self._words = Words(Bm25Encoder())
        self._facts = FactMatcher()
        self._known = [self._content(question) for question in known]
        self.refused: Counter[str] = Counter()

    def passes(self, draft: DraftCase) -> bool:
        """Whether a draft may become a case; if so, its question is known from now on."""
        reason = self._fault(draft)
        if reason:
            self.refused[reason] += 1
            return False
        self._known.append(self._content(draft.question))
        return True

    def _fault(self, draft: DraftCase) -> str:
        if len(draft.question.split()) > LONGEST or not draft.question.endswith("?"):
            return "no question"
        if any(not self._facts.states(draft.paper.abstract, fact) for fact in draft.facts):
            return "fact not in the abstract"
        if any(self._facts.states(draft.question, fact) for fact in draft.facts) or _copies(draft):
            return "leak"
        content = self._content(draft.question)
        return "duplicate" if any(_overlap(content, other) >= NEAR for other in self._known) else ""

    def _content(self, question: str) -> frozenset[int | str]:
        """Stems of what is asked, without the words of any question; numbers and names as spelt."""
        found: set[int | str] = set()
        for token in tokens(question):
            if token.text not in FRAME:
                found |= set(self._words.stems(token.text)) or {token.text}
        return frozenset(found)


def _overlap(one: frozenset[int | str], other: frozenset[int | str]) -> float:
    return len(one & other) / len(one | other) if one | other else 1.0


def _copies(draft: DraftCase) -> bool:
    """Whether a question holds a long run of the evidence; the title, which names the paper, aside."""
    asked = _spelt(draft.question.replace(draft.paper.title, " "))
    there = _spelt(draft.sentence)
    runs = {tuple(there[at : at + COPIED]) for at in range(len(there) - COPIED + 1)}
    return any(tuple(asked[at : at + COPIED]) in runs for at in range(len(asked) - COPIED + 1))


def _spelt(text: str) -> list[str]:
    return [token.text for token in tokens(re.sub(r"[“”]", " ", text))]


def questions_of(records: Sequence[CaseRecord]) -> list[str]:
    """Every question of these records, turns too."""
    return [case.question for record in records for case in record.cases()]
