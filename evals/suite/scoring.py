"""Score a reply by the gold of its case: every measure that needs no model. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from evals.cases.facts import FactMatcher
from evals.cases.questions import Case
from evals.catalogue import CATALOGUE
from evals.records import Score, Status
from evals.retrieval.measures import measure_ranking, set_f1
from evals.suite.asking import Reply
from evals.suite.citations import CitationSupport
from rag.types import Paper

RELEVANT, PARTIAL = 2, 1
MOST_NAMED = 3
"""Titles or facts that a score names as missing or wrong."""

OF_CITATIONS = ("citation precision", "citation recall", "citation F1", "quotes verbatim")

ORDER = {measure.name: place for place, measure in enumerate(CATALOGUE)}


class Scorer:
    """Scores replies. Thread-safe.

    Args:
        papers: of the collection, by id.
    """

    def __init__(self, papers: Mapping[str, Paper]) -> None:
        self._papers = papers
        self._support = CitationSupport()
        self._facts = FactMatcher()
        self._of_kind: dict[str, Callable[[Case, Reply], Iterator[Score]]] = {
            "set": _of_set,
            "fact": self._of_fact,
            "compare": _of_comparison,
            "conversation": self._of_turn,
        }

    def scores(self, case: Case, reply: Reply) -> tuple[Score, ...]:
        """Every measure that applies to the case, in the order of the catalogue."""
        found = [*_of_abstention(case, reply), *self._of_citations(reply), *_of_effort(reply)]
        if case.kind in self._of_kind:
            found += self._of_kind[case.kind](case, reply)
        return in_order(found)

    def _of_fact(self, case: Case, reply: Reply) -> Iterator[Score]:
        missing = self._facts.missing(case.facts, reply.text)
        yield Score(measure="fact match", value=float(not missing), of=len(case.facts), why=_lacks(missing))

    def _of_turn(self, case: Case, reply: Reply) -> Iterator[Score]:
        """Right where it names every relevant paper, one of them first, and holds every fact; or abstains."""
        if not case.relevant:
            yield Score(measure="turns right", value=float(reply.abstained))
            return
        shown = reply.cited_titles
        missing = [title for title in case.relevant if title not in shown]
        missing += self._facts.missing(case.facts, reply.text)
        right = not missing and shown[0] in case.relevant
        yield Score(measure="turns right", value=float(right), why=_lacks(missing))

    def _of_citations(self, reply: Reply) -> Iterator[Score]:
        if not reply.statements:
            yield from (_nothing(name, "it says nothing") for name in OF_CITATIONS)
            return
        cited = self._support.count(reply.answer, self._papers)
        quotes = [self._is_verbatim(each) for said in reply.statements for each in said["citations"]]
        invented = f"{cited.invented} of nothing that stands there" if cited.invented else ""
        values = {
            "citation precision": (cited.precision, cited.citations, invented),
            "citation recall": (cited.recall, cited.statements, ""),
            "citation F1": (cited.f1, cited.statements, ""),
            "quotes verbatim": (sum(quotes) / len(quotes) if quotes else None, len(quotes), ""),
        }
        for name, (value, of, why) in values.items():
            yield (
                _nothing(name, "it cites nothing")
                if value is None
                else Score(measure=name, value=value, of=of, why=why)
            )

    def _is_verbatim(self, citation: Mapping[str, Any]) -> bool:
        paper = self._papers.get(citation["paper_id"])
        return paper is not None and paper.abstract[citation["start"] : citation["end"]] == citation["quote"]


def _nothing(measure: str, why: str) -> Score:
    """The measure of an answer that has nothing to be measured by it."""
    return Score(measure=measure, status=Status.NO_CLAIMS, of=0, why=why)


def _of_abstention(case: Case, reply: Reply) -> Iterator[Score]:
    right = float(reply.abstained != case.answerable)
    why = "" if right else "abstained" if reply.abstained else "answered"
    yield Score(measure="abstained rightly", value=right, why=why)
    if reply.abstained:
        yield Score(measure="abstention precision", value=float(not case.answerable))
    if not case.answerable:
        yield Score(measure="abstention recall", value=float(reply.abstained))


def _of_set(case: Case, reply: Reply) -> Iterator[Score]:
    """Partial papers have half the gain in the ranking and are neither right nor wrong in the set."""
    qrels = dict.fromkeys(case.partial, PARTIAL) | dict.fromkeys(case.relevant, RELEVANT)
    yield Score(measure="nDCG@10", value=measure_ranking(reply.ranking, qrels, ["nDCG@10"])["nDCG@10"])
    wanted = dict.fromkeys(case.relevant, 1)
    yield Score(
        measure="R-precision",
        value=measure_ranking(reply.ranking, wanted, ["Rprec"])["Rprec"],
        of=len(case.relevant),
    )
    counted = set(reply.titles) - set(case.partial)
    right = counted & set(case.relevant)
    wrong = sorted(counted - right)
    if counted:
        share = len(right) / len(counted)
        yield Score(measure="set precision", value=share, of=len(counted), why=_listed(wrong, "wrong"))
    else:
        yield _nothing("set precision", "it has no papers")
    lacking = sorted(set(case.relevant) - right)
    yield Score(
        measure="set recall",
        value=len(right) / len(case.relevant),
        of=len(case.relevant),
        why=_lacks(lacking),
    )
    yield Score(measure="set F1", value=set_f1(reply.titles, case.relevant, case.partial))


def _of_comparison(case: Case, reply: Reply) -> Iterator[Score]:
    missing = [title for title in case.relevant if title not in reply.cited_titles]
    share = 1 - len(missing) / len(case.relevant)
    yield Score(measure="papers compared", value=share, of=len(case.relevant), why=_lacks(missing))


def _of_effort(reply: Reply) -> Iterator[Score]:
    """What it took; of a model only where one was asked."""
    yield Score(measure="latency", value=reply.latency_ms)
    removed = len(reply.answer["removed"])
    if removed + reply.written:
        drafted = removed + reply.written
        yield Score(measure="statements removed", value=removed / drafted, of=drafted)
    if reply.tokens:
        yield Score(measure="tokens", value=float(reply.tokens))
        yield Score(measure="cost", value=reply.cost_usd)


def _lacks(missing: Sequence[str]) -> str:
    return _listed(missing, "lacks")


def _listed(names: Sequence[str], word: str) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return f"{word}: {'; '.join(names[:MOST_NAMED])}{more}" if names else ""


def in_order(scores: Iterable[Score]) -> tuple[Score, ...]:
    """Scores in the order of the catalogue."""
    return tuple(sorted(scores, key=lambda score: ORDER[score.measure]))
