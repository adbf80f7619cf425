"""Judges that need no language model: two baselines."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from evals.judges.claims import Claim
from evals.judges.verdicts import ClaimLabel, ClaimVerdict, Judgement
from evals.records import Status
from rag.ports import Encoder
from rag.text.quoting import locate
from rag.text.sentences import sentence_spans

LEXICAL_CUT, COSINE_CUT = 0.70, 0.75
"""From here on a claim is called supported: where paraphrases part best from other papers' sentences."""

_WORD = re.compile(r"[a-z0-9]+")
Line = tuple[str, str]
"""A sentence of an abstract, with the id of its paper before it."""


@dataclass(frozen=True, slots=True)
class LexicalJudge:
    """A baseline: the share of a claim's words that stand in its abstracts; contradicts nothing."""

    digest: str
    name: str = "lexical"

    async def judge(self, question: str, claims: Sequence[Claim]) -> Judgement:
        """As `ClaimJudge.judge`; the probability is that share."""
        del question
        return Judgement(tuple(map(self._judged, claims)))

    def _judged(self, claim: Claim) -> ClaimVerdict:
        words = _words(claim.text)
        held = frozenset().union(*(_words(text) for _, text in lines(claim)))
        share = len(words & held) / len(words) if words else 0.0
        return _called(claim, share, LEXICAL_CUT, nearest(claim))

    async def close(self) -> None:
        """Nothing is open."""


@dataclass(frozen=True, slots=True)
class CosineJudge:
    """A baseline: the cosine of a claim and the sentence nearest to it; contradicts nothing."""

    encoder: Encoder
    digest: str
    name: str = "cosine"

    async def judge(self, question: str, claims: Sequence[Claim]) -> Judgement:
        """As `ClaimJudge.judge`; the probability is the cosine, or 0 where that is negative."""
        del question
        return Judgement(tuple([await self._judged(claim) for claim in claims]))

    async def _judged(self, claim: Claim) -> ClaimVerdict:
        told = lines(claim)
        if not told:
            return _called(claim, 0.0, COSINE_CUT, ("", ""))
        vectors = await self.encoder.encode_passages([claim.text, *(text for _, text in told)])
        cosines = vectors[1:] @ vectors[0]
        best = int(cosines.argmax())
        return _called(claim, min(1.0, max(0.0, float(cosines[best]))), COSINE_CUT, told[best])

    async def close(self) -> None:
        """Nothing is open."""


def lines(claim: Claim) -> list[Line]:
    """The sentences of all abstracts that a claim cites."""
    return [
        (each.paper_id, each.abstract[span.start : span.end])
        for each in claim.evidence
        for span in sentence_spans(each.abstract)
    ]


def nearest(claim: Claim) -> Line:
    """The sentence that shares most words with the claim, the first of several; empty if there is none."""
    words = _words(claim.text)
    return max(lines(claim), key=lambda line: len(words & _words(line[1])), default=("", ""))


def _called(claim: Claim, score: float, cut: float, line: Line) -> ClaimVerdict:
    if score >= cut and line[1]:
        return _quoting(claim, ClaimLabel.SUPPORTED, line, score)
    return _quoting(claim, ClaimLabel.ABSENT, ("", ""), score)


def _quoting(claim: Claim, verdict: ClaimLabel, line: Line, probability: float) -> ClaimVerdict:
    """A verdict that quotes a whole sentence, so that its place is known."""
    paper_id, quote = line
    abstracts = {each.paper_id: each.abstract for each in claim.evidence}
    spans = locate(quote, abstracts[paper_id]) if quote else ()
    return ClaimVerdict(claim.claim_id, Status.SCORED, verdict, quote, paper_id, spans, probability)


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.lower()))
