"""The answer in quotes: which papers and sentences a question gets, by its kind, and what is said of none."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.conversation.coreference import CLEARLY
from rag.conversation.resolution import Resolved
from rag.ports import Encoder, TermEncoder
from rag.question.clauses import analyse, of_each_name
from rag.question.purposes import WHOLE, purpose
from rag.question.understanding import wants_number
from rag.reading.abstention import abstention, asked_about, not_stated
from rag.reading.close_reading import read_closely
from rag.reading.comparison import side_by_side
from rag.reading.extractive import Reading, Told, answer_comparison, answer_each, answer_fact, compared
from rag.reading.overview import sentences, told
from rag.retrieval.candidates import Candidate, Evidence, Sentence
from rag.retrieval.relevance import RelevanceModel
from rag.selection.citations import quotation, titled_quotation
from rag.selection.pinpoint import AnswerModel, showing
from rag.selection.screening import Screening, by_probability, cut, newest_first, screen
from rag.types import Answer, ScoredPaper, Statement
from rag.verification.disagreement import DisagreementFinder

LEAST_OF_FEW = 0.05
"""Least probability of a paper that stands out of a few, where none reaches the threshold of a set."""

NEXT = 5
"""Papers shown to who asks for more than the answer set."""


@dataclass(frozen=True, slots=True)
class Extractor:
    """Chooses what an answer quotes.

    Attributes:
        encoder: of the collection.
        terms: of the collection.
        relevance: fitted.
        answers: fitted.
        favour: the operating point of answer sets, see `cut`.
        arbiter: notices where what is quoted disagrees.
    """

    encoder: Encoder
    terms: TermEncoder
    relevance: RelevanceModel
    answers: AnswerModel
    favour: str
    arbiter: DisagreementFinder

    async def answer(self, reading: Reading, resolved: Resolved) -> Answer:
        """The answer without its receipt.

        Args:
            reading: restricted to what ``resolved`` leaves.
            resolved: how the question was read in its conversation.

        Raises:
            ModelError: the encoder failed.
        """
        if resolved.excluded:
            return self._next_in_line(reading)
        whole = _as_a_whole(reading, resolved)
        question, evidence = reading.question, reading.evidence
        nearest = _nearest(evidence, reading.probabilities, self.relevance.nearest)
        found = Screening((), (), (), "")
        facts = Told()
        if question.record_field is not None:
            pass  # no abstract states it
        elif whole:
            found = replace(found, statements=whole)
        elif question.kind == "set":
            found = await self._set(reading)
        elif question.kind == "compare":
            found = replace(found, statements=tuple(await self._comparison(reading)))
        elif question.kind == "fact":
            facts = await self._facts(reading)
            found = replace(found, statements=facts.statements or _quoted(told(reading, plain=False)))
        if not found.statements:
            nearest, found = self._closest(reading, nearest, found, facts)
        answer = Answer(
            question=question.text,
            kind="fact" if whole else question.kind,
            abstained=not found.statements,
            statements=found.statements,
            papers=found.papers,
            partial=found.partial,
            note=(found.note or not_stated(facts.open_parts))
            if found.statements
            else abstention(reading, nearest),
            nearest=() if found.statements else nearest,
            judged=len(evidence.candidates),
            searched=evidence.searched,
            missing=found.missing if found.statements else "",
            filters=question.filters.describe(),
            corrections=question.corrections,
        )
        return side_by_side(self.arbiter.noted(answer), reading)

    async def _set(self, reading: Reading) -> Screening:
        least = cut(self.relevance.threshold, self.favour)
        opening = min(self.relevance.opening, cut(self.relevance.opening, self.favour))
        if reading.scope:  # of the few papers of a conversation it is known that they are on the topic
            opening = 0.0
        found = await asyncio.to_thread(screen, reading.evidence, reading.probabilities, least, opening)
        if reading.scope and not found.statements:
            if least := _standing_out(reading.probabilities):
                found = await asyncio.to_thread(screen, reading.evidence, reading.probabilities, least)
            else:
                found = await self._by_sentences(reading)
        if reading.question.newest and found.papers:
            found = newest_first(found, reading.evidence.candidates)
        return replace(found, missing="") if reading.scope else found

    async def _comparison(self, reading: Reading) -> Sequence[Statement]:
        """What shows each of the papers compared; of figures that one paper compares, the sentences."""
        question = reading.question
        if len(compared(reading)) == 1 and len(question.names) > 1 and wants_number(question.text):
            asked = replace(question, clauses=of_each_name(question.text, question.names))
            facts = await self._facts(replace(reading, question=asked), question.names)
            if facts.statements:
                return facts.statements
        return answer_comparison(reading)

    async def _by_sentences(self, reading: Reading) -> Screening:
        """Of a few papers those with a sentence that answers, where none stands out as a whole."""
        statements = (await self._facts(reading)).statements
        cited = [said.citations[0] for said in statements]
        probability = {
            item.paper.paper_id: p
            for item, p in by_probability(reading.evidence.candidates, reading.probabilities)
        }
        papers = {c.paper_id: ScoredPaper(c.paper_id, c.title, probability[c.paper_id]) for c in cited}
        return Screening(tuple(papers.values()), statements, (), "")

    async def _facts(self, reading: Reading, must: Sequence[str] = ()) -> Told:
        """A sentence for each part question; ``must``: what it has to hold, one a part question."""
        clauses = analyse(
            reading.question,
            await self.encoder.encode_queries(reading.question.clauses),
            reading.evidence.idf,
            lambda text: frozenset(self.terms.encode_query(text).indices),
        )
        if must:
            clauses = [replace(each, must=word) for each, word in zip(clauses, must, strict=True)]
        reading = await read_closely(reading, clauses, self.encoder)
        if len(reading.scope) > 1:
            return await asyncio.to_thread(answer_each, reading, clauses, self.answers)
        return await asyncio.to_thread(answer_fact, reading, clauses, self.answers, self.arbiter.difference)

    def _closest(
        self, reading: Reading, nearest: tuple[ScoredPaper, ...], found: Screening, facts: Told
    ) -> tuple[tuple[ScoredPaper, ...], Screening]:
        """Of a fact that is not stated: the sentence that comes closest, if it is of the paper asked about.

        Where the question names that paper, no other is near; else it is the one that is clearly relevant.
        """
        if reading.question.kind != "fact" or reading.question.record_field is not None:
            return nearest, found
        named = asked_about(reading)
        likely = {each.paper_id for each in nearest if each.probability >= self.relevance.opening}
        wanted = {named.paper.paper_id} if named else likely
        closest = [titled_quotation(each.candidate, each.sentence) for each in facts.closest]
        of_them = [said for said in closest if said.citations[0].paper_id in wanted]
        if named and not of_them:
            of_them = [titled_quotation(named, showing(named, reading.evidence.idf))]
        own = tuple(paper for paper in nearest if paper.paper_id in wanted) if named else nearest
        return own, replace(found, partial=tuple(dict.fromkeys(of_them)))

    def _next_in_line(self, reading: Reading) -> Answer:
        """The papers that come next, for who asks for more than the answer set; none if none comes near."""
        evidence = reading.evidence
        near = by_probability(evidence.candidates, reading.probabilities)[:NEXT]
        next_ones = [(item, p) for item, p in near if p >= self.relevance.nearest]
        searched = f"Searched {evidence.searched:,} abstracts."
        return Answer(
            question=reading.question.text,
            kind="set",
            abstained=not next_ones,
            statements=tuple(titled_quotation(item, showing(item, evidence.idf)) for item, _ in next_ones),
            papers=tuple(ScoredPaper(item.paper.paper_id, item.paper.title, p) for item, p in next_ones),
            note=(
                "These come next by probability; each is less likely than those shown before."
                if next_ones
                else f"Those were all: no other paper comes near. {searched}"
            ),
            judged=len(evidence.candidates),
            searched=evidence.searched,
            filters=reading.question.filters.describe(),
            corrections=reading.question.corrections,
        )


def _standing_out(probabilities: Sequence[float]) -> float:
    """The probability of the one paper of a few that stands out from the others; 0 if none does.

    Who asks which of a few papers does something takes it that one does, so the best of them needs far less
    than it would among all papers.
    """
    first, second, *_ = (*sorted(probabilities, reverse=True), 0.0, 0.0)
    return first if first >= max(LEAST_OF_FEW, CLEARLY * second) else 0.0


def _as_a_whole(reading: Reading, resolved: Resolved) -> tuple[Statement, ...]:
    """What the papers say of themselves, where that is asked, rather than anything in particular."""
    if not resolved.overview:
        return _quoted(told(reading))
    asked = purpose(reading.question.text)
    wanted = asked[0] if asked else WHOLE
    return _quoted([(item, each) for item in reading.evidence.candidates for each in sentences(item, wanted)])


def _quoted(found: Sequence[tuple[Candidate, Sentence]]) -> tuple[Statement, ...]:
    return tuple(quotation(*each) for each in found)


def _nearest(
    evidence: Evidence, probabilities: Sequence[float], least: float, most: int = 3
) -> tuple[ScoredPaper, ...]:
    ranked = by_probability(evidence.candidates, probabilities)[:most]
    return tuple(ScoredPaper(item.paper.paper_id, item.paper.title, p) for item, p in ranked if p >= least)
