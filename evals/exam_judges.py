"""The judges that sit the support exam: the classifier, two baselines and any language model."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from evals.made_pair import ABSENT, CONTRADICTED, SUPPORTED
from rag.adapters.support_onnx import SupportClassifier
from rag.model import Message, Model, Request
from rag.ports import Encoder

Pair = tuple[str, Sequence[str]]
PROMPT = (
    "Abstract:\n{evidence}\n\nClaim: {claim}\n\n"
    "Does the abstract show that the claim is true? Answer with one word: yes, no or unknown."
)
WORDS = {"yes": SUPPORTED, "no": CONTRADICTED, "unknown": ABSENT}
STANDING = {SUPPORTED: 1.0, ABSENT: 0.5, CONTRADICTED: 0.0}
"""How far an answer speaks for support, where the judge gives no probability."""
_WORD = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Judged:
    """Scores, higher for support, and the label of each pair; ``labels`` is None where a judge gives none."""

    scores: NDArray[np.float64]
    labels: NDArray[np.int64] | None


class Judge(Protocol):
    """Somebody who sits the exam."""

    @property
    def name(self) -> str:
        """Its row in the table."""

    async def judge(self, pairs: Sequence[Pair]) -> Judged:
        """What it makes of the pairs, in their order."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """Share of the claim's words that its evidence has."""

    name: str = "lexical overlap"

    async def judge(self, pairs: Sequence[Pair]) -> Judged:
        """Scores 0 to 1."""
        return Judged(np.array([_overlap(claim, " ".join(sentences)) for claim, sentences in pairs]), None)


@dataclass(frozen=True, slots=True)
class Cosine:
    """Cosine of the claim and the sentence nearest to it."""

    encoder: Encoder
    name: str = "MiniLM cosine"

    async def judge(self, pairs: Sequence[Pair]) -> Judged:
        """Scores -1 to 1."""
        scores = []
        for claim, sentences in pairs:
            vectors = await self.encoder.encode_passages([claim, *sentences])
            scores.append(float((vectors[1:] @ vectors[0]).max()))
        return Judged(np.array(scores), None)


@dataclass(frozen=True, slots=True)
class Classifier:
    """The shipped classifier: probability of support, and the likeliest label."""

    classifier: SupportClassifier
    name: str = "support classifier"

    async def judge(self, pairs: Sequence[Pair]) -> Judged:
        """Scores 0 to 1."""
        found = np.vstack([await self.classifier.judge([pair]) for pair in pairs]).astype(np.float64)
        return Judged(found[:, SUPPORTED], found.argmax(axis=1))


@dataclass(frozen=True, slots=True)
class LanguageModel:
    """A language model that is asked for one word."""

    model: Model

    @property
    def name(self) -> str:
        """The model's name."""
        return self.model.name

    async def judge(self, pairs: Sequence[Pair]) -> Judged:
        """Scores 1, 0.5 or 0 for yes, unknown or no; what is no such word counts as unknown."""
        labels = []
        for claim, sentences in pairs:
            content = PROMPT.format(evidence=" ".join(sentences), claim=claim)
            reply = await self.model.complete(Request((Message("user", content),), "exam/1", max_tokens=4))
            said = _WORD.findall(reply.text.lower())
            labels.append(next((WORDS[word] for word in said if word in WORDS), ABSENT))
        return Judged(np.array([STANDING[label] for label in labels]), np.array(labels, np.int64))


def _overlap(claim: str, evidence: str) -> float:
    words = set(_WORD.findall(claim.lower()))
    return len(words & set(_WORD.findall(evidence.lower()))) / len(words) if words else 0.0
