"""Facts: what one paper or a few state, a sentence for each part of the question."""

from rag.kinds.abstention import paper_asked_about
from rag.kinds.base import MOST_NEAREST, AnswerKind, cited_papers
from rag.retrieval.candidates import Candidate
from rag.selection.facts import FactSentences
from rag.selection.overview import by_purpose
from rag.selection.selection import Findings, Selection, scored
from rag.types import Answer

MOST_READ = 5
"""Papers that a model reads for a fact: those that are quoted, then the most probable."""


class FactKind(AnswerKind):
    """The sentences that answer, the fewest that do."""

    name = "fact"
    read_for_question = True

    async def findings(self, selection: Selection) -> Findings:
        """A sentence for each part; of a fact that is not stated, the one that comes closest."""
        facts = await self.facts(selection)
        if statements := facts.statements or by_purpose(selection, plain=False):
            return Findings(statements, note=not_stated(facts.open_parts))
        return self._closest(selection, facts)

    def papers_to_read(self, selection: Selection, answer: Answer) -> list[Candidate]:
        """Some probable papers beside those that are quoted.

        What comes closest to a fact that is not stated, as far as likeness tells, is read by a model that can
        decline: nothing passes its check that the abstracts do not say.
        """
        writer = self.parts.writer
        if answer.abstained and not (answer.partial and writer is not None and writer.declines):
            return []
        first = cited_papers(selection, answer.statements or answer.partial)
        known = {item.paper.paper_id for item in first}
        rest = [item for item, _ in selection.ranked if item.paper.paper_id not in known]
        return (first + rest)[: max(MOST_READ, len(first))]

    def _closest(self, selection: Selection, facts: FactSentences) -> Findings:
        """The sentence that comes closest, if it is of the paper asked about.

        Where the question names that paper, no other is near; else it is the one that is clearly relevant.
        """
        relevance, named = self.parts.relevance, paper_asked_about(selection)
        near = scored(selection.first(MOST_NEAREST, relevance.nearest))
        if named is not None:
            near = tuple(paper for paper in near if paper.paper_id == named.paper.paper_id)
            wanted = {named.paper.paper_id}
        else:
            wanted = {paper.paper_id for paper in near if paper.probability >= relevance.opening}
        closest = [
            each.candidate.titled_quotation(each.sentence)
            for each in facts.closest
            if each.candidate.paper.paper_id in wanted
        ]
        if named is not None and not closest:
            closest = [named.titled_quotation(named.showing(selection.evidence.idf))]
        return Findings(partial=tuple(dict.fromkeys(closest)), nearest=near)


def not_stated(parts: tuple[str, ...]) -> str:
    """What to say of the parts of a question that got no sentence, beside those that did; may be empty."""
    return f"Found no sentence that answers {'; '.join(f'“{part}?”' for part in parts)}" if parts else ""
