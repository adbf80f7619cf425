"""A suite over the small collection: a few cases of every kind, and an encoder that counts its calls."""

from dataclasses import replace
from pathlib import Path

from collection import FERRY, FIRST, GRADES, LANTERN, SIFTER, STUDY, open_small
from fakes import HashEncoder

from evals.cases.questions import CaseRecord, written
from evals.cases.suites import Suite
from evals.suite.execution import run_assistant
from evals.suite.judged import Judges
from evals.suite.run_options import RunOptions

SET = CaseRecord(
    id="s1",
    kind="set",
    question="Which papers do cache compression?",
    relevant=(LANTERN.title, FERRY.title),
)
FACTS = (
    ("How much does Lantern shrink the cache?", LANTERN, "8.5x"),
    ("What accuracy does Sifter reach?", SIFTER, "91.3%"),
    ("By how much does FIRST accelerate reranking?", FIRST, "50 percent"),
    ("How many nurses were interviewed?", STUDY, "312"),
    ("How many parameters does Sifter have?", SIFTER, "40M parameters"),
    ("What is EssayNet?", GRADES, "a grader"),
)
ABSENT = (
    "Which papers are about quantum error correction?",
    "Who won the 2022 World Cup?",
    "Which GPU was used for Lantern?",
)
RECORDS = (
    SET,
    CaseRecord(id="s2", kind="set", question="Which papers rerank passages?", relevant=(FIRST.title,)),
    *(
        CaseRecord(id=f"f{n}", kind="fact", question=question, relevant=(paper.title,), facts=(fact,))
        for n, (question, paper, fact) in enumerate(FACTS, 1)
    ),
    *(
        CaseRecord(id=f"u{n}", kind="unanswerable", question=question, why="not stated")
        for n, question in enumerate(ABSENT, 1)
    ),
    CaseRecord(
        id="c1",
        kind="compare",
        question="Compare Lantern and Ferry.",
        relevant=(LANTERN.title, FERRY.title),
    ),
    CaseRecord(
        id="t1",
        kind="conversation",
        turns=(
            {"question": SET.question, "relevant": SET.relevant},
            {
                "question": "Which of them merges the values of neighbouring layers?",
                "relevant": [FERRY.title],
            },
        ),
    ),
)
SMALL_SUITE = Suite("small.jsonl", RECORDS)
CASES = len(RECORDS) + 1
"""Results of a run: a conversation has one for each turn."""


class CountingEncoder(HashEncoder):
    """Counts how often it is called."""

    def __init__(self) -> None:
        super().__init__(256)
        self.calls = 0

    def _encode(self, texts):
        self.calls += 1
        return super()._encode(texts)


async def open_at(home: Path, **parts):
    """An assistant on the small collection whose replies are kept below ``home``."""
    assistant = await open_small(**parts)
    settings = assistant.parts.settings.model_copy(update={"home": home})
    return type(assistant)(replace(assistant.parts, settings=settings))


async def run_small(home: Path, out: Path, suite=SMALL_SUITE, judge=None, wanted=None, **parts):
    """The run of the suite on an assistant of these parts."""
    wanted = wanted or RunOptions(suite.name, out)
    return await run_assistant(
        await open_at(home, **parts), suite, replace(wanted, out=out), judge and Judges(judge)
    )


def suite_file(folder: Path, records=RECORDS) -> Path:
    """The suite as a question file."""
    file = folder / "small.jsonl"
    file.write_text(written(records), "utf-8")
    return file
