"""For tests of the commands: an assistant that answers from two papers, and what a command left behind."""

from typing import NamedTuple

from rag.question.understanding import understand
from rag.types import Answer, Citation, Counts, Paper, RankedPaper, ScoredPaper, Span, Statement

QUEST = Paper("p1", "Quest", "Caches grow. We propose Quest, a KV cache selection algorithm.", year=2024)
CLUSTER = Paper("p2", "ClusterKV", "We introduce ClusterKV.")
PAPERS = (QUEST, CLUSTER)


class Outcome(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


class FakeAssistant:
    """Cites the last sentence of every paper; ``asked`` holds what it was asked.

    ``fault`` is raised instead of the answer to the question with index ``fault_at``.
    """

    def __init__(self, fault: BaseException | None = None, fault_at: int = 0) -> None:
        self.asked = []
        self.opened = 0
        self.closed = 0
        self.fault = fault
        self.fault_at = fault_at

    def remember(self, history, answer):
        return history

    async def ask(self, question, on_statement=None, history=None):
        self._note(question)
        read = understand(question)
        papers = tuple(ScoredPaper(paper.paper_id, paper.title, 0.9) for paper in PAPERS)
        receipt = {"id": "3f9a1c2b00", "writer": "extractive", "timings_ms": {"total": 140.0}}
        return Answer(
            read.text,
            read.kind,
            abstained=False,
            statements=tuple(map(_cite, PAPERS)),
            papers=papers,
            judged=2,
            searched=2,
            receipt=receipt,
        )

    async def search(self, query, top_k):
        self._note(query)
        understand(query)
        ranking = [
            RankedPaper(paper.paper_id, paper.title, 1 / (rank + 2)) for rank, paper in enumerate(PAPERS)
        ]
        return ranking[:top_k]

    async def paper(self, paper_id):
        return next((paper for paper in PAPERS if paper.paper_id == paper_id), None)

    async def papers(self):
        for paper in PAPERS:
            yield paper

    async def counts(self):
        return Counts(len(PAPERS), len(PAPERS))

    async def close(self):
        self.closed += 1

    def _note(self, question):
        if self.fault is not None and len(self.asked) == self.fault_at:
            raise self.fault
        self.asked.append(question)


def _cite(paper):
    start = paper.abstract.index("We ")
    quote = paper.abstract[start:]
    citation = Citation(
        paper.paper_id, paper.title, f"{paper.paper_id}#0", quote, Span(start, len(paper.abstract))
    )
    return Statement(f"{paper.title} — “{quote}”", "supported", (citation,))


def assert_one_line(outcome: Outcome, code: int, *words: str) -> None:
    """It failed with this code and said why in one line that holds these words."""
    assert outcome.code == code, outcome
    assert outcome.err.startswith("pincite: ")
    assert outcome.err.count("\n") == 1, outcome.err
    assert len(outcome.err) < 500
    for word in words:
        assert word in outcome.err
