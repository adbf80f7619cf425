"""Signals of a sentence that may answer: beside its likeness, whether its wording fits what is asked. Pure.

A question in other words than the abstract's shares few with the sentence that answers it. What helps then is
the sentence's place and purpose: background names problems, "we find" tells findings, "because" a cause.
"""

import re
from collections.abc import Mapping

import numpy as np

from rag.question.aspects import HOW, SHARED, TESTED, TRAINING, trouble
from rag.question.clauses import AskedForm, Clause, asked_form
from rag.retrieval.candidates import Candidate, Sentence, coverage
from rag.retrieval.relevance import Matrix

CLAIMS = re.compile(
    r"\b(?:we|this\s+(?:paper|work|study|survey|article|research)|our)\b[^.;]{0,80}?\b"
    r"(?:propos|introduc|present|develop|design|study|studi|investigat|explor|survey|review|show|demonstrat|build"
    r"|creat|releas|evaluat|analy|examin|address|formulat|train|provid|offer|describ|compar|benchmark)\w*",
    re.IGNORECASE,
)
CAUSE = re.compile(
    r"\b(?:because|due\s+to|since|as\s+a\s+result|caus\w+|reasons?|owing\s+to|result(?:s|ing)?\s+(?:in|from)|leads?\s+to"
    r"|stem\w*\s+from|attribut\w+|thus|therefore|hence|making|which\s+(?:makes|leads|limits))\b",
    re.IGNORECASE,
)
FINDS = re.compile(
    r"\b(?:find(?:s|ings?)?|found|shows?|showed|reveal\w*|demonstrat\w*|observ\w*|indicat\w*|suggest\w*|results?"
    r"|experiments?|conclu\w+)\b",
    re.IGNORECASE,
)
COMMON_SHORT = re.compile(r"\b(?:M?LLMs?|AI|NLP|RAG|QA|KV|SoTA|SOTA|PLMs?)\b")
PROPER = re.compile(r"(?<!^)(?<![.?!]\s)\b[A-Z][\w-]*[A-Z0-9][\w-]*|\b[A-Z][a-z]+(?:-[A-Z0-9]\w*)+")
"""A name in the shape that methods, models and data sets have; not the first word of a sentence."""
ENUMERATES = re.compile(
    r"\b(?:i\)|\(1\)|\(i\)|1\)|first(?:ly)?|second(?:ly)?|including|namely|such\s+as|:\s)|,\s++[^,]++,\s+(?:and|or)\s",
    re.IGNORECASE,
)
MOST_STRENGTH, MOST_TROUBLE, MOST_WORDS = 3.0, 2.5, 60
"""What a signal from 0 to 1 is a share of."""

LIKENESS = (
    "cover_own_words",
    "own_words",
    "cosine_below_paper",
    "cosine_below_best",
    "cover_own_words_top",
)
"""IDF coverage of those words of the clause that the paper's title lacks, and their share of the clause;
cosine less the best one of the paper, and of all papers read; whether none of the paper covers more."""

WORDING = (
    "background",
    "background_reason",
    "background_trouble",
    "background_manner",
    "background_other",
    "reason_cause",
    "trouble_named",
    "yes_no_finding",
    "finding_found",
    "manner_how",
    "manner_claim",
    "thing_named",
    "thing_unnamed",
    "several_listed",
    "only_sharing",
    "training_told",
    "testing_told",
    "place",
    "opening",
    "length",
    "yes_no",
    "manner_asked",
    "thing_asked",
    "reason_asked",
)
"""Whether it stands before the paper's first claim, alone and with what is asked for; what is asked for
together with wording that gives it; place in the abstract, 0 to 1, and length; what is asked for, alone."""


def answer_signals(clause: Clause, item: Candidate, nearest: float) -> Matrix:
    """Shape [sentences, LIKENESS + WORDING] for one candidate.

    Args:
        clause: the part question.
        item: the paper.
        nearest: the best cosine of any sentence read to the clause.
    """
    asked = asked_form(clause.text)
    likeness = _likeness(clause, item, nearest)
    first = next((n for n, each in enumerate(item.sentences) if CLAIMS.search(each.text)), 0)
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
    return np.hstack([likeness, np.array(wording, np.float64)])


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
        float(clause.manner and CLAIMS.search(text) is not None),
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
