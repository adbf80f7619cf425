"""Which sentence proves it: for a topic, that which shows a paper does it; for a question, the answer.

Signals are measured here; the weights of the answering model are fitted by
`python -m models.ranking.calibrate`.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rag.question.clauses import COUNT, Clause
from rag.retrieval.candidates import Candidate, Sentence, coverage
from rag.retrieval.relevance import Linear, Matrix, sigmoid
from rag.selection.answer_signals import LIKENESS, WORDING, answer_signals, without
from rag.types import Citation

OF_THE_PAPER = (
    "cover",
    "cover_context",
    "cover_focus",
    "focus_phrase",
    "focus_absent",
    "cosine",
    "paper",
    "paper_share",
    "linked",
    "not_linked",
    "number",
    "no_number",
    "own",
    "named",
    "definition",
    "no_definition",
    "manner",
)
"""IDF coverage of the clause by the sentence, by it and its surroundings, of the thing asked for;
whether that stands there word by word; its share that the whole paper lacks; cosine to the clause;
log-odds of the paper's relevance, and its share of the best paper's probability; whether the question names
the paper, or another; a number where one is wanted, or none; whether the sentence speaks of the
paper's own work; whether it repeats a name of the question; whether it defines the name where a
definition is wanted, or not; whether the clause asks how something works, of the linked paper."""

SIGNALS = OF_THE_PAPER + LIKENESS + WORDING

STATED = ("logit", "ahead", "paper_mass", "paper_cover", "paper_cosine", *SIGNALS)
"""Whether what was asked is stated at all: log-odds of the best sentence, and by how much it is ahead of the
next; log of the sum of probabilities in its paper; the best coverage and cosine there; its signals."""

A_COUNT = re.compile(COUNT, re.IGNORECASE)
MEASURE = re.compile(
    r"\d|\b(?:half|halves|double[sd]?|twice|orders?\s+of\s+magnitude|\w+fold|hundreds?|thousands?|millions?"
    r"|(?:one|two|three|four|five|six|seven|eight|nine|ten)[\s-]+(?:times|percent|per\s+cent|thirds?|quarters?"
    r"|hundred|thousand|million|billion|seconds?|minutes?|hours?|days?|weeks?))\b",
    re.IGNORECASE,
)
"""A number that measures: "five annotators" are counted."""
BESIDE = 0.5
"""Share of the best sentence's probability from which the next of its paper is quoted with it."""

COUNTED = math.log(2)
"""Log-odds of a sentence with a number of the very things that are to be counted: twice as likely."""


@dataclass(frozen=True, slots=True)
class AnswerModel:
    """Which sentence answers a clause, and whether one does.

    Attributes:
        sentence: that a sentence answers, over `SIGNALS`.
        stated: that the best one does, over `STATED`.
        threshold: the least probability of the latter with which it is shown.
    """

    sentence: Linear
    stated: Linear
    threshold: float


@dataclass(frozen=True, slots=True)
class ScoredSentence:
    """A sentence of a paper and the probability that it answers (or how well it shows the topic)."""

    candidate: Candidate
    sentence: Sentence
    score: float

    @property
    def citation(self) -> Citation:
        """Of the sentence."""
        return self.candidate.cite(self.sentence)


@dataclass(frozen=True, slots=True)
class PaperStanding:
    """How a paper stands to the question.

    Attributes:
        logit: log-odds of its relevance.
        share: its probability over the best paper's, or how far the question names it if that is more.
        link: how far the question names it, 0 to 1.
        other: how far the question names other papers instead, 0 to 1.
    """

    logit: float
    share: float
    link: float
    other: float


def standings(
    candidates: Sequence[Candidate], probabilities: Sequence[float], links: Mapping[str, float]
) -> list[PaperStanding]:
    """One for each candidate, in order."""
    clipped = np.clip(np.asarray(probabilities, np.float64), 1e-3, 1 - 1e-3)
    logits, shares = np.log(clipped / (1 - clipped)), clipped / clipped.max(initial=1e-3)
    weights = [links.get(item.paper.paper_id, 0.0) for item in candidates]
    return [
        PaperStanding(float(logit), max(float(share), weight), weight, (1 - weight) if links else 0.0)
        for logit, share, weight in zip(logits, shares, weights, strict=True)
    ]


def signals(clause: Clause, item: Candidate, standing: PaperStanding) -> Matrix:
    """Shape [sentences, OF_THE_PAPER] for one candidate."""
    cosines = item.vectors @ clause.vector
    rows = [
        [
            coverage(clause.idf, sentence.terms),
            coverage(clause.idf, _context(item, index)),
            *_focus(clause, item, sentence),
            float(cosines[index]),
            standing.logit / 6,
            standing.share,
            standing.link,
            standing.other,
            *_form_of_answer(clause, sentence),
            float(clause.manner) * standing.link,
        ]
        for index, sentence in enumerate(item.sentences)
    ]
    return np.array(rows, np.float64)


def _focus(clause: Clause, item: Candidate, sentence: Sentence) -> list[float]:
    if not clause.focus or clause.phrase is None:
        return [0.5, 0.5, 0.0]
    everywhere = item.title_terms.union(*(each.terms for each in item.sentences))
    return [
        coverage(clause.focus, sentence.terms),
        float(clause.phrase.search(sentence.text) is not None),
        1 - coverage(clause.focus, everywhere),
    ]


def _context(item: Candidate, index: int) -> frozenset[int]:
    around = item.sentences[max(0, index - 1) : index + 2]
    return item.title_terms.union(*(sentence.terms for sentence in around))


def _form_of_answer(clause: Clause, sentence: Sentence) -> list[float]:
    form = A_COUNT if clause.count else MEASURE
    number = form.search(without(sentence.text, clause.names)) is not None
    present = sum(name in sentence.text for name in clause.names)
    named = present / len(clause.names) if clause.names else 0.0
    defines = any(_defines(sentence.text, name) for name in clause.names)
    return [
        float(clause.number and number),
        float(clause.number and not number),
        float(sentence.own),
        named,
        float(clause.definition and defines),
        float(clause.definition and not defines),
    ]


def _defines(text: str, name: str) -> bool:
    """Whether the text says what NAME is: "… (NAME)", "NAME (…", "NAME - a", "NAME, which"."""
    word = re.escape(name)
    pattern = rf"\({word}\)|\b{word}\s*(?:\(|[-–—]\s|,\s+(?:which|a|an|the)\b|stands|is\s+an?\b)"
    return re.search(pattern, text) is not None


def read_signals(clause: Clause, papers: Sequence[tuple[Candidate, PaperStanding]]) -> Matrix:
    """Shape [sentences, SIGNALS]: of all the papers read, in order."""
    nearest = max(float((item.vectors @ clause.vector).max()) for item, _ in papers)
    return np.vstack(
        [
            np.hstack([signals(clause, item, each), answer_signals(clause, item, nearest)])
            for item, each in papers
        ]
    )


def read_odds(rows: Matrix, counted: Matrix, model: Linear) -> Matrix:
    """Probability of each sentence to answer, shape [sentences], from `read_signals` and `counts`."""
    return sigmoid(model.logit(rows) + COUNTED * counted)


def stated_signals(rows: Matrix, odds: Matrix, owners: Sequence[str]) -> list[float]:
    """`STATED` of the sentences read, at least one.

    Args:
        rows: their `read_signals`.
        odds: their probabilities.
        owners: ids of their papers.
    """
    best = int(odds.argmax())
    logits = np.log(np.clip(odds, 1e-9, 1 - 1e-9)) - np.log1p(-np.clip(odds, 1e-9, 1 - 1e-9))
    ahead = float(logits[best] - np.delete(logits, best).max()) if len(odds) > 1 else 0.0
    same = np.array([owner == owners[best] for owner in owners])
    cover, cosine = (rows[same, SIGNALS.index(name)].max() for name in ("cover", "cosine"))
    mass = math.log(float(odds[same].sum()) + 1e-6)
    return [float(logits[best]), ahead, mass, float(cover), float(cosine), *rows[best].tolist()]


def answering(
    clause: Clause, papers: Sequence[tuple[Candidate, PaperStanding]], model: AnswerModel
) -> tuple[list[ScoredSentence], float]:
    """Every sentence that holds what it must, best first, ties by paper and place; and the odds of the best.

    Returns:
        Sentences with the probability that each answers the clause, and the probability that the best does:
        that the abstracts state what is asked. Without a sentence the latter is 0.
    """
    if not papers:
        return [], 0.0
    rows = read_signals(clause, papers)
    odds = read_odds(rows, counts(clause, papers), model.sentence)
    read = [(item, sentence) for item, _ in papers for sentence in item.sentences]
    fits = np.array([clause.must in sentence.text for _, sentence in read])
    if not fits.any():
        return [], 0.0
    kept = [pair for pair, holds in zip(read, fits, strict=True) if holds]
    owners = [item.paper.paper_id for item, _ in kept]
    stated = model.stated.logit(np.array([stated_signals(rows[fits], odds[fits], owners)]))
    scored = [ScoredSentence(*pair, float(score)) for pair, score in zip(kept, odds[fits], strict=True)]
    scored.sort(key=lambda s: (-s.score, s.candidate.paper.paper_id, s.sentence.span.start))
    return scored, float(sigmoid(stated)[0])


def counts(clause: Clause, papers: Sequence[tuple[Candidate, PaperStanding]]) -> Matrix:
    """1 for each sentence that says how many there are of what a clause counts, else 0; shape [sentences]."""
    found = [
        clause.count is not None and clause.count.search(each.text) is not None
        for item, _ in papers
        for each in item.sentences
    ]
    return np.array(found, np.float64)


def beside(scores: Matrix, owners: Sequence[str]) -> int | None:
    """The place of the best sentence's companion: the next of its paper, if it is about as probable."""
    order = np.argsort(-scores, kind="stable")
    same = [int(n) for n in order[1:] if owners[n] == owners[order[0]]]
    return same[0] if same and scores[same[0]] >= BESIDE * scores[order[0]] else None
