"""Answers whose every claim has a label by construction, for the side by side with other evaluators.

Made by rule from the shipped abstracts: a claim that is supported is a sentence of the abstract it cites, one
that is contradicted is such a sentence turned round, one that is absent is a sentence of a third paper.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from evals.support.statement_changes import turn_negation, turn_number
from ingest.sample_collection import SAMPLE_FILE
from ingest.sources import read_source
from rag.text import sentence_spans
from rag.types import Paper

SEED = 5
WORDS = range(9, 29)
"""Words of a sentence that says something and still fits a table."""
LEAST_SENTENCES = 5
"""Usable sentences of a paper that can stand behind an answer of four claims."""

Label = Literal["supported", "contradicted", "absent", "other paper", "no such paper"]
"""What is true of a claim; of the last two, the one stands in another of the papers than the one it cites."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Three answers of one kind.

    Attributes:
        name: for the table.
        claims: for each of the three answers, the first letter of each claim's label, i for no such paper.
        fault: what the judge does wrong, by its name in `evals.peers.judge_faults`; empty for an honest one.
    """

    name: str
    claims: tuple[str, str, str]
    fault: str = ""


MIXED = ("sc", "ssc", "sscc")
"""What the judge is asked about where it misbehaves: an honest one would give 1/2, 2/3 and 1/2."""

KINDS = (
    Kind("all supported", ("ss", "sss", "ssss")),
    Kind("some contradicted", ("sc", "ssc", "sssc")),
    Kind("some not in the abstracts", ("sa", "ssa", "sssa")),
    Kind("nothing in the abstracts", ("aa", "aaa", "aaaa")),
    Kind("cites another paper", ("so", "sso", "ssoo")),
    Kind("cites a paper that is not there", ("si", "ssi", "ssii")),
    Kind("abstains: no claims", ("", "", "")),
    Kind("verdicts in another order", MIXED, "shuffled"),
    Kind("a verdict missing at first", MIXED, "missing at first"),
    Kind("a verdict always missing", MIXED, "missing"),
    Kind("a verdict twice", MIXED, "twice"),
    Kind("a verdict on no claim", MIXED, "extra"),
    Kind("no verdicts", MIXED, "none"),
    Kind("JSON cut off at first", MIXED, "cut off at first"),
    Kind("the judge refuses", MIXED, "refuses"),
    Kind("a verdict nobody knows", MIXED, "unknown"),
    Kind("a verdict that is NaN", MIXED, "nan"),
    Kind("a claim overlooked", MIXED, "overlooks a claim"),
    Kind("all claims overlooked", MIXED, "overlooks all claims"),
    Kind("praise without evidence", ("sa", "ssa", "ssaa"), "praises"),
)


@dataclass(frozen=True, slots=True)
class ScriptedClaim:
    """A sentence of an answer: the paper it cites, what is true of it, and the sentence that decides."""

    text: str
    paper_id: str
    label: Label
    quote: str = ""


@dataclass(frozen=True, slots=True)
class ScriptedAnswer:
    """An answer, the two papers it was written from, and what is true of its claims."""

    answer_id: str
    kind: Kind
    question: str
    papers: tuple[Paper, ...]
    claims: tuple[ScriptedClaim, ...]

    @property
    def true_score(self) -> float | None:
        """The share of claims that the abstracts they cite support; None where there is none."""
        supported = [claim.label == "supported" for claim in self.claims]
        return sum(supported) / len(supported) if supported else None

    @property
    def text(self) -> str:
        """As a reader sees it, with markers of the papers."""
        if not self.claims:
            return "I do not know: none of the papers of this collection says so."
        numbers = {paper.paper_id: number for number, paper in enumerate(self.papers, 1)}
        return " ".join(f"{claim.text} [{numbers.get(claim.paper_id, 9)}]" for claim in self.claims)

    def form(self) -> dict[str, Any]:
        """As `pincite ask --json` gives an answer, as far as faithfulness looks at it."""
        titles = {paper.paper_id: paper.title for paper in self.papers}
        statements = [
            {
                "text": claim.text,
                "citations": [{"paper_id": claim.paper_id, "title": titles.get(claim.paper_id, "")}],
            }
            for claim in self.claims
        ]
        return {"question": self.question, "abstained": not statements, "statements": statements}

    def for_peers(self) -> dict[str, Any]:
        """What other evaluators get: texts alone."""
        contexts = [paper.abstract for paper in self.papers]
        return {
            "answer_id": self.answer_id,
            "question": self.question,
            "answer": self.text,
            "contexts": contexts,
        }


def scripted_answers() -> list[ScriptedAnswer]:
    """Three answers of each kind, always the same."""
    trios = _trios([record for record in read_source(SAMPLE_FILE).records if isinstance(record, Paper)])
    return [
        _answer(kind, number, letters, next(trios))
        for kind in KINDS
        for number, letters in enumerate(kind.claims, 1)
    ]


def sentences(paper: Paper) -> list[str]:
    """Those of an abstract that can be claims: of usual length, and with a number or verb to turn."""
    texts = [paper.abstract[span.start : span.end] for span in sentence_spans(paper.abstract)]
    return [text for text in texts if len(text.split()) in WORDS and text.endswith(".") and _turned(text)]


def _trios(papers: Sequence[Paper]) -> Iterator[tuple[Paper, Paper, Paper]]:
    rich = sorted((p for p in papers if len(sentences(p)) >= LEAST_SENTENCES), key=lambda p: p.paper_id)
    random.Random(SEED).shuffle(rich)  # noqa: S311 - not for secrets
    while True:  # papers may come round again in another trio
        for at in range(0, len(rich) - 2, 3):
            yield rich[at], rich[at + 1], rich[at + 2]
        rich = [*rich[1:], rich[0]]


def _answer(kind: Kind, number: int, letters: str, trio: tuple[Paper, Paper, Paper]) -> ScriptedAnswer:
    own, other, absent = map(sentences, trio)
    cited = trio[0].paper_id
    makers = {
        "s": lambda at: ScriptedClaim(own[at], cited, "supported", own[at]),
        "c": lambda at: ScriptedClaim(_turned(own[at]), cited, "contradicted", own[at]),
        "a": lambda at: ScriptedClaim(absent[at], cited, "absent"),
        "o": lambda at: ScriptedClaim(other[at], cited, "other paper"),
        "i": lambda at: ScriptedClaim(absent[at], f"no-such-paper-{at}", "no such paper"),
    }
    claims = tuple(makers[letter](at) for at, letter in enumerate(letters))
    name = f"{'-'.join(kind.name.replace(':', '').split())}-{number}".lower()
    question = f"What is said about {trio[0].title}?"
    return ScriptedAnswer(name, kind, question, trio[:2], claims)


def _turned(sentence: str) -> str:
    """The sentence with another number, else negated; empty where neither can be done."""
    rng = random.Random(SEED)  # noqa: S311 - not for secrets
    return turn_number(sentence, rng) or turn_negation(sentence, rng) or ""
