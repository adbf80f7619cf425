"""New cases: questions that a language model writes from an abstract, and what refuses the bad ones."""

import asyncio
import hashlib
import json
import random
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from evals.cases.facts import FactMatcher
from evals.cases.questions import CaseRecord
from rag.models.encoders.bm25 import Bm25Encoder
from rag.models.language_model import Message, Model, Request
from rag.text.quoting import locate
from rag.text.words import Words, tokens
from rag.types import Paper


@dataclass(frozen=True, slots=True)
class DraftCase:
    """A question that was made from a paper.

    Attributes:
        maker: who made it, like ``model openai/gpt-4o-mini, prompt make-case/1``.
        question: as a person would type it.
        paper: it was made from.
        facts: what a right answer states.
        sentence: of the abstract that states them.
    """

    maker: str
    question: str
    paper: Paper
    facts: tuple[str, ...]
    sentence: str

    def record(self) -> CaseRecord:
        """As a line of a question file, which says how it was made."""
        number = hashlib.sha256(self.question.encode()).hexdigest()[:8]
        return CaseRecord(
            id=f"m{number}",
            kind="fact",
            question=self.question,
            relevant=(self.paper.title,),
            facts=self.facts,
            made=f"{self.maker} from “{self.sentence}”, abstract of “{self.paper.title}”",
        )


PROMPT = "make-case/1"
MAX_TOKENS = 300
AT_ONCE = 4

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class CaseReply(BaseModel):
    """What a model replies."""

    model_config = ConfigDict(extra="forbid")

    quote: Line
    fact: Line
    question: Line


class CaseWriter:
    """Asks a model for a question about each paper; ``refused`` counts the replies that are none.

    Args:
        model: asked once a paper.
    """

    def __init__(self, model: Model) -> None:
        self._model = model
        self.refused: Counter[str] = Counter()

    async def drafts(self, papers: Sequence[Paper], rng: random.Random) -> AsyncIterator[DraftCase]:
        """Drafts in the order of a random walk over the papers; some papers are asked about at once.

        Raises:
            ModelError: the model cannot be used.
        """
        shuffled = rng.sample(list(papers), len(papers))
        for at in range(0, len(shuffled), AT_ONCE):
            some = shuffled[at : at + AT_ONCE]
            for draft in await asyncio.gather(*(self._draft(paper) for paper in some)):
                if draft is not None:
                    yield draft

    async def _draft(self, paper: Paper) -> DraftCase | None:
        reply = (await self._model.complete(_request(paper))).text
        try:
            written = CaseReply.model_validate_json(reply[reply.find("{") : reply.rfind("}") + 1])
        except ValidationError:
            self.refused["reply not in the agreed form"] += 1
            return None
        if not locate(written.quote, paper.abstract):
            self.refused["quote not in the abstract"] += 1
            return None
        maker = f"model {self._model.name}, prompt {PROMPT},"
        return DraftCase(maker, written.question, paper, (written.fact,), written.quote)


def _request(paper: Paper) -> Request:
    prompt = files("evals.cases") / "prompts" / f"{PROMPT.replace('/', '-')}.txt"
    shown = json.dumps({"title": paper.title, "abstract": paper.abstract}, ensure_ascii=False)
    messages = (Message("system", prompt.read_text("utf-8").strip()), Message("user", shown))
    return Request(messages, PROMPT, max_tokens=MAX_TOKENS, schema=CaseReply.model_json_schema())


NEAR = 0.8
"""Share of the stems of two questions that they have in common (Jaccard), from which on they ask the same."""

COPIED = 9
"""Words in a row of the evidence from which on a question only has to be matched, not understood."""

LONGEST = 60
"""Words of a question."""

FRAME = {"much", "many", "name", "paper", "papers", "reported"}
"""What any question may hold beside stop words."""


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

    def _content(self, question: str) -> frozenset[int]:
        """Stems of what is asked, without stop words and what any question may hold."""
        asked = [token.text for token in tokens(question) if token.text not in FRAME]
        return frozenset(stem for text in asked for stem in self._words.stems(text))


def _overlap(one: frozenset[int], other: frozenset[int]) -> float:
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
