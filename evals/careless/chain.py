"""The careless drafts as a model's replies, through litellm, parser, gate and composition to the reader."""

import json
from collections.abc import Sequence
from time import perf_counter

import numpy as np

from evals.careless.making import Case, LabelledDraft
from evals.careless.report import Judged
from evals.scripted_server import ScriptedServer
from rag.composition import composed
from rag.drafts import Draft, Numbered
from rag.evidence import Candidate, Sentence
from rag.ports import SupportJudge, TermEncoder
from rag.settings import ModelSettings
from rag.tokens import token_counter
from rag.types import Answer, Statement
from rag.verify import Gate
from rag.writing import Writer

MODEL = "openai/careless"
ENOUGH_TOKENS = 100_000
NOTHING = json.dumps({"statements": []})


class TimedGate(Gate):
    """The gate, and how long each statement took it.

    Attributes:
        seconds: of each statement, in order.
    """

    def __init__(self, terms: TermEncoder) -> None:
        super().__init__(terms)
        self.seconds: list[float] = []

    def verify(self, draft: Draft, shown: Sequence[Numbered]) -> Statement:
        """As `Gate.verify`."""
        started = perf_counter()
        statement = super().verify(draft, shown)
        self.seconds.append(perf_counter() - started)
        return statement


class _NotingGate(TimedGate):
    """The gate, and what it made of each draft."""

    def __init__(self, terms: TermEncoder) -> None:
        super().__init__(terms)
        self.made: dict[Draft, Statement] = {}

    def verify(self, draft: Draft, shown: Sequence[Numbered]) -> Statement:
        self.made[draft] = super().verify(draft, shown)
        return self.made[draft]


async def through_chain(
    cases: Sequence[Case], terms: TermEncoder, judge: SupportJudge | None = None
) -> tuple[list[Judged], list[float]]:
    """Every draft of every case with what the reader sees of it, in order; and the gate's seconds.

    A server on loopback plays the careless model: asked a case's question, it replies with the case's
    drafts, and asked to repair what was refused, with nothing.

    Args:
        cases: their evidence numbered from 1 in order.
        terms: of the gate.
        judge: asked of what the gate passes, if there is one.
    """
    found: list[Judged] = []
    gate = _NotingGate(terms)
    with ScriptedServer() as server:
        writer = _writer(server.url, gate, judge)
        for case in cases:
            server.says([_reply(case), NOTHING])
            gate.made.clear()
            found += await _judged(case, writer, gate)
        await writer.close()
    return found, gate.seconds


def _writer(url: str, gate: Gate, judge: SupportJudge | None) -> Writer:
    from rag.adapters.llm import LitellmModel

    settings = ModelSettings.model_validate(
        {
            "name": MODEL,
            "api_base": url,
            "api_key": "careless",
            "evidence_tokens": ENOUGH_TOKENS,
            "context_tokens": 2 * ENOUGH_TOKENS,
            "retries": 0,
        }
    )
    return Writer(LitellmModel(settings), gate, token_counter("cl100k_base"), settings, judge)


def _reply(case: Case) -> str:
    statements = [
        {
            "text": each.draft.text,
            "citations": [{"number": mark.number, "quote": mark.quote} for mark in each.draft.marks],
        }
        for each in case.drafts
    ]
    return json.dumps({"statements": statements}, ensure_ascii=False)


async def _judged(case: Case, writer: Writer, gate: _NotingGate) -> list[Judged]:
    streamed: list[Statement] = []
    written = await writer.write(case.question, "fact", list(map(_candidate, case.shown)), streamed.append)
    if written.failure:
        raise RuntimeError(f"the loopback server failed: {written.failure}")
    blank = Answer(case.question, "fact", abstained=False)
    read = [*streamed, *composed(blank, written, MODEL).statements]
    texts = {statement.text: statement for statement in written.removed}
    return [Judged(case, each, _seen(each, gate.made, read, texts)) for each in case.drafts]


def _seen(
    each: LabelledDraft,
    made: dict[Draft, Statement],
    read: Sequence[Statement],
    removed: dict[str, Statement],
) -> Statement:
    """What became of a draft: as the reader sees it, else why not."""
    own = made.get(each.draft)
    for statement in read:
        same = own is not None and statement.citations == own.citations
        if statement.text == each.draft.text and (same or each.label == "supported"):
            return statement
    gone = removed.get(each.draft.text) or own
    reason = gone.reason if gone is not None and gone.verdict != "supported" else "said already"
    return Statement(each.draft.text, "unsupported", (), reason)


def _candidate(shown: Numbered) -> Candidate:
    sentences = tuple(
        Sentence(span, shown.sentence(place), passage_id, frozenset(), 0.0, own=False)
        for place, (span, passage_id) in enumerate(zip(shown.sentences, shown.passage_ids, strict=True))
    )
    nothing = np.empty((0, 0), np.float32)
    return Candidate(shown.paper, frozenset(), sentences, nothing, nothing, (), 0.0, 0.0)
