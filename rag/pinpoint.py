"""Which sentence proves it: for a topic, the sentence that shows a paper does it; for a question, the one that answers.

Signals are measured here; the weights of the answering model are fitted by `python -m evals.calibrate`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from rag.evidence import Candidate, Sentence, coverage
from rag.query import Question, wants_number
from rag.relevance import Linear, Matrix, sigmoid
from rag.types import Vectors

TermsOf = Callable[[str], frozenset[int]]

CLAIMS = re.compile(
    r"\b(?:we|this\s+(?:paper|work|study|survey|article|research)|our)\b[^.;]{0,80}?\b"
    r"(?:propos|introduc|present|develop|design|study|studi|investigat|explor|survey|review|show|demonstrat|build"
    r"|creat|releas|evaluat|analy|examin|address|formulat|train|provid|offer|describ|compar|benchmark)\w*",
    re.IGNORECASE,
)
CLAIM_BONUS = 0.25
OWN_BONUS = 0.1

SIGNALS = (
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
log-odds of the paper's relevance, and its share of the best paper's probability; whether the question names the
paper, or another; a number where one is wanted, or none; whether the sentence speaks of the paper's own work;
whether it repeats a name of the question; whether it defines the name where a definition is wanted, or not;
whether the clause asks how something works, of the linked paper."""

NUMBER = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|hundreds?|thousands?|millions?|half"
    r"|double|twice|orders?\s+of\s+magnitude)\b",
    re.IGNORECASE,
)
DEFINITION_WANTED = re.compile(
    r"\bstands?\s+for\b|\babbreviat|\bacronym|\bdefin|\bshort\s+for\b|^(?:what|who)\s+(?:is|are)\s+(?!the\b|its?\b|their\b)\S+"
    r"(?:\s+(?:in|for|of)\b.*)?$",
    re.IGNORECASE,
)
MANNER_WANTED = re.compile(r"^how\s+(?:do|does|did|is|are|can|to)\b", re.IGNORECASE)
FOCUS = re.compile(
    r"\b(?:how\s+many|how\s+much|which|what(?:\s+(?:is|was|are|were)\s+(?:the|its|their|an?))?)\s+"
    r"((?:(?!(?:does|do|did|is|are|was|were|can|has|have|in|on|of|from|for|between|the|a|an)\b)[\w-]+\s*){1,3})",
    re.IGNORECASE,
)


ELLIPSIS = re.compile(r"^(?:what|which|how\s+much|out\s+of\s+how\s+many)(?:\s+(?:do|does|did)\b|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Clause:
    """A part question, analysed.

    Attributes:
        text: its words.
        vector: theirs, shape [dimensions].
        idf: of its terms, those of linked names left out.
        focus: IDF of the terms of the thing asked for ("how many *queries* …"); may be empty.
        phrase: finds the thing asked for as a phrase, in any inflection; None where nothing is named.
        number: whether a number is wanted.
        definition: whether the meaning of a name is wanted.
        manner: whether it asks how something works.
        names: names it mentions, or those of the whole question if it mentions none.
    """

    text: str
    vector: Vectors
    idf: Mapping[int, float]
    focus: Mapping[int, float]
    phrase: re.Pattern[str] | None
    number: bool
    definition: bool
    manner: bool
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnswerModel:
    """Probability that a sentence answers a clause, over `SIGNALS`, and the least one that is shown."""

    sentence: Linear
    threshold: float


@dataclass(frozen=True, slots=True)
class Scored:
    """A sentence of a paper and the probability that it answers (or how well it shows the topic)."""

    candidate: Candidate
    sentence: Sentence
    score: float


def analyse(
    question: Question, vectors: Vectors, idf: Mapping[int, float], terms_of: TermsOf
) -> list[Clause]:
    """Prepare the part questions of a question, in order.

    A part that names nothing to ask for takes it from the part before: "what accuracy does A reach, and what
    does B reach". Names mentioned in a part are its own, else it speaks of all.

    Args:
        question: with at least one clause.
        vectors: of its clauses, shape [clauses, dimensions].
        idf: of the terms of the whole query; a term that is not there counts as its rarest.
        terms_of: ids of the stemmed terms of a text.
    """
    rare = max(idf.values(), default=1.0)
    clauses: list[Clause] = []
    for text, vector in zip(question.clauses, vectors, strict=True):
        focus = " ".join(match.group(1).strip() for match in FOCUS.finditer(text))
        mentioned = tuple(name for name in question.names if name in text) or question.names
        skip = terms_of(" ".join(question.names)) - terms_of(focus)
        clause = Clause(
            text=text,
            vector=vector,
            idf={term: idf.get(term, rare) for term in terms_of(text) - skip},
            focus={term: idf.get(term, rare) for term in terms_of(focus)},
            phrase=_phrase(focus),
            number=wants_number(text),
            definition=DEFINITION_WANTED.search(text) is not None,
            manner=MANNER_WANTED.search(text) is not None,
            names=mentioned,
        )
        clauses.append(_inherit(clause, clauses[-1]) if clauses and ELLIPSIS.search(text) else clause)
    return clauses


def _inherit(clause: Clause, before: Clause) -> Clause:
    return replace(
        clause, focus=before.focus, phrase=before.phrase, number=clause.number or before.number
    )


def showing(item: Candidate, idf: Mapping[int, float]) -> Sentence:
    """The sentence that best shows that a paper is about the query: matching, and about its own work."""

    def merit(sentence: Sentence) -> float:
        claims = CLAIM_BONUS if CLAIMS.search(sentence.text) else 0.0
        return (
            coverage(idf, sentence.terms) + sentence.cosine + claims + (OWN_BONUS if sentence.own else 0.0)
        )

    return max(item.sentences, key=lambda sentence: (merit(sentence), -sentence.span.start))


@dataclass(frozen=True, slots=True)
class Standing:
    """How a paper stands to the question.

    Attributes:
        logit: log-odds of its relevance.
        share: its probability over the best paper's.
        link: how far the question names it, 0 to 1.
        other: how far the question names other papers instead, 0 to 1.
    """

    logit: float
    share: float
    link: float
    other: float


def standings(
    candidates: Sequence[Candidate], probabilities: Sequence[float], links: Mapping[str, float]
) -> list[Standing]:
    """One for each candidate, in order."""
    clipped = np.clip(np.asarray(probabilities, np.float64), 1e-3, 1 - 1e-3)
    logits, shares = np.log(clipped / (1 - clipped)), clipped / clipped.max()
    weights = [links.get(item.paper.paper_id, 0.0) for item in candidates]
    return [
        Standing(float(logit), float(share), weight, (1 - weight) if links else 0.0)
        for logit, share, weight in zip(logits, shares, weights, strict=True)
    ]


def signals(clause: Clause, item: Candidate, standing: Standing) -> Matrix:
    """Shape [sentences, SIGNALS] for one candidate."""
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
            *_kind_of_answer(clause, sentence),
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


def _phrase(words: str) -> re.Pattern[str] | None:
    """Matches the words in a row, their last two letters free ("accuracies" finds "accuracy")."""
    stems = [re.escape(word[: max(3, len(word) - 2)]) + r"\w*" for word in re.findall(r"\w+", words)]
    return re.compile(r"\b" + r"\W+".join(stems), re.IGNORECASE) if stems else None


def _context(item: Candidate, index: int) -> frozenset[int]:
    around = item.sentences[max(0, index - 1) : index + 2]
    return item.title_terms.union(*(sentence.terms for sentence in around))


def _kind_of_answer(clause: Clause, sentence: Sentence) -> list[float]:
    number = NUMBER.search(_without(sentence.text, clause.names)) is not None
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
    """ "… Ranking Prompting (PRP)", "SEA (Sample-Efficient Alignment)", "Petals - a system that", "MAPS, which stands for"."""
    word = re.escape(name)
    pattern = rf"\({word}\)|\b{word}\s*(?:\(|[-–—]\s|,\s+(?:which|a|an|the)\b|stands|is\s+an?\b)"  # noqa: RUF001
    return re.search(pattern, text) is not None


def answering(clause: Clause, papers: Sequence[tuple[Candidate, Standing]], model: Linear) -> list[Scored]:
    """Every sentence with its probability of answering the clause, best first, ties by paper and place."""
    scored = []
    for item, each in papers:
        odds = sigmoid(model.logit(signals(clause, item, each))).tolist()
        scored += [
            Scored(item, sentence, score) for sentence, score in zip(item.sentences, odds, strict=True)
        ]
    return sorted(scored, key=lambda s: (-s.score, s.candidate.paper.paper_id, s.sentence.span.start))


def _without(text: str, names: Sequence[str]) -> str:
    """The text less the names, whose digits (FLM-101B) are no answer."""
    for name in names:
        text = text.replace(name, " ")
    return text
