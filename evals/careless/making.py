"""Cases of the exam: questions, evidence, and statements made by rule and labelled by construction."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from evals.careless.scene import Rule, Scene, as_shown, content, own_name, usable
from evals.careless.supported import SUPPORTED
from evals.careless.unsupported import UNSUPPORTED
from rag.drafts import Draft, Numbered
from rag.types import Paper

SEED, COUNT = 0, 300
LEAST_SHOWN, MOST_SHOWN = 3, 6
DRAFTS = 2
"""Of each label in a case, where the paper has sentences for so many."""

NAMED_QUESTIONS = ("What is {}?", "What does {} achieve?", "How does {} work?", "which papers mention {}?")
QUESTIONS = ("What is known about “{}”?", "papers on {}", "What does “{}” report?")

Label = Literal["supported", "unsupported"]
KINDS: dict[Label, dict[str, Rule]] = {"supported": SUPPORTED, "unsupported": UNSUPPORTED}


@dataclass(frozen=True, slots=True)
class LabelledDraft:
    """A statement with what the gate should say of it, and the rule that made it."""

    draft: Draft
    label: Label
    kind: str


@dataclass(frozen=True, slots=True)
class Case:
    """A question, the evidence as the model was shown it, and what it wrote.

    Attributes:
        question: as a person might have asked it.
        shown: three to six papers, numbered from 1; the one the drafts are about at a random place.
        drafts: in the order written; the labels in random order.
    """

    question: str
    shown: tuple[Numbered, ...]
    drafts: tuple[LabelledDraft, ...]


def make_cases(papers: Sequence[Paper], count: int, seed: int) -> list[Case]:
    """Cases over all papers in turn, the kinds about equally often; the same for the same papers and seed.

    Args:
        papers: at least six.
        count: cases; each has up to two supported and two unsupported drafts.
        seed: of every choice.

    Raises:
        ValueError: fewer than six papers.
    """
    if len(papers) < MOST_SHOWN:
        raise ValueError(f"{len(papers)} papers: expected at least {MOST_SHOWN}, to have some to choose from")
    exam = _Exam(papers, random.Random(seed))  # noqa: S311 - not for secrets
    cases: list[Case] = []
    while len(cases) < count:
        for paper in exam.rng.sample(papers, len(papers))[: count - len(cases)]:
            cases.append(exam.case(paper))  # noqa: PERF401 - each depends on those before it
    return cases


class _Exam:
    """Cases in the making; it remembers what was written, so that kinds come equally often."""

    def __init__(self, papers: Sequence[Paper], rng: random.Random) -> None:
        self.papers, self.rng = papers, rng
        self._made: Counter[str] = Counter()
        self._used: set[tuple[str, str]] = set()

    def case(self, paper: Paper) -> Case:
        """The next case, about this paper."""
        shown = _evidence(paper, self.papers, self.rng)
        number = next(item.number for item in shown if item.paper.paper_id == paper.paper_id)
        scenes = [Scene(shown, number, index, self.papers) for index in usable(paper)]
        drafts = [draft for label in KINDS for _ in range(DRAFTS) if (draft := self._rarest(scenes, label))]
        self.rng.shuffle(drafts)
        return Case(_question(paper, self.rng), shown, tuple(drafts))

    def _rarest(self, scenes: Sequence[Scene], label: Label) -> LabelledDraft | None:
        """A draft of the kind that there are fewest of so far, among those that fit a sentence."""
        rules = KINDS[label]
        for kind in sorted(self.rng.sample(list(rules), len(rules)), key=lambda kind: self._made[kind]):
            for scene in self.rng.sample(scenes, len(scenes)):
                key = kind, scene.sentence
                draft = None if key in self._used else rules[kind](scene, self.rng)
                if draft:
                    self._used.add(key)
                    self._made[kind] += 1
                    return LabelledDraft(draft, label, kind)
        return None


def _evidence(paper: Paper, papers: Sequence[Paper], rng: random.Random) -> tuple[Numbered, ...]:
    """The paper among others: half of them those nearest to it in words, as a search would find them."""
    others = [other for other in papers if other.paper_id != paper.paper_id]
    number = rng.randint(LEAST_SHOWN, MOST_SHOWN) - 1
    words = content(f"{paper.title} {paper.abstract}")
    others.sort(key=lambda other: len(words & content(f"{other.title} {other.abstract}")), reverse=True)
    near = others[: number // 2]
    shown = [paper, *near, *rng.sample(others[number // 2 :], number - len(near))]
    rng.shuffle(shown)
    return as_shown(shown)


def _question(paper: Paper, rng: random.Random) -> str:
    name = own_name(paper)
    return rng.choice(NAMED_QUESTIONS).format(name) if name else rng.choice(QUESTIONS).format(paper.title)
