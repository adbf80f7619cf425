"""A case in the making, and where it came from. Plain values."""

import asyncio
import hashlib
import json
import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from evals.cases.questions import CaseRecord
from rag.models.language_model import Message, Model, Request
from rag.text.quoting import locate
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

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class CaseReply(BaseModel):
    """What a model replies."""

    model_config = ConfigDict(extra="forbid")

    quote: Words
    fact: Words
    question: Words


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
