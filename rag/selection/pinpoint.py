"""Which sentence answers: signals of each, and the fitted model that weighs them.

A question in other words than the abstract's shares few with the sentence that answers it. What helps then is
the sentence's place and purpose: background names problems, "we find" tells findings, "because" a cause.
The weights are fitted by `python -m models.ranking.calibrate`; the signals are named in `pinpoint.toml`.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rag.phrases import Phrases
from rag.question.aspects import HOW, SHARED, TESTED, TRAINING, trouble
from rag.question.clauses import COUNT, AskedForm, Clause, asked_form
from rag.retrieval.candidates import Candidate, Sentence, coverage
from rag.retrieval.relevance import Linear, Matrix, sigmoid
from rag.types import Citation

_PHRASES = Phrases("rag.selection", "pinpoint.toml")
OF_THE_PAPER, LIKENESS, WORDING = map(_PHRASES.ordered, ("of_the_paper", "likeness", "wording"))
SIGNALS = OF_THE_PAPER + LIKENESS + WORDING
STATED = _PHRASES.ordered("stated") + SIGNALS
CAUSE, FINDS, ENUMERATES, MEASURE = map(_PHRASES.pattern, ("cause", "finds", "enumerates", "measure"))
A_COUNT = re.compile(COUNT, re.IGNORECASE)
COMMON_SHORT = re.compile(r"\b(?:M?LLMs?|AI|NLP|RAG|QA|KV|SoTA|SOTA|PLMs?)\b")
PROPER = re.compile(r"(?<!^)(?<![.?!]\s)\b[A-Z][\w-]*[A-Z0-9][\w-]*|\b[A-Z][a-z]+(?:-[A-Z0-9]\w*)+")
"""A name in the shape that methods, models and data sets have; not the first word of a sentence."""

MOST_STRENGTH, MOST_TROUBLE, MOST_WORDS = 3.0, 2.5, 60
"""What a signal from 0 to 1 is a share of."""

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


def signals(clause: Clause, item: Candidate, standing: PaperStanding, nearest: float) -> Matrix:
    """Shape [sentences, SIGNALS] for one paper; ``nearest``: the best cosine of any sentence read."""
    return np.hstack(
        [_of_the_paper(clause, item, standing), _likeness(clause, item, nearest), _wording(clause, item)]
    )


def _of_the_paper(clause: Clause, item: Candidate, standing: PaperStanding) -> Matrix:
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


def _likeness(clause: Clause, item: Candidate, nearest: float) -> Matrix:
    own: Mapping[int, float] = {
        term: weight for term, weight in clause.idf.items() if term not in item.title_terms
    }
    share = sum(own.values()) / max(sum(clause.idf.values()), 1e-9)
    covers = np.array([coverage(own, each.terms) for each in item.sentences], np.float64)
    cosines = np.asarray(item.vectors @ clause.vector, np.float64)
    top = (covers >= covers.max() - 1e-9) & (covers > 0)
    return np.column_stack(
        [covers, np.full(len(covers), share), cosines - cosines.max(), cosines - nearest, top]
    )


def _wording(clause: Clause, item: Candidate) -> Matrix:
    asked = asked_form(clause.text)
    first = item.first_claim or 0
    last = max(1, len(item.sentences) - 1)
    alone = [float(asked.yes_no), float(clause.manner), float(asked.thing), float(asked.reason)]
    wording = [
        [
            *_background(asked, clause, before_claim=place < first),
            *_fits(asked, clause, each),
            *_placed(place, last, each),
            *alone,
        ]
        for place, each in enumerate(item.sentences)
    ]
    return np.array(wording, np.float64)


def _background(asked: AskedForm, clause: Clause, before_claim: bool) -> list[float]:
    there = float(before_claim)
    other = not (asked.reason or asked.trouble)
    return [there, there * asked.reason, there * asked.trouble, there * clause.manner, there * other]


def _fits(asked: AskedForm, clause: Clause, sentence: Sentence) -> list[float]:
    text, names = sentence.text, clause.names or ("",)
    finds = FINDS.search(text) is not None
    named = PROPER.search(COMMON_SHORT.sub("x", without(text, clause.names))) is not None
    return [
        float(asked.reason and CAUSE.search(text) is not None),
        asked.trouble * _share(trouble(text), MOST_TROUBLE),
        float(asked.yes_no and finds),
        float(asked.finding and finds),
        clause.manner * _share(HOW.strength(text, names), MOST_STRENGTH),
        float(clause.manner and sentence.claims),
        float(asked.thing and named),
        float(asked.thing and not named),
        float(asked.several and ENUMERATES.search(text) is not None),
        float(not asked.sharing and SHARED.search(text) is not None),
        asked.training * _share(TRAINING.strength(text, names), MOST_STRENGTH),
        asked.testing * _share(TESTED.strength(text, names), MOST_STRENGTH),
    ]


def _placed(place: int, last: int, sentence: Sentence) -> list[float]:
    return [place / last, float(place == 0), _share(len(sentence.text.split()), MOST_WORDS)]


def _share(value: float, most: float) -> float:
    return min(value, most) / most


def without(text: str, names: tuple[str, ...]) -> str:
    """The text less the names, whose capitals and digits (FLM-101B) are no answer."""
    for name in names:
        text = text.replace(name, " ")
    return text


def read_signals(clause: Clause, papers: Sequence[tuple[Candidate, PaperStanding]]) -> Matrix:
    """Shape [sentences, SIGNALS]: of all the papers read, in order."""
    nearest = max(float((item.vectors @ clause.vector).max()) for item, _ in papers)
    return np.vstack([signals(clause, item, each, nearest) for item, each in papers])


def read_odds(rows: Matrix, counted: Matrix, model: Linear) -> Matrix:
    """Probability of each sentence to answer, shape [sentences], from `read_signals` and `counts`."""
    return sigmoid(model.logit(rows) + COUNTED * counted)


def stated_signals(rows: Matrix, odds: Matrix, owners: Sequence[str]) -> list[float]:
    """`STATED` of sentences, at least one, from `read_signals`, `read_odds` and the ids of their papers."""
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

    The latter is the probability that the abstracts state what is asked; without a sentence it is 0.
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
